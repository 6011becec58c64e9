//! stepgate: a terminal for AWS Step Functions behind an API Gateway.
//!
//! The map, in the order of what knows what; `ARCHITECTURE.md` has the flow, and
//! `tests/suite/architecture.rs` checks the arrows.

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

#[expect(clippy::disallowed_methods, reason = "it is what blocks, with a limit, for those who may")]
pub mod bounded;
pub mod child;
pub mod domain;

pub mod lifecycle;

pub mod config;
pub mod gateway;
pub mod local;
#[expect(clippy::disallowed_methods, reason = "the store has threads of its own")]
pub mod store;

pub mod doctor;
pub mod start;
pub mod watch;

pub mod app;
pub mod jq;
pub mod ui;

pub mod output;
pub mod runtime;

pub mod cli;
