//! Hostile text in names, inputs, outputs and errors: the terminal receives only the drawing of the intended screen.

use std::time::Duration;

use crate::support::render::{drawn, text_of};
use crate::support::scene::{answered, opened, press, seen, started};
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{TerminalOptions, Viewport};
use stepgate::app::{Model, Msg, update};
use stepgate::ui::{Theme, view};
use stepgate_core::domain::{Observation, Payload, Status, Verdict};

const SIZE: (u16, u16) = (120, 40);

/// Attacks on a terminal, between harmless text.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\u{1b}[2J".to_owned()),
        Just("\u{1b}]0;title\u{7}".to_owned()),
        Just("\u{1b}]52;c;aGk=\u{1b}\\".to_owned()),
        Just("\u{1b}P+q544e\u{1b}\\".to_owned()),
        Just("\u{9b}31m".to_owned()),
        Just("\u{9d}9;hi\u{9c}".to_owned()),
        Just("\u{202e}evil\u{202c}\u{2066}x\u{2069}".to_owned()),
        Just("\u{200b}\u{200e}\u{feff}\u{ad}\u{2060}".to_owned()),
        Just("Z\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}\u{309}".to_owned()),
        Just("\u{301}\u{fe0f}".to_owned()),
        Just("a\tb\r\nc\u{b}\u{c}\u{8}\u{8}".to_owned()),
        Just("\u{2028}\u{2029}\u{85}".to_owned()),
        Just("\u{e0001}\u{e0041}".to_owned()),
        Just("注文｡ｶﾞｷﾞ".to_owned()),
        "[a-zA-Z0-9 {}\\[\\]\":,]{0,8}",
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// A model with such texts wherever a text can be.
fn model(error: &str, cause: &str, input: &str, output: &str, notice: &str) -> Model {
    let mut model = opened(SIZE.0, SIZE.1);
    let failed = started(&mut model, "order-pipeline", "order-1", 60);
    let observation = Observation {
        error: Some(error.to_owned()),
        cause: Some(cause.to_owned()),
        input: Some(Payload::received(serde_json::to_string(input).expect("a text"))),
        ..seen(&model, failed, Status::Failed, Duration::from_secs(3))
    };
    answered(&mut model, failed, Ok(observation), Verdict::Ended);
    let done = started(&mut model, "order-pipeline", "order-2", 50);
    let observation = Observation {
        input: Some(Payload::received(input)),
        output: Some(Payload::received(output)),
        ..seen(&model, done, Status::Succeeded, Duration::from_secs(3))
    };
    answered(&mut model, done, Ok(observation), Verdict::Ended);
    update(&mut model, Msg::Copied(Err(notice.to_owned())));
    model
}

/// What is written to the terminal for a model.
fn written(model: &Model) -> Vec<u8> {
    let mut bytes = Vec::new();
    let viewport = Viewport::Fixed(Rect::new(0, 0, SIZE.0, SIZE.1));
    let backend = CrosstermBackend::new(&mut bytes);
    let mut terminal = Terminal::with_options(backend, TerminalOptions { viewport }).expect("a terminal");
    terminal.draw(|frame| view(model, &Theme::dark(), frame)).expect("drawn");
    drop(terminal);
    bytes
}

/// The characters between the sequences that place the cursor and set colours; panics at any other.
fn characters(bytes: &[u8]) -> String {
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    let mut shown = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c != '\u{1b}' {
            shown.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let sequence =
            rest.strip_prefix("\u{1b}[").unwrap_or_else(|| panic!("no CSI: {:?}", &rest[..rest.len().min(20)]));
        let end = sequence.find(|c: char| !matches!(c, '0'..='9' | ';' | ':' | '?')).expect("a final byte");
        let last = sequence[end..].chars().next().expect("a final byte");
        assert!(matches!(last, 'H' | 'm' | 'l' | 'h'), "ESC [ {}", &sequence[..=end]);
        rest = &sequence[end + 1..];
    }
    shown
}

fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_written_but_the_picture_that_was_meant(
        (error, cause, input, output, notice) in (hostile(), hostile(), hostile(), hostile(), hostile()),
        keys in prop::sample::select(vec!["", "j enter", "enter p f", "enter f w", "y", "m", "? ", "/ a", "space j c", "j x"]),
    ) {
        let mut model = model(&error, &cause, &input, &output, &notice);
        press(&mut model, keys);
        let bytes = written(&model);
        let shown = characters(&bytes);
        // U+200D joins the parts of an emoji, and is allowed between them.
        let wrong: Vec<char> = shown.chars().filter(|c| is_control(*c) && *c != '\u{200d}').collect();
        prop_assert!(wrong.is_empty(), "{wrong:?}");
        // Every cell that is drawn is where it was meant: each row is as wide as the screen.
        let meant = text_of(&drawn(&model, &Theme::dark()));
        let mut parser = vt100::Parser::new(SIZE.1.try_into().expect("rows"), SIZE.0.try_into().expect("columns"), 0);
        parser.process(&bytes);
        // Emulators differ in how wide a joined emoji is, and some scripts; for those the check above has to do.
        let is_plain = |c: char| c.is_ascii() || "│┃┌┐└┘┏┓┗┛─━▸█║●✔✖◆·…−␀␁␂␃␄␅␆␇␈␉␊␋␌␍␎␏␐␑␒␓␔␕␖␗␘␙␚␛␜␝␞␟␡ℹ".contains(c);
        for (row, meant) in parser.screen().rows(0, SIZE.0).zip(meant.lines()) {
            if meant.chars().all(is_plain) {
                prop_assert_eq!(row.trim_end(), meant);
            }
        }
    }
}
