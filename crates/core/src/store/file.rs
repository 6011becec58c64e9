//! The database file: path, permissions, and opening it.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::bounded;
use crate::store::error::{StoreError, StoreErrorKind};
use crate::store::lock_wait::ATTEMPT;

pub(super) const NAME: &str = "stepgate.db";
/// Page size of a new file.
const PAGE_BYTES: i64 = 1024;
/// Log size above which it is copied into the file. `SQLite`'s default is counted in pages.
const LOG_BYTES: i64 = 4 * 1024 * 1024;
/// How long a reader waits. Only a rollback journal, or a process with an exclusive lock, makes it wait.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the launch waits, with nothing on the screen yet.
const PATIENCE_AT_LAUNCH: Duration = Duration::from_secs(2);

/// Creates folder and file for their owner only, since inputs and outputs are confidential. `SQLite` gives its log the
/// file's permissions.
pub(super) fn prepare(folder: &Path) -> Result<PathBuf, StoreError> {
    crate::folder::create_private(folder).map_err(|error| StoreError::from_io(folder, &error))?;
    let path = folder.join(NAME);
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(&path) {
        Ok(_) => Ok(path),
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied && path.exists() => {
            Err(StoreError::new(StoreErrorKind::ReadOnly, &path, error.to_string()))
        }
        Err(error) => Err(StoreError::from_io(&path, &error)),
    }
}

/// Opens a connection for writing.
pub(super) fn connect(path: &Path) -> Result<Connection, StoreError> {
    let open = || -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        // First of all, since everything after this may meet another process's lock.
        connection.busy_timeout(PATIENCE_AT_LAUNCH)?;
        keep_plans(&connection)?;
        Ok(connection)
    };
    open().map_err(|error| StoreError::from_sqlite(path, &error))
}

/// From now on the writer itself waits for other processes (`lock_wait`), which a signal can interrupt.
pub(super) fn leave_waiting_to_writer(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(ATTEMPT)
}

/// Overwrites deleted data: within remaining pages and, if payloads may not be kept at all, in freed pages as well.
/// Otherwise free pages are released later (`tidy`), which halves the writing.
pub(super) fn overwrite_deleted(connection: &Connection, keeps_payloads: bool) -> rusqlite::Result<()> {
    let how = if keeps_payloads { "FAST" } else { "ON" };
    connection.pragma_update_and_check(None, "secure_delete", how, |_| Ok(()))
}

/// Sets the layout of a new file. Has no effect on a file with tables.
pub(super) fn lay_out(connection: &Connection) -> rusqlite::Result<()> {
    // A change writes whole pages, and rows with a text of half a page or more leave the rest of a page empty.
    connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    // The file can shrink without a rebuild.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")
}

/// Sets the maximum size of the log in bytes.
pub(super) fn limit_log(connection: &Connection) -> rusqlite::Result<()> {
    let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", LOG_BYTES / page.max(1), |_| Ok(()))
}

/// Returns whether the file already has a write-ahead log.
pub(super) fn has_log(connection: &Connection) -> rusqlite::Result<bool> {
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    Ok(mode == "wal")
}

/// Switches to a write-ahead log, so that readers and the writer do not wait for each other. Where that is impossible,
/// as on network file systems, `SQLite` keeps the slower rollback journal.
pub(super) fn make_log(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))
}

/// Waits for this process's turn to set up the file, which ends when the result is dropped. Locks a separate file,
/// because `SQLite` has its own locks on the others.
pub(super) fn turn(path: &Path) -> Result<File, StoreError> {
    let path = path.with_extension("setup");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path).and_then(|file| bounded::lock(&file, PATIENCE_AT_LAUNCH).map(|()| file));
    file.map_err(|error| StoreError::from_io(&path, &error))
}

/// Opens a connection for reading.
pub(super) fn connect_to_read(path: &Path) -> Result<Connection, StoreError> {
    let open = || -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(LOCK_TIMEOUT)?;
        keep_plans(&connection)?;
        Ok(connection)
    };
    open().map_err(|error| StoreError::from_sqlite(path, &error))
}

/// Makes query plans independent of values. Otherwise `SQLite` replans some statements for each new value, which takes
/// longer than running them.
fn keep_plans(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}
