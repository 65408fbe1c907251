//! The harness of the integration tests.

pub mod doors;
pub mod guests;
pub mod host;
pub mod hostile;
pub mod notes;
pub mod packet;
