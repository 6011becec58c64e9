//! Quoting for a POSIX shell. The result has no hidden or control characters, since a terminal acts on pasted text: an
//! escape sequence can end the paste, and a carriage return is the Enter key.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::app::shell::setup;
use crate::format::text::{replaced, visible};

/// The longest argument in bytes that every system accepts (Linux: `MAX_ARG_STRLEN`, 128 KiB).
const MOST_ARGUMENT: usize = 100 * 1024;

/// Words with another meaning in command position.
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

/// Quotes a text as one word. A NUL, which no argument can contain, is lost.
pub(crate) fn word(text: &str) -> String {
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

/// Quotes the first word of a command.
pub(in crate::app) fn program(text: &str) -> String {
    if RESERVED.contains(&text) || text.contains('=') { format!("'{text}'") } else { word(text) }
}

/// Quotes an option with its value.
pub(in crate::app) fn option(name: &str, value: &str) -> String {
    setup::option(name, value).iter().map(|part| word(part)).collect::<Vec<_>>().join(" ")
}

/// Returns whether a text can be passed as an argument that people can read.
pub(in crate::app) fn fits_argument(text: &str) -> bool {
    text.len() <= MOST_ARGUMENT && text.split('\n').all(|line| matches!(visible(line), Cow::Borrowed(_)))
}

/// Returns a command that prints exactly this text, in pieces, since `printf` is not built into every shell and then
/// has a limit for arguments.
pub(in crate::app) fn printed(text: &str) -> String {
    let mut commands = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut end = rest.len().min(MOST_ARGUMENT / 4);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (piece, tail) = rest.split_at(end);
        commands.push(format!("printf '{}'", printf_format(piece)));
        rest = tail;
    }
    match &commands[..] {
        [] => "printf ''".to_owned(),
        [one] => one.clone(),
        many => format!("{{ {}; }}", many.join("; ")),
    }
}

/// Returns the text as a `printf` format without arguments, for single quotes.
fn printf_format(text: &str) -> String {
    let text = text.replace('\\', r"\\").replace('%', "%%").replace('\'', r"'\''");
    let escaped = replaced(&text, |c, shown| match c {
        '\n' => shown.push_str("\\n"),
        _ => shown.push_str(&octal(c)),
    });
    // A leading hyphen would be an option.
    match escaped.strip_prefix('-') {
        Some(rest) => format!("\\055{rest}"),
        None => escaped.into_owned(),
    }
}

/// Returns a character as octal escapes, which `printf` supports in every shell.
fn octal(c: char) -> String {
    let mut escapes = String::new();
    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
        // Writing to a string never fails.
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
        fn a_shell_receives_the_same_words(texts in prop::collection::vec(awkward(), 1..20)) {
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
    fn only_words_that_need_it_are_quoted() {
        assert_eq!(word("order-1"), "order-1");
        assert_eq!(word("it's $HOME `x`"), r"'it'\''s $HOME `x`'");
        assert_eq!((word(""), word("=ls")), ("''".to_owned(), "'=ls'".to_owned()));
        assert_eq!((program("op"), program("if"), program("A=b")), ("op".into(), "'if'".into(), "'A=b'".into()));
        assert_eq!((option("--name", "x y"), option("--name", "-x")), ("--name 'x y'".into(), "--name=-x".into()));
    }

    #[test]
    fn words_of_any_length_pass_through_a_shell() {
        for text in ["x".repeat(300 * 1024), "あ\n".repeat(90_000), "\u{1b}'%\\".repeat(70_000)] {
            assert!(!fits_argument(&text));
            for shell in SHELLS {
                assert_eq!(pasted(shell, &printed(&text)), text.as_bytes());
            }
        }
    }
}
