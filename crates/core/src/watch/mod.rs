//! The watcher: the background task that decides which execution to ask about next, and asks.
//!
//! The decision is pure (`schedule`); the task around it (`task`) is a loop that has no
//! opinion.

mod entry;
mod machines;
mod outage;
mod outbox;
mod poller;
mod ready;
mod report;
pub mod schedule;
mod source;
mod sweeps;
pub mod task;

pub use report::Report;
pub use schedule::Schedule;
pub use source::{Shared, StatusSource};
pub use sweeps::{Sweep, SweptPage};
pub use task::{Command, spawn};
