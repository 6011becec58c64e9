//! Formatting of times. Durations: `stepgate_core::domain::elapsed`.

use jiff::tz::TimeZone;

use stepgate_core::domain::{Timestamp, elapsed};

/// Formats a time of day in a zone; with the date unless it is that of `now`.
pub(crate) fn moment(moment: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let then = moment.to_jiff().to_zoned(zone.clone());
    let today = now.to_jiff().to_zoned(zone.clone());
    let form = if then.date() == today.date() { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" };
    then.strftime(form).to_string()
}

/// Formats a time relative to `now`, in its largest unit: `12 s ago`, `3 m ago`, `2 h ago`, `5 d ago`.
pub(crate) fn relative(moment: Timestamp, now: Timestamp) -> String {
    // The clock of a gateway may be ahead.
    if moment > now {
        format!("in {}", elapsed::rounded(moment.since(now)))
    } else {
        format!("{} ago", elapsed::rounded(now.since(moment)))
    }
}

/// Formats a start for a column: the time of day, before today the date and the minute, before this year the date.
pub(crate) fn started(moment: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let then = moment.to_jiff().to_zoned(zone.clone());
    let today = now.to_jiff().to_zoned(zone.clone());
    let form = match (then.date() == today.date(), then.year() == today.year()) {
        (true, _) => "%H:%M:%S",
        (false, true) => "%m-%d %H:%M",
        (false, false) => "%Y-%m-%d",
    };
    then.strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_relative_time_has_one_unit() {
        let now = Timestamp::from_millis(1_701_837_432_549);
        for (seconds, text) in [
            (0, "0 s ago"),
            (59, "59 s ago"),
            (60, "1 m ago"),
            (3_599, "59 m ago"),
            (86_399, "23 h ago"),
            (10 * 86_400, "10 d ago"),
        ] {
            let then = Timestamp::from_millis(now.as_millis() - seconds * 1_000);
            assert_eq!(relative(then, now), text);
        }
        assert_eq!(relative(now.plus(Duration::from_secs(5)), now), "in 5 s");
    }

    #[test]
    fn another_day_is_shown() {
        let zone = TimeZone::get("Asia/Tokyo").unwrap_or(TimeZone::fixed(jiff::tz::offset(9)));
        let then = Timestamp::from_millis(1_701_837_432_549);
        assert_eq!(moment(then, then.plus(Duration::from_secs(60)), &zone), "13:37:12");
        assert_eq!(moment(then, then.plus(Duration::from_secs(86_400)), &zone), "2023-12-06 13:37:12");
        assert_eq!(started(then, then.plus(Duration::from_secs(60)), &zone), "13:37:12");
        assert_eq!(started(then, then.plus(Duration::from_secs(86_400)), &zone), "12-06 13:37");
        assert_eq!(started(then, then.plus(Duration::from_secs(30 * 86_400)), &zone), "2023-12-06");
    }
}
