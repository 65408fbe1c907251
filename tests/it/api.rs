//! The REST API over real HTTP: what it answers, what it refuses, and that its description tells the truth.
//!
//! Every answer in these tests is held to `/openapi.json` by [`fixture::Site::send`]: status, type, members and the
//! problem's code must be among what the description promises.

mod appending;
mod auth;
mod browser;
mod described;
mod description;
mod desk;
mod filings;
mod fixture;
mod following;
mod limits;
mod listing;
mod packets;
mod problems;
mod signing;
mod way_back;
