//! Notifications of ended executions: one by one, or combined when many end at once.

use std::time::Duration;

use stepgate_core::domain::{Timestamp, counted};

/// The minimum time between notifications.
const PAUSE: Duration = Duration::from_secs(2);

/// Ends to notify of, and when the last notification was sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct EndNotifier {
    waiting: Vec<String>,
    last_sent: Option<Timestamp>,
}

impl EndNotifier {
    /// Adds the message for an end and returns the notification to send now.
    pub(in crate::app) fn add(&mut self, message: String, now: Timestamp) -> Option<String> {
        self.waiting.push(message);
        self.due(now)
    }

    /// Returns the notification to send now.
    pub(in crate::app) fn due(&mut self, now: Timestamp) -> Option<String> {
        if self.waiting.is_empty() || self.last_sent.is_some_and(|at| now.since(at) < PAUSE) {
            return None;
        }
        self.last_sent = Some(now);
        let mut waiting = std::mem::take(&mut self.waiting);
        Some(match waiting.len() {
            1 => waiting.remove(0),
            count => {
                format!("{} have ended, the last one: {}", counted(count, "execution"), waiting.remove(count - 1))
            }
        })
    }

    /// Returns whether a notification is pending.
    pub(crate) fn is_pending(&self) -> bool {
        !self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_in_quick_succession_are_combined() {
        let (mut ends, at) = (EndNotifier::default(), Timestamp::from_millis);
        assert_eq!(ends.add("a SUCCEEDED".into(), at(0)), Some("a SUCCEEDED".into()));
        assert_eq!(ends.add("b FAILED".into(), at(100)), None);
        assert_eq!(ends.add("c SUCCEEDED".into(), at(1_999)), None);
        assert!(ends.is_pending());
        let words = "2 executions have ended, the last one: c SUCCEEDED";
        assert_eq!((ends.due(at(2_000)), ends.due(at(9_000))), (Some(words.into()), None));
    }
}
