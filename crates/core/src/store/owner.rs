//! Processes that use the store. Each holds a lock on a file of its own, which the operating system releases however
//! the process ends; a process id might belong to another process by then.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::bounded;
use crate::domain::Timestamp;
use crate::folder;
use crate::store::error::StoreError;

/// Only a process that checks whether this one lives opens its file.
const LOCK_TIMEOUT: Duration = Duration::from_secs(2);

/// This process, as seen by others.
#[derive(Debug)]
pub(super) struct Owner {
    name: String,
    path: PathBuf,
    folder: PathBuf,
    /// Locked as long as this lives.
    _file: File,
}

impl Owner {
    /// Creates and locks the file of this process.
    pub(super) fn announce(folder: &Path, now: Timestamp) -> Result<Self, StoreError> {
        let folder = folder.join("running");
        let wrong = |path: &Path, error: std::io::Error| StoreError::from_io(path, &error);
        folder::create_private(&folder).map_err(|error| wrong(&folder, error))?;
        sweep(&folder);
        let name = format!("{}-{}-{:x}", std::process::id(), now.as_millis(), fastrand::u32(..));
        let path = folder.join(&name);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)
            .and_then(|file| bounded::lock(&file, LOCK_TIMEOUT).map(|()| file))
            .map_err(|error| wrong(&path, error))?;
        Ok(Self { name, path, folder, _file: file })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Returns whether the process of this name has exited, so that its work can be taken over.
    pub(super) fn is_gone(&self, name: &str) -> bool {
        if name == self.name {
            return false;
        }
        let path = self.folder.join(name);
        match File::open(&path) {
            Ok(file) => {
                let is_gone = bounded::try_lock(&file).unwrap_or(false);
                if is_gone {
                    let _ = std::fs::remove_file(&path);
                }
                is_gone
            }
            Err(error) => error.kind() == std::io::ErrorKind::NotFound,
        }
    }
}

/// Removes the files of processes that have exited. Their unfinished work is found by owner name, and a missing file
/// counts as exited as well.
fn sweep(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        // A file that is being created is seconds old at most.
        let is_old = path
            .metadata()
            .and_then(|metadata| metadata.modified())
            .is_ok_and(|made| made.elapsed().is_ok_and(|age| age > Duration::from_secs(60)));
        if is_old && File::open(&path).is_ok_and(|file| bounded::try_lock(&file).unwrap_or(false)) {
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}
