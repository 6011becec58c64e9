//! What the program has to say: the last message on the screen, the others on a page.

use std::collections::VecDeque;
use std::time::Duration;

use stepgate_core::domain::Timestamp;

/// How many messages are remembered.
const MOST: usize = 100;
/// How long a message of no great weight stays on the screen.
const SHOWN: Duration = Duration::from_secs(6);

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Goes away by itself.
    Info,
    /// Stays until it is taken away.
    Error,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// How much it matters.
    pub level: Level,
    /// What it says.
    pub text: String,
    /// When it was said.
    pub at: Timestamp,
}

/// All messages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Notices {
    said: VecDeque<Notice>,
    shown: Option<Notice>,
}

impl Notices {
    /// Says something.
    pub fn say(&mut self, level: Level, text: impl Into<String>, at: Timestamp) {
        let notice = Notice { level, text: text.into(), at };
        self.shown = Some(notice.clone());
        self.write_down(notice);
    }

    /// Writes something down for the page of messages; it is on the screen in another way.
    pub fn note(&mut self, level: Level, text: impl Into<String>, at: Timestamp) {
        self.write_down(Notice { level, text: text.into(), at });
    }

    fn write_down(&mut self, notice: Notice) {
        if self.said.len() == MOST {
            self.said.pop_front();
        }
        self.said.push_back(notice);
    }

    /// The message to show now.
    pub fn current(&self) -> Option<&Notice> {
        self.shown.as_ref()
    }

    /// Takes the message away; `false` when there is none.
    pub fn dismiss(&mut self) -> bool {
        self.shown.take().is_some()
    }

    /// Takes the message away if its time has come.
    pub fn expire(&mut self, now: Timestamp) {
        if self.shown.as_ref().is_some_and(|notice| notice.level == Level::Info && now.since(notice.at) >= SHOWN) {
            self.shown = None;
        }
    }

    /// Whether the message will go away by itself.
    pub fn is_expiring(&self) -> bool {
        self.shown.as_ref().is_some_and(|notice| notice.level == Level::Info)
    }

    /// All of them, newest first.
    pub fn all(&self) -> impl Iterator<Item = &Notice> {
        self.said.iter().rev()
    }
}
