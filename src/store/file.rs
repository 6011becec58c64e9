//! The file: where it is, who may read it, and how it is opened.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::store::error::StoreError;

const NAME: &str = "stepgate.db";
/// How long a write waits for that of another process.
const PATIENCE: Duration = Duration::from_secs(10);

/// Makes folder and file if they are not there: the folder for its owner only, and so the file, since
/// inputs and outputs are nobody else's business. `SQLite` gives its log the rights of the file.
pub(super) fn prepare(folder: &Path) -> Result<PathBuf, StoreError> {
    private_folder(folder).map_err(|error| StoreError::of_system(folder, &error))?;
    let path = folder.join(NAME);
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(&path) {
        Ok(_) => Ok(path),
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied && path.exists() => {
            Err(StoreError::new(crate::store::error::StoreFault::ReadOnly, &path, error.to_string()))
        }
        Err(error) => Err(StoreError::of_system(&path, &error)),
    }
}

/// Makes a folder that only its owner may enter.
pub fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// A connection that writes.
pub(super) fn connect(path: &Path) -> Result<Connection, StoreError> {
    let open = || -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        // First of all: everything below may meet another process.
        connection.busy_timeout(PATIENCE)?;
        Ok(connection)
    };
    open().map_err(|error| StoreError::of(path, &error))
}

/// Sets up a connection that writes, to a file that is known to be ours: this may change the file.
pub(super) fn set_up(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let set = || -> rusqlite::Result<()> {
        // Readers and the writer do not wait for each other. Where it cannot be had, as on network file
        // systems, SQLite keeps its older way, which only is slower.
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // Answers may be asked for again after a power cut; the writer says FULL for intents.
        connection.pragma_update(None, "synchronous", "NORMAL")
    };
    set().map_err(|error| StoreError::of(path, &error))
}

/// A connection that reads only.
pub(super) fn connect_to_read(path: &Path) -> Result<Connection, StoreError> {
    let open = || -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(PATIENCE)?;
        Ok(connection)
    };
    open().map_err(|error| StoreError::of(path, &error))
}
