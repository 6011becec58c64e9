//! A line in which something about a text is typed, and which is followed while it is typed: a search, a
//! path, a filter.

use crate::app::input::editor::{Editor, Lines};
use crate::app::input::key::{Key, KeyCode};
use crate::app::reader::document::Document;
use crate::app::shell::pane::Pane;

/// What is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// A text to search for.
    Find,
    /// A path to go to.
    Path,
    /// A jq filter.
    Filter,
}

impl Asked {
    /// What stands in front of the line.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Find => "/",
            Self::Path => "path ",
            Self::Filter => "jq ",
        }
    }
}

/// The line.
#[derive(Debug, Clone)]
pub struct Prompt {
    /// What is typed.
    pub asked: Asked,
    /// Whose text it is about.
    pub pane: Pane,
    /// The line.
    pub editor: Editor,
    /// What is wrong with what has been typed so far.
    pub fault: Option<String>,
    /// What going back brings back.
    pub before: Document,
    /// Whether nothing has been typed yet.
    is_fresh: bool,
    /// Which of the earlier filters is in the line, counted from the newest; 0 is none.
    recalled: usize,
}

impl Prompt {
    /// An empty line, or one with the filter that is there.
    pub fn new(asked: Asked, pane: Pane, before: Document) -> Self {
        let text = match asked {
            Asked::Find => String::new(),
            Asked::Path => ".".to_owned(),
            Asked::Filter => before.filtered().map_or(".".to_owned(), |filtered| filtered.filter.clone()),
        };
        Self { asked, pane, editor: Editor::new(&text, Lines::One), fault: None, before, is_fresh: true, recalled: 0 }
    }

    /// Takes a key; whether the text is another one now. Who types the dot that a path begins with, and that
    /// is there already, means that one.
    pub fn press(&mut self, key: Key) -> bool {
        let is_dot = std::mem::take(&mut self.is_fresh) && key.code == KeyCode::Char('.') && self.editor.text() == ".";
        let before = self.editor.text();
        if !is_dot {
            self.editor.press(key);
        }
        self.editor.text() != before
    }

    /// Puts an earlier filter into the line, or a later one; whether there was one.
    pub fn recall(&mut self, history: &[String], earlier: bool) -> bool {
        let recalled = if earlier { self.recalled + 1 } else { self.recalled.saturating_sub(1) };
        let Some(text) = history.len().checked_sub(recalled).and_then(|index| history.get(index)) else {
            return false;
        };
        self.recalled = recalled;
        self.editor = Editor::new(text, Lines::One);
        true
    }
}
