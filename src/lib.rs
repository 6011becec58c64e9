//! stepgate: a terminal for AWS Step Functions behind an API Gateway.
//!
//! The map, in the order of what knows what; `ARCHITECTURE.md` has the flow, and
//! `tests/architecture.rs` checks the arrows.

pub mod bounded;
pub mod domain;

pub mod lifecycle;

pub mod config;
pub mod gateway;
pub mod local;
pub mod store;

pub mod doctor;
pub mod start;
pub mod watch;

pub mod app;
pub mod jq;
pub mod ui;

pub mod runtime;

pub mod cli;
