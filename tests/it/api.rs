//! The REST API over real HTTP: what it answers, what it refuses, and that its description tells the truth.
//!
//! Every answer in these tests is held to `/openapi.json` by [`fixture::Site::send`]: status, type, members and the
//! problem's code must be among what the description promises.

mod auth;
mod browser;
mod described;
mod description;
mod fixture;
mod limits;
mod listing;
mod problems;
mod way_back;
