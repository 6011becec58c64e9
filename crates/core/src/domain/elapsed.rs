//! The notation of durations wherever a person reads one. Below a minute, a duration that has ended shows tenths of a
//! second; one that still grows shows seconds as a clock does. From a minute on, both are written alike.

use std::time::Duration;

/// Formats a duration that still grows, or an estimate: `0:05`, `12:34`, `1 h 02 m`, `2 d 03 h`.
pub fn running(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..3_600 => format!("{}:{:02}", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{} h {:02} m", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{} d {:02} h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

/// Formats a final duration: `69 ms`, `26.3 s`, and from a minute on as [`running`].
pub fn finished(duration: Duration) -> String {
    match duration.as_millis() {
        millis @ 0..1_000 => format!("{millis} ms"),
        millis @ 1_000..60_000 => format!("{}.{} s", millis / 1_000, millis / 100 % 10),
        _ => running(duration),
    }
}

/// Formats a duration in its largest unit: `12 s`, `3 m`, `2 h`, `5 d`.
pub fn rounded(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3_600 => format!("{} m", seconds / 60),
        seconds @ 3_600..86_400 => format!("{} h", seconds / 3_600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_duration_has_one_notation() {
        for (millis, while_running, at_the_end, in_one_unit) in [
            (0, "0:00", "0 ms", "0 s"),
            (69, "0:00", "69 ms", "0 s"),
            (999, "0:00", "999 ms", "0 s"),
            (2_000, "0:02", "2.0 s", "2 s"),
            (26_349, "0:26", "26.3 s", "26 s"),
            (59_999, "0:59", "59.9 s", "59 s"),
            (60_000, "1:00", "1:00", "1 m"),
            (65_900, "1:05", "1:05", "1 m"),
            (3_599_999, "59:59", "59:59", "59 m"),
            (3_600_000, "1 h 00 m", "1 h 00 m", "1 h"),
            (3_723_000, "1 h 02 m", "1 h 02 m", "1 h"),
            (86_399_999, "23 h 59 m", "23 h 59 m", "23 h"),
            (86_400_000, "1 d 00 h", "1 d 00 h", "1 d"),
            (183_845_000, "2 d 03 h", "2 d 03 h", "2 d"),
            (31_622_400_000, "366 d 00 h", "366 d 00 h", "366 d"),
        ] {
            let duration = Duration::from_millis(millis);
            assert_eq!(running(duration), while_running);
            assert_eq!(finished(duration), at_the_end);
            assert_eq!(rounded(duration), in_one_unit);
        }
    }

    proptest! {
        #[test]
        fn from_a_minute_on_a_duration_reads_the_same_before_and_after_its_end(millis in 60_000_u64..1 << 44) {
            prop_assert_eq!(running(Duration::from_millis(millis)), finished(Duration::from_millis(millis)));
        }
    }
}
