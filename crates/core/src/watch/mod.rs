//! The watcher: the background task that polls running executions.
//!
//! - `schedule`: which request is sent next, and when. Pure; one for each endpoint.
//! - `task`: the loop around the schedules, which sends their requests. `poller`: one endpoint in it; `logs`: its EXPRESS
//!   executions.
//! - `status_source`: what the loop needs from a gateway and from other processes.
//! - `report`: what the front end learns. `report_queue`: reports that wait for the front end.

mod logs;
mod poller;
mod report;
mod report_queue;
pub mod schedule;
mod status_source;
pub mod task;

pub use report::Report;
pub use schedule::{LogPage, Schedule, Sweep, SweptPage};
pub use status_source::{Shared, StatusSource};
pub use task::{Command, spawn};
