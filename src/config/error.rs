//! Errors in a configuration file.

use std::fmt;
use std::path::{Path, PathBuf};

/// An error in the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The line, counted from 1; `None` for the whole file.
    pub line: Option<usize>,
    /// The full key, such as `endpoints.dev.url`.
    pub key: String,
    /// What is wrong, and what was expected.
    pub message: String,
    /// A similar valid word.
    pub suggestion: Option<String>,
}

/// All errors in a file; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors {
    /// The path of the file.
    pub file: PathBuf,
    /// In the order of the lines.
    pub errors: Vec<ConfigError>,
}

impl ConfigErrors {
    /// Sorts the errors by line.
    pub fn new(file: &Path, mut errors: Vec<ConfigError>) -> Self {
        errors.sort_by_key(|error| error.line);
        Self { file: file.to_owned(), errors }
    }

    /// A single error in the whole file.
    pub fn of_file(file: &Path, message: impl Into<String>, suggestion: Option<String>) -> Self {
        let error = ConfigError { line: None, key: String::new(), message: message.into(), suggestion };
        Self { file: file.to_owned(), errors: vec![error] }
    }

    /// Formats each error as `FILE:LINE: KEY: MESSAGE`.
    pub fn lines(&self) -> impl Iterator<Item = String> + '_ {
        self.errors.iter().map(|error| match error.line {
            Some(line) => format!("{}:{line}: {error}", self.file.display()),
            None => format!("{}: {error}", self.file.display()),
        })
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)?;
        match &self.suggestion {
            Some(word) => write!(f, "; did you mean `{word}`?"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, line) in self.lines().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            f.write_str(&line)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

/// Returns the candidate most similar to `word`, if it may be a misspelling.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    candidates
        .into_iter()
        .map(|candidate| {
            (strsim::normalized_damerau_levenshtein(&word.to_lowercase(), &candidate.to_lowercase()), candidate)
        })
        .filter(|(similarity, _)| *similarity > 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate.to_owned())
}
