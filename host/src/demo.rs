//! The sample sources and the story behind `probity demo`.
//!
//! A newcomer has no findings tracker to hand over, and a test must not need one. So the product brings its
//! own: a findings tracker on loopback that answers like DefectDojo ([`dojo`]), a folder of architecture
//! standards ([`standards`]), and the configuration that connects Probity to both ([`story`]). On what was collected
//! stands the packet ([`packet`]), half prepared.
//!
//! The story: `payments-bridge`, a revenue-critical service, signs in to a legacy broker with a production
//! credential that other services share, and keeps doing so until the next hardening milestone. Somebody has
//! to ask the review board for an exception. All people, services and hosts in it are samples.
//!
//! Deliberately absent: any use of the rest of the host by the sources. They stand on the other side of the wire, and
//! Probity reaches them only through its doors, as it would reach real ones; the packet is prepared through the use cases that
//! everybody has. There is no clock and no chance in the sources either: the instant, the token and the seeds come in as arguments.

pub mod dojo;
pub mod packet;
pub mod standards;
pub mod story;
