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
    /// The expected total duration, which it has not reached.
    About(Duration),
    /// The expected total duration, which has passed: it may have ended since the last response.
    Passed(Duration),
    /// A response has shown it still running after the duration of 19 of 20 executions: the expected total duration.
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
        let age = |at: Timestamp| at.since(row.started).as_secs_f64();
        // By the clock alone, executions that have just ended would be late until their end is seen.
        let seen_age = row.answered.map_or(0.0, age);
        let about = |seconds: f64| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        // The median of all, not of those that ran at least this long: that would grow with the age, and never pass.
        let usual = known.median(0.0);
        match known.end_count() {
            ends if ends >= FEWEST_FOR_LATE && seen_age > known.percentile_95() => {
                Some(Expectation::Late(about(usual)))
            }
            ends if ends >= FEWEST && age(now) > usual => Some(Expectation::Passed(about(usual))),
            ends if ends >= FEWEST => Some(Expectation::About(about(usual))),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stepgate_core::domain::{ExecutionArn, ExecutionRecord, GatewayId, Observation, Status};

    fn row(status: Status, answered: Option<Timestamp>) -> Row {
        let arn = ExecutionArn::parse("arn:aws:states:us-east-1:111122223333:execution:M:run-1").expect("an ARN");
        let endpoint = EndpointName::new("dev");
        let started = Timestamp::from_millis(0);
        let gateway = GatewayId::new("https://example.com/dev");
        let record = ExecutionRecord {
            seen: Some(Observation::new(status, started)),
            last_response: answered,
            ..ExecutionRecord::unanswered(gateway, endpoint.clone(), "m", arn, started)
        };
        Row::from_record(record, endpoint)
    }

    #[test]
    fn an_estimate_stays_and_runs_out() {
        for (ends, ages, is_late_possible) in
            [(0, [0, 50, 5_000], false), (5, [1, 30, 5_000], false), (50, [1, 30, 5_000], true)]
        {
            let mut known = Durations::default();
            (0..ends).for_each(|_| known.record_end(0.0, 60.0));
            let usual = Duration::from_secs_f64(known.median(0.0));
            let mut durations = ExpectedDurations::default();
            let unseen = row(Status::Running, None);
            durations.set(unseen.endpoint.clone(), unseen.arn.machine(), known);
            let time = |millis: u128| Timestamp::from_millis(i64::try_from(millis).expect("a time"));
            let at = |millis: u128| durations.expectation(&row(Status::Running, Some(time(millis))), time(millis));
            let just_over = at(usual.as_millis() + 2);
            if ends == 0 {
                assert!(ages.iter().all(|age| at(age * 1_000).is_none()) && just_over.is_none(), "too few to tell");
                continue;
            }
            for age in ages {
                let found = at(age * 1_000).expect("an estimate");
                let (Expectation::About(about) | Expectation::Passed(about) | Expectation::Late(about)) = found;
                assert_eq!(about, usual, "it does not grow with the age");
            }
            assert_eq!(at(usual.as_millis() - 1), Some(Expectation::About(usual)));
            assert_eq!(just_over, Some(Expectation::Passed(usual)));
            assert_eq!(at(5_000_000) == Some(Expectation::Late(usual)), is_late_possible);
            for answered in [None, Some(time(usual.as_millis() + 2))] {
                let found = durations.expectation(&row(Status::Running, answered), time(5_000_000));
                assert_eq!(found, Some(Expectation::Passed(usual)), "no response has shown it this late: {answered:?}");
            }
            let ended = row(Status::Succeeded, Some(time(9_000_000)));
            assert_eq!(durations.expectation(&ended, time(9_000_000)), None);
        }
    }
}
