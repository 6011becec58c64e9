//! How long to wait before a retry: exponential backoff with jitter, up to a limit.

use std::time::Duration;

use crate::domain::{Failure, FailureKind};
use crate::lifecycle::{Retry, give_up};

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);

/// Returns the delay after the `attempt`-th failure in a row, counted from 1. `jitter` is a random number from 0 to 1:
/// without it all clients of a gateway that was down would return at once. At least half of the delay remains, so that
/// a countdown is meaningful.
pub fn delay(attempt: u32, jitter: f64) -> Duration {
    let doublings = attempt.saturating_sub(1).min(10);
    let whole = (FIRST * 2_u32.pow(doublings)).min(LONGEST);
    whole.mul_f64(0.5 + 0.5 * jitter.clamp(0.0, 1.0))
}

/// Maximum number of attempts.
const ATTEMPTS: u32 = 5;

/// Returns the delay before a retry, after the `attempt`-th failure in a row; `None` if a retry is useless. Only for
/// requests that may be executed twice.
pub fn retry_delay(attempt: u32, failure: &Failure, jitter: f64) -> Option<Duration> {
    // A credentials lookup has its own retries.
    let is_lookup = matches!(failure.kind, FailureKind::NoCredentials(_));
    (failure.retry() == Retry::Soon && !is_lookup && attempt < ATTEMPTS).then(|| delay(attempt, jitter))
}

/// Returns the delay before retrying a read request. An unreadable response is not retried: the gateway would send it
/// again.
pub fn read_retry_delay(attempt: u32, failure: &Failure, jitter: f64) -> Option<Duration> {
    retry_delay(attempt, failure, jitter).filter(|_| !give_up::is_unreadable(failure))
}

/// Maximum number of outages in a row in a batch.
const OUTAGES: u32 = 30;

/// Returns the pause of a batch before it sends its remaining lines again, after its `outage`-th outage in a row; `None` if
/// it ends. A throttled start is not carried out, so even the first one can be repeated. After another failure a batch
/// only continues if it `has_proof` that the configuration is right, and waits for its executions anyway.
pub fn batch_pause(outage: u32, failure: &Failure, has_proof: bool, jitter: f64) -> Option<Duration> {
    let may_continue = failure.is_throttled() || (has_proof && failure.retry() == Retry::Soon);
    (may_continue && outage <= OUTAGES).then(|| delay(outage, jitter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Unreachable;

    #[test]
    fn transient_failures_are_retried_and_unreadable_responses_are_not() {
        use FailureKind as K;
        for (kind, is_retried, is_read_retried) in [
            (K::Throttled, true, true),
            (K::GatewayUnavailable, true, true),
            (K::Unreachable(Unreachable::Deadline), true, true),
            (K::Undecodable, true, false),
            (K::Unreadable, true, false),
            (K::ResponseTooLarge, true, false),
            (K::OtherExecution, true, false),
            (K::Forbidden, false, false),
            (K::ExecutionDoesNotExist, false, false),
        ] {
            let failure = Failure::without_response(kind, "");
            assert_eq!(retry_delay(1, &failure, 0.5).is_some(), is_retried, "{failure:?}");
            assert_eq!(read_retry_delay(1, &failure, 0.5).is_some(), is_read_retried, "{failure:?}");
            assert_eq!(retry_delay(ATTEMPTS, &failure, 0.5), None);
        }
    }

    #[test]
    fn a_batch_continues_after_throttling_and_otherwise_only_with_proof() {
        let pause = |outage, kind, has_proof| {
            batch_pause(outage, &Failure::without_response(kind, ""), has_proof, 1.0).map(|pause| pause.as_secs())
        };
        for (kind, without_proof, with_proof) in [
            (FailureKind::Throttled, Some(1), Some(1)),
            (FailureKind::GatewayUnavailable, None, Some(1)),
            (FailureKind::QuotaUsedUp, None, None),
            (FailureKind::InvalidInput, None, None),
        ] {
            assert_eq!(pause(1, kind.clone(), false), without_proof, "{kind:?}");
            assert_eq!(pause(1, kind.clone(), true), with_proof, "{kind:?}");
            assert_eq!(pause(OUTAGES + 1, kind, true), None);
        }
        assert_eq!(pause(OUTAGES, FailureKind::Throttled, false), Some(60));
    }

    #[test]
    fn the_delay_doubles_up_to_a_minute_and_keeps_half() {
        assert_eq!(delay(1, 1.0), Duration::from_secs(1));
        assert_eq!(delay(1, 0.0), Duration::from_millis(500));
        assert_eq!(delay(4, 1.0), Duration::from_secs(8));
        assert_eq!(delay(7, 1.0), Duration::from_secs(60));
        assert_eq!(delay(u32::MAX, 0.0), Duration::from_secs(30));
    }
}
