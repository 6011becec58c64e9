//! Converts events of the Windows console to messages.

use crossterm::event::{
    Event, KeyCode as TerminalKey, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind,
};

use crate::app::msg::Click;
use crate::app::{Key, KeyCode, Msg};

/// Returns the message of an event, if any.
pub(super) fn message(event: Event) -> Option<Msg> {
    match event {
        Event::Key(event) => key(event).map(Msg::Key),
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::Resize(width, height) => Some(Msg::Resized(width, height)),
        Event::FocusGained => Some(Msg::Focused(true)),
        Event::FocusLost => Some(Msg::Focused(false)),
        Event::Mouse(event) => {
            let click = match event.kind {
                MouseEventKind::Down(MouseButton::Left) => Click::Press,
                MouseEventKind::ScrollUp => Click::WheelUp,
                MouseEventKind::ScrollDown => Click::WheelDown,
                _ => return None,
            };
            Some(Msg::Mouse(click, event.column, event.row))
        }
    }
}

/// Returns the key of a press. Windows reports releases and repeats too.
fn key(event: KeyEvent) -> Option<Key> {
    if event.kind != KeyEventKind::Press {
        return None;
    }
    let code = match event.code {
        TerminalKey::Char(c) => KeyCode::Char(c),
        TerminalKey::Enter => KeyCode::Enter,
        TerminalKey::Esc => KeyCode::Esc,
        TerminalKey::Tab => KeyCode::Tab,
        TerminalKey::BackTab => KeyCode::BackTab,
        TerminalKey::Backspace => KeyCode::Backspace,
        TerminalKey::Delete => KeyCode::Delete,
        TerminalKey::Up => KeyCode::Up,
        TerminalKey::Down => KeyCode::Down,
        TerminalKey::Left => KeyCode::Left,
        TerminalKey::Right => KeyCode::Right,
        TerminalKey::Home => KeyCode::Home,
        TerminalKey::End => KeyCode::End,
        TerminalKey::PageUp => KeyCode::PageUp,
        TerminalKey::PageDown => KeyCode::PageDown,
        TerminalKey::F(number) => KeyCode::F(number),
        _ => return None,
    };
    let held = |modifier| event.modifiers.contains(modifier);
    let (ctrl, alt) = (held(KeyModifiers::CONTROL), held(KeyModifiers::ALT));
    // Windows reports AltGr as both, and on many keyboards `{`, `[` and `@` need it.
    let by_alt_gr = ctrl && alt && matches!(code, KeyCode::Char(c) if !c.is_ascii_alphanumeric());
    Some(Key { code, ctrl: ctrl && !by_alt_gr, alt: alt && !by_alt_gr, shift: held(KeyModifiers::SHIFT) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_presses_count() {
        let event = |kind| {
            let event = KeyEvent::new_with_kind(TerminalKey::Char('n'), KeyModifiers::NONE, kind);
            message(Event::Key(event))
        };
        assert_eq!(event(KeyEventKind::Release), None);
        assert_eq!(event(KeyEventKind::Repeat), None);
        assert_eq!(event(KeyEventKind::Press), Some(Msg::Key(Key::plain(KeyCode::Char('n')))));
    }

    #[test]
    fn alt_gr_types_a_character() {
        let alt_gr = KeyModifiers::CONTROL | KeyModifiers::ALT;
        let typed = |c| message(Event::Key(KeyEvent::new(TerminalKey::Char(c), alt_gr)));
        assert_eq!(typed('{'), Some(Msg::Key(Key::plain(KeyCode::Char('{')))));
        let held = Key { ctrl: true, alt: true, ..Key::plain(KeyCode::Char('x')) };
        assert_eq!(typed('x'), Some(Msg::Key(held)));
    }
}
