//! Reads the inputs of a batch, one per line.

use std::path::Path;

use crate::runtime::process::home_folder::expanded;
use stepgate_core::bounded::{Limits, Line, Lines, ReadError, Source, is_standard_input, text};
use stepgate_core::domain::{InputError, InputLine, MAX_INPUT_BYTES, Payload};

/// Maximum number of inputs in a file.
const MAX_INPUTS: usize = 100_000;
/// Maximum number of lines, including blank ones.
const MAX_LINES: usize = 1_000_000;
/// Larger than an input, so that the error can state the size of a line that is a little too long.
const MAX_LINE_BYTES: usize = 1024 * 1024;
/// Maximum number of errors to report.
const MAX_ERRORS: usize = 5;

/// Reads the inputs of a file or pipe, in order, without blank lines; or returns errors with their lines.
pub(crate) fn inputs(path: &str) -> Result<Vec<InputLine>, Vec<String>> {
    if is_standard_input(Path::new(path)) {
        return Err(vec!["Standard input is the keyboard here; name a file.".to_owned()]);
    }
    read(path, path)
}

/// The same, also from standard input; `source` names it in errors.
pub(crate) fn read(path: &str, source: &str) -> Result<Vec<InputLine>, Vec<String>> {
    let failed = |error: ReadError| match error {
        ReadError::TooLarge(_) => vec![format!("{source} cannot be read: {error}; split it into several files.")],
        _ => vec![format!("{source} cannot be read: {error}.")],
    };
    let mut lines = Lines::new(Source::open(&expanded(path), Limits::INPUTS).map_err(failed)?, MAX_LINE_BYTES);
    let (mut inputs, mut errors, mut number) = (Vec::new(), Vec::new(), 0);
    while let Some(line) = lines.next_line().map_err(|error| failed(error.into()))? {
        number += 1;
        match line {
            Line::Whole(bytes) => match input(bytes) {
                Ok(Some(input)) => inputs.push(InputLine { number, input }),
                Ok(None) => {}
                Err(message) => errors.push(format!("{source}:{number}: {message}.")),
            },
            Line::TooLong => {
                let limit = format!("an input has at most {MAX_INPUT_BYTES} bytes");
                errors.push(format!("{source}:{number}: the line has more than 1 MiB, or no end; {limit}."));
                return Err(errors);
            }
        }
        let max = if inputs.len() > MAX_INPUTS { MAX_INPUTS } else { MAX_LINES };
        if number > max {
            return Err(vec![format!("{source} has more than {max} lines; split it into several files.")]);
        }
        if errors.len() == MAX_ERRORS {
            errors.push("There may be more.".into());
            return Err(errors);
        }
    }
    match (errors.is_empty(), inputs.is_empty()) {
        (false, _) => Err(errors),
        (true, true) => Err(vec![format!("{source} has no line with an input of up to {MAX_INPUT_BYTES} bytes.")]),
        (true, false) => Ok(inputs),
    }
}

/// Parses the input of a line, unless it is blank.
fn input(line: Vec<u8>) -> Result<Option<Payload>, String> {
    let line = text(line).map_err(|error| error.to_string())?;
    let line = line.trim_end_matches('\r');
    if line.trim().is_empty() {
        return Ok(None);
    }
    Payload::input(line).map(Some).map_err(|error| match error {
        // The caller adds the number of the line.
        InputError::NotJson { column, message, .. } => format!("column {column}: {message}"),
        error => error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_read_byte_for_byte_and_errors_have_lines() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lines.jsonl");
        let read = |text: &str| {
            std::fs::write(&path, text).expect("written");
            let path = path.to_string_lossy().into_owned();
            let texts = |inputs: Vec<InputLine>| {
                inputs.iter().map(|line| (line.number, line.input.as_str().to_owned())).collect::<Vec<_>>()
            };
            inputs(&path).map(texts).map_err(|errors| errors.join("\n").replace(&path, "F"))
        };
        assert_eq!(
            read("{ \"a\":1.0 }\r\n\n[1e400]\n\"注文\""),
            Ok(vec![(1, "{ \"a\":1.0 }".into()), (3, "[1e400]".into()), (4, "\"注文\"".into())])
        );
        assert_eq!(read("{}\n{x}\n"), Err("F:2: column 2: key must be a string.".into()));
        assert_eq!(read("\n \n"), Err("F has no line with an input of up to 262144 bytes.".into()));
        assert!(read(&"{\n".repeat(9)).expect_err("errors").ends_with("There may be more."));
        let large = format!("\"{}\"\n", "x".repeat(MAX_INPUT_BYTES));
        assert!(read(&large).expect_err("too large").contains("F:1: the input has 262146 bytes"));
        assert!(inputs("/no/such/file").expect_err("none")[0].starts_with("/no/such/file cannot be read"));
        assert_eq!(read("\u{feff}{}\r\n\u{feff}[]"), Ok(vec![(1, "{}".into()), (2, "[]".into())]));
        let invisible = "F:2: column 2: U+00A0 (no-break space) is invisible, and not allowed here; remove it.";
        assert_eq!(read("{}\n{\u{a0}}"), Err(invisible.into()));
        let endless =
            Err("F:1: the line has more than 1 MiB, or no end; an input has at most 262144 bytes.".to_owned());
        assert_eq!(read(&"x".repeat(MAX_LINE_BYTES + 1)), endless);
        let many = read(&format!("{}{}\n", "{}\n".repeat(MAX_INPUTS), "{}"));
        assert!(many.expect_err("too many").contains("has more than 100000 lines"));
        let blank = "\n".repeat(MAX_LINES + 1);
        assert_eq!(read(&blank), Err("F has more than 1000000 lines; split it into several files.".into()));
        let large = format!("\"{}\"\n", "x".repeat(200_000)).repeat(336);
        assert_eq!(read(&large), Err("F cannot be read: it has more than 48 MiB; split it into several files.".into()));
    }
}
