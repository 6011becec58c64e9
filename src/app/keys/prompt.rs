//! The prompt for a search, a path or a filter, applied to a text while typing.

use crate::app::keys::editor::{Editor, Lines};
use crate::app::keys::histories::LineKind;
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

    /// Returns the kind of its lines in the history.
    pub(in crate::app) fn history(self) -> LineKind {
        match self {
            Self::Find => LineKind::Find,
            Self::Path => LineKind::Path,
            Self::Filter => LineKind::Jq,
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
}

impl Prompt {
    /// Returns an empty prompt, or one with the current filter.
    pub fn new(kind: PromptKind, pane: Pane, before: Document) -> Self {
        let text = match kind {
            PromptKind::Find => "",
            PromptKind::Path => ".",
            PromptKind::Filter => before.filtered().map_or(".", |filtered| &filtered.filter),
        };
        Self { kind, pane, editor: Editor::new(text, Lines::One), error: None, before, is_fresh: true }
    }

    /// Handles a key and returns whether the text has changed. The prompt for a path begins with a dot; typing it again
    /// changes nothing.
    pub(in crate::app) fn press(&mut self, key: Key) -> bool {
        let is_dot = std::mem::take(&mut self.is_fresh) && key.code == KeyCode::Char('.') && self.editor.text() == ".";
        let before = self.editor.text().to_owned();
        if !is_dot {
            self.editor.press(key);
        }
        self.editor.text() != before
    }
}
