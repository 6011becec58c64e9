//! What is wrong in a configuration file, and where.

use std::fmt;
use std::path::{Path, PathBuf};

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, counted from 1; `None` when the whole file is meant.
    pub line: Option<usize>,
    /// The key with its tables in front, `endpoints.dev.url`.
    pub key: String,
    /// What is wrong, and what is right.
    pub message: String,
    /// A word that was perhaps meant.
    pub suggestion: Option<String>,
}

/// All that is wrong in one file; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults {
    /// The file.
    pub file: PathBuf,
    /// In the order of the lines.
    pub faults: Vec<Fault>,
}

impl Faults {
    /// Sorts the faults by line.
    pub fn new(file: &Path, mut faults: Vec<Fault>) -> Self {
        faults.sort_by_key(|fault| fault.line);
        Self { file: file.to_owned(), faults }
    }

    /// A single fault.
    pub fn one(file: &Path, fault: Fault) -> Self {
        Self { file: file.to_owned(), faults: vec![fault] }
    }

    /// A line of text for each fault: `FILE:LINE: KEY: MESSAGE`.
    pub fn lines(&self) -> impl Iterator<Item = String> + '_ {
        self.faults.iter().map(|fault| match fault.line {
            Some(line) => format!("{}:{line}: {fault}", self.file.display()),
            None => format!("{}: {fault}", self.file.display()),
        })
    }
}

impl fmt::Display for Fault {
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

impl fmt::Display for Faults {
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

impl std::error::Error for Faults {}

/// The candidate nearest to `word`, if one is near enough to be a misspelling.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    candidates
        .into_iter()
        .map(|candidate| {
            (strsim::normalized_damerau_levenshtein(&word.to_lowercase(), &candidate.to_lowercase()), candidate)
        })
        .filter(|(likeness, _)| *likeness > 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate.to_owned())
}
