//! Wakes other processes that show this store after a change, without touching the disk: each listens on a socket beside
//! its lock file. A watched file would also wake the process that writes, and needs a different interface on each system.

use std::path::Path;
#[cfg(unix)]
use std::path::PathBuf;

use crate::store::Store;

/// The extension of the sockets.
pub(super) const EXTENSION: &str = "wake";

/// Wakes the listening processes, except the one with this name. One that has not handled the last wake-up needs no other.
pub(super) fn wake_others(folder: &Path, own_name: &str) {
    #[cfg(unix)]
    if let (Ok(entries), Ok(socket)) = (std::fs::read_dir(folder), std::os::unix::net::UnixDatagram::unbound()) {
        let _ = socket.set_nonblocking(true);
        for path in entries.flatten().map(|entry| entry.path()) {
            let is_socket = path.extension().is_some_and(|extension| extension == EXTENSION);
            if is_socket && path.file_stem().is_none_or(|name| name != own_name) {
                let _ = socket.send_to(b"!", &path);
            }
        }
    }
    #[cfg(not(unix))]
    let _ = (folder, own_name);
}

/// Waits for changes by other processes.
#[derive(Debug)]
pub struct OtherWrites {
    #[cfg(unix)]
    socket: tokio::net::UnixDatagram,
    #[cfg(unix)]
    path: PathBuf,
}

impl OtherWrites {
    /// Waits until another process may have changed executions, or has exited. Several changes count as one.
    pub async fn next(&mut self) {
        #[cfg(unix)]
        {
            let mut buffer = [0; 8];
            if self.socket.recv(&mut buffer).await.is_err() {
                std::future::pending::<()>().await;
            }
            while self.socket.try_recv(&mut buffer).is_ok() {}
        }
        #[cfg(not(unix))]
        std::future::pending::<()>().await;
    }
}

#[cfg(unix)]
impl Drop for OtherWrites {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Store {
    /// Listens for changes by other processes; `None` where that is impossible: on Windows, or if the folder's path is too
    /// long for a socket. Requires a runtime.
    pub fn other_writes(&self) -> Option<OtherWrites> {
        #[cfg(unix)]
        {
            let path = self.process.wake_up_path();
            let bound = tokio::net::UnixDatagram::bind(&path);
            if let Err(error) = &bound {
                tracing::debug!(%error, path = %path.display(), "no wake-ups by other processes");
            }
            bound.ok().map(|socket| OtherWrites { socket, path })
        }
        #[cfg(not(unix))]
        None
    }

    /// Announces whether this process watches the executions that it starts, and stores what it learns, so that others
    /// need not watch them.
    pub fn announce_watching(&self, is_watching: bool) {
        self.process.announce_watching(is_watching);
    }
}
