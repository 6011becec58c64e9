//! Text for a POSIX shell. Nothing that is hidden or controls a terminal is in it, since a terminal acts on what is
//! pasted: an escape sequence can end the paste, and a carriage return is the Enter key.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::app::shell::setup;
use crate::format::text::{replaced, visible};

/// The most bytes of an argument that every system takes (Linux: `MAX_ARG_STRLEN`, 128 KiB).
const MOST_ARGUMENT: usize = 100 * 1024;

/// Words that begin something else where a command is expected.
const RESERVED: [&str; 21] = [
    "case",
    "coproc",
    "do",
    "done",
    "elif",
    "else",
    "esac",
    "fi",
    "for",
    "foreach",
    "function",
    "if",
    "in",
    "nocorrect",
    "repeat",
    "select",
    "then",
    "time",
    "until",
    "while",
    "end",
];

/// A word: whatever is in it, it stays one word. A NUL, which no argument can have, is lost.
pub fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@=,+%".contains(c);
    if !text.is_empty() && !text.starts_with('=') && text.chars().all(is_plain) {
        return text.to_owned();
    }
    let text = text.replace('\'', r"'\''");
    let quoted = replaced(&text, |c, shown| match c {
        '\n' => shown.push(c),
        _ => drop(write!(shown, "'\"$(printf '{}')\"'", octal(c))),
    });
    format!("'{quoted}'")
}

/// The word that a command begins with.
pub(in crate::app) fn program(text: &str) -> String {
    if RESERVED.contains(&text) || text.contains('=') { format!("'{text}'") } else { word(text) }
}

/// An option with its value.
pub(in crate::app) fn option(name: &str, value: &str) -> String {
    setup::option(name, value).iter().map(|part| word(part)).collect::<Vec<_>>().join(" ")
}

/// Whether a text can be an argument as it is to be read by people.
pub(in crate::app) fn fits_argument(text: &str) -> bool {
    text.len() <= MOST_ARGUMENT && text.split('\n').all(|line| matches!(visible(line), Cow::Borrowed(_)))
}

/// A command that prints exactly this text. `printf` is built into shells, and some are not: so the text goes in
/// pieces.
pub(in crate::app) fn printed(text: &str) -> String {
    let mut commands = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut end = rest.len().min(MOST_ARGUMENT / 4);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (piece, behind) = rest.split_at(end);
        commands.push(format!("printf '{}'", format_of(piece)));
        rest = behind;
    }
    match &commands[..] {
        [] => "printf ''".to_owned(),
        [one] => one.clone(),
        many => format!("{{ {}; }}", many.join("; ")),
    }
}

/// The text as a format of `printf` without arguments, in single quotes.
fn format_of(text: &str) -> String {
    let text = text.replace('\\', r"\\").replace('%', "%%").replace('\'', r"'\''");
    let escaped = replaced(&text, |c, shown| match c {
        '\n' => shown.push_str("\\n"),
        _ => shown.push_str(&octal(c)),
    });
    // Not an option.
    match escaped.strip_prefix('-') {
        Some(behind) => format!("\\055{behind}"),
        None => escaped.into_owned(),
    }
}

/// A character as `printf` knows it in every shell.
fn octal(c: char) -> String {
    let mut escapes = String::new();
    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
        // A text that is written into never fails.
        let _ = write!(escapes, "\\{byte:03o}");
    }
    escapes
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    const SHELLS: [&str; 2] = ["sh", "bash"];

    /// What a shell prints that gets this as its input, as when it is pasted.
    fn pasted(shell: &str, script: &str) -> Vec<u8> {
        let mut child = Command::new(shell)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a shell");
        let mut stdin = child.stdin.take().expect("its input");
        let script = script.to_owned();
        let writer = std::thread::spawn(move || stdin.write_all(script.as_bytes()));
        let output = child.wait_with_output().expect("it ends");
        drop(writer.join().expect("written"));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{shell}");
        output.stdout
    }

    fn awkward() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("\nEOF\n".to_owned()),
            Just("'\\''".to_owned()),
            Just("$(touch x)`id`${HOME}!!!$".to_owned()),
            Just("\\n\\055%s%%%d\\c".to_owned()),
            Just("\u{1b}[201~\r\n\t\u{3}\u{4}\u{7f}".to_owned()),
            Just("\u{9b}\u{202e}\u{200d}\u{e0001}注文😀e\u{301}".to_owned()),
            Just("-n -- -e".to_owned()),
            Just("; rm -rf x & | < > ( ) { } [ ] * ? ~ #".to_owned()),
            any::<String>(),
        ];
        prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
    }

    fn assert_nothing_hidden(text: &str) {
        assert!(text.split('\n').all(|line| matches!(visible(line), Cow::Borrowed(_))), "{text:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

        #[test]
        fn a_shell_gets_what_was_meant(texts in prop::collection::vec(awkward(), 1..20)) {
            for shell in SHELLS {
                let mut script = String::new();
                let mut expected = Vec::new();
                for text in &texts {
                    let argument = text.replace('\0', "");
                    let printing = printed(text);
                    let quoted = word(&argument);
                    script = format!("{script}printf '%s\\000' {quoted}\n{printing}\nprintf '\\000'\n");
                    expected.extend_from_slice(argument.as_bytes());
                    expected.push(0);
                    expected.extend_from_slice(text.as_bytes());
                    expected.push(0);
                }
                assert_nothing_hidden(&script);
                prop_assert_eq!(pasted(shell, &script), expected, "{}", shell);
            }
        }
    }

    #[test]
    fn words_stay_words_and_plain_ones_stay_plain() {
        assert_eq!(word("order-1"), "order-1");
        assert_eq!(word("it's $HOME `x`"), r"'it'\''s $HOME `x`'");
        assert_eq!((word(""), word("=ls")), ("''".to_owned(), "'=ls'".to_owned()));
        assert_eq!((program("op"), program("if"), program("A=b")), ("op".into(), "'if'".into(), "'A=b'".into()));
        assert_eq!((option("--name", "x y"), option("--name", "-x")), ("--name 'x y'".into(), "--name=-x".into()));
    }

    #[test]
    fn any_length_goes_through_a_shell() {
        for text in ["x".repeat(300 * 1024), "あ\n".repeat(90_000), "\u{1b}'%\\".repeat(70_000)] {
            assert!(!fits_argument(&text));
            for shell in SHELLS {
                assert_eq!(pasted(shell, &printed(&text)), text.as_bytes());
            }
        }
    }
}
