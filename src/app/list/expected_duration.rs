//! How long executions of a machine usually take, estimated from the durations that the watcher has seen.

use std::collections::HashMap;
use std::time::Duration;

use crate::app::list::row::{Group, Row};
use stepgate_core::domain::durations::Durations;
use stepgate_core::domain::{EndpointName, StateMachineArn, Timestamp};

/// The minimum number of ended executions for an estimate.
const FEWEST: f64 = 3.0;
/// The minimum number of ended executions for calling one late.
const FEWEST_FOR_LATE: f64 = 10.0;

/// The expectation for a running execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// The expected total duration.
    About(Duration),
    /// It runs longer than 19 of 20 executions; the median of those is this long.
    Late(Duration),
}

/// The duration statistics of all machines.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExpectedDurations(HashMap<(EndpointName, StateMachineArn), Durations>);

impl ExpectedDurations {
    /// Sets the statistics of a machine.
    pub(in crate::app) fn set(&mut self, endpoint: EndpointName, machine: StateMachineArn, durations: Durations) {
        self.0.insert((endpoint, machine), durations);
    }

    /// Returns the expectation for a running execution, if there are enough data.
    pub fn expectation(&self, row: &Row, now: Timestamp) -> Option<Expectation> {
        if row.group() != Group::Running {
            return None;
        }
        let known = self.0.get(&(row.endpoint.clone(), row.arn.machine()))?;
        let age = now.since(row.started).as_secs_f64();
        let about = |seconds: f64| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        match known.end_count() {
            ends if ends >= FEWEST_FOR_LATE && age > known.percentile_95() => {
                Some(Expectation::Late(about(known.median(0.0))))
            }
            ends if ends >= FEWEST => Some(Expectation::About(about(known.median(age)))),
            _ => None,
        }
    }
}
