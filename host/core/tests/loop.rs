//! The loop held to its promises, from outside the crate: people ask, [`probity_core::decide`] says what follows, real keys sign, and
//! evidence comes from runs like those of a host. Everybody and everything in it is made up.

#[path = "loop/agents.rs"]
mod agents;
#[path = "loop/approval.rs"]
mod approval;
#[path = "loop/asked.rs"]
mod asked;
#[path = "loop/claims.rs"]
mod claims;
#[path = "loop/dissent.rs"]
mod dissent;
#[path = "loop/earlier.rs"]
mod earlier;
#[path = "loop/escalation.rs"]
mod escalation;
#[path = "loop/exports.rs"]
mod exports;
#[path = "../src/fixture.rs"]
mod fixture;
#[path = "loop/freshness.rs"]
mod freshness;
#[path = "loop/history.rs"]
mod history;
#[path = "loop/monotonic.rs"]
mod monotonic;
#[path = "loop/opening.rs"]
mod opening;
#[path = "loop/phases.rs"]
mod phases;
#[path = "loop/refusals.rs"]
mod refusals;
#[path = "loop/reviews.rs"]
mod reviews;
#[path = "loop/rules.rs"]
mod rules;
#[path = "loop/story.rs"]
mod story;
#[path = "loop/who.rs"]
mod who;
#[path = "loop/world.rs"]
mod world;
