//! Reading a file with an input on each line.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use crate::domain::{InputError, InputLine, MAX_INPUT_BYTES, Payload};

/// The most lines that one file may have.
const MOST_LINES: usize = 100_000;
/// The most bytes: all of them are held until they are in the store.
const MOST_BYTES: u64 = 512 * 1024 * 1024;
/// The most faults to tell at once.
const MOST_FAULTS: usize = 5;

/// The inputs of a file, in order; blank lines do not count. What is wrong is told with the line it is on,
/// and then nothing is taken.
pub fn inputs(path: &str) -> Result<Vec<InputLine>, Vec<String>> {
    let file = std::fs::File::open(expanded(path)).map_err(|error| vec![format!("{path} cannot be read: {error}.")])?;
    // Looked at before anything is read: a device or a pipe may have no end.
    let metadata = file.metadata().map_err(|error| vec![format!("{path} cannot be read: {error}.")])?;
    if !metadata.is_file() {
        return Err(vec![format!("{path} is no file.")]);
    }
    if metadata.len() > MOST_BYTES {
        return Err(vec![too_large(path)]);
    }
    read(BufReader::new(file), path)
}

/// The same from whatever can be read; `source` is what people call it.
pub fn read(mut reader: impl BufRead, source: &str) -> Result<Vec<InputLine>, Vec<String>> {
    let (mut inputs, mut faults, mut number, mut bytes) = (Vec::new(), Vec::new(), 0, 0);
    let mut line = String::new();
    loop {
        line.clear();
        let read = reader.read_line(&mut line).map_err(|error| vec![format!("{source}:{}: {error}.", number + 1)])?;
        if read == 0 {
            break;
        }
        number += 1;
        bytes += read as u64;
        if bytes > MOST_BYTES {
            return Err(vec![too_large(source)]);
        }
        let text = line.trim_end_matches(['\n', '\r']);
        if text.trim().is_empty() {
            continue;
        }
        match Payload::input(text) {
            Ok(input) => inputs.push(InputLine { number, input }),
            // There is only one line, whose number is known better here.
            Err(InputError::NotJson { column, message, .. }) => {
                faults.push(format!("{source}:{number}: column {column}: {message}."));
            }
            Err(error) => faults.push(format!("{source}:{number}: {error}.")),
        }
        if inputs.len() > MOST_LINES {
            return Err(vec![format!("{source} has more than {MOST_LINES} lines; cut it into pieces.")]);
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

fn too_large(source: &str) -> String {
    format!("{source} has more than {} MiB; cut it into pieces.", MOST_BYTES / 1024 / 1024)
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
    }
}
