//! Which moments can be compared. Start and stop dates are the service's; what we note is by our own clock, which may
//! be wrong by minutes or years. The `Date` header of a response tells by how much.

use std::time::Duration;

use crate::domain::{ClockOffset, Timestamp};

/// `Date` headers count whole seconds, and responses take a while.
const RESOLUTION: Duration = Duration::from_secs(10);
/// What was noted by an earlier launch may be off by a correction of the clock since.
const STEP: Duration = Duration::from_secs(300);
/// Retention counts days, so clocks need not agree better.
const AGREEMENT: Duration = Duration::from_secs(3_600);
/// A clock that is not further ahead of an earlier launch than this, and than a tenth of the retention, may be right.
const NEXT_LAUNCH: Duration = Duration::from_secs(2 * 86_400);

/// Whether an execution began before the request that seems to have started it was sent, both within this launch.
/// Returns `false` while the offset between the clocks is unknown.
pub fn predates(start_date: Option<Timestamp>, sent: Timestamp, offset: Option<ClockOffset>) -> bool {
    is_before(start_date, sent, offset, RESOLUTION)
}

/// The same, where the request may have been noted by an earlier launch.
pub fn predates_launch(start_date: Option<Timestamp>, sent: Timestamp, offset: Option<ClockOffset>) -> bool {
    is_before(start_date, sent, offset, STEP)
}

fn is_before(start_date: Option<Timestamp>, sent: Timestamp, offset: Option<ClockOffset>, by: Duration) -> bool {
    start_date.zip(offset).is_some_and(|(start, offset)| start.plus(by) < offset.corrected(sent))
}

/// Whether our clock may be trusted with deleting what is old: it agrees with a gateway's, or, where no gateway has
/// said the time, it is a little later than the last time that an earlier launch knew of.
pub fn is_trustworthy(
    now: Timestamp,
    offset: Option<ClockOffset>,
    earlier: Option<Timestamp>,
    retain: Duration,
) -> bool {
    let longest = NEXT_LAUNCH.min(retain / 10);
    match offset {
        Some(offset) => offset.distance() <= AGREEMENT,
        None => earlier.is_some_and(|earlier| earlier <= now.plus(AGREEMENT) && now.since(earlier) <= longest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_wrong_clock_is_corrected_and_an_unknown_one_proves_nothing() {
        let six_minutes = 360_000;
        let offset = ClockOffset::between(at(0), at(six_minutes));
        assert!(!predates(Some(at(0)), at(six_minutes), Some(offset)), "our clock is fast, and known to be");
        assert!(!predates(Some(at(0)), at(six_minutes), None));
        assert!(!predates(None, at(six_minutes), Some(offset)));
        assert!(predates(Some(at(0)), at(six_minutes * 2), Some(offset)));
    }

    #[test]
    fn nothing_is_deleted_by_a_clock_that_jumps() {
        let (now, agrees) = (at(500 * DAY), Some(ClockOffset::between(at(500 * DAY), at(500 * DAY + 2_000))));
        let disagrees = Some(ClockOffset::between(at(100 * DAY), now));
        for (offset, earlier, trusted) in [
            (agrees, None, true),
            (agrees, Some(at(0)), true),
            (disagrees, Some(now), false),
            (None, None, false),
            (None, Some(at(499 * DAY)), true),
            (None, Some(at(100 * DAY)), false),
            (None, Some(at(501 * DAY)), false),
        ] {
            assert_eq!(
                is_trustworthy(now, offset, earlier, Duration::from_secs(90 * 86_400)),
                trusted,
                "{offset:?} {earlier:?}"
            );
        }
    }
}
