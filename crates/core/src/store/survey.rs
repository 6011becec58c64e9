//! Measures a store without opening it for use.

use std::path::{Path, PathBuf};

use crate::domain::{Scope, Timestamp};
use crate::store::error::StoreError;
use crate::store::{executions, file, schema};

/// The size and contents of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// The database file.
    pub path: PathBuf,
    /// Bytes of the file and its write-ahead log.
    pub bytes: u64,
    /// Bytes of the pages in use.
    pub used: u64,
    /// Number of executions.
    pub executions: usize,
    /// Start date of the oldest execution.
    pub oldest: Option<Timestamp>,
}

/// Measures the store in this folder; `None` if there is none.
pub fn survey(folder: &Path) -> Result<Option<Survey>, StoreError> {
    let path = folder.join(file::NAME);
    let Ok(metadata) = std::fs::metadata(&path) else { return Ok(None) };
    let wrong = |error| StoreError::from_sqlite(&path, &error);
    let connection = file::connect_to_read(&path)?;
    schema::check(&connection, &path)?;
    let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0)).map_err(wrong);
    let (size, pages, free) = (number("page_size")?, number("page_count")?, number("freelist_count")?);
    let oldest = connection.query_row("SELECT min(started) FROM executions", [], |row| row.get::<_, Option<i64>>(0));
    let oldest = oldest.map_err(wrong)?.map(Timestamp::from_millis);
    let executions = executions::totals(&connection, Scope::Everyone).map_err(wrong)?.all().sum();
    let log = std::fs::metadata(path.with_extension("db-wal")).map_or(0, |log| log.len());
    let used = (size * (pages - free)).unsigned_abs();
    Ok(Some(Survey { bytes: metadata.len() + log, used, executions, oldest, path }))
}
