//! Deletes a store whose contents are worthless.

use std::path::Path;

use crate::store::file;

/// Deletes the database file in this folder, with its log. No process may have it open.
pub fn discard(folder: &Path) {
    let path = folder.join(file::NAME);
    for extension in ["db-wal", "db-shm", "db"] {
        let _ = std::fs::remove_file(path.with_extension(extension));
    }
}
