//! The client of a gateway: one route a file, wire types apart from the domain.
//!
//! It knows what API Gateway and Step Functions answer (`answer`), how to be let in (`auth`), and
//! when a start may be sent again (`start`, `retry`). It does not decide what to ask when: that is
//! `watch`.

mod answer;
mod auth;
mod client;
mod network;
pub mod retry;
mod start;
mod status;

#[cfg(test)]
mod tests;

pub use client::Client;
