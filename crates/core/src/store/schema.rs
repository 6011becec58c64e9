//! The tables, and migrations of older files.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::store::error::{StoreError, StoreErrorKind};
use crate::store::file;

/// Identifies the program's files: `sgat`.
const APPLICATION_ID: i64 = 0x7367_6174;

/// Each migrates a file of its index to the next version. Never changed after a release.
const MIGRATIONS: [&str; 10] = [
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
    include_str!("schema/4.sql"),
    include_str!("schema/5.sql"),
    include_str!("schema/6.sql"),
    include_str!("schema/7.sql"),
    include_str!("schema/8.sql"),
    include_str!("schema/9.sql"),
    include_str!("schema/10.sql"),
];

/// Opens the file for writing and migrates it; rejects one of another program or a newer version, without changing it.
pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    let wrong = |error: rusqlite::Error| StoreError::from_sqlite(path, &error);
    let mut connection = file::connect(path)?;
    if check(&connection, path)? < known() || !file::has_log(&connection).map_err(wrong)? {
        // One process at a time: creating the log upgrades a lock, where SQLite gives up at once instead of waiting for
        // another process that does the same.
        let _turn = file::turn(path)?;
        let found = check(&connection, path)?;
        file::lay_out(&connection).map_err(wrong)?;
        file::make_log(&connection).map_err(wrong)?;
        let work = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(wrong)?;
        for migration in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
            work.execute_batch(migration).map_err(wrong)?;
        }
        work.pragma_update(None, "application_id", APPLICATION_ID).map_err(wrong)?;
        work.pragma_update(None, "user_version", known()).map_err(wrong)?;
        work.commit().map_err(wrong)?;
    }
    file::limit_log(&connection).map_err(wrong)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(wrong)?;
    Ok(connection)
}

fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Returns the version of the file; 0 if it is new.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<i64, StoreError> {
    let wrong = |error: rusqlite::Error| StoreError::from_sqlite(path, &error);
    // A transaction: another process may be creating the file.
    let _work = connection.unchecked_transaction().map_err(wrong)?;
    let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let (id, found) = (number("application_id").map_err(wrong)?, number("user_version").map_err(wrong)?);
    let is_empty = || connection.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get::<_, bool>(0));
    if id != APPLICATION_ID && !is_empty().map_err(wrong)? {
        return Err(StoreError::new(StoreErrorKind::Foreign, path, "another program's database"));
    }
    if found > known() {
        return Err(StoreError::new(StoreErrorKind::Newer { found, known: known() }, path, ""));
    }
    Ok(found)
}
