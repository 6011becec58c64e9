//! The client of a gateway: one route a file, wire types apart from the domain.
//!
//! It knows what API Gateway and Step Functions answer (`answer`), how to be let in (`auth`) and how
//! long to wait (`retry`). It does not decide what to ask when, or what to send again: that is `watch`
//! and `start`.

mod answer;
mod auth;
pub mod budget;
mod client;
mod clients;
mod definition;
mod history;
mod iam;
mod list;
mod network;
pub mod probe;
mod redrive;
pub mod retry;
mod secret;
mod start;
mod status;
mod stop;
mod transport;

#[cfg(test)]
mod tests;

pub use client::Client;
pub use clients::Clients;
