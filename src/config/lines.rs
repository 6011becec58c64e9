//! Finds the lines of keys, for errors that are found after the file was read.

use std::path::Path;

use toml::de::DeTable;

use crate::config::fault::{Fault, Faults};
use crate::config::section::Reader;
use stepgate_core::bounded::{self, Limits};

/// Returns the faults with the lines of their keys.
pub fn located(path: &Path, faults: Vec<Fault>) -> Faults {
    let Ok(text) = bounded::text_file(path, Limits::FILE) else { return Faults::new(path, faults) };
    let reader = Reader::new(&text);
    let (table, _) = DeTable::parse_recoverable(&text);
    let at = |fault: Fault| Fault { line: line_of(&reader, table.get_ref(), &fault.key), ..fault };
    Faults::new(path, faults.into_iter().map(at).collect())
}

/// Returns the line of a key such as `endpoints.dev.url`; names of tables may contain dots too.
fn line_of(reader: &Reader<'_>, table: &DeTable<'_>, key: &str) -> Option<usize> {
    table.iter().find_map(|(name, value)| {
        let rest = key.strip_prefix(name.get_ref().as_ref())?;
        if rest.is_empty() {
            return Some(reader.line(&value.span()));
        }
        line_of(reader, value.get_ref().as_table()?, rest.strip_prefix('.')?)
    })
}
