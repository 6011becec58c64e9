//! Errors of the store, with advice.

use std::fmt;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// The kind of error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreErrorKind {
    /// The folder or file cannot be created or opened.
    Inaccessible,
    /// The file is read-only.
    ReadOnly,
    /// The disk or its quota is full.
    Full,
    /// Another process holds a lock.
    Locked,
    /// Another program's database, or a damaged one.
    Foreign,
    /// Written by a newer version of this program.
    Newer {
        /// The file's version.
        found: i64,
        /// The latest version that this program knows.
        known: i64,
    },
    /// The file or its log was deleted, moved or replaced while the program was running. `message` is complete.
    Replaced,
    /// The writer thread has died.
    WriterDied,
    /// Any other error of `SQLite`.
    Other,
}

/// An error of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreError {
    /// The kind.
    pub kind: StoreErrorKind,
    /// The file or folder.
    pub path: PathBuf,
    /// The message of `SQLite` or the operating system.
    pub message: String,
}

impl StoreError {
    pub(super) fn new(kind: StoreErrorKind, path: &Path, message: impl Into<String>) -> Self {
        Self { kind, path: path.to_owned(), message: message.into() }
    }

    pub(super) fn from_sqlite(path: &Path, error: &rusqlite::Error) -> Self {
        let kind = match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => StoreErrorKind::Full,
            Some(ErrorCode::ReadOnly) => StoreErrorKind::ReadOnly,
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => StoreErrorKind::Inaccessible,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreErrorKind::Locked,
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => StoreErrorKind::Foreign,
            // On a full disk, writing the log's shared memory is reported as an I/O error.
            Some(ErrorCode::SystemIoFailure) if is_full(path) => StoreErrorKind::Full,
            _ => StoreErrorKind::Other,
        };
        Self::new(kind, path, error.to_string())
    }

    pub(super) fn from_io(path: &Path, error: &std::io::Error) -> Self {
        let kind = match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => StoreErrorKind::Full,
            std::io::ErrorKind::TimedOut => StoreErrorKind::Locked,
            std::io::ErrorKind::ReadOnlyFilesystem => StoreErrorKind::ReadOnly,
            _ => StoreErrorKind::Inaccessible,
        };
        Self::new(kind, path, error.to_string())
    }
}

/// Returns whether there is no room for one more byte next to the database.
fn is_full(path: &Path) -> bool {
    let probe = path.with_extension("probe");
    let written = std::fs::write(&probe, [0; 4096]);
    let _ = std::fs::remove_file(&probe);
    written.is_err_and(|error| error.kind() == std::io::ErrorKind::StorageFull)
}

impl fmt::Display for StoreError {
    /// The error, the path, and what to try.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        let message = &self.message;
        match &self.kind {
            StoreErrorKind::Inaccessible => {
                write!(f, "it cannot be opened: {path}: {message}. Check the folder's owner and rights.")
            }
            StoreErrorKind::ReadOnly => {
                write!(f, "read-only: {path}. Check the permissions of the file and its folder.")
            }
            StoreErrorKind::Full => write!(f, "the disk is full: {path}. Make room."),
            StoreErrorKind::Locked => write!(f, "another program holds it locked: {path}. Close that program."),
            StoreErrorKind::Foreign => {
                write!(
                    f,
                    "it is damaged, or not a database of stepgate's: {path}: {message}. Move it away to begin a new one."
                )
            }
            StoreErrorKind::Newer { found, known } => write!(
                f,
                "a newer stepgate wrote it (version {found}, this one knows {known}): {path}. Use that one, or move the file away."
            ),
            StoreErrorKind::Replaced => f.write_str(message),
            StoreErrorKind::WriterDied => {
                write!(f, "writing to it failed: {path}. Restart stepgate to store executions again.")
            }
            StoreErrorKind::Other => write!(f, "{message}: {path}"),
        }
    }
}

impl std::error::Error for StoreError {}
