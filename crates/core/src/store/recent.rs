//! Reads the latest executions without opening the store for use: quickly, and without creating or locking a file.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::domain::ExecutionRecord;
use crate::store::executions::{self, COLUMNS};
use crate::store::file;

/// How long to wait for a lock.
const PATIENCE: Duration = Duration::from_millis(20);

/// Returns the latest executions in the store of this folder, newest first; none if it cannot be read at once.
pub fn recent(folder: &Path, count: usize) -> Vec<ExecutionRecord> {
    open(&folder.join(file::NAME)).and_then(|connection| read(&connection, count).ok()).unwrap_or_default()
}

fn read(connection: &Connection, count: usize) -> rusqlite::Result<Vec<ExecutionRecord>> {
    let sql = format!("SELECT {COLUMNS} FROM executions WHERE others = 0 ORDER BY started DESC, id DESC LIMIT ?1");
    let mut statement = connection.prepare(&sql)?;
    let found = statement.query_map([i64::try_from(count).unwrap_or(i64::MAX)], executions::record)?;
    found.filter_map(Result::transpose).collect()
}

fn open(path: &Path) -> Option<Connection> {
    if !path.is_file() {
        return None;
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match ["db-wal", "db-shm"].map(|extension| path.with_extension(extension).exists()) {
        // No process has it open. Even a reader would create both files, unless the file is declared unchanging.
        [false, _] => Connection::open_with_flags(immutable(path)?, flags | OpenFlags::SQLITE_OPEN_URI),
        [true, true] => Connection::open_with_flags(path, flags),
        // Its memory would have to be recreated.
        [true, false] => return None,
    };
    let connection = connection.ok()?;
    connection.busy_timeout(PATIENCE).ok()?;
    Some(connection)
}

/// Returns the URI of a file that does not change while it is open.
fn immutable(path: &Path) -> Option<String> {
    let mut uri = String::from("file:");
    let path =
        if cfg!(windows) { format!("/{}", path.to_str()?.replace('\\', "/")) } else { path.to_str()?.to_owned() };
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~:".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a string never fails.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri.push_str("?immutable=1");
    Some(uri)
}
