//! The file: where it is, who may read it, and how it is opened.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::bounded;
use crate::store::error::{StoreError, StoreFault};
use crate::store::patience::ATTEMPT;

pub(super) const NAME: &str = "stepgate.db";
/// The size of a page of a new file.
const PAGE_BYTES: i64 = 1024;
/// The size of the log above which it is copied into the file. By default that is counted in pages.
const LOG_BYTES: i64 = 4 * 1024 * 1024;
/// How long a reader waits. Only a rollback journal, or a process that keeps the file to itself, makes it wait.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the launch of the program waits, with nothing on the screen yet.
const PATIENCE_AT_LAUNCH: Duration = Duration::from_secs(2);

/// Makes folder and file if they are not there: the folder for its owner only, and so the file, since
/// inputs and outputs are nobody else's business. `SQLite` gives its log the rights of the file.
pub(super) fn prepare(folder: &Path) -> Result<PathBuf, StoreError> {
    crate::folder::create_private(folder).map_err(|error| StoreError::of_system(folder, &error))?;
    let path = folder.join(NAME);
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(&path) {
        Ok(_) => Ok(path),
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied && path.exists() => {
            Err(StoreError::new(StoreFault::ReadOnly, &path, error.to_string()))
        }
        Err(error) => Err(StoreError::of_system(&path, &error)),
    }
}

/// A connection that writes.
pub(super) fn connect(path: &Path) -> Result<Connection, StoreError> {
    let open = || -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        // First of all: everything from here on may meet another process.
        connection.busy_timeout(PATIENCE_AT_LAUNCH)?;
        keep_plans(&connection)?;
        Ok(connection)
    };
    open().map_err(|error| StoreError::of(path, &error))
}

/// From now on the writer itself waits for other processes (`patience`), which a signal can end.
pub(super) fn leave_waiting_to_writer(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(ATTEMPT)
}

/// Overwrites what is deleted: within pages that stay and, if payloads may not be kept at all, in pages that become
/// free, too. Otherwise free pages are released later (`tidy`), which halves the writing.
pub(super) fn overwrite_deleted(connection: &Connection, keeps_payloads: bool) -> rusqlite::Result<()> {
    let how = if keeps_payloads { "FAST" } else { "ON" };
    connection.pragma_update_and_check(None, "secure_delete", how, |_| Ok(()))
}

/// Lays a new file out. Has no effect on a file with tables.
pub(super) fn lay_out(connection: &Connection) -> rusqlite::Result<()> {
    // A change writes whole pages, and rows with a text of half a page or more leave the rest of theirs empty.
    connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    // It can shrink without being rebuilt.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")
}

/// Sets the size of the log, whatever the size of a page.
pub(super) fn limit_log(connection: &Connection) -> rusqlite::Result<()> {
    let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", LOG_BYTES / page.max(1), |_| Ok(()))
}

/// Whether the file has a write-ahead log already.
pub(super) fn has_log(connection: &Connection) -> rusqlite::Result<bool> {
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    Ok(mode == "wal")
}

/// Gives the file a write-ahead log: readers and the writer do not wait for each other then. Where it
/// cannot be had, as on network file systems, `SQLite` keeps its older way, which only is slower.
pub(super) fn make_log(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))
}

/// Waits for the turn of this process to set the file up; it is over when the result is dropped. A file of
/// its own is locked: `SQLite` has its own locks on the others.
pub(super) fn turn(path: &Path) -> Result<File, StoreError> {
    let path = path.with_extension("setup");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path).and_then(|file| bounded::lock(&file, PATIENCE_AT_LAUNCH).map(|()| file));
    file.map_err(|error| StoreError::of_system(&path, &error))
}

/// A connection that reads only.
pub(super) fn connect_to_read(path: &Path) -> Result<Connection, StoreError> {
    let open = || -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(PATIENCE)?;
        keep_plans(&connection)?;
        Ok(connection)
    };
    open().map_err(|error| StoreError::of(path, &error))
}

/// Lets no value decide how a query runs. Otherwise `SQLite` plans some statements again for each new value, which takes
/// longer than running them.
fn keep_plans(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}
