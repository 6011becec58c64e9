//! Responses of the terminal to queries, which must not type anything.

use crate::runtime::terminal::keyboard::Background;
use crate::runtime::terminal::keyboard::unix::decoder::Decoder;
use crate::runtime::terminal::keyboard::unix::input::Input;
use crate::runtime::terminal::keyboard::unix::tests::{decoded, written};

/// Responses of terminals to queries.
pub(super) const RESPONSES: &[&str] = &[
    "\x1b]11;rgb:ffff/ffff/ffff\x07",
    "\x1b]11;rgb:0000/0000/0000\x1b\\",
    "\x1b]10;rgb:1c/1c/1c\x1b\\",
    "\x1b]4;1;rgb:cd/00/00\x07",
    "\x1b]52;c;e30=\x1b\\",
    "\x1b]lA title\x1b\\",
    "\x1b[?1;2c",
    "\x1b[?62;22c",
    "\x1b[>41;354;0c",
    "\x1b[24;80R",
    "\x1b[?24;80R",
    "\x1b[0n",
    "\x1b[?997;1n",
    "\x1b[?0u",
    "\x1b[?2026;2$y",
    "\x1b[4;2$y",
    "\x1b[8;24;80t",
    "\x1bP>|XTerm(388)\x1b\\",
    "\x1bP1$r0m\x1b\\",
    "\x1bP!|00000000\x1b\\",
    "\x1bP1+r524742=38\x1b\\",
    "\x1b_Gi=31;OK\x1b\\",
    "\x1b[I",
    "\x1b[O",
    "\x1b[201~",
];

#[test]
fn responses_type_nothing() {
    for response in RESPONSES {
        let inputs = decoded(format!("a{response}b").as_bytes());
        let typed: Vec<String> = inputs
            .iter()
            .filter_map(|input| match input {
                Input::Text(text) => Some(text.clone()),
                Input::Background(_) | Input::Attributes | Input::Focused(_) => None,
                other => panic!("{response:?} is {other:?}"),
            })
            .collect();
        assert_eq!(typed.concat(), "ab", "{response:?}");
    }
}

#[test]
fn an_interrupted_response_does_not_swallow_keys() {
    assert_eq!(written(&decoded(b"\x1b]11;rgb:ff\x03")), "ctrl-c");
    assert_eq!(written(&decoded(b"\x1b]11;rgb:ff\x1b[A")), "Up");
    assert_eq!(written(&decoded(b"\x1b]11;rgb:ff")), "");
}

#[test]
fn the_late_rest_of_a_response_types_nothing() {
    let responses =
        ["\x1b]11;rgb:ffff/ffff/ffff\x1b\\", "\x1b]11;rgb:ffff/ffff/ffff\x07", "\x1b[?62;22c", "\x1b[?1;2c"];
    for response in responses {
        for cut in 1..response.len() {
            let (first, rest) = response.split_at(cut);
            let mut decoder = Decoder::default();
            let mut inputs = decoder.feed(first.as_bytes());
            inputs.extend(decoder.expire());
            inputs.extend(decoder.feed(format!("{rest}typed").as_bytes()));
            assert_eq!(inputs.pop(), Some(Input::Text("typed".into())), "{first:?}, {rest:?}");
            assert!(!inputs.iter().any(|input| matches!(input, Input::Text(_))), "{first:?}, {rest:?}: {inputs:?}");
            assert!(
                matches!(inputs.last(), Some(Input::Background(_) | Input::Attributes)),
                "{first:?}, {rest:?}: {inputs:?}"
            );
        }
    }
    for (first, typed) in
        [("\x1b", "]11"), ("\x1b", "["), ("\x1b[", "?"), ("\x1b[", "1;2c"), ("\x1b]", "11;"), ("\x1b]", "100")]
    {
        let mut decoder = Decoder::default();
        decoder.feed(first.as_bytes());
        decoder.expire();
        assert_eq!(written(&decoder.feed(typed.as_bytes())), format!("{typed:?}"), "after {first:?}");
    }
}

#[test]
fn the_background_is_parsed_in_every_format() {
    let table = [
        ("\x1b]11;rgb:ffff/ffff/ffff\x07", Some(Background::Light)),
        ("\x1b]11;rgb:fd/f6/e3\x1b\\", Some(Background::Light)),
        ("\x1b]11;rgba:ffff/ffff/ffff/0000\x07", Some(Background::Light)),
        ("\x1b]11;#ffffff\x07", Some(Background::Light)),
        ("\x1b]11;rgb:0/0/0\x07", Some(Background::Dark)),
        ("\x1b]11;rgb:1e1e/1e1e/2e2e\x1b", Some(Background::Dark)),
        ("\x1b]11;rgb:ff/ff\x07", None),
        ("\x1b]11;rgb:fffff/0/0\x07", None),
        ("\x1b]11;white\x07", None),
        ("\x1b]10;rgb:ffff/ffff/ffff\x07", None),
    ];
    for (bytes, background) in table {
        let found = decoded(bytes.as_bytes()).into_iter().find_map(|input| match input {
            Input::Background(background) => Some(background),
            _ => None,
        });
        assert_eq!(found, background, "{bytes:?}");
    }
}
