//! Which times can be compared. Start and stop dates are the service's; local times may be wrong by minutes or years.
//! The `Date` header of a response shows the difference.

use std::time::Duration;

use crate::domain::{ClockOffset, Timestamp};

/// `Date` headers count whole seconds, and responses take a while.
const RESOLUTION: Duration = Duration::from_secs(10);
/// The local clock may have been corrected since an earlier launch.
const STEP: Duration = Duration::from_secs(300);
/// Retention counts days, so clocks need not agree better.
const AGREEMENT: Duration = Duration::from_secs(3_600);
/// A clock may be right if it is at most this far ahead of an earlier launch, or a tenth of the retention.
const NEXT_LAUNCH: Duration = Duration::from_secs(2 * 86_400);

/// Returns whether an execution began before its supposed start request was sent, both by this process; `false`
/// while the clock offset is unknown.
pub(crate) fn predates(start_date: Option<Timestamp>, sent: Timestamp, offset: Option<ClockOffset>) -> bool {
    is_before(start_date, sent, offset, RESOLUTION)
}

/// Like [`predates`], for a request that an earlier launch may have recorded.
pub(crate) fn predates_launch(start_date: Option<Timestamp>, sent: Timestamp, offset: Option<ClockOffset>) -> bool {
    is_before(start_date, sent, offset, STEP)
}

fn is_before(start_date: Option<Timestamp>, sent: Timestamp, offset: Option<ClockOffset>, by: Duration) -> bool {
    start_date.zip(offset).is_some_and(|(start, offset)| start.plus(by) < offset.corrected(sent))
}

/// Returns whether the local clock is reliable enough to delete old data: it agrees with a gateway's, or, without one,
/// is slightly later than the latest time of an earlier launch.
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
    fn a_wrong_clock_is_corrected_and_an_unknown_offset_proves_nothing() {
        let six_minutes = 360_000;
        let offset = ClockOffset::between(at(0), at(six_minutes));
        assert!(!predates(Some(at(0)), at(six_minutes), Some(offset)), "the local clock is known to be fast");
        assert!(!predates(Some(at(0)), at(six_minutes), None));
        assert!(!predates(None, at(six_minutes), Some(offset)));
        assert!(predates(Some(at(0)), at(six_minutes * 2), Some(offset)));
    }

    #[test]
    fn nothing_is_deleted_after_a_clock_jump() {
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
