//! Telling of ends that nobody looks at: one by one, and together where many come at once.

use std::time::Duration;

use stepgate_core::domain::Timestamp;

/// A bell that rings more often tells nothing more.
const PAUSE: Duration = Duration::from_secs(2);

/// Ends that have not been told of, and when some were the last time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EndNotifier {
    waiting: Vec<String>,
    told_at: Option<Timestamp>,
}

impl EndNotifier {
    /// Adds an end, in words; returns what to notify of now.
    pub(in crate::app) fn tell(&mut self, words: String, now: Timestamp) -> Option<String> {
        self.waiting.push(words);
        self.due(now)
    }

    /// Returns what to notify of now.
    pub(in crate::app) fn due(&mut self, now: Timestamp) -> Option<String> {
        if self.waiting.is_empty() || self.told_at.is_some_and(|at| now.since(at) < PAUSE) {
            return None;
        }
        self.told_at = Some(now);
        let mut waiting = std::mem::take(&mut self.waiting);
        Some(match waiting.len() {
            1 => waiting.remove(0),
            count => format!("{count} executions have ended, the last one: {}", waiting.remove(count - 1)),
        })
    }

    /// Whether some wait.
    pub fn are_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_at_once_are_told_of_together() {
        let (mut ends, at) = (EndNotifier::default(), Timestamp::from_millis);
        assert_eq!(ends.tell("a SUCCEEDED".into(), at(0)), Some("a SUCCEEDED".into()));
        assert_eq!(ends.tell("b FAILED".into(), at(100)), None);
        assert_eq!(ends.tell("c SUCCEEDED".into(), at(1_999)), None);
        assert!(ends.are_waiting());
        let words = "2 executions have ended, the last one: c SUCCEEDED";
        assert_eq!((ends.due(at(2_000)), ends.due(at(9_000))), (Some(words.into()), None));
    }
}
