//! Decoding of terminal input.

mod responses;

use proptest::prelude::*;

use crate::app::msg::Click;
use crate::app::{Key, KeyCode};
use crate::runtime::terminal::keyboard::unix::decoder::Decoder;
use crate::runtime::terminal::keyboard::unix::input::Input;
use responses::RESPONSES;

fn decoded(bytes: &[u8]) -> Vec<Input> {
    let mut decoder = Decoder::default();
    let mut inputs = decoder.feed(bytes);
    if decoder.timeout().is_some() {
        inputs.extend(decoder.expire());
    }
    inputs
}

/// Formats keys as in the configuration, and typed text in quotes.
fn written(inputs: &[Input]) -> String {
    let word = |input: &Input| match input {
        Input::Key(key) => {
            let held = [(key.ctrl, "ctrl-"), (key.alt, "alt-"), (key.shift, "shift-")];
            let held: String = held.iter().filter(|(is_held, _)| *is_held).map(|(_, name)| *name).collect();
            match key.code {
                KeyCode::Char(c) => format!("{held}{c}"),
                code => format!("{held}{code:?}"),
            }
        }
        Input::Text(text) => format!("{text:?}"),
        other => format!("{other:?}"),
    };
    inputs.iter().map(word).collect::<Vec<_>>().join(" ")
}

#[test]
fn keys_of_all_terminals_are_decoded() {
    let table: &[(&str, &str)] = &[
        // Characters and controls.
        ("a", "\"a\""),
        ("注文", "\"注文\""),
        ("\r", "\"\\r\""),
        ("\n", "\"\\n\""),
        ("a\r\nb\nc\td", "\"a\\r\\nb\\nc\\td\""),
        ("\x7f", "Backspace"),
        ("\x08", "Backspace"),
        ("\x03", "ctrl-c"),
        ("\x1c", "ctrl-\\"),
        ("\x1f", "ctrl-_"),
        ("\0", "ctrl- "),
        ("\x1b", "Esc"),
        ("\x1b\x1b", "Esc Esc"),
        ("\x1b\x03", "Esc ctrl-c"),
        ("\x1ba", "alt-a"),
        ("\x1b注", "alt-注"),
        ("\x1b\r", "alt-Enter"),
        ("\x1b\x7f", "alt-Backspace"),
        ("\x1b[", "alt-["),
        ("\x1bO", "alt-O"),
        ("\x1bOz", "alt-O \"z\""),
        ("\x1b]", "alt-]"),
        ("\x1b]x", "alt-] \"x\""),
        ("\x1bP", "alt-P"),
        ("\x1bPx", "alt-P \"x\""),
        ("\x1b_x", "alt-_ \"x\""),
        // xterm, in both modes of its cursor keys and of its keypad.
        ("\x1b[A\x1bOA\x1b[1;1A", "Up Up Up"),
        ("\x1b[B\x1b[C\x1b[D", "Down Right Left"),
        ("\x1b[H\x1bOH\x1b[F\x1bOF", "Home Home End End"),
        ("\x1b[1;5H\x1b[1;5F", "ctrl-Home ctrl-End"),
        ("\x1b[1;2A\x1b[1;3A\x1b[1;5A\x1b[1;6A", "shift-Up alt-Up ctrl-Up ctrl-shift-Up"),
        ("\x1b[2~\x1b[3~\x1b[5~\x1b[6~", "Delete PageUp PageDown"),
        ("\x1b[3;5~\x1b[5;2~", "ctrl-Delete shift-PageUp"),
        ("\x1bOP\x1bOQ\x1bOR\x1bOS\x1b[15~", "F(1) F(2) F(3) F(4) F(5)"),
        ("\x1b[1;2P\x1b[1;5R\x1b[24;2~", "shift-F(1) ctrl-F(3) shift-F(12)"),
        ("\x1b[Z", "BackTab"),
        ("\x1bOp\x1bOy\x1bOj\x1bOk\x1bOM", "\"09*+\\r\""),
        ("\x1bO2P\x1bO1;5A\x1bO5C", "shift-F(1) ctrl-Up ctrl-Right"),
        // xterm's modifyOtherKeys, in both of its formats.
        ("\x1b[27;5;99~\x1b[99;5u", "ctrl-c ctrl-c"),
        ("\x1b[27;6;67~\x1b[67;6u", "ctrl-c ctrl-c"),
        ("\x1b[27;2;65~\x1b[27;2;33~\x1b[27;2;32~", "\"A! \""),
        ("\x1b[27;3;97~\x1b[27;7;120~", "alt-a ctrl-alt-x"),
        ("\x1b[27;5;104~\x1b[27;5;109~\x1b[27;5;106~\x1b[27;5;105~\x1b[27;5;91~", "Backspace \"\\r\\r\\t\" Esc"),
        ("\x1b[27;2;13~\x1b[27;2;9~\x1b[27;2;127~\x1b[27;5;13~", "\"\\r\" BackTab Backspace ctrl-Enter"),
        // kitty.
        ("\x1b[97u\x1b[97;1u\x1b[97;2u\x1b[97:65;2u\x1b[97;1;65u", "\"aaAAA\""),
        ("\x1b[49:33;2u\x1b[97;65u\x1b[97;66u", "\"!Aa\""),
        ("\x1b[99;5:1u\x1b[99;5:2u\x1b[99;5:3u", "ctrl-c ctrl-c"),
        ("\x1b[27u\x1b[13u\x1b[9u\x1b[127u\x1b[9;2u", "Esc \"\\r\\t\" Backspace BackTab"),
        ("\x1b[57399u\x1b[57414u\x1b[57417u\x1b[57441;2u\x1b[57376u", "\"0\\r\" Left F(13)"),
        ("\x1b[1;1:1A\x1b[1;1:3A\x1b[3;5:1~", "Up ctrl-Delete"),
        ("\x1b[97;9u", ""),
        // rxvt.
        ("\x1b[7~\x1b[8~\x1b[1~\x1b[4~", "Home End Home End"),
        ("\x1b[a\x1bOa\x1b[5$\x1b[5^\x1b[5@", "shift-Up ctrl-Up shift-PageUp ctrl-PageUp ctrl-shift-PageUp"),
        ("\x1b[11~\x1b[12~\x1b[13~\x1b[14~\x1b[23~", "F(1) F(2) F(3) F(4) F(11)"),
        ("\x1b\x1b[A\x1b\x1b[5~\x1b\x1bOA", "alt-Up alt-PageUp alt-Up"),
        // The Linux console.
        ("\x1b[[A\x1b[[E", "F(1) F(5)"),
        // Windows.
        ("\x1b[67;46;3;1;8;1_\x1b[67;46;3;0;8;1_", "ctrl-c"),
        ("\x1b[65;30;65;1;16;1_\x1b[38;72;0;1;0;1_\x1b[8;14;8;1;0;1_", "\"A\" Up Backspace"),
        ("\x1b[81;16;64;1;9;1_\x1b[16;42;0;1;16;1_", "\"@\""),
        // Interrupted sequences, and unknown ones.
        ("\x1b[1;5\r", "\"\\r\""),
        ("\x1b[1;5", ""),
        ("\x1b[99~\x1b[1;5X\x1b[G\x1bOE", ""),
        ("a\u{fffd}\u{85}b", "\"a\u{fffd}b\""),
    ];
    for (bytes, keys) in table {
        assert_eq!(written(&decoded(bytes.as_bytes())), *keys, "{bytes:?}");
    }
    assert_eq!(written(&decoded(b"a\xff\xc3b\xe6\xb3")), "\"ab\"", "bytes that are no UTF-8");
}

#[test]
fn three_mouse_encodings_are_decoded() {
    for bytes in ["\x1b[<0;11;6M\x1b[<0;11;6m", "\x1b[M +&", "\x1b[32;11;6M"] {
        assert_eq!(decoded(bytes.as_bytes()), [Input::Mouse(Click::Press, 10, 5)], "{bytes:?}");
    }
    assert_eq!(decoded(b"\x1b[<69;1;1M"), [Input::Mouse(Click::WheelDown, 0, 0)]);
    assert_eq!(decoded(b"\x1b[<35;1;1M"), [], "moves are ignored");
}

#[test]
fn a_paste_is_not_interpreted() {
    let text = "a\x1b[A\r\n注\x1b[201";
    let inputs = decoded(format!("\x1b[200~{text}\x1b[201~q").as_bytes());
    assert_eq!(inputs, [Input::Paste(text.into()), Input::Text("q".into())]);
    let mut decoder = Decoder::default();
    assert_eq!(decoder.feed(b"\x1b[200~never ends"), []);
    assert_eq!(decoder.expire(), [Input::Paste("never ends".into())]);
    assert_eq!(decoder.feed(b"q"), [Input::Text("q".into())]);
}

/// Joins consecutive texts.
fn joined(inputs: Vec<Input>) -> Vec<Input> {
    let mut joined: Vec<Input> = Vec::new();
    for input in inputs {
        match (joined.last_mut(), input) {
            (Some(Input::Text(before)), Input::Text(text)) => before.push_str(&text),
            (_, input) => joined.push(input),
        }
    }
    joined
}

fn pieces() -> impl Strategy<Value = String> {
    let keys = [
        "\r\n",
        "\x1b[A",
        "\x1bOP",
        "\x1b[27;5;99~",
        "\x1b[97;2u",
        "\x1b[[A",
        "\x1b[M +&",
        "\x1b[200~p\x1b[A\x1b[201~",
        "注",
        "é",
        "x",
        "\r",
        "\x03",
    ];
    let all: Vec<String> = RESPONSES.iter().chain(&keys).map(|text| (*text).to_owned()).collect();
    proptest::collection::vec(proptest::sample::select(all), 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn splits_between_reads_make_no_difference(text in pieces(), cuts in proptest::collection::vec(1..9_usize, 0..60)) {
        let whole = decoded(text.as_bytes());
        let (mut decoder, mut rest, mut inputs) = (Decoder::default(), text.as_bytes(), Vec::new());
        for cut in cuts {
            let (now, later) = rest.split_at(cut.min(rest.len()));
            inputs.extend(decoder.feed(now));
            rest = later;
        }
        inputs.extend(decoder.feed(rest));
        inputs.extend(decoder.expire());
        prop_assert_eq!(joined(inputs), joined(whole));
    }

    #[test]
    fn any_bytes_can_be_decoded(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        decoded(&bytes);
    }

    #[test]
    fn text_is_decoded_unchanged(text in "[a-z{}\":, \u{3040}-\u{30ff}]{1,200}") {
        prop_assert_eq!(decoded(text.as_bytes()), vec![Input::Text(text)]);
    }
}

#[test]
fn a_megabyte_is_decoded_quickly() {
    let text = "{\"order\": 4711}\r".repeat(65_536);
    let began = std::time::Instant::now();
    let typed = joined(decoded(text.as_bytes()));
    assert_eq!(typed, [Input::Text(text.clone())]);
    let pasted: Vec<Input> = {
        let mut decoder = Decoder::default();
        let bytes = format!("\x1b[200~{text}\x1b[201~");
        bytes.as_bytes().chunks(4_095).flat_map(|chunk| decoder.feed(chunk)).collect()
    };
    assert_eq!(pasted, [Input::Paste(text)]);
    assert!(began.elapsed() < std::time::Duration::from_secs(2), "{:?}", began.elapsed());
}

#[test]
fn an_escape_times_out_sooner_than_a_sequence() {
    let timeout = |bytes: &[u8]| {
        let mut decoder = Decoder::default();
        decoder.feed(bytes);
        decoder.timeout().map(|timeout| timeout.as_millis())
    };
    assert_eq!(timeout(b"a"), None);
    assert_eq!(timeout(b"\x1b"), Some(50));
    assert_eq!(timeout(b"\x1b["), Some(50));
    assert_eq!(timeout(b"\x1b]11;rgb"), Some(1_000));
    assert_eq!(timeout(b"\x1b[200~text"), Some(5_000));
    assert!(matches!(decoded(b"\x1b\x1b[A")[..], [Input::Key(Key { alt: true, .. })]));
}
