//! Probity's values and rules.
//!
//! Everything here is a pure function over values: no clock, no chance, no file, no socket, no SQL, no
//! WebAssembly. The crate's `Cargo.toml` names nothing that could do any of these, so the compiler keeps
//! the promise. Time and seeds come in as arguments, mistakes of users and of connectors go out as values.
//!
//! Why it is separate: the host, the command line over REST and the offline verifier must reach the same
//! result from the same values, and a rule that cannot do IO can be tested in microseconds.
//!
//! Reading order: [`id`] and [`instant`] (names and times), [`canonical`] (the only place that hashes),
//! [`text`] (what nobody sees, made visible), [`template`], [`header`] and [`secret_bearing`] (what a request may be),
//! [`connector`] (what a connector declares, asks and is answered), [`evidence`] (the common schema),
//! [`mod@pointer`] and [`locate`] (places inside captures), [`page`] (what a connector returned, and what of it is admitted),
//! [`journal`] (how a page came about), [`run`] (how runs end, and what absence means), [`freshness`],
//! [`mod@signature`] (what a person's key signed), [`registry`] (whose keys counted when), [`trust`] (whom a reader of a bundle believes),
//! [`checkpoint`] (the heads of all chains, signed and kept elsewhere; one of them is a [`chain::Head`]).
//!
//! Then the loop: [`actor`] and [`event`] (who does what), [`ledger`] (the chain of it), [`mod@packet`] (its fold), [`book`]
//! (the evidence that is judged), [`board`] and [`subject`] (by whose rules, under which names), [`claim`] (support at an
//! instant), [`mod@readiness`] (the report), [`statement`] and [`signature`] (what humans sign), [`decide`] (what may happen).
//! [`journal`] (how a page came about), [`intake`] (filing a package, and what is known of it), [`run`] (how runs end, and what absence means), [`freshness`].
//!
//! And what comes of it: [`package`] (what the board gets), [`mod@export`] (its spellings), [`mod@measures`] (how well it goes),
//! [`bundle`] (everything it rests on, in files that anybody can verify).
//!
//! Deliberately absent: anything `async`, any error type for IO, any formatting for people beyond `Display`.

pub mod actor;
pub mod board;
pub mod book;
pub mod bundle;
pub mod canonical;
pub mod chain;
pub mod checkpoint;
pub mod claim;
pub mod connector;
pub mod decide;
pub mod duration;
pub mod event;
pub mod evidence;
pub mod export;
pub mod freshness;
pub mod header;
pub mod id;
pub mod instant;
pub mod intake;
pub mod journal;
pub mod ledger;
pub mod locate;
pub mod measures;
pub mod package;
pub mod packet;
pub mod page;
pub mod pointer;
pub mod readiness;
pub mod registry;
pub mod run;
pub mod secret_bearing;
pub mod signature;
pub mod statement;
pub mod subject;
pub mod template;
pub mod text;
pub mod trust;

// The sample is written against the crate's public face, so that measurements, which are crates of their own, can share it.
#[cfg(test)]
extern crate self as probity_core;
#[cfg(test)]
mod fixture;
