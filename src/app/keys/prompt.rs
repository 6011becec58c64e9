//! The prompt for a search, a path or a filter, applied to a text while typing.

use crate::app::keys::editor::{Editor, Lines};
use crate::app::keys::key::{Key, KeyCode};
use crate::app::reader::document::Document;
use crate::app::shell::pane::Pane;

/// The kind of a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromptKind {
    /// A text to search for.
    Find,
    /// A path to go to.
    Path,
    /// A jq filter.
    Filter,
}

impl PromptKind {
    /// Returns the text before the line.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Find => "/",
            Self::Path => "path ",
            Self::Filter => "jq ",
        }
    }
}

/// The prompt.
#[derive(Debug, Clone)]
pub struct Prompt {
    /// The kind.
    pub kind: PromptKind,
    /// The pane of the text.
    pub pane: Pane,
    /// The line.
    pub editor: Editor,
    /// Why the line is not valid so far.
    pub error: Option<String>,
    /// The document to restore on cancel.
    pub before: Document,
    /// Whether nothing has been typed yet.
    is_fresh: bool,
    /// Which earlier filter is in the line, counted from 1 for the newest; 0 for none.
    recalled: usize,
}

impl Prompt {
    /// Returns an empty prompt, or one with the current filter.
    pub fn new(kind: PromptKind, pane: Pane, before: Document) -> Self {
        let text = match kind {
            PromptKind::Find => String::new(),
            PromptKind::Path => ".".to_owned(),
            PromptKind::Filter => before.filtered().map_or(".".to_owned(), |filtered| filtered.filter.clone()),
        };
        Self { kind, pane, editor: Editor::new(&text, Lines::One), error: None, before, is_fresh: true, recalled: 0 }
    }

    /// Handles a key and returns whether the text has changed. The prompt for a path begins with a dot; typing it again
    /// changes nothing.
    pub(in crate::app) fn press(&mut self, key: Key) -> bool {
        let is_dot = std::mem::take(&mut self.is_fresh) && key.code == KeyCode::Char('.') && self.editor.text() == ".";
        let before = self.editor.text();
        if !is_dot {
            self.editor.press(key);
        }
        self.editor.text() != before
    }

    /// Replaces the line with the previous or next filter of the history; returns whether there was one.
    pub(in crate::app) fn recall(&mut self, history: &[String], earlier: bool) -> bool {
        let recalled = if earlier { self.recalled + 1 } else { self.recalled.saturating_sub(1) };
        let Some(text) = history.len().checked_sub(recalled).and_then(|index| history.get(index)) else {
            return false;
        };
        self.recalled = recalled;
        self.editor = Editor::new(text, Lines::One);
        true
    }
}
