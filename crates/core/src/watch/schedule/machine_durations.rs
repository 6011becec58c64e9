//! The durations of executions, by machine of one endpoint.

use std::collections::HashMap;
use std::time::Duration;

use crate::domain::StateMachineArn;
use crate::domain::durations::{Durations, Expected};

/// The expected seconds since an unseen end that are worth a status request. A smaller value finds ends hardly sooner,
/// with far more requests.
const WORTH_A_REQUEST: f64 = 0.01;

/// By the index of the machine.
#[derive(Debug, Clone, Default)]
pub(super) struct MachineDurations {
    known: Vec<Durations>,
    arns: Vec<StateMachineArn>,
    numbers: HashMap<StateMachineArn, usize>,
}

impl MachineDurations {
    /// Returns the index of a machine.
    pub(super) fn number(&mut self, machine: &StateMachineArn) -> usize {
        if let Some(number) = self.numbers.get(machine) {
            return *number;
        }
        self.known.push(Durations::default());
        self.arns.push(machine.clone());
        self.numbers.insert(machine.clone(), self.known.len() - 1);
        self.known.len() - 1
    }

    /// Returns the estimate for an execution last known to run at `ran_at`, both in seconds of age.
    pub(super) fn expected(&self, machine: usize, ran_at: f64, age: f64) -> Expected {
        self.known[machine].expected(ran_at, age)
    }

    /// Returns the value of a status request: the expected seconds since its unseen end.
    pub(super) fn worth(&self, machine: usize, ran_at: Duration, age: Duration) -> f64 {
        self.expected(machine, ran_at.as_secs_f64(), age.as_secs_f64()).delay
    }

    /// Adds the durations of earlier executions of a machine, earliest first.
    pub(super) fn remember(&mut self, machine: &StateMachineArn, durations: &[Duration]) {
        let number = self.number(machine);
        for duration in durations {
            self.record_end(number, Duration::ZERO, *duration);
        }
    }

    /// Returns the durations of a machine.
    pub(super) fn durations(&self, machine: &StateMachineArn) -> Option<&Durations> {
        self.numbers.get(machine).map(|number| &self.known[*number])
    }

    /// Returns the machine's ARN.
    pub(super) fn arn(&self, machine: usize) -> &StateMachineArn {
        &self.arns[machine]
    }

    /// Records that an execution ran from one age to another.
    pub(super) fn record_running(&mut self, machine: usize, ran_at: Duration, age: Duration) {
        self.known[machine].record_running(ran_at.as_secs_f64(), age.as_secs_f64());
    }

    /// Records the end of an execution last known to run at `ran_at`.
    pub(super) fn record_end(&mut self, machine: usize, ran_at: Duration, at: Duration) {
        self.known[machine].record_end(ran_at.as_secs_f64(), at.as_secs_f64());
    }

    /// Returns when an execution that ran at this age is worth another status request, within the two limits.
    pub(super) fn worth_a_request_after(
        &self,
        machine: usize,
        age: Duration,
        shortest: Duration,
        longest: Duration,
    ) -> Duration {
        let is_worth = |after: Duration| self.worth(machine, age, age + after) >= WORTH_A_REQUEST;
        if is_worth(shortest) {
            return shortest;
        }
        // Bisection finds it to a fraction of a second.
        let (mut early, mut late) = (shortest, longest);
        while late > early + shortest / 4 {
            let between = (early + late) / 2;
            if is_worth(between) { late = between } else { early = between }
        }
        late
    }
}
