//! How long executions of a machine usually take, as far as the watcher has learned: a hint, never a promise.

use std::collections::HashMap;
use std::time::Duration;

use crate::app::list::row::{Group, Row};
use stepgate_core::domain::durations::Durations;
use stepgate_core::domain::{EndpointName, StateMachineArn, Timestamp};

/// Fewer ends than this tell nothing.
const FEWEST: f64 = 3.0;
/// Fewer than this tell nothing of what is unusual.
const FEWEST_FOR_LATE: f64 = 10.0;

/// What is to be expected of an execution that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// It takes about so long in all.
    About(Duration),
    /// It runs longer than 19 of 20 others; half of them take no more than this.
    Late(Duration),
}

/// What is known of all machines.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExpectedDurations(HashMap<(EndpointName, StateMachineArn), Durations>);

impl ExpectedDurations {
    /// More is known of a machine.
    pub fn learned(&mut self, endpoint: EndpointName, machine: StateMachineArn, durations: Durations) {
        self.0.insert((endpoint, machine), durations);
    }

    /// What is to be expected of an execution, if it runs and enough is known.
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
