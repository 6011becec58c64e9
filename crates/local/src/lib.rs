//! The local gateway: an HTTP server that imitates an API Gateway in front of Step Functions, for trials and tests.
//!
//! It shares nothing with the client but the wire contract, so that they cannot share a mistake. An execution is its
//! definition, input, start and interventions; its status is computed from its timeline at the time of the request. There
//! are no timers, so ten thousand executions cost nothing until there is a request.
//!
//! ```no_run
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! use stepgate_local::{Gateway, Options};
//!
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
//! let gateway = Gateway::new(Options::default());
//! println!("POST {}/execution", gateway.url(listener.local_addr()?));
//! stepgate_local::run(listener, gateway, std::future::pending()).await
//! # }
//! ```

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]
// What clippy.toml lists. Tests may block and write.
#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::unreachable))]
#![warn(unreachable_pub)]

pub mod asl;
pub mod engine;
pub mod machines;

mod actions;
mod arn;
mod connections;
mod express;
mod faults;
mod gateway;
mod guard;
#[expect(clippy::disallowed_methods, reason = "a line in a local file takes less time than a thread switch")]
mod journal;
#[expect(clippy::disallowed_methods, reason = "it blocks, with a limit, for the journal")]
mod lock;
mod name;
mod quotas;
mod registry;
mod request_counter;
mod responses;
mod server;
mod timestamp;

pub use arn::{ArnError, ExecutionArn, ExpressExecutionArn, StateMachineArn};
pub use faults::Faults;
pub use gateway::{Gateway, Options};
pub use machines::{MachineType, Machines};
pub use request_counter::Requests;
pub use server::run;
pub use timestamp::Timestamp;
