//! Decodes sequences: keys of xterm with all its options, rxvt, the Linux console, tmux, screen, `PuTTY`, kitty and
//! Windows, and reports of focus and mouse.

use crate::app::msg::Click;
use crate::app::{Key, KeyCode};
use crate::runtime::terminal::keyboard::unix::frame::{Sequence, number};
use crate::runtime::terminal::keyboard::unix::input::Input;

/// Decodes a character, possibly a control character.
pub(super) fn character(c: char, alt: bool) -> Option<Key> {
    let held = |code, ctrl| Some(Key { code, ctrl, alt, shift: false });
    match c {
        '\0' => held(KeyCode::Char(' '), true),
        '\r' | '\n' => held(KeyCode::Enter, false),
        '\t' => held(KeyCode::Tab, false),
        '\x1b' => held(KeyCode::Esc, false),
        // Terminals disagree on which of them is Backspace.
        '\x08' | '\x7f' => held(KeyCode::Backspace, false),
        '\x01'..='\x1a' => held(KeyCode::Char(char::from(b'a' - 1 + u8::try_from(c).unwrap_or(1))), true),
        '\x1c'..='\x1f' => held(KeyCode::Char(char::from(b'\\' - 0x1c + u8::try_from(c).unwrap_or(0x1c))), true),
        c if c.is_control() => None,
        c => held(KeyCode::Char(c), false),
    }
}

/// Decodes an SS3 sequence: arrows, function keys, the keypad.
pub(super) fn single(byte: u8, modifiers: u16, alt: bool) -> Option<Key> {
    // Ctrl with an arrow, in rxvt.
    if let b'a'..=b'd' = byte {
        return Some(Key { ctrl: true, alt, ..Key::plain(letter(byte.to_ascii_uppercase())?) });
    }
    let code = match byte {
        b'I' => KeyCode::Tab,
        b'M' => KeyCode::Enter,
        b' ' => KeyCode::Char(' '),
        b'X' => KeyCode::Char('='),
        b'j'..=b'y' => KeyCode::Char(char::from(byte - b'j' + b'*')),
        _ => letter(byte)?,
    };
    Modifiers::from_parameter(modifiers).key(code, alt)
}

/// Decodes a control sequence.
pub(super) fn decode(sequence: Sequence<'_>, alt: bool) -> Option<Input> {
    let Sequence { parameters, last } = sequence;
    if let [b'<', rest @ ..] = parameters {
        let [button, x, y] = numbers(rest)[..] else { return None };
        return if last == b'M' { mouse(button, x, y) } else { None };
    }
    if let [b'?', ..] = parameters {
        return (last == b'c').then_some(Input::Attributes);
    }
    // Other private sequences, and those with intermediate bytes, are responses.
    if parameters.iter().any(|byte| !matches!(byte, b'0'..=b'9' | b';' | b':')) {
        return None;
    }
    let fields: Vec<&[u8]> = parameters.split(|byte| *byte == b';').collect();
    let field = |index: usize| fields.get(index).map(|field| numbers_of_field(field)).unwrap_or_default();
    let first = |index: usize| field(index).first().copied().flatten();
    // Kitty reports repeats and releases next to the modifiers.
    let is_release = field(1).get(1).copied().flatten() == Some(3);
    if is_release {
        return None;
    }
    let modifiers = Modifiers::from_parameter(first(1).unwrap_or(1));
    let key = match last {
        b'I' if parameters.is_empty() => return Some(Input::Focused(true)),
        b'O' if parameters.is_empty() => return Some(Input::Focused(false)),
        b'M' => {
            let [button, x, y] = numbers(parameters)[..] else { return None };
            return mouse(button.checked_sub(32)?, x, y);
        }
        b'Z' => Key { alt, ..Key::plain(KeyCode::BackTab) },
        b'a'..=b'd' if parameters.is_empty() => {
            Key { shift: true, alt, ..Key::plain(letter(last.to_ascii_uppercase())?) }
        }
        // A cursor position report, unless it is F3 with modifiers.
        b'R' if !parameters.is_empty() && (first(0) != Some(1) || !(2..=16).contains(&first(1)?)) => return None,
        b'A'..=b'D' | b'F' | b'H' | b'P'..=b'S' => modifiers.key(letter(last)?, alt)?,
        b'~' if first(0) == Some(27) => modifiers.character(u32::from(first(2)?), None)?,
        b'~' => modifiers.key(numbered(first(0)?)?, alt)?,
        b'^' => Key { ctrl: true, alt, ..Key::plain(numbered(first(0)?)?) },
        b'@' => Key { ctrl: true, alt, shift: true, ..Key::plain(numbered(first(0)?)?) },
        b'$' => Key { shift: true, alt, ..Key::plain(numbered(first(0)?)?) },
        b'u' => kitty(&fields, modifiers)?,
        b'_' => windows(&numbers(parameters))?,
        _ => return None,
    };
    Some(Input::Key(key))
}

/// `CSI code:shifted:base ; modifiers:event ; text u`.
fn kitty(fields: &[&[u8]], modifiers: Modifiers) -> Option<Key> {
    let code = |field: Option<&&[u8]>, index: usize| {
        let part = field?.split(|byte| *byte == b':').nth(index)?;
        std::str::from_utf8(part).ok()?.parse::<u32>().ok()
    };
    let base = code(fields.first(), 0)?;
    if let Some(key) = keypad(base) {
        return modifiers.key(key, false);
    }
    let shifted = if modifiers.shift { code(fields.first(), 1) } else { None };
    let typed = code(fields.get(2), 0).or(shifted).and_then(char::from_u32);
    modifiers.character(base, typed)
}

/// Decodes kitty's codes for the keypad and further function keys.
fn keypad(code: u32) -> Option<KeyCode> {
    Some(match code {
        57_399..=57_408 => KeyCode::Char(char::from_digit(code - 57_399, 10)?),
        57_409 => KeyCode::Char('.'),
        57_410 => KeyCode::Char('/'),
        57_411 => KeyCode::Char('*'),
        57_412 => KeyCode::Char('-'),
        57_413 => KeyCode::Char('+'),
        57_414 => KeyCode::Enter,
        57_415 => KeyCode::Char('='),
        57_416 => KeyCode::Char(','),
        57_417 => KeyCode::Left,
        57_418 => KeyCode::Right,
        57_419 => KeyCode::Up,
        57_420 => KeyCode::Down,
        57_421 => KeyCode::PageUp,
        57_422 => KeyCode::PageDown,
        57_423 => KeyCode::Home,
        57_424 => KeyCode::End,
        57_426 => KeyCode::Delete,
        57_376..=57_398 => KeyCode::F(u8::try_from(code - 57_376).ok()? + 13),
        _ => return None,
    })
}

/// `CSI virtual-key ; scan-code ; character ; down ; control-keys ; repeats _` of Windows.
fn windows(numbers: &[u16]) -> Option<Key> {
    let at = |index: usize| numbers.get(index).copied().unwrap_or(0);
    let (virtual_key, character, held) = (at(0), at(2), at(4));
    if at(3) != 1 {
        return None;
    }
    let modifiers =
        Modifiers { shift: held & 0x10 != 0, alt: held & 0x03 != 0, ctrl: held & 0x0c != 0, other: false, caps: false };
    let code = match virtual_key {
        8 => KeyCode::Backspace,
        9 => KeyCode::Tab,
        13 => KeyCode::Enter,
        27 => KeyCode::Esc,
        33 => KeyCode::PageUp,
        34 => KeyCode::PageDown,
        35 => KeyCode::End,
        36 => KeyCode::Home,
        37 => KeyCode::Left,
        38 => KeyCode::Up,
        39 => KeyCode::Right,
        40 => KeyCode::Down,
        46 => KeyCode::Delete,
        112..=123 => KeyCode::F(u8::try_from(virtual_key - 111).ok()?),
        _ => {
            let typed = char::from_u32(u32::from(character)).filter(|c| *c != '\0')?;
            return match typed {
                '\x01'..='\x1a' => self::character(typed, modifiers.alt),
                // AltGr is reported as Ctrl and Alt.
                c if modifiers.ctrl && modifiers.alt => Some(Key::plain(KeyCode::Char(c))),
                c => modifiers.character(u32::from(c), Some(c)),
            };
        }
    };
    modifiers.key(code, false)
}

/// Decodes a mouse report; positions are counted from 1.
pub(super) fn mouse(button: u16, x: u16, y: u16) -> Option<Input> {
    // Ignores Shift, Alt and Ctrl.
    let click = match button & !0b1_1100 {
        0 => Click::Press,
        64 => Click::WheelUp,
        65 => Click::WheelDown,
        _ => return None,
    };
    Some(Input::Mouse(click, x.saturating_sub(1), y.saturating_sub(1)))
}

fn letter(byte: u8) -> Option<KeyCode> {
    Some(match byte {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'P'..=b'S' => KeyCode::F(byte - b'P' + 1),
        _ => return None,
    })
}

fn numbered(number: u16) -> Option<KeyCode> {
    let function = |first: u16, f: u8| Some(KeyCode::F(u8::try_from(number - first).ok()? + f));
    match number {
        1 | 7 => Some(KeyCode::Home),
        3 => Some(KeyCode::Delete),
        4 | 8 => Some(KeyCode::End),
        5 => Some(KeyCode::PageUp),
        6 => Some(KeyCode::PageDown),
        11..=15 => function(11, 1),
        17..=21 => function(17, 6),
        23..=26 => function(23, 11),
        28..=29 => function(28, 15),
        31..=34 => function(31, 17),
        _ => None,
    }
}

fn numbers(parameters: &[u8]) -> Vec<u16> {
    parameters.split(|byte| *byte == b';').map(|field| number(field).unwrap_or(0)).collect()
}

fn numbers_of_field(field: &[u8]) -> Vec<Option<u16>> {
    field.split(|byte| *byte == b':').map(number).collect()
}

/// Modifier keys.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each of these keys is held, or not")]
struct Modifiers {
    shift: bool,
    alt: bool,
    ctrl: bool,
    /// Super or hyper: such keys belong to the window system.
    other: bool,
    /// Caps lock.
    caps: bool,
}

impl Modifiers {
    /// The parameter is the bits plus 1.
    fn from_parameter(parameter: u16) -> Self {
        let bits = parameter.saturating_sub(1);
        let is_set = |mask| bits & mask != 0;
        // Meta is the same as Alt.
        Self { shift: is_set(1), alt: is_set(2 | 32), ctrl: is_set(4), other: is_set(8 | 16), caps: is_set(64) }
    }

    /// Returns a key that types no character.
    fn key(self, code: KeyCode, alt: bool) -> Option<Key> {
        // Most terminals do not report Shift with these keys.
        let shift =
            self.shift && !matches!(code, KeyCode::Enter | KeyCode::Esc | KeyCode::Backspace | KeyCode::Char(_));
        let code = if code == KeyCode::Tab && shift { KeyCode::BackTab } else { code };
        let shift = shift && code != KeyCode::BackTab;
        (!self.other).then_some(Key { code, ctrl: self.ctrl, alt: self.alt || alt, shift })
    }

    /// Returns the key of a code, with the typed character if the terminal reports it.
    fn character(self, code: u32, typed: Option<char>) -> Option<Key> {
        let c = char::from_u32(code)?;
        // Kitty's codes for modifiers and media keys.
        if ('\u{e000}'..='\u{f8ff}').contains(&c) {
            return None;
        }
        let plain = character(c, false)?;
        if !matches!(plain.code, KeyCode::Char(_)) || plain.ctrl {
            return self.key(plain.code, false);
        }
        if self.ctrl {
            // Older terminals send these as control characters, so they have the same meaning.
            return match c.to_ascii_lowercase() {
                'h' => self.without_ctrl().key(KeyCode::Backspace, false),
                'i' => self.without_ctrl().key(KeyCode::Tab, false),
                'j' | 'm' => self.without_ctrl().key(KeyCode::Enter, false),
                '[' => self.without_ctrl().key(KeyCode::Esc, false),
                c => self.key(KeyCode::Char(c), false),
            };
        }
        let is_upper = self.shift != (self.caps && c.is_alphabetic());
        let shifted = || if is_upper { c.to_uppercase().next().unwrap_or(c) } else { c };
        self.key(KeyCode::Char(typed.filter(|c| !c.is_control()).unwrap_or_else(shifted)), false)
    }

    fn without_ctrl(self) -> Self {
        Self { ctrl: false, ..self }
    }
}
