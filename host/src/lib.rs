//! The Probity host: everything that touches the world. Rules live in `probity-core`.
//!
//! Start with `host/ARCHITECTURE.md`. Modules and who may use whom (left may use right):
//! `main → cli → {api} → {collect} → {sandbox, egress, store, authz} → {config, clock} → core`.

pub mod demo;
pub mod store;
