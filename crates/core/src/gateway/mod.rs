//! The client of a gateway: one route a file, wire types apart from the domain.
//!
//! It knows what API Gateway and Step Functions answer (`answer`), and how to be let in (`auth`). What a response means for an
//! execution is decided by `lifecycle`, and what is asked when by `watch` and `start`.

mod advice;
mod answer;
mod auth;
pub mod bodies;
mod causes;
mod client;
mod clients;
mod definition;
mod history;
mod http_client;
mod iam;
mod list;
mod members;
mod network;
pub mod probe;
mod proxy;
mod questions;
mod redact;
mod redrive;
mod secret;
mod start;
mod status;
mod stop;
mod tls;
mod transport;
mod undecodable;

#[cfg(test)]
mod tests;

pub use client::Client;
pub use clients::Clients;
pub use questions::{Probe, Question};
pub use tls::{FileFault, faults as file_faults};
