//! When to stop polling an execution: after refusals of the service, and in a command also after other failures.
//!
//! A failure that only a person can fix ends a command at once if the endpoint has never responded, and the third time
//! if it has: a key may be replaced during a long watch. Credentials that were accepted before may be accepted again,
//! or be replaced after a login, so they get as long as in a batch. Unreadable responses end the command if the
//! execution has never had a readable one; otherwise it may be behind a maintenance page.

use std::time::{Duration, Instant};

use crate::domain::{Failure, FailureKind};
use crate::lifecycle::Retry;

/// How long to wait for new credentials: a person may have to log in.
pub(crate) const LOGIN: Duration = Duration::from_secs(15 * 60);

const MOST_REFUSALS: u32 = 3;
/// An execution is given up after this many consecutive refusals by the service.
const MOST_SERVICE_REFUSALS: u32 = 3;
const MOST_UNREADABLE: u32 = 4;

/// The failures of an endpoint or an execution so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FailureCounter {
    refusals: u32,
    /// When the credentials were rejected first, since the last readable response.
    locked_out: Option<Instant>,
    unreadable: u32,
    has_responded: bool,
}

impl FailureCounter {
    /// Records a readable response.
    pub fn on_response(&mut self) {
        *self = Self { has_responded: true, ..Self::default() };
    }

    /// Returns whether there was ever a readable response.
    pub fn has_responded(&self) -> bool {
        self.has_responded
    }

    /// Records a failed request. Returns whether to stop; `endpoint_responded` says whether the endpoint ever
    /// responded.
    pub fn on_failure(&mut self, failure: &Failure, endpoint_responded: bool, now: Instant) -> bool {
        // A service that provides credentials may be down for as long as the gateway.
        if endpoint_responded && failure.is_credentials_error() && failure.retry() == Retry::Later {
            let since = *self.locked_out.get_or_insert(now);
            return now.saturating_duration_since(since) >= LOGIN;
        }
        if failure.retry() == Retry::Later {
            self.refusals += 1;
            return self.refusals >= if endpoint_responded { MOST_REFUSALS } else { 1 };
        }
        if failure.kind == FailureKind::ResponseTooLarge {
            // The next response will not be smaller.
            self.unreadable += 1;
            return true;
        }
        if is_unreadable(failure) {
            self.unreadable += 1;
            return self.unreadable >= MOST_UNREADABLE && !self.has_responded;
        }
        false
    }

    /// Returns whether the last response was unreadable.
    pub fn is_unreadable(&self) -> bool {
        self.unreadable > 0
    }
}

/// Returns whether no status request will ever succeed for an execution, after this failure and `failures` before it.
pub(crate) fn is_hopeless(failure: &Failure, failures: u32) -> bool {
    failure.kind == FailureKind::ExpressNotDescribable
        || (failure.retry() == Retry::Never && failures + 1 >= MOST_SERVICE_REFUSALS)
}

/// Returns whether this is a response without information about the execution.
pub fn is_unreadable(failure: &Failure) -> bool {
    matches!(
        failure.kind,
        FailureKind::Unreadable
            | FailureKind::Undecodable
            | FailureKind::ResponseTooLarge
            | FailureKind::OtherExecution
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{MissingCredentials, MissingReason};

    #[test]
    fn too_large_a_response_ends_the_wait_and_others_only_before_the_first_readable_one() {
        let fails = |kind: FailureKind, times: u32, has_responded: bool| {
            let mut counter = FailureCounter { has_responded, ..FailureCounter::default() };
            let failure = Failure::without_response(kind, "");
            (0..times).any(|_| counter.on_failure(&failure, true, Instant::now()))
        };
        for has_responded in [false, true] {
            assert!(fails(FailureKind::ResponseTooLarge, 1, has_responded));
        }
        assert!(fails(FailureKind::Unreadable, 4, false) && !fails(FailureKind::Unreadable, 99, true));
        assert!(fails(FailureKind::Forbidden, 3, true) && !fails(FailureKind::GatewayUnavailable, 99, false));
    }

    #[test]
    fn an_unreachable_credentials_service_does_not_end_the_wait() {
        for (reason, ends) in [
            (MissingReason::Unreachable, false),
            (MissingReason::Unavailable, false),
            (MissingReason::TooSlow, false),
            (MissingReason::Refused, true),
            (MissingReason::Setting, true),
        ] {
            let missing = MissingCredentials { reason, advice: "".into() };
            let failure = Failure::without_response(FailureKind::NoCredentials(Box::new(missing)), "");
            for endpoint_responded in [false, true] {
                let (mut counter, first) = (FailureCounter::default(), Instant::now());
                let times = [first, first + LOGIN];
                let has_ended = times.map(|at| counter.on_failure(&failure, endpoint_responded, at)).contains(&true);
                assert_eq!(has_ended, ends, "{reason:?} {endpoint_responded}");
            }
        }
    }

    #[test]
    fn accepted_credentials_are_waited_for_as_long_as_in_a_batch() {
        let (first, second) = (Instant::now(), Duration::from_secs(1));
        for kind in [FailureKind::Unauthorized, FailureKind::SignatureRefused, FailureKind::NoSecret] {
            let failure = Failure::without_response(kind, "");
            assert!(FailureCounter::default().on_failure(&failure, false, first), "never accepted: {failure:?}");
            let mut counter = FailureCounter::default();
            assert!(
                (0..900).all(|seconds| !counter.on_failure(&failure, true, first + second * seconds)),
                "{failure:?}"
            );
            let mut renewed = counter;
            assert!(counter.on_failure(&failure, true, first + LOGIN), "{failure:?}");
            renewed.on_response();
            assert!(!renewed.on_failure(&failure, true, first + LOGIN), "{failure:?}");
        }
    }
}
