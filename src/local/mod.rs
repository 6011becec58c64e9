//! The local gateway: an HTTP server that answers as an API Gateway in front of Step Functions does,
//! for trying out and for tests. The engine that scales is Step Functions itself.
//!
//! It shares no code with the client beyond `domain`, so that the two cannot agree on a mistake. An
//! execution is its definition, its input and its start: a status answer is its timeline read at
//! *now*, so there are no timers, and ten thousand executions cost nothing while nobody asks.

pub mod asl;
pub mod engine;
pub mod faults;
pub mod machines;

mod actions;
mod answers;
mod book;
mod connections;
mod guard;
#[expect(clippy::disallowed_methods, reason = "a line in a local file is shorter than a turn of a worker")]
mod journal;
mod meter;
mod server;

pub use faults::Faults;
pub use machines::Machines;
pub use meter::Requests;
pub use server::{Gateway, Options, run};
