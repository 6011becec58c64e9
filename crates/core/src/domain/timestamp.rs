//! A point in time in whole milliseconds, as in Step Functions.

use std::fmt;
use std::time::Duration;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Timestamp(i64);

/// Numbers from here on are milliseconds: the service returns seconds, but gateways that relay `EventBridge` events
/// return milliseconds. As seconds this would be the year 5138.
const FIRST_MILLISECONDS: f64 = 1e11;

impl Timestamp {
    /// Converts milliseconds since the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Parses a number of a response: epoch seconds, such as `1.701837432549E9`. `None` outside of the years -9999 to
    /// 9999.
    pub fn from_wire(number: f64) -> Option<Self> {
        let millis = if number.abs() >= FIRST_MILLISECONDS { number } else { number * 1000.0 };
        #[expect(clippy::cast_possible_truncation, reason = "the range is checked right here")]
        let millis = (millis.is_finite() && millis.abs() < 2.5e14).then(|| millis.round() as i64)?;
        Some(Self(millis))
    }

    /// Parses RFC 3339 and similar, RFC 2822, or epoch seconds.
    pub fn from_text(text: &str) -> Option<Self> {
        let text = text.trim();
        let parsed = text.parse::<jiff::Timestamp>().ok();
        let parsed = parsed.or_else(|| Some(jiff::fmt::rfc2822::parse(text).ok()?.timestamp()));
        let parsed = parsed.map(|moment| Self(moment.as_millisecond()));
        // UTC, as in the service, if there is no time zone.
        let local = || {
            Some(Self(
                text.parse::<jiff::civil::DateTime>()
                    .ok()?
                    .to_zoned(jiff::tz::TimeZone::UTC)
                    .ok()?
                    .timestamp()
                    .as_millisecond(),
            ))
        };
        parsed.or_else(local).or_else(|| Self::from_wire(text.parse().ok()?))
    }

    /// Returns milliseconds since the epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Returns the time since `earlier`; zero if that is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Returns a later time.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }

    /// Returns an earlier time.
    #[must_use]
    pub fn minus(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }

    /// Converts to a calendar type; times outside of its range become its nearest end.
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with milliseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.to_jiff())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notations_of_the_wire_are_the_same_moment() {
        let shown = |text: &str| {
            let number: f64 = serde_json::from_str(text).expect("a JSON number");
            Timestamp::from_wire(number).map(|t| t.to_string())
        };
        for text in ["1.701837432549E9", "1701837432.549", "1701837432549", "1.701837432549000E9"] {
            assert_eq!(shown(text).as_deref(), Some("2023-12-06T04:37:12.549Z"), "{text}");
        }
        assert_eq!(shown("1.72170984853E9").as_deref(), Some("2024-07-23T04:44:08.530Z"));
        assert_eq!(shown("1486768956").as_deref(), Some("2017-02-10T23:22:36.000Z"));
        assert_eq!(shown("1e300"), None);
    }

    #[test]
    fn durations_never_go_below_zero() {
        let (a, b) = (Timestamp::from_millis(1_000), Timestamp::from_millis(1_069));
        assert_eq!(b.since(a), Duration::from_millis(69));
        assert_eq!(a.since(b), Duration::ZERO);
    }
}
