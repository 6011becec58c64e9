//! A text field: ratatui-textarea with this program's keys.

use ratatui_textarea::{CursorMove, Input, Key as AreaKey, TextArea, WrapMode};

use crate::app::input::key::{Key, KeyCode};

/// One line or many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// Line breaks become spaces.
    One,
    /// As they come.
    Many,
}

/// A text field with cursor and undo.
#[derive(Debug, Clone)]
pub struct Editor {
    area: TextArea<'static>,
    lines: Lines,
    /// Whole texts that were replaced, and those that undoing took away again.
    former: Vec<TextArea<'static>>,
    later: Vec<TextArea<'static>>,
}

/// The keys for editing beside those that type, and what they do; the help lists them.
pub const EDITING: &[(&str, &str)] = &[
    ("ctrl-left", "A word back"),
    ("ctrl-right", "A word on"),
    ("ctrl-home", "To the beginning of the text"),
    ("ctrl-end", "To the end of the text"),
    ("ctrl-a", "To the line's beginning"),
    ("ctrl-e", "To the line's end"),
    ("ctrl-k", "Delete to the line's end"),
    ("ctrl-w", "Delete the word before"),
];

impl Editor {
    /// A field with a text, the cursor at its end (one line) or its beginning (many).
    pub fn new(text: &str, lines: Lines) -> Self {
        Self { area: area(text, lines), lines, former: Vec::new(), later: Vec::new() }
    }

    /// The text.
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    /// One line or many.
    pub fn lines(&self) -> Lines {
        self.lines
    }

    /// The widget to draw.
    pub fn area(&self) -> &TextArea<'static> {
        &self.area
    }

    /// Takes a key that has no other meaning: one that types, moves or deletes, or is in [`EDITING`].
    pub fn press(&mut self, key: Key) {
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
            self.later.clear();
        }
    }

    /// Takes text that was typed in a row, in one step of undo.
    pub fn insert(&mut self, text: &str) {
        self.later.clear();
        self.area.insert_str(text);
    }

    /// Takes pasted text in one step of undo.
    pub fn paste(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        self.later.clear();
        match self.lines {
            Lines::Many => self.area.insert_str(&text),
            Lines::One => self.area.insert_str(text.split('\n').collect::<Vec<_>>().join(" ").trim()),
        };
    }

    /// Puts another text in the place of the whole, which undo brings back with its own steps.
    ///
    /// A new text area, since selecting all of the old one ends at column 65,535.
    pub fn replace(&mut self, text: &str) {
        let replaced = std::mem::replace(&mut self.area, area(text, self.lines));
        self.former.push(replaced);
        self.later.clear();
    }

    /// Undoes the last step.
    pub fn undo(&mut self) {
        if !self.area.undo()
            && let Some(former) = self.former.pop()
        {
            self.later.push(std::mem::replace(&mut self.area, former));
        }
    }

    /// Does it again.
    pub fn redo(&mut self) {
        if !self.area.redo()
            && let Some(later) = self.later.pop()
        {
            self.former.push(std::mem::replace(&mut self.area, later));
        }
    }

    /// Line and column of the cursor, counted from 1.
    pub fn place(&self) -> (usize, usize) {
        let cursor = self.area.cursor();
        (cursor.0 + 1, cursor.1 + 1)
    }
}

fn area(text: &str, lines: Lines) -> TextArea<'static> {
    let mut area = TextArea::new(text.lines().map(str::to_owned).collect());
    area.set_cursor_line_style(ratatui::style::Style::default());
    // The terminal's own cursor is placed in the field, where input methods draw.
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
    fn typing_pasting_and_undoing() {
        let mut editor = Editor::new("", Lines::Many);
        typed(&mut editor, "{\n注文");
        assert_eq!(editor.text(), "{\n注文");
        assert_eq!(editor.place(), (2, 3));
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
    fn a_replacement_is_one_step_whatever_came_between() {
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
    fn a_single_line_stays_one() {
        let mut editor = Editor::new("run", Lines::One);
        typed(&mut editor, "-1\n");
        editor.paste("a\nb\n");
        assert_eq!(editor.text(), "run-1a b");
        editor.press(Key::ctrl('m'));
        editor.press(Key::ctrl('x'));
        assert_eq!(editor.text(), "run-1a b", "keys that no help tells of do nothing");
    }
}
