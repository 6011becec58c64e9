//! The watcher: the background task that polls running executions.
//!
//! The decision which execution to poll next is pure (`schedule`); the task around it (`task`) is a plain loop.

mod entry;
mod machines;
mod outage;
mod outbox;
mod poller;
mod ready;
mod report;
pub mod schedule;
mod status_source;
mod sweeps;
pub mod task;

pub use report::Report;
pub use schedule::Schedule;
pub use status_source::{Shared, StatusSource};
pub use sweeps::{Sweep, SweptPage};
pub use task::{Command, spawn};
