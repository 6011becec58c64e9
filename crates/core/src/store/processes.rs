//! Processes that use the store. Each holds a lock on a file of its own, which the operating system releases however
//! the process ends; a process id might belong to another process by then.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::bounded;
use crate::domain::Timestamp;
use crate::folder;
use crate::store::error::StoreError;
use crate::store::wake_up;

/// Only a process that checks whether this one lives opens its file.
const LOCK_TIMEOUT: Duration = Duration::from_secs(2);
/// The content of the file of a process that watches what it starts; that of others is empty.
const WATCHING: &[u8] = b"watching";

/// This process, as seen by others.
#[derive(Debug)]
pub(super) struct ThisProcess {
    name: String,
    path: PathBuf,
    folder: PathBuf,
    /// Locked as long as this lives.
    file: File,
    /// Whether it has announced that it watches what it starts.
    is_watching: AtomicBool,
}

impl ThisProcess {
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
        Ok(Self { name, path, folder, file, is_watching: AtomicBool::new(false) })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Announces whether this process watches the executions that it starts.
    pub(super) fn announce_watching(&self, is_watching: bool) {
        if self.is_watching.swap(is_watching, Ordering::AcqRel) == is_watching {
            return;
        }
        if is_watching {
            let _ = (&self.file).write_all(WATCHING);
        } else {
            let _ = self.file.set_len(0);
            self.wake_others();
        }
    }

    /// Returns whether the process of this name is running and watches the executions that it starts.
    pub(super) fn is_watching(&self, name: &str) -> bool {
        let file = std::fs::metadata(self.folder.join(name));
        file.is_ok_and(|file| file.len() > 0) && !self.is_gone(name)
    }

    /// Returns the path of the socket that wakes this process.
    #[cfg(unix)]
    pub(super) fn wake_up_path(&self) -> PathBuf {
        self.folder.join(format!("{}.{}", self.name, wake_up::EXTENSION))
    }

    /// Wakes the processes that wait for changes of others.
    pub(super) fn wake_others(&self) {
        wake_up::wake_others(&self.folder, &self.name);
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
        if path.extension().is_some_and(|extension| extension == wake_up::EXTENSION) {
            if !path.with_extension("").exists() {
                let _ = std::fs::remove_file(path);
            }
            continue;
        }
        let is_old = path
            .metadata()
            .and_then(|metadata| metadata.modified())
            .is_ok_and(|made| made.elapsed().is_ok_and(|age| age > Duration::from_secs(60)));
        if is_old && File::open(&path).is_ok_and(|file| bounded::try_lock(&file).unwrap_or(false)) {
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Drop for ThisProcess {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
        if self.is_watching.load(Ordering::Acquire) {
            self.wake_others();
        }
    }
}
