//! Messages to the user: the latest on the screen, the others on the messages page. A message about something that may change
//! disappears from the screen when it does.

use std::collections::VecDeque;
use std::time::Duration;

use stepgate_core::domain::{ExecutionId, Timestamp};

use crate::app::shell::pane::Pane;

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

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::app) enum About {
    /// Something that has happened. The message stays until it expires or is dismissed.
    Event,
    /// What the last key applied to: the selected row, the focused pane, or the open form with its text.
    Screen,
    /// The state of an execution.
    Row(ExecutionId),
    /// The latest batch.
    Batch,
}

/// What a message is about, as it is now. When it differs, the message no longer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::app) enum Cause {
    /// Nothing that may change.
    Lasting,
    /// The number of overlays opened or closed so far and of changes to the text of the open one, the pane, the selected
    /// row, the filter, and whether the timeline and a definition are open.
    Screen { overlay: (u64, u64), focus: Pane, selected: Option<ExecutionId>, filter: Option<String>, views: [bool; 2] },
    /// The state of the row, if it is in the list, and whether its status cannot be requested.
    Row(Option<(&'static str, bool)>),
    /// Whether the batch waits to be continued, waits for credentials, and its page is open.
    Batch { can_continue: bool, is_locked_out: bool, is_open: bool },
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
    recent: VecDeque<Notice>,
    shown: Option<Shown>,
}

/// The message on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shown {
    notice: Notice,
    about: About,
    /// What it is about, as it was when the message appeared.
    cause: Option<Cause>,
}

impl Notices {
    /// Shows a message.
    pub(in crate::app) fn show(&mut self, about: About, level: Level, text: impl Into<String>, at: Timestamp) {
        let notice = Notice { level, text: text.into(), at };
        self.shown = Some(Shown { notice: notice.clone(), about, cause: None });
        self.record(notice);
    }

    /// Returns what the message on the screen is about.
    pub(super) fn about(&self) -> Option<About> {
        self.shown.as_ref().map(|shown| shown.about)
    }

    /// Hides the message if what it is about is no longer the same as when it appeared.
    pub(super) fn settle(&mut self, now: Cause) {
        let Some(shown) = &mut self.shown else { return };
        match &shown.cause {
            None => shown.cause = Some(now),
            Some(cause) if *cause != now => self.shown = None,
            Some(_) => {}
        }
    }

    /// Adds a message to the messages page only, because the screen shows it in another way.
    pub(in crate::app) fn log(&mut self, level: Level, text: impl Into<String>, at: Timestamp) {
        self.record(Notice { level, text: text.into(), at });
    }

    fn record(&mut self, notice: Notice) {
        if self.recent.len() == MOST {
            self.recent.pop_front();
        }
        self.recent.push_back(notice);
    }

    /// Returns the message on the screen.
    pub fn current(&self) -> Option<&Notice> {
        self.shown.as_ref().map(|shown| &shown.notice)
    }

    /// Dismisses the message on the screen and returns whether there was one.
    pub(in crate::app) fn dismiss(&mut self) -> bool {
        self.shown.take().is_some()
    }

    /// Hides an informational message that has been shown long enough.
    pub(in crate::app) fn expire(&mut self, now: Timestamp) {
        if self.current().is_some_and(|notice| notice.level == Level::Info && now.since(notice.at) >= SHOWN) {
            self.shown = None;
        }
    }

    /// Returns whether the message on the screen will disappear by itself.
    pub fn is_expiring(&self) -> bool {
        self.current().is_some_and(|notice| notice.level == Level::Info)
    }

    /// Returns all messages, the newest first.
    pub fn all(&self) -> impl Iterator<Item = &Notice> {
        self.recent.iter().rev()
    }
}
