//! A text field based on ratatui-textarea, with the program's keys.

use ratatui_textarea::{CursorMove, Input, Key as AreaKey, TextArea, WrapMode};

use crate::app::keys::key::{Key, KeyCode};

/// Whether a field has one line or many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// Line breaks become spaces.
    One,
    /// Line breaks stay.
    Many,
}

/// A text field with a cursor and undo.
#[derive(Debug, Clone)]
pub struct Editor {
    area: TextArea<'static>,
    lines: Lines,
    /// Texts replaced as a whole, for undo and redo.
    undo_stack: Vec<TextArea<'static>>,
    redo_stack: Vec<TextArea<'static>>,
}

/// Editing keys besides those that type, with their help texts.
pub(crate) const EDITING: &[(&str, &str)] = &[
    ("ctrl-left", "Back one word"),
    ("ctrl-right", "Forward one word"),
    ("ctrl-home", "To the start of the text"),
    ("ctrl-end", "To the end of the text"),
    ("ctrl-a", "To the start of the line"),
    ("ctrl-e", "To the end of the line"),
    ("ctrl-k", "Delete to the end of the line"),
    ("ctrl-w", "Delete the previous word"),
];

impl Editor {
    /// Returns a field with a text, and the cursor at its end (one line) or start (many).
    pub fn new(text: &str, lines: Lines) -> Self {
        Self { area: area(text, lines), lines, undo_stack: Vec::new(), redo_stack: Vec::new() }
    }

    /// Returns the text.
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    /// Returns whether it has one line or many.
    pub fn lines(&self) -> Lines {
        self.lines
    }

    /// Returns the widget to draw.
    pub fn area(&self) -> &TextArea<'static> {
        &self.area
    }

    /// Handles a key that types, moves or deletes, or is in [`EDITING`].
    pub(in crate::app) fn press(&mut self, key: Key) {
        let is_plain = !key.ctrl && !key.alt;
        let is_listed = EDITING.iter().any(|(listed, _)| Key::parse(listed) == Some(key));
        let breaks = key.code == KeyCode::Enter && self.lines == Lines::One;
        if breaks || !(is_plain || is_listed) {
            return;
        }
        match key.code {
            KeyCode::Home if key.ctrl => {
                self.area.move_cursor(CursorMove::Top);
                return self.area.move_cursor(CursorMove::Head);
            }
            KeyCode::End if key.ctrl => {
                self.area.move_cursor(CursorMove::Bottom);
                return self.area.move_cursor(CursorMove::End);
            }
            _ => {}
        }
        let Some(code) = area_key(key.code) else { return };
        if self.area.input(Input { key: code, ctrl: key.ctrl, alt: key.alt, shift: key.shift }) {
            self.redo_stack.clear();
        }
    }

    /// Inserts typed text as one undo step.
    pub(in crate::app) fn insert(&mut self, text: &str) {
        self.redo_stack.clear();
        self.area.insert_str(text);
    }

    /// Inserts pasted text as one undo step.
    pub(in crate::app) fn paste(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        self.redo_stack.clear();
        match self.lines {
            Lines::Many => self.area.insert_str(&text),
            Lines::One => self.area.insert_str(text.split('\n').collect::<Vec<_>>().join(" ").trim()),
        };
    }

    /// Replaces the whole text. Undo restores it along with its own undo steps.
    ///
    /// Creates a new text area, since selecting everything in the old one stops at column 65,535.
    pub(in crate::app) fn replace(&mut self, text: &str) {
        let replaced = std::mem::replace(&mut self.area, area(text, self.lines));
        self.undo_stack.push(replaced);
        self.redo_stack.clear();
    }

    /// Undoes the last step.
    pub(in crate::app) fn undo(&mut self) {
        if !self.area.undo()
            && let Some(former) = self.undo_stack.pop()
        {
            self.redo_stack.push(std::mem::replace(&mut self.area, former));
        }
    }

    /// Redoes the last undone step.
    pub(in crate::app) fn redo(&mut self) {
        if !self.area.redo()
            && let Some(later) = self.redo_stack.pop()
        {
            self.undo_stack.push(std::mem::replace(&mut self.area, later));
        }
    }

    /// Returns the line and column of the cursor, from 1.
    pub fn cursor_position(&self) -> (usize, usize) {
        let cursor = self.area.cursor();
        (cursor.0 + 1, cursor.1 + 1)
    }
}

fn area(text: &str, lines: Lines) -> TextArea<'static> {
    let mut area = TextArea::new(text.lines().map(str::to_owned).collect());
    area.set_cursor_line_style(ratatui::style::Style::default());
    // The terminal's own cursor is shown instead, since input methods draw there.
    area.set_cursor_style(ratatui::style::Style::default());
    area.set_tab_length(2);
    match lines {
        Lines::One => area.move_cursor(CursorMove::End),
        // A minified input is one line of up to 256 KiB.
        Lines::Many => area.set_wrap_mode(WrapMode::Glyph),
    }
    area
}

fn area_key(code: KeyCode) -> Option<AreaKey> {
    Some(match code {
        KeyCode::Char(c) => AreaKey::Char(c),
        KeyCode::Enter => AreaKey::Enter,
        KeyCode::Tab => AreaKey::Tab,
        KeyCode::Backspace => AreaKey::Backspace,
        KeyCode::Delete => AreaKey::Delete,
        KeyCode::Up => AreaKey::Up,
        KeyCode::Down => AreaKey::Down,
        KeyCode::Left => AreaKey::Left,
        KeyCode::Right => AreaKey::Right,
        KeyCode::Home => AreaKey::Home,
        KeyCode::End => AreaKey::End,
        KeyCode::PageUp => AreaKey::PageUp,
        KeyCode::PageDown => AreaKey::PageDown,
        KeyCode::Esc | KeyCode::BackTab | KeyCode::F(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(editor: &mut Editor, text: &str) {
        for c in text.chars() {
            editor.press(Key::plain(if c == '\n' { KeyCode::Enter } else { KeyCode::Char(c) }));
        }
    }

    #[test]
    fn typing_pasting_and_undo() {
        let mut editor = Editor::new("", Lines::Many);
        typed(&mut editor, "{\n注文");
        assert_eq!(editor.text(), "{\n注文");
        assert_eq!(editor.cursor_position(), (2, 3));
        editor.paste("\"a\": 1,\r\n\"b\": 2}");
        assert_eq!(editor.text(), "{\n注文\"a\": 1,\n\"b\": 2}");
        editor.undo();
        assert_eq!(editor.text(), "{\n注文");
        editor.redo();
        editor.replace("[]\n");
        assert_eq!(editor.text(), "[]");
        editor.undo();
        assert_eq!(editor.text(), "{\n注文\"a\": 1,\n\"b\": 2}", "one step brings all of it back");
        editor.redo();
        assert_eq!(editor.text(), "[]");
    }

    #[test]
    fn a_replacement_is_one_undo_step() {
        let minified = format!("[{}0]", "1,".repeat(40_000));
        let mut editor = Editor::new(&minified, Lines::Many);
        editor.replace("{}");
        assert_eq!(editor.text(), "{}", "nothing is left of a long line");
        editor.press(Key::plain(KeyCode::Right));
        editor.replace("");
        editor.undo();
        assert_eq!(editor.text(), "{}");
        editor.undo();
        assert_eq!(editor.text(), minified);
        editor.redo();
        editor.redo();
        assert_eq!(editor.text(), "");
        editor.undo();
        typed(&mut editor, "1");
        editor.redo();
        assert_eq!(editor.text(), "{1}", "what was typed since is not taken away");
    }

    #[test]
    fn a_single_line_stays_a_single_line() {
        let mut editor = Editor::new("run", Lines::One);
        typed(&mut editor, "-1\n");
        editor.paste("a\nb\n");
        assert_eq!(editor.text(), "run-1a b");
        editor.press(Key::ctrl('m'));
        editor.press(Key::ctrl('x'));
        assert_eq!(editor.text(), "run-1a b", "keys that the help does not list do nothing");
    }
}
