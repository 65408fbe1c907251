//! Probity's integration tests: one binary, one harness (`probity_tests`), real parts throughout.

mod demo;
