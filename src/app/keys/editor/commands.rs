//! The keys that edit a text, as in readline.

use crate::app::keys::key::{Key, KeyCode};

/// The meaning of a key in a text field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    Insert(char),
    Break,
    Left,
    Right,
    WordLeft,
    WordRight,
    LineStart,
    LineEnd,
    Top,
    Bottom,
    DeleteLeft,
    DeleteRight,
    KillToStart,
    KillToEnd,
    KillBlankWord,
    KillWordLeft,
    KillWordRight,
    Yank,
    Undo,
    Up,
    Down,
    PageUp,
    PageDown,
}

/// The keys of all text fields, with their help texts.
const EDITING: &[(&str, Command, &str)] = &[
    ("left ctrl-b", Command::Left, "Back one character"),
    ("right ctrl-f", Command::Right, "Forward one character"),
    ("ctrl-left alt-b alt-left", Command::WordLeft, "Back one word"),
    ("ctrl-right alt-f alt-right", Command::WordRight, "Forward one word"),
    ("home ctrl-a", Command::LineStart, "To the start of the line"),
    ("end ctrl-e", Command::LineEnd, "To the end of the line"),
    ("ctrl-home", Command::Top, "To the start of the text"),
    ("ctrl-end", Command::Bottom, "To the end of the text"),
    ("backspace ctrl-h", Command::DeleteLeft, "Delete the character before the cursor"),
    ("delete ctrl-d", Command::DeleteRight, "Delete the character under the cursor"),
    ("ctrl-u", Command::KillToStart, "Delete to the start of the line; in the input of the start form, undo"),
    ("ctrl-k", Command::KillToEnd, "Delete to the end of the line"),
    ("ctrl-w", Command::KillBlankWord, "Delete the previous word, up to a space"),
    ("alt-backspace", Command::KillWordLeft, "Delete the previous word"),
    ("alt-d", Command::KillWordRight, "Delete the next word"),
    ("ctrl-y", Command::Yank, "Insert what the five keys above deleted last"),
    ("ctrl-_", Command::Undo, "Undo"),
];

/// Keys with a meaning only in a field of many lines.
const MANY: &[(KeyCode, Command)] = &[
    (KeyCode::Enter, Command::Break),
    (KeyCode::Up, Command::Up),
    (KeyCode::Down, Command::Down),
    (KeyCode::PageUp, Command::PageUp),
    (KeyCode::PageDown, Command::PageDown),
];

/// Returns the keys that edit, with their help texts.
pub(crate) fn editing_keys() -> impl Iterator<Item = (Vec<Key>, &'static str)> {
    EDITING.iter().map(|(keys, _, help)| (keys.split(' ').filter_map(Key::parse).collect(), *help))
}

/// Returns whether a key edits a field of one line, other than by typing a character.
pub(crate) fn edits(key: Key) -> bool {
    listed(key.normalized()).is_some()
}

/// Returns the meaning of a key.
pub(super) fn of_key(key: Key, is_many: bool) -> Option<Command> {
    let key = key.normalized();
    let plain = (!key.ctrl && !key.alt).then_some(key.code);
    let many = || MANY.iter().find(|(code, _)| is_many && Some(*code) == plain).map(|(_, command)| *command);
    match plain {
        Some(KeyCode::Char(c)) => Some(Command::Insert(c)),
        _ => listed(key).or_else(many),
    }
}

fn listed(key: Key) -> Option<Command> {
    // Shift with an arrow moves like the arrow.
    let key = Key { shift: false, ..key };
    let is_key = |text: &str| Key::parse(text).map(Key::normalized) == Some(key);
    EDITING.iter().find(|(keys, ..)| keys.split(' ').any(is_key)).map(|(_, command, _)| *command)
}
