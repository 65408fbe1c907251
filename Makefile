# Probity's two commands are `make run` and `make test`; both set up whatever is missing.
# `make help` lists the rest.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

TARGET_DIR := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)
PROBITY := $(TARGET_DIR)/debug/probity

# A system of its own for Request Tracker, outside the repository: about a gigabyte, made once.
PROBITY_RT_ROOT ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/probity/request-tracker

.PHONY: help run test target connectors build lint fmt python docs deny request-tracker

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

run: build ## build what is missing, then run the demo: sample sources, sandboxed connectors, the API
	$(PROBITY) demo

test: connectors python lint ## everything CI runs: format, lints, unit and integration tests
	cargo build --workspace --lib --bins --tests
	cargo nextest run --workspace
	cargo test --workspace --doc

build: connectors ## the binary, with the connectors inside
	@echo "make: building the host (a first build compiles the WebAssembly engine and takes some minutes)"
	cargo build -p probity

include plugins/connectors.mk

target: ## what connectors are built for: wasm32-wasip2, installed once
	@sdk/setup-target.sh

lint: connectors ## format and lints, warnings denied
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

fmt: ## format everything
	cargo fmt --all

python: ## the virtual environment for the tests that need Python tools
	@tests/python/setup.sh "$(TARGET_DIR)/python"

docs: ## the API documentation of all crates, warnings denied
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

deny: ## dependencies: licences, bans, sources (installs cargo-deny if it is missing)
	@command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
	cargo deny check bans licenses sources

request-tracker: connectors ## file packages into a real Request Tracker (Debian, root, five minutes the first time)
	@tests/request-tracker/setup.sh "$(PROBITY_RT_ROOT)"
	cargo nextest run --no-run -p probity-connector-request-tracker -p probity-tests
	@tests/request-tracker/serve.sh "$(PROBITY_RT_ROOT)" cargo nextest run --run-ignored only --test-threads 1 \
	  -p probity-connector-request-tracker -p probity-tests \
	  -E 'binary(real) | test(intake::request_tracker::)'
