//! What is known of the machines of one endpoint: how long their executions take.

use std::collections::HashMap;
use std::time::Duration;

use crate::domain::StateMachineArn;
use crate::domain::durations::{Durations, Expected};

/// An execution is worth a question when it is expected to have been over for so long, in seconds, without our
/// knowing. Less finds ends little sooner and asks far more often.
const WORTH_ASKING: f64 = 0.01;

/// The machines by a number.
#[derive(Debug, Clone, Default)]
pub(super) struct Machines {
    known: Vec<Durations>,
    arns: Vec<StateMachineArn>,
    numbers: HashMap<StateMachineArn, usize>,
}

impl Machines {
    /// The number of a machine.
    pub(super) fn number(&mut self, machine: &StateMachineArn) -> usize {
        if let Some(number) = self.numbers.get(machine) {
            return *number;
        }
        self.known.push(Durations::default());
        self.arns.push(machine.clone());
        self.numbers.insert(machine.clone(), self.known.len() - 1);
        self.known.len() - 1
    }

    /// What is expected of an execution that is so old and was last known to run at another age, both in seconds.
    pub(super) fn expected(&self, machine: usize, ran_at: f64, age: f64) -> Expected {
        self.known[machine].expected(ran_at, age)
    }

    /// What a question about it is worth: for how many seconds it is expected to have been over.
    pub(super) fn worth(&self, machine: usize, ran_at: Duration, age: Duration) -> f64 {
        self.expected(machine, ran_at.as_secs_f64(), age.as_secs_f64()).delay
    }

    /// How long executions of a machine took, the earliest first.
    pub(super) fn remember(&mut self, machine: &StateMachineArn, durations: &[Duration]) {
        let number = self.number(machine);
        for duration in durations {
            self.ended(number, Duration::ZERO, *duration);
        }
    }

    /// What is known of a machine.
    pub(super) fn of(&self, machine: &StateMachineArn) -> Option<&Durations> {
        self.numbers.get(machine).map(|number| &self.known[*number])
    }

    /// The machine of this number.
    pub(super) fn arn(&self, machine: usize) -> &StateMachineArn {
        &self.arns[machine]
    }

    /// An execution that was known to run at one age still ran at another.
    pub(super) fn ran(&mut self, machine: usize, ran_at: Duration, age: Duration) {
        self.known[machine].ran(ran_at.as_secs_f64(), age.as_secs_f64());
    }

    /// An execution that was known to run at one age has ended at another.
    pub(super) fn ended(&mut self, machine: usize, ran_at: Duration, at: Duration) {
        self.known[machine].ended(ran_at.as_secs_f64(), at.as_secs_f64());
    }

    /// When an execution that ran at this age is worth another question, between these two spans.
    pub(super) fn worth_asking_after(
        &self,
        machine: usize,
        age: Duration,
        shortest: Duration,
        longest: Duration,
    ) -> Duration {
        let is_worth = |after: Duration| self.worth(machine, age, age + after) >= WORTH_ASKING;
        if is_worth(shortest) {
            return shortest;
        }
        // Halving finds it to a part of a second; nobody sees the difference.
        let (mut early, mut late) = (shortest, longest);
        while late > early + shortest / 4 {
            let between = (early + late) / 2;
            if is_worth(between) { late = between } else { early = between }
        }
        late
    }
}
