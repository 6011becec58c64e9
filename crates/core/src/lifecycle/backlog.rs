//! How far the watcher is behind: executions whose status request is due, but not yet allowed by the rate limit.

use std::time::Duration;

/// The queue of one endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backlog {
    /// How long the due requests take to send.
    pub delay: Duration,
    /// Whether the endpoint has a `list` route, with which one request reveals many ends.
    pub has_list_route: bool,
}

impl Backlog {
    /// Longer backlogs are reported.
    const NOTICEABLE: Duration = Duration::from_secs(60);

    /// Returns a message with a remedy; `None` if the backlog is short.
    pub fn message(self) -> Option<String> {
        if self.delay <= Self::NOTICEABLE {
            return None;
        }
        // Rounded down, to overstate nothing.
        let minutes = self.delay.as_secs() / 60;
        let help = if self.has_list_route { "a higher `requests-per-second`" } else { "a `list` route" };
        Some(format!("about {minutes} min behind with status requests; {help} would help"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_backlog_has_a_message_that_names_the_remedy() {
        let message = |seconds, lists| Backlog { delay: Duration::from_secs(seconds), has_list_route: lists }.message();
        let expected = "about 3 min behind with status requests; a `list` route would help";
        assert_eq!(message(193, false).as_deref(), Some(expected));
        assert!(message(61, true).is_some_and(|text| text.ends_with("a higher `requests-per-second` would help")));
    }

    #[test]
    fn a_backlog_is_reported_above_a_minute_and_never_overstated() {
        for (millis, expected) in [
            (0, None),
            (59_999, None),
            (60_000, None),
            (60_001, Some(1)),
            (89_000, Some(1)),
            (119_999, Some(1)),
            (120_000, Some(2)),
            (126_000, Some(2)),
            (179_000, Some(2)),
            (180_000, Some(3)),
            (3_600_000, Some(60)),
            (7_259_000, Some(120)),
        ] {
            let message = Backlog { delay: Duration::from_millis(millis), has_list_route: false }.message();
            let minutes = message.map(|text| text.split(' ').nth(1).and_then(|word| word.parse::<u64>().ok()));
            assert_eq!(minutes, expected.map(Some), "{millis} ms");
        }
    }
}
