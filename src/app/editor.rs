//! A text field: ratatui-textarea with this program's keys.

use ratatui_textarea::{CursorMove, Input, Key as AreaKey, TextArea, WrapMode};

use crate::app::key::{Key, KeyCode};

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
    /// The text area counts a replacement as two steps, taking out and putting in; people as one.
    last: LastStep,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LastStep {
    Usual,
    Replaced,
    Unreplaced,
}

impl Editor {
    /// A field with a text, the cursor at its end (one line) or its beginning (many).
    pub fn new(text: &str, lines: Lines) -> Self {
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
        Self { area, lines, last: LastStep::Usual }
    }

    /// The text.
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    /// The widget to draw.
    pub fn area(&self) -> &TextArea<'static> {
        &self.area
    }

    /// Takes a key that has no other meaning.
    pub fn press(&mut self, key: Key) {
        let is_break = key.code == KeyCode::Enter || (key.ctrl && matches!(key.code, KeyCode::Char('m' | 'j')));
        if is_break && self.lines == Lines::One {
            return;
        }
        let Some(code) = area_key(key.code) else { return };
        self.last = LastStep::Usual;
        self.area.input(Input { key: code, ctrl: key.ctrl, alt: key.alt, shift: key.shift });
    }

    /// Takes pasted text in one step of undo.
    pub fn paste(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        self.last = LastStep::Usual;
        match self.lines {
            Lines::Many => self.area.insert_str(&text),
            Lines::One => self.area.insert_str(text.split('\n').collect::<Vec<_>>().join(" ").trim()),
        };
    }

    /// Puts another text in the place of the whole, which undo brings back.
    pub fn replace(&mut self, text: &str) {
        self.area.select_all();
        self.area.cut();
        self.area.insert_str(text.trim_end_matches('\n'));
        self.area.move_cursor(CursorMove::Top);
        self.last = LastStep::Replaced;
    }

    /// Undoes the last step.
    pub fn undo(&mut self) {
        self.area.undo();
        if self.last == LastStep::Replaced {
            self.area.undo();
            self.last = LastStep::Unreplaced;
        }
    }

    /// Does it again.
    pub fn redo(&mut self) {
        self.area.redo();
        if self.last == LastStep::Unreplaced {
            self.area.redo();
            self.last = LastStep::Replaced;
        }
    }

    /// Line and column of the cursor, counted from 1.
    pub fn place(&self) -> (usize, usize) {
        let cursor = self.area.cursor();
        (cursor.0 + 1, cursor.1 + 1)
    }
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
    fn a_single_line_stays_one() {
        let mut editor = Editor::new("run", Lines::One);
        typed(&mut editor, "-1\n");
        editor.paste("a\nb\n");
        assert_eq!(editor.text(), "run-1a b");
        editor.press(Key::ctrl('m'));
        assert_eq!(editor.text(), "run-1a b");
    }
}
