//! stepgate: a terminal UI and commands for AWS Step Functions behind an API Gateway.
//!
//! The map, in the order of what knows what; `ARCHITECTURE.md` has the flow, and
//! `tests/suite/architecture.rs` checks the arrows.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]
// What clippy.toml lists. Tests may block and write.
#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::unreachable))]
// Tests, benches, examples and fuzz targets are all that uses the library besides the binary.
#![warn(unreachable_pub)]

pub mod config;

mod doctor;

pub mod format;

pub mod app;
pub mod ui;

mod output;
pub mod runtime;

pub mod cli;
