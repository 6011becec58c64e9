//! Filters that can read nothing but their input, with exactly one result: for the requests and responses of routes.

use std::fmt;

use jaq_core::native::{Fun, bome, run, v};
use jaq_core::{Ctx, Error, Vars};
use jaq_json::{Val, write};

use crate::jq::compile::{Data, JqError, compiled};
use crate::jq::error_text::error_text;
use crate::jq::json;

/// Functions that read something else than their input, or write something else than their result. `input`, `inputs` and
/// modules need no entry: they exist only where a program provides them.
const OPEN: [&str; 11] = [
    "env",
    "now",
    "localtime",
    "strflocaltime",
    "halt",
    "halt_error",
    "debug",
    "debug_empty",
    "stderr",
    "stderr_empty",
    // Replaced: jaq's changes the notation of -0.
    "fromjson",
];
/// The longest filter, in bytes. The compiler recurses, so this also limits the stack that it needs.
const LONGEST: usize = 10_000;
/// Enough for the compiler with the deepest filter of that length.
pub(super) const STACK_BYTES: usize = 256 * 1024 * 1024;

/// Why a filter is invalid, and where.
#[derive(Debug)]
pub struct CheckError {
    error: JqError,
    /// Line and character, counted from 1, and whether the filter has several lines.
    position: Option<(usize, usize, bool)>,
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error)?;
        match self.position {
            Some((line, character, true)) => write!(f, " (line {line}, character {character} of the filter)"),
            Some((_, character, false)) => write!(f, " (character {character} of the filter)"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for CheckError {}

/// Checks that a filter compiles.
pub fn check(filter: &str) -> Result<(), CheckError> {
    let filter = filter.to_owned();
    let checking =
        std::thread::Builder::new().stack_size(STACK_BYTES).spawn(move || Closed::compile(&filter).map(drop));
    let failed = |error: &dyn fmt::Display| CheckError { error: JqError::Filter(error.to_string()), position: None };
    #[expect(
        clippy::disallowed_methods,
        reason = "compiling takes milliseconds, and is limited by the filter's length"
    )]
    match checking.map(std::thread::JoinHandle::join) {
        Ok(Ok(checked)) => checked,
        Ok(Err(_)) => Err(failed(&"it cannot be compiled")),
        Err(error) => Err(failed(&error)),
    }
}

/// A compiled filter.
pub(super) struct Closed {
    filter: jaq_core::Filter<Data>,
    text: String,
}

/// The one result of a filter.
pub(super) enum Output {
    /// The content of a string.
    Text(Vec<u8>),
    /// Any other value as JSON.
    Json(Vec<u8>),
}

impl Closed {
    pub(super) fn compile(text: &str) -> Result<Self, CheckError> {
        if text.len() > LONGEST {
            let error = JqError::Filter(format!("a filter has at most {LONGEST} bytes, this one has {}", text.len()));
            return Err(CheckError { error, position: None });
        }
        if text.trim().is_empty() {
            let error = JqError::Filter("the filter is empty".to_owned());
            return Err(CheckError { error, position: None });
        }
        let definitions = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
        let functions = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
        let filter = compiled(
            text,
            definitions.filter(|definition| !OPEN.contains(&definition.name)),
            functions.filter(|(name, ..)| !OPEN.contains(name)).chain([from_json()]),
        );
        let filter = filter.map_err(|(error, at)| CheckError { error, position: at.map(|at| position(text, at)) })?;
        Ok(Self { filter, text: text.to_owned() })
    }

    /// Applies the filter to a JSON text. Messages contain no value of the input.
    pub(super) fn apply(&self, input: &[u8], most_bytes: usize) -> Result<Output, String> {
        let input = std::str::from_utf8(input).ok().and_then(json::parse).ok_or("its input is not JSON")?;
        let context = Ctx::<Data>::new(&self.filter.lut, Vars::new([]));
        let mut results = self.filter.id.run((context, input));
        let first = results.next().ok_or("it has no result")?;
        let value = first.map_err(|exception| match exception.get_err() {
            Ok(error) => error_text(&error, &self.text),
            Err(_) => "it was ended".to_owned(),
        })?;
        if results.next().is_some() {
            return Err("it has more than one result".to_owned());
        }
        let output = match value {
            Val::TStr(text) => Output::Text(text.to_vec()),
            value => {
                let mut json = Bounded { bytes: Vec::new(), most: most_bytes };
                write::write(&mut json, &write::Pp::default(), 0, &value).map_err(|_| too_large(most_bytes))?;
                // Such as NaN, bytes and keys that are no strings.
                if serde_json::from_slice::<serde::de::IgnoredAny>(&json.bytes).is_err() {
                    return Err("its result is not JSON".to_owned());
                }
                Output::Json(json.bytes)
            }
        };
        match &output {
            Output::Text(bytes) if bytes.len() > most_bytes => Err(too_large(most_bytes)),
            Output::Text(bytes) | Output::Json(bytes) if std::str::from_utf8(bytes).is_err() => {
                Err("its result is not UTF-8".to_owned())
            }
            _ => Ok(output),
        }
    }
}

fn too_large(most: usize) -> String {
    format!("its result is larger than {} MiB", most / 1024 / 1024)
}

/// A buffer with a limit.
struct Bounded {
    bytes: Vec<u8>,
    most: usize,
}

impl std::io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.most {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// `fromjson`, which keeps the notation of all numbers.
fn from_json() -> Fun<Data> {
    run(("fromjson", v(0), |cv| {
        let text = match &cv.1 {
            Val::TStr(text) => std::str::from_utf8(text).ok(),
            _ => None,
        };
        bome(text.and_then(json::parse).ok_or_else(|| Error::typ(cv.1.clone(), "JSON")))
    }))
}

/// Returns the position of a byte: line and character, and whether there are several lines.
fn position(text: &str, at: usize) -> (usize, usize, bool) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1, text.trim_end().contains('\n'))
}

#[cfg(test)]
mod tests;
