//! Everything between a front end and an API Gateway in front of Step Functions: what the words mean, what responses
//! mean, the HTTP client, starts that are never lost or duplicated, the watcher, and the store.
//!
//! In the order of what uses what: `domain` has the data types and `lifecycle` the meaning of responses, both pure;
//! `gateway` sends requests within the limits of `rate_limit`; `store` keeps what is known; `start` and `watch` send
//! starts and track executions. `bounded` and `child` read from outside with limits.
//!
//! ```
//! use stepgate_core::domain::{ExecutionName, StateMachineArn};
//!
//! let machine = StateMachineArn::parse("arn:aws:states:us-east-1:111122223333:stateMachine:Order:PROD")?;
//! let name = ExecutionName::chosen("order-4711")?;
//! let execution = machine.execution(&name);
//! assert_eq!(execution.as_str(), "arn:aws:states:us-east-1:111122223333:execution:Order:order-4711");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::todo,
    clippy::unimplemented,
    clippy::exit,
    clippy::dbg_macro,
    clippy::print_stdout,
    clippy::print_stderr
)]
// What clippy.toml lists. Tests may block and write.
#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::unreachable))]

#[expect(clippy::disallowed_methods, reason = "it blocks, with a limit, for callers that may")]
pub mod bounded;
pub mod child;
pub mod domain;
pub mod folder;
pub mod jq;

pub mod lifecycle;

pub mod gateway;
pub mod rate_limit;
#[expect(clippy::disallowed_methods, reason = "the store has threads of its own")]
pub mod store;

pub mod start;
pub mod watch;
