//! What is known of the machines of one endpoint: how long their executions take.

use std::collections::HashMap;
use std::time::Duration;

use crate::domain::{Observation, StateMachineArn};
use crate::watch::durations::Durations;

/// An execution is worth a question when it is expected to have been over for so long, in seconds, without our
/// knowing. Less finds ends little sooner and asks far more often.
const WORTH_ASKING: f64 = 0.01;

/// The machines by a number.
#[derive(Debug, Clone, Default)]
pub(super) struct Machines {
    known: Vec<Durations>,
    numbers: HashMap<StateMachineArn, usize>,
}

impl Machines {
    /// The number of a machine.
    pub(super) fn number(&mut self, machine: &StateMachineArn) -> usize {
        if let Some(number) = self.numbers.get(machine) {
            return *number;
        }
        self.known.push(Durations::default());
        self.numbers.insert(machine.clone(), self.known.len() - 1);
        self.known.len() - 1
    }

    /// What a question is worth, about an execution that is so old and was last known to run at another age: for how
    /// many seconds it is expected to have been over.
    pub(super) fn worth(&self, machine: usize, ran_at: Duration, age: Duration) -> f64 {
        self.known[machine].expected_delay(ran_at.as_secs_f64(), age.as_secs_f64())
    }

    /// Takes in an answer about an execution of this age, last known to run at another one.
    pub(super) fn learn(&mut self, machine: usize, ran_at: Duration, age: Duration, seen: &Observation) {
        let durations = &mut self.known[machine];
        match seen.stop_date {
            // Of a redriven one nobody can tell how long it ran.
            Some(_) if seen.redrive.count.is_some_and(|count| count > 0) => {}
            Some(stop) => durations.ended(ran_at.as_secs_f64(), stop.since(seen.start_date).as_secs_f64()),
            None => durations.ran(ran_at.as_secs_f64(), age.as_secs_f64()),
        }
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
