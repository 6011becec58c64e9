//! When a command stops asking about an execution that it waits for. The terminal UI never does.
//!
//! What only a person can fix ends a command at once where the endpoint has never answered, and the third time where
//! it has: a key may be replaced while somebody watches for hours. Credentials that were accepted before may be accepted
//! again, or replaced once a person has logged in: that may take as long as for a batch. Responses that cannot be read
//! end the wait for an execution that was never answered; one that was may be behind a maintenance page.

use std::time::{Duration, Instant};

use crate::domain::{Failure, FailureKind, Retry};

/// How long to wait for credentials that are accepted: a person may have to log in.
pub const LOGIN: Duration = Duration::from_secs(15 * 60);

const MOST_REFUSALS: u32 = 3;
const MOST_UNREADABLE: u32 = 4;

/// What was seen of an endpoint or of one execution so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Patience {
    refusals: u32,
    /// When the credentials were refused first, since the last readable response.
    locked_out: Option<Instant>,
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
    pub fn failed(&mut self, failure: &Failure, endpoint_answered: bool, now: Instant) -> bool {
        // A service that provides credentials may be down for as long as the gateway itself.
        if endpoint_answered && failure.is_of_credentials() && failure.retry() == Retry::Later {
            let since = *self.locked_out.get_or_insert(now);
            return now.saturating_duration_since(since) >= LOGIN;
        }
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
    use crate::domain::{MissingCredentials, MissingReason};

    #[test]
    fn a_response_that_is_too_large_ends_the_wait_and_others_only_without_an_answer_before() {
        let fails = |kind: FailureKind, times: u32, was_answered: bool| {
            let mut patience = Patience { was_answered, ..Patience::default() };
            let failure = Failure::without_answer(kind, "");
            (0..times).any(|_| patience.failed(&failure, true, Instant::now()))
        };
        for was_answered in [false, true] {
            assert!(fails(FailureKind::AnswerTooLarge, 1, was_answered));
        }
        assert!(fails(FailureKind::Unreadable, 4, false) && !fails(FailureKind::Unreadable, 99, true));
        assert!(fails(FailureKind::Forbidden, 3, true) && !fails(FailureKind::GatewayUnavailable, 99, false));
    }

    #[test]
    fn a_service_that_provides_credentials_and_cannot_be_reached_ends_no_wait() {
        for (reason, ends) in [
            (MissingReason::Unreachable, false),
            (MissingReason::Unavailable, false),
            (MissingReason::TooSlow, false),
            (MissingReason::Refused, true),
            (MissingReason::Setting, true),
        ] {
            let missing = MissingCredentials { reason, advice: "".into() };
            let failure = Failure::without_answer(FailureKind::NoCredentials(Box::new(missing)), "");
            for endpoint_answered in [false, true] {
                let (mut patience, first) = (Patience::default(), Instant::now());
                let asked = [first, first + LOGIN];
                let has_ended = asked.map(|at| patience.failed(&failure, endpoint_answered, at)).contains(&true);
                assert_eq!(has_ended, ends, "{reason:?} {endpoint_answered}");
            }
        }
    }

    #[test]
    fn credentials_that_were_accepted_before_are_waited_for_as_long_as_by_a_batch() {
        let (first, second) = (Instant::now(), Duration::from_secs(1));
        for kind in [FailureKind::Unauthorized, FailureKind::SignatureRefused, FailureKind::NoSecret] {
            let failure = Failure::without_answer(kind, "");
            assert!(Patience::default().failed(&failure, false, first), "never accepted: {failure:?}");
            let mut patience = Patience::default();
            assert!((0..900).all(|seconds| !patience.failed(&failure, true, first + second * seconds)), "{failure:?}");
            let mut renewed = patience;
            assert!(patience.failed(&failure, true, first + LOGIN), "{failure:?}");
            renewed.answered();
            assert!(!renewed.failed(&failure, true, first + LOGIN), "{failure:?}");
        }
    }
}
