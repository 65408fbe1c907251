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
//! [`journal`] (how a page came about), [`intake`] (filing a package, and what is known of it), [`run`] (how runs end, and what absence means), [`freshness`].
//!
//! Deliberately absent: anything `async`, any error type for IO, any formatting for people beyond `Display`.

pub mod canonical;
pub mod connector;
pub mod evidence;
pub mod freshness;
pub mod header;
pub mod id;
pub mod instant;
pub mod intake;
pub mod journal;
pub mod locate;
pub mod page;
pub mod pointer;
pub mod run;
pub mod secret_bearing;
pub mod template;
pub mod text;
