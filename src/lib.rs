//! stepgate: a terminal UI and commands for AWS Step Functions behind an API Gateway.
//!
//! Modules, in order of dependency. `ARCHITECTURE.md` has the data flow, and `tests/suite/architecture.rs` checks the
//! dependencies.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]
// Tests may use the methods that clippy.toml lists.
#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::unreachable))]
// Besides the binary, only tests, benches, examples and fuzz targets use the library.
#![warn(unreachable_pub)]

pub mod config;

mod doctor;

pub mod format;

pub mod app;
pub mod ui;

mod output;
pub mod runtime;

pub mod cli;
