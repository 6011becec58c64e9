//! How long to wait before asking again: exponential, with full jitter, bounded.

use std::time::Duration;

use crate::domain::{Failure, FailureKind, Retry};
use crate::lifecycle::patience;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);

/// The wait after the `attempt`-th failure in a row, counted from 1. `jitter` is a random number
/// from 0 to 1: without it all clients of a gateway that was down would come back at once. At least
/// half of the wait is kept, so that the countdown a person sees means something.
pub fn delay(attempt: u32, jitter: f64) -> Duration {
    let doublings = attempt.saturating_sub(1).min(10);
    let whole = (FIRST * 2_u32.pow(doublings)).min(LONGEST);
    whole.mul_f64(0.5 + 0.5 * jitter.clamp(0.0, 1.0))
}

/// So often is a request sent that may go better the next time.
const ATTEMPTS: u32 = 5;

/// How long to wait after the `attempt`-th failure in a row before the same is asked again; `None` when that
/// would be of no use. Only for requests that may be carried out twice without harm.
pub fn pause(attempt: u32, failure: &Failure, jitter: f64) -> Option<Duration> {
    // A look-up of credentials has made several attempts itself.
    let is_looked_up = matches!(failure.kind, FailureKind::NoCredentials(_));
    (failure.retry() == Retry::Soon && !is_looked_up && attempt < ATTEMPTS).then(|| delay(attempt, jitter))
}

/// Returns the pause for a read request. An unreadable response is not retried: the gateway would send it again.
pub fn pause_of_question(attempt: u32, failure: &Failure, jitter: f64) -> Option<Duration> {
    pause(attempt, failure, jitter).filter(|_| !patience::is_unreadable(failure))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Unreachable;

    #[test]
    fn what_may_pass_is_asked_again_and_what_cannot_be_read_is_not() {
        use FailureKind as K;
        for (kind, again, question_again) in [
            (K::Throttled, true, true),
            (K::GatewayUnavailable, true, true),
            (K::Unreachable(Unreachable::Deadline), true, true),
            (K::Undecodable, true, false),
            (K::Unreadable, true, false),
            (K::AnswerTooLarge, true, false),
            (K::OtherExecution, true, false),
            (K::Forbidden, false, false),
            (K::ExecutionDoesNotExist, false, false),
        ] {
            let failure = Failure::without_answer(kind, "");
            assert_eq!(pause(1, &failure, 0.5).is_some(), again, "{failure:?}");
            assert_eq!(pause_of_question(1, &failure, 0.5).is_some(), question_again, "{failure:?}");
            assert_eq!(pause(ATTEMPTS, &failure, 0.5), None);
        }
    }

    #[test]
    fn it_doubles_up_to_a_minute_and_keeps_half() {
        assert_eq!(delay(1, 1.0), Duration::from_secs(1));
        assert_eq!(delay(1, 0.0), Duration::from_millis(500));
        assert_eq!(delay(4, 1.0), Duration::from_secs(8));
        assert_eq!(delay(7, 1.0), Duration::from_secs(60));
        assert_eq!(delay(u32::MAX, 0.0), Duration::from_secs(30));
    }
}
