//! The core of stepgate: data types, the meaning of responses, the HTTP client, starts that are never lost or
//! duplicated, the watcher, and the store.
//!
//! In order of dependency: `domain` has the data types and `lifecycle` the meaning of responses, both pure; `gateway`
//! sends requests within the limits of `rate_limit`; `store` persists state; `start` and `watch` send starts and track
//! executions. `bounded` and `child` read external input with limits.
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

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]
// The lints configured in clippy.toml. Tests may block and write.
#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::unreachable))]

#[expect(clippy::disallowed_methods, reason = "blocking reads, each with a limit")]
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
