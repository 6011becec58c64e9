//! The decision of a schedule.

use std::time::Instant;

use crate::domain::{ExecutionId, StateMachineArn};
use crate::watch::schedule::sweeps::Sweep;

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Poll this execution; the response goes to `Schedule::on_response`.
    Poll(ExecutionId),
    /// Request a page of running executions; the response goes to `Schedule::on_sweep_response`.
    Sweep(Sweep),
    /// Request the latest executions of this machine; the end goes to `Schedule::on_listed`.
    List(StateMachineArn),
    /// Send the oldest background request; its result goes to `Schedule::on_background_done`.
    Background,
    /// Nothing before this time.
    At(Instant),
    /// Nothing until something else happens.
    Nothing,
}
