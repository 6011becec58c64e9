//! Reading many inputs, one a line.

use std::path::{Path, PathBuf};

use stepgate_core::bounded::{Limits, Line, Lines, ReadError, Source, is_standard_input, text};
use stepgate_core::domain::{InputError, InputLine, MAX_INPUT_BYTES, Payload};

/// The most lines that one file may have.
const MOST_LINES: usize = 100_000;
/// With blank ones.
const MOST_LINES_AT_ALL: usize = 1_000_000;
/// More bytes of a line than this are not looked at, so that it can be said by how much it is too long.
const MOST_LINE_BYTES: usize = 1024 * 1024;
/// The most faults to tell at once.
const MOST_FAULTS: usize = 5;

/// The inputs of a file or pipe, in order; blank lines do not count. What is wrong is told with the line it is on,
/// and then nothing is taken.
pub fn inputs(path: &str) -> Result<Vec<InputLine>, Vec<String>> {
    if is_standard_input(Path::new(path)) {
        return Err(vec!["Standard input is the keyboard here; name a file.".to_owned()]);
    }
    read(path, path)
}

/// The same from standard input, a file or a pipe; `source` is what people call it.
pub fn read(path: &str, source: &str) -> Result<Vec<InputLine>, Vec<String>> {
    let broken = |error: ReadError| match error {
        ReadError::TooLarge(_) => vec![format!("{source} cannot be read: {error}; cut it into pieces.")],
        _ => vec![format!("{source} cannot be read: {error}.")],
    };
    let mut lines = Lines::new(Source::open(&expanded(path), Limits::INPUTS).map_err(broken)?, MOST_LINE_BYTES);
    let (mut inputs, mut faults, mut number) = (Vec::new(), Vec::new(), 0);
    while let Some(line) = lines.next_line().map_err(|error| broken(error.into()))? {
        number += 1;
        match line {
            Line::Whole(bytes) => match input(bytes) {
                Ok(Some(input)) => inputs.push(InputLine { number, input }),
                Ok(None) => {}
                Err(words) => faults.push(format!("{source}:{number}: {words}.")),
            },
            Line::TooLong => {
                let most = format!("an input has at most {MAX_INPUT_BYTES} bytes");
                faults.push(format!("{source}:{number}: the line has more than 1 MiB, or no end; {most}."));
                return Err(faults);
            }
        }
        let most = if inputs.len() > MOST_LINES { MOST_LINES } else { MOST_LINES_AT_ALL };
        if number > most {
            return Err(vec![format!("{source} has more than {most} lines; cut it into pieces.")]);
        }
        if faults.len() == MOST_FAULTS {
            faults.push("There may be more.".into());
            return Err(faults);
        }
    }
    match (faults.is_empty(), inputs.is_empty()) {
        (false, _) => Err(faults),
        (true, true) => Err(vec![format!("{source} has no line with an input of up to {MAX_INPUT_BYTES} bytes.")]),
        (true, false) => Ok(inputs),
    }
}

/// The input of a line, if it is not blank, or what is wrong with it.
fn input(line: Vec<u8>) -> Result<Option<Payload>, String> {
    let line = text(line).map_err(|error| error.to_string())?;
    let line = line.trim_end_matches('\r');
    if line.trim().is_empty() {
        return Ok(None);
    }
    Payload::input(line).map(Some).map_err(|error| match error {
        // There is only one line, whose number is known better by the caller.
        InputError::NotJson { column, message, .. } => format!("column {column}: {message}"),
        error => error.to_string(),
    })
}

/// `~` is the home, as in a shell.
pub(super) fn expanded(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), directories::BaseDirs::new()) {
        (Some(rest), Some(folders)) => folders.home_dir().join(rest),
        _ => path.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_taken_byte_for_byte_and_faults_have_their_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lines.jsonl");
        let read = |text: &str| {
            std::fs::write(&path, text).expect("written");
            let path = path.to_string_lossy().into_owned();
            let texts = |inputs: Vec<InputLine>| {
                inputs.iter().map(|line| (line.number, line.input.as_str().to_owned())).collect::<Vec<_>>()
            };
            inputs(&path).map(texts).map_err(|faults| faults.join("\n").replace(&path, "F"))
        };
        assert_eq!(
            read("{ \"a\":1.0 }\r\n\n[1e400]\n\"注文\""),
            Ok(vec![(1, "{ \"a\":1.0 }".into()), (3, "[1e400]".into()), (4, "\"注文\"".into())])
        );
        assert_eq!(read("{}\n{x}\n"), Err("F:2: column 2: key must be a string.".into()));
        assert_eq!(read("\n \n"), Err("F has no line with an input of up to 262144 bytes.".into()));
        assert!(read(&"{\n".repeat(9)).expect_err("faults").ends_with("There may be more."));
        let large = format!("\"{}\"\n", "x".repeat(MAX_INPUT_BYTES));
        assert!(read(&large).expect_err("too large").contains("F:1: the input has 262146 bytes"));
        assert!(inputs("/no/such/file").expect_err("none")[0].starts_with("/no/such/file cannot be read"));
        assert_eq!(read("\u{feff}{}\r\n\u{feff}[]"), Ok(vec![(1, "{}".into()), (2, "[]".into())]));
        let invisible = "F:2: column 2: U+00A0 (no-break space) is invisible, and not allowed here; remove it.";
        assert_eq!(read("{}\n{\u{a0}}"), Err(invisible.into()));
        let endless =
            Err("F:1: the line has more than 1 MiB, or no end; an input has at most 262144 bytes.".to_owned());
        assert_eq!(read(&"x".repeat(MOST_LINE_BYTES + 1)), endless);
        let many = read(&format!("{}{}\n", "{}\n".repeat(MOST_LINES), "{}"));
        assert!(many.expect_err("too many").contains("has more than 100000 lines"));
        let blank = "\n".repeat(MOST_LINES_AT_ALL + 1);
        assert_eq!(read(&blank), Err("F has more than 1000000 lines; cut it into pieces.".into()));
        let large = format!("\"{}\"\n", "x".repeat(200_000)).repeat(336);
        assert_eq!(read(&large), Err("F cannot be read: it has more than 48 MiB; cut it into pieces.".into()));
    }
}
