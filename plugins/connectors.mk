# The WebAssembly part of the build: the connectors that ship with Probity, and the components that attack the host in
# its tests. Included by the top-level Makefile, which sets TARGET_DIR and has the target `target`.
#
# Each becomes $(TARGET_DIR)/connectors/<folder>.wasm. A file is written only when its bytes change, so that nothing
# that embeds or caches it is made anew without need.

CONNECTORS := $(patsubst plugins/%/Cargo.toml,%,$(wildcard plugins/*/Cargo.toml))
GUESTS := $(patsubst tests/guests/%/Cargo.toml,%,$(wildcard tests/guests/*/Cargo.toml))
COMPONENTS := $(TARGET_DIR)/connectors
BUILT := $(TARGET_DIR)/wasm32-wasip2/connector

# Panic messages carry the paths of sources. Those of this machine are nobody's business, and a component's digest
# should not depend on them.
REGISTRIES := $(wildcard $(or $(CARGO_HOME),$(HOME)/.cargo)/registry/src/*)
REMAP := $(REGISTRIES:%=--remap-path-prefix=%=/rust/deps) --remap-path-prefix=$(CURDIR)=/probity

.PHONY: connectors
connectors: target ## the bundled connectors and the test guests, as WebAssembly components
	@echo "make: building the connectors for the sandbox (two or three minutes the first time)"
	@CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS="$(REMAP)" cargo build --target-dir "$(TARGET_DIR)" --profile connector --target wasm32-wasip2 \
	  $(CONNECTORS:%=-p probity-connector-%) $(GUESTS:%=-p %)
	@mkdir -p "$(COMPONENTS)"
	@place() { \
	  cmp -s "$$1" "$$2" && return; \
	  cp "$$1" "$$2.new"; \
	  mv -f "$$2.new" "$$2"; \
	  echo "make: $$2 ($$(wc -c <"$$2") bytes)"; \
	}; \
	for name in $(CONNECTORS); do \
	  place "$(BUILT)/probity_connector_$${name//-/_}.wasm" "$(COMPONENTS)/$$name.wasm"; \
	done; \
	for name in $(GUESTS); do place "$(BUILT)/$${name//-/_}.wasm" "$(COMPONENTS)/$$name.wasm"; done
