//! What follows from the answer to a start: it is over, or it is sent again.
//!
//! A STANDARD start is idempotent by its name ("`StartExecution` is idempotent for `STANDARD` workflows",
//! API reference): the same bytes with the same name may be sent again when no answer came. An EXPRESS
//! start is not, and is sent once.

use std::time::Duration;

use crate::domain::{Failure, FailureKind, MachineType, NameOrigin, Settled, StartOrder, Started};
use crate::gateway::retry;

/// For how long a start is sent again before it is left to be asked about.
const PATIENCE: Duration = Duration::from_secs(60);

/// What follows from an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// The same again after this time.
    Again(Duration),
    /// It is over.
    Over(Settled),
}

/// The attempts at one start so far.
#[derive(Debug, Clone, Default)]
pub struct Attempts {
    failed: u32,
    /// The first attempt that may have been carried out. Whatever a later one says, that stays.
    doubt: Option<Failure>,
}

impl Attempts {
    /// Takes the answer to an attempt that came so long after the first one was sent. `jitter` is a
    /// random number from 0 to 1.
    pub fn answered(
        &mut self,
        order: &StartOrder,
        answer: Result<Started, Failure>,
        spent: Duration,
        jitter: f64,
    ) -> Next {
        let failure = match answer {
            Ok(started) => return Next::Over(Settled::Confirmed(started)),
            Err(failure) => failure,
        };
        // A chosen name may be somebody else's, also when an attempt of ours is in doubt.
        if failure.kind == FailureKind::ExecutionAlreadyExists && order.origin == NameOrigin::Generated {
            let execution_arn = order.machine.execution(&order.name);
            return Next::Over(Settled::Confirmed(Started { execution_arn, start_date: None }));
        }
        self.failed += 1;
        let is_passing = failure.leaves_doubt() || failure.kind == FailureKind::Throttled;
        if failure.leaves_doubt() && self.doubt.is_none() {
            self.doubt = Some(failure.clone());
        }
        let pause = retry::delay(self.failed, jitter);
        if is_passing && order.machine_type == MachineType::Standard && spent + pause <= PATIENCE {
            return Next::Again(pause);
        }
        Next::Over(self.stopped(failure))
    }

    /// Nothing is sent any more, for this reason.
    pub fn stopped(&mut self, failure: Failure) -> Settled {
        match self.doubt.take() {
            Some(doubt) => Settled::Unresolved(doubt),
            None => Settled::Refused(failure),
        }
    }
}

#[cfg(test)]
mod tests;
