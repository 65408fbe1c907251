//! The Probity host: everything that touches the world. Rules live in `probity-core`.
//!
//! Start with `host/ARCHITECTURE.md`: what each module is for, and who may use whom.

pub mod api;
pub mod archive;
pub mod authz;
pub mod binding;
pub mod casework;
pub mod cli;
pub mod clock;
pub mod collect;
pub mod config;
pub mod demo;
pub mod egress;
pub mod intake;
pub mod notify;
pub mod rounds;
pub mod sandbox;
pub mod secret;
pub mod store;
pub mod telemetry;
