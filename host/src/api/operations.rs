//! Running the host: is it alive, is it ready, how much did it do, and what can be asked.

pub(super) mod docs;
pub(super) mod livez;
pub(super) mod metrics;
pub(super) mod readyz;

pub(super) use docs::Docs;
