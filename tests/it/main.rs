//! Probity's integration tests: one binary, one harness (`probity_tests`), real parts throughout.

mod api;
mod collect;
mod contract;
mod demo;
mod egress;
mod sandbox;
mod store;
mod tidy;
