//! Messages to the user: the latest on the screen, the others on the messages page.

use std::collections::VecDeque;
use std::time::Duration;

use stepgate_core::domain::Timestamp;

/// Limit for messages in memory.
const MOST: usize = 100;
/// How long an informational message stays on the screen.
const SHOWN: Duration = Duration::from_secs(6);

/// The severity of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Disappears after a while.
    Info,
    /// Stays until dismissed.
    Error,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The severity.
    pub level: Level,
    /// The message.
    pub text: String,
    /// When it was shown.
    pub at: Timestamp,
}

/// All messages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Notices {
    history: VecDeque<Notice>,
    shown: Option<Notice>,
}

impl Notices {
    /// Shows a message.
    pub(in crate::app) fn show(&mut self, level: Level, text: impl Into<String>, at: Timestamp) {
        let notice = Notice { level, text: text.into(), at };
        self.shown = Some(notice.clone());
        self.record(notice);
    }

    /// Adds a message to the messages page only, because the screen shows it in another way.
    pub(in crate::app) fn log(&mut self, level: Level, text: impl Into<String>, at: Timestamp) {
        self.record(Notice { level, text: text.into(), at });
    }

    fn record(&mut self, notice: Notice) {
        if self.history.len() == MOST {
            self.history.pop_front();
        }
        self.history.push_back(notice);
    }

    /// Returns the message on the screen.
    pub fn current(&self) -> Option<&Notice> {
        self.shown.as_ref()
    }

    /// Dismisses the message on the screen and returns whether there was one.
    pub(in crate::app) fn dismiss(&mut self) -> bool {
        self.shown.take().is_some()
    }

    /// Hides an informational message that has been shown long enough.
    pub(in crate::app) fn expire(&mut self, now: Timestamp) {
        if self.shown.as_ref().is_some_and(|notice| notice.level == Level::Info && now.since(notice.at) >= SHOWN) {
            self.shown = None;
        }
    }

    /// Returns whether the message on the screen will disappear by itself.
    pub fn is_expiring(&self) -> bool {
        self.shown.as_ref().is_some_and(|notice| notice.level == Level::Info)
    }

    /// Returns all messages, the newest first.
    pub fn all(&self) -> impl Iterator<Item = &Notice> {
        self.history.iter().rev()
    }
}
