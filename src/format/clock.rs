//! Formatting of times and durations.

use std::time::Duration;

use jiff::tz::TimeZone;

use stepgate_core::domain::Timestamp;

/// Formats a running time: `00:12`, `1:02:03`, `2d 03:04:05`.
pub(crate) fn running(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (days, hours, minutes, seconds) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes:02}:{seconds:02}"),
        (0, _) => format!("{hours}:{minutes:02}:{seconds:02}"),
        _ => format!("{days}d {hours:02}:{minutes:02}:{seconds:02}"),
    }
}

/// Formats a running time for a narrow column: as days and hours from one day, `2d 03h`.
pub(crate) fn short(duration: Duration) -> String {
    let hours = duration.as_secs() / 3_600;
    if hours < 24 { running(duration) } else { format!("{}d {:02}h", hours / 24, hours % 24) }
}

/// Formats a final duration: `69 ms`, `12.3 s`, `1:02:03`.
pub(crate) fn finished(duration: Duration) -> String {
    match duration.as_millis() {
        millis @ 0..1_000 => format!("{millis} ms"),
        millis @ 1_000..60_000 => format!("{}.{} s", millis / 1_000, millis / 100 % 10),
        _ => short(duration),
    }
}

/// Formats a time of day in a zone; with the date unless it is that of `now`.
pub(crate) fn moment(moment: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let then = moment.to_jiff().to_zoned(zone.clone());
    let today = now.to_jiff().to_zoned(zone.clone());
    let form = if then.date() == today.date() { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" };
    then.strftime(form).to_string()
}

/// Formats a time relative to `now`, in its largest unit: `12 s ago`, `3 m ago`, `2 h ago`, `5 d ago`.
pub(crate) fn relative(moment: Timestamp, now: Timestamp) -> String {
    let seconds = |duration: Duration| match duration.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3_600 => format!("{} m", seconds / 60),
        seconds @ 3_600..86_400 => format!("{} h", seconds / 3_600),
        seconds => format!("{} d", seconds / 86_400),
    };
    // The clock of a gateway may be ahead.
    if moment > now {
        format!("in {}", seconds(moment.since(now)))
    } else {
        format!("{} ago", seconds(now.since(moment)))
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
    use super::*;

    #[test]
    fn durations_are_short_and_exact_enough() {
        assert_eq!(running(Duration::from_secs(12)), "00:12");
        assert_eq!(running(Duration::from_secs(3_723)), "1:02:03");
        assert_eq!(running(Duration::from_secs(2 * 86_400 + 3 * 3_600 + 245)), "2d 03:04:05");
        assert_eq!(short(Duration::from_secs(2 * 86_400 + 3 * 3_600 + 245)), "2d 03h");
        assert_eq!(finished(Duration::from_millis(69)), "69 ms");
        assert_eq!(finished(Duration::from_millis(12_345)), "12.3 s");
        assert_eq!(finished(Duration::from_secs(61)), "01:01");
    }

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
