//! Whether the open files are still those at their paths: `SQLite` would keep writing to deleted ones.

use std::io;
use std::path::{Path, PathBuf};

use crate::store::error::{StoreError, StoreErrorKind};

/// Identifies the files of an open database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileIdentity {
    database: FileId,
    /// The write-ahead log, if any, which exists as long as a connection is open.
    log: Option<FileId>,
}

impl FileIdentity {
    /// Returns the identity of the current files, for a connection that was just opened.
    pub(super) fn from_path(path: &Path) -> io::Result<Self> {
        Ok(Self { database: file_id(path)?, log: file_id(&log(path)).ok() })
    }

    /// Returns an error if they have been deleted or replaced.
    pub(super) fn check(self, path: &Path) -> Result<(), StoreError> {
        let replaced = |words: String| Err(StoreError::new(StoreErrorKind::Replaced, path, words));
        let name = path.display();
        match file_id(path) {
            Ok(id) if id == self.database => {}
            Ok(_) => {
                return replaced(format!(
                    "another file took the place of the one that stepgate has open: {name}. Restart stepgate to use it."
                ));
            }
            Err(_) => {
                return replaced(format!(
                    "the file was deleted or moved while stepgate was running: {name}. Move it back, or restart stepgate \
                     to create a new one."
                ));
            }
        }
        match self.log {
            Some(id) if file_id(&log(path)).ok() != Some(id) => replaced(format!(
                "its write-ahead log was deleted or replaced while stepgate was running: {}. Restart stepgate.",
                log(path).display()
            )),
            _ => Ok(()),
        }
    }
}

fn log(path: &Path) -> PathBuf {
    path.with_extension("db-wal")
}

#[cfg(unix)]
type FileId = (u64, u64);
#[cfg(not(unix))]
type FileId = ();

fn file_id(path: &Path) -> io::Result<FileId> {
    let metadata = std::fs::metadata(path)?;
    #[cfg(unix)]
    return Ok((std::os::unix::fs::MetadataExt::dev(&metadata), std::os::unix::fs::MetadataExt::ino(&metadata)));
    #[cfg(not(unix))]
    return Ok(drop(metadata));
}
