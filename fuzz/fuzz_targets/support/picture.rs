//! What is written to a terminal for a model, and whether it only draws.

use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use stepgate::app::Model;
use stepgate::ui::{Theme, view};

/// The bytes of a frame.
pub fn written(model: &Model, theme: &Theme) -> Vec<u8> {
    let mut bytes = Vec::new();
    let viewport = Viewport::Fixed(Rect::new(0, 0, model.shell().size().width, model.shell().size().height));
    let backend = CrosstermBackend::new(&mut bytes);
    let mut terminal = Terminal::with_options(backend, TerminalOptions { viewport }).expect("a terminal");
    terminal.draw(|frame| view(model, theme, frame)).expect("drawn");
    drop(terminal);
    bytes
}

/// Only sequences that place the cursor and set colours, and between them only what can be seen.
pub fn check(bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c != '\u{1b}' {
            // U+200D joins the parts of an emoji.
            assert!(!is_hidden(c) || c == '\u{200d}', "U+{:04X} was written", u32::from(c));
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let start: String = rest.chars().take(20).collect();
        let sequence = rest.strip_prefix("\u{1b}[").unwrap_or_else(|| panic!("not a CSI sequence: {start:?}"));
        let end = sequence.find(|c: char| !matches!(c, '0'..='9' | ';' | ':' | '?'));
        let last = end.and_then(|end| sequence[end..].chars().next());
        assert!(matches!(last, Some('H' | 'm' | 'l' | 'h')), "{start:?}");
        rest = &sequence[end.map_or(0, |end| end + 1)..];
    }
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
