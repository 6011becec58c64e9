//! The core of stepgate: data types, the meaning of responses, the HTTP client, starts that are never lost or
//! duplicated, the watcher, and the store.
//!
//! In order of dependency: `domain` has the data types and `lifecycle` the meaning of responses, both pure; `gateway`
//! sends requests within the limits of `rate_limit`; `store` persists state; `start` and `watch` send starts and track
//! executions, `control` stops and redrives them. `bounded` and `child` read external input with limits.
//!
//! A front end creates a [`gateway::Clients`] from its endpoints and opens a [`store::Store`]. It sends starts with a
//! [`start::Starter`], and starts the watcher with [`watch::spawn`]: commands go in, [`watch::Report`]s come out. For
//! single requests, a [`gateway::Client`] suffices:
//!
//! ```no_run
//! use stepgate_core::domain::{Endpoint, ExecutionName, StateMachineArn};
//! use stepgate_core::gateway::Client;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let machine = StateMachineArn::parse("arn:aws:states:us-east-1:111122223333:stateMachine:Order")?;
//! let execution = machine.execution(&ExecutionName::chosen("order-4711")?);
//!
//! let endpoint = Endpoint::plain("dev", "https://abc123.execute-api.us-east-1.amazonaws.com/dev");
//! let status = async { Client::new(endpoint)?.status(&execution).await };
//! match status.await {
//!     Ok(seen) => println!("{}", seen.status.as_str()),
//!     Err(failure) => println!("{}", failure.summary()),
//! }
//! # Ok(())
//! # }
//! ```

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]
// The lints configured in clippy.toml. Tests may block and write.
#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::unreachable))]
// Items that other packages do not use are `pub(crate)`.
#![warn(unreachable_pub)]

#[expect(clippy::disallowed_methods, reason = "blocking reads, each with a limit")]
pub mod bounded;
pub mod child;
pub mod domain;
pub mod folder;
pub mod jq;
pub mod task;

pub mod lifecycle;

pub mod gateway;
pub mod rate_limit;
#[expect(clippy::disallowed_methods, reason = "the store has threads of its own")]
pub mod store;

pub mod control;
pub mod start;
pub mod watch;
