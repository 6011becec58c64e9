//! When a command stops asking about an execution that it waits for. The terminal UI never does.
//!
//! What only a person can fix ends a command at once where the endpoint has never answered, and the third time where
//! it has: a key may be replaced while somebody watches for hours. Responses that cannot be read end the wait for an
//! execution that was never answered; one that was may be behind a maintenance page.

use crate::domain::{Failure, FailureKind, Retry};

const MOST_REFUSALS: u32 = 3;
const MOST_UNREADABLE: u32 = 4;

/// What was seen of an endpoint or of one execution so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Patience {
    refusals: u32,
    unreadable: u32,
    was_answered: bool,
}

impl Patience {
    /// A readable response came.
    pub fn answered(&mut self) {
        *self = Self { was_answered: true, ..Self::default() };
    }

    /// Whether a readable response ever came.
    pub fn was_answered(&self) -> bool {
        self.was_answered
    }

    /// A question failed. Returns whether to stop asking; `endpoint_answered` says whether the endpoint ever answered.
    pub fn failed(&mut self, failure: &Failure, endpoint_answered: bool) -> bool {
        if failure.retry() == Retry::Later {
            self.refusals += 1;
            return self.refusals >= if endpoint_answered { MOST_REFUSALS } else { 1 };
        }
        if failure.kind == FailureKind::AnswerTooLarge {
            // The next response will not be smaller.
            self.unreadable += 1;
            return true;
        }
        if is_unreadable(failure) {
            self.unreadable += 1;
            return self.unreadable >= MOST_UNREADABLE && !self.was_answered;
        }
        false
    }

    /// Whether the last response could not be read.
    pub fn is_unreadable(&self) -> bool {
        self.unreadable > 0
    }
}

/// A response came, and says nothing about what was asked.
pub fn is_unreadable(failure: &Failure) -> bool {
    matches!(
        failure.kind,
        FailureKind::Unreadable | FailureKind::Undecodable | FailureKind::AnswerTooLarge | FailureKind::OtherExecution
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_that_is_too_large_ends_the_wait_and_others_only_without_an_answer_before() {
        let fails = |kind: FailureKind, times: u32, was_answered: bool| {
            let mut patience = Patience { was_answered, ..Patience::default() };
            let failure = Failure::without_answer(kind, "");
            (0..times).any(|_| patience.failed(&failure, true))
        };
        for was_answered in [false, true] {
            assert!(fails(FailureKind::AnswerTooLarge, 1, was_answered));
        }
        assert!(fails(FailureKind::Unreadable, 4, false) && !fails(FailureKind::Unreadable, 99, true));
        assert!(fails(FailureKind::Forbidden, 3, true) && !fails(FailureKind::GatewayUnavailable, 99, false));
    }
}
