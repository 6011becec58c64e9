//! How far the watcher is behind: executions whose status request is due, but not yet allowed by the budget.

use std::time::Duration;

/// The queue of one endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backlog {
    /// How long it takes to send the requests that are due now.
    pub behind: Duration,
    /// Whether the endpoint has a `list` route, with which one request reveals many ends.
    pub lists: bool,
}

impl Backlog {
    /// Backlogs from this length on are reported.
    const NOTICEABLE: Duration = Duration::from_secs(60);

    /// Returns a message with what would help; `None` if the backlog is short.
    pub fn message(self) -> Option<String> {
        if self.behind < Self::NOTICEABLE {
            return None;
        }
        let minutes = self.behind.as_secs().div_ceil(60);
        let help = if self.lists { "a higher `requests-per-second`" } else { "a `list` route" };
        Some(format!("about {minutes} min behind with status requests; {help} would help"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_backlog_has_a_message_that_names_what_helps() {
        let message = |seconds, lists| Backlog { behind: Duration::from_secs(seconds), lists }.message();
        assert_eq!(message(59, false), None);
        let expected = "about 4 min behind with status requests; a `list` route would help";
        assert_eq!(message(193, false).as_deref(), Some(expected));
        assert!(message(60, true).is_some_and(|text| text.ends_with("a higher `requests-per-second` would help")));
    }
}
