//! What can be wrong with the store, in words for a person.

use std::fmt;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreFault {
    /// The folder or the file cannot be made or opened.
    Inaccessible,
    /// It may be read and not written.
    ReadOnly,
    /// The disk, or the quota on it, is full.
    Full,
    /// Another program holds it locked.
    Locked,
    /// It is not a database of ours, or a damaged one.
    NotOurs,
    /// It was written by a newer version of this program.
    Newer {
        /// Its version.
        found: i64,
        /// The latest version that this program knows.
        known: i64,
    },
    /// The file, or its log, was deleted, moved or replaced while the program runs. `said` is the whole message.
    Replaced,
    /// What writes has broken off.
    Gone,
    /// Anything else that `SQLite` says.
    Other,
}

/// What is wrong with the store, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreError {
    /// What.
    pub fault: StoreFault,
    /// Which file or folder.
    pub path: PathBuf,
    /// `SQLite`'s or the system's own words.
    pub said: String,
}

impl StoreError {
    pub(super) fn new(fault: StoreFault, path: &Path, said: impl Into<String>) -> Self {
        Self { fault, path: path.to_owned(), said: said.into() }
    }

    pub(super) fn of(path: &Path, error: &rusqlite::Error) -> Self {
        let fault = match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => StoreFault::Full,
            Some(ErrorCode::ReadOnly) => StoreFault::ReadOnly,
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => StoreFault::Inaccessible,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreFault::Locked,
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => StoreFault::NotOurs,
            // Writing the shared memory of the log to a full disk is told as a failure of input and output.
            Some(ErrorCode::SystemIoFailure) if is_full(path) => StoreFault::Full,
            _ => StoreFault::Other,
        };
        Self::new(fault, path, error.to_string())
    }

    pub(super) fn of_system(path: &Path, error: &std::io::Error) -> Self {
        let fault = match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => StoreFault::Full,
            std::io::ErrorKind::TimedOut => StoreFault::Locked,
            std::io::ErrorKind::ReadOnlyFilesystem => StoreFault::ReadOnly,
            _ => StoreFault::Inaccessible,
        };
        Self::new(fault, path, error.to_string())
    }
}

/// Whether a byte more finds no room beside the database.
fn is_full(path: &Path) -> bool {
    let probe = path.with_extension("probe");
    let written = std::fs::write(&probe, [0; 4096]);
    let _ = std::fs::remove_file(&probe);
    written.is_err_and(|error| error.kind() == std::io::ErrorKind::StorageFull)
}

impl fmt::Display for StoreError {
    /// What is wrong, where, and what to try.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        let said = &self.said;
        match &self.fault {
            StoreFault::Inaccessible => {
                write!(f, "it cannot be opened: {path}: {said}. Check the folder's owner and rights.")
            }
            StoreFault::ReadOnly => {
                write!(f, "read-only: {path}. Check the permissions of the file and its folder.")
            }
            StoreFault::Full => write!(f, "the disk is full: {path}. Make room."),
            StoreFault::Locked => write!(f, "another program holds it locked: {path}. Close that program."),
            StoreFault::NotOurs => {
                write!(
                    f,
                    "it is damaged, or not a database of stepgate's: {path}: {said}. Move it away to begin a new one."
                )
            }
            StoreFault::Newer { found, known } => write!(
                f,
                "a newer stepgate wrote it (version {found}, this one knows {known}): {path}. Use that one, or move the file away."
            ),
            StoreFault::Replaced => f.write_str(said),
            StoreFault::Gone => write!(f, "writing to it failed: {path}. Restart stepgate to keep history again."),
            StoreFault::Other => write!(f, "{said}: {path}"),
        }
    }
}

impl std::error::Error for StoreError {}
