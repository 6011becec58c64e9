//! Finds the lines of keys, for errors that are detected after the file was read.

use std::path::Path;

use toml::de::DeTable;

use crate::config::error::{ConfigError, ConfigErrors};
use crate::config::section::Reader;
use stepgate_core::bounded::{self, Limits};
use stepgate_core::domain::toml_key;

/// Returns the errors with the lines of their keys.
pub(crate) fn with_lines(path: &Path, errors: Vec<ConfigError>) -> ConfigErrors {
    let Ok(text) = bounded::text_file(path, Limits::FILE) else { return ConfigErrors::new(path, errors) };
    let reader = Reader::new(&text);
    let (table, _) = DeTable::parse_recoverable(&text);
    let at = |error: ConfigError| ConfigError { line: line_of(&reader, table.get_ref(), &error.key), ..error };
    ConfigErrors::new(path, errors.into_iter().map(at).collect())
}

/// Returns the line of a key such as `endpoints."prod.eu".url`.
fn line_of(reader: &Reader<'_>, table: &DeTable<'_>, key: &str) -> Option<usize> {
    table.iter().find_map(|(name, value)| {
        let rest = key.strip_prefix(&*toml_key(name.get_ref()))?;
        if rest.is_empty() {
            return Some(reader.line(&value.span()));
        }
        line_of(reader, value.get_ref().as_table()?, rest.strip_prefix('.')?)
    })
}
