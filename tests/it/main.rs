//! Probity's integration tests: one binary, one harness (`probity_tests`), real parts throughout.

mod api;
mod cli;
mod collect;
mod contract;
mod demo;
mod egress;
mod exports;
mod intake;
mod packets;
mod readme;
mod sandbox;
mod store;
mod tidy;
