//! A log file of limited size: when full, it becomes `FILE.1`, replacing an earlier one.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use stepgate_core::bounded::Sink;

/// Maximum size of the current file; together with the earlier one, twice as much is on the disk.
pub(super) const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// How long to wait for a lock while another process rotates.
const LOCK_TIMEOUT: Duration = Duration::from_millis(10);
/// How often to reopen the file if other processes keep renaming it.
const MAX_REOPENS: usize = 10;

/// Appends lines to a file that other processes may append to as well.
#[derive(Debug)]
pub(super) struct Rotation {
    path: PathBuf,
    sink: Sink,
    is_file: bool,
    max_bytes: u64,
    /// Size at which to rotate next: larger than `max_bytes` if the file could not be renamed.
    rotate_at: u64,
    /// Whether file locks work.
    has_locks: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Lock {
    Shared,
    Exclusive,
}

impl Rotation {
    pub(super) fn append(path: &Path, max_bytes: u64) -> io::Result<Self> {
        let mut reopens = 0;
        let (sink, is_file, path) = loop {
            let sink = Sink::append(path)?;
            let is_file = sink.metadata().is_ok_and(|metadata| metadata.is_file());
            if !is_file {
                break (sink, is_file, path.to_owned());
            }
            // The file that a link points to is rotated, not the link.
            match fs::canonicalize(path) {
                // Another process renamed the file after it was opened.
                Err(error) if error.kind() == io::ErrorKind::NotFound && reopens < MAX_REOPENS => reopens += 1,
                resolved => break (sink, is_file, resolved?),
            }
        };
        Ok(Self { path, sink, is_file, max_bytes, rotate_at: max_bytes, has_locks: true })
    }

    /// Reopens the file if it or its folder was renamed or deleted.
    #[expect(clippy::disallowed_methods, reason = "it takes no longer than writing a line")]
    fn reopen_if_moved(&mut self) -> io::Result<()> {
        if !is_same(&self.sink.metadata()?, &self.path) {
            if let Some(folder) = self.path.parent() {
                fs::create_dir_all(folder)?;
            }
            *self = Self::append(&self.path, self.max_bytes)?;
        }
        Ok(())
    }

    /// Continues in a new file, under an exclusive lock.
    #[expect(clippy::disallowed_methods, reason = "it takes no longer than writing a line")]
    fn rotate(&mut self) -> io::Result<()> {
        if !self.lock(Lock::Exclusive) && self.has_locks {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        if is_same(&self.sink.metadata()?, &self.path) {
            let mut earlier = OsString::from(&self.path);
            earlier.push(".1");
            fs::rename(&self.path, earlier)?;
        }
        self.reopen_if_moved()
    }

    /// Acquires a lock; returns whether it did. Some systems have no locks.
    fn lock(&mut self, lock: Lock) -> bool {
        match self.sink.lock(lock == Lock::Shared, LOCK_TIMEOUT) {
            Ok(true) => return true,
            // Another program holds the lock: later lines do not wait for it.
            Ok(false) => self.has_locks = lock == Lock::Exclusive,
            Err(_) => self.has_locks = false,
        }
        false
    }

    /// Rotates or reopens the file before a line of this size. The line is written in any case.
    fn prepare(&mut self, bytes: u64) -> io::Result<()> {
        self.reopen_if_moved()?;
        let size = self.sink.metadata()?.len();
        if size > 0 && size.saturating_add(bytes) > self.rotate_at && self.rotate().is_err() {
            // The file cannot be renamed: keep writing, and try again after as many bytes.
            self.rotate_at = size.saturating_add(self.max_bytes);
        }
        // Another process may rotate before this one acquires the lock.
        for _ in 0..MAX_REOPENS {
            if self.has_locks && self.lock(Lock::Shared) && !is_same(&self.sink.metadata()?, &self.path) {
                self.reopen_if_moved()?;
            } else {
                break;
            }
        }
        Ok(())
    }
}

impl Write for Rotation {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.is_file {
            return self.sink.write(bytes);
        }
        drop(self.prepare(bytes.len() as u64));
        let written = self.sink.write(bytes);
        self.sink.unlock();
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}

#[cfg(unix)]
fn is_same(open: &Metadata, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(path).is_ok_and(|there| (there.dev(), there.ino()) == (open.dev(), open.ino()))
}

#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &Path) -> String {
        fs::read_to_string(path).unwrap_or_default()
    }

    #[test]
    fn a_full_file_is_renamed_and_no_line_is_cut() {
        let folder = tempfile::tempdir().expect("a folder");
        let (log, earlier) = (folder.path().join("log"), folder.path().join("log.1"));
        fs::write(&log, "from before\n").expect("written");
        let mut rotation = Rotation::append(&log, 30).expect("opened");
        for line in 0..6 {
            rotation.write_all(format!("line {line} of six\n").as_bytes()).expect("written");
        }
        assert_eq!((read(&log), read(&earlier)), ("line 5 of six\n".into(), "line 3 of six\nline 4 of six\n".into()));
        // A line larger than the limit is written all the same.
        rotation.write_all(format!("{}\n", "x".repeat(99)).as_bytes()).expect("written");
        assert_eq!((read(&log).len(), read(&earlier)), (100, "line 5 of six\n".into()));
    }

    #[cfg(unix)]
    #[test]
    fn two_processes_share_one_log() {
        let folder = tempfile::tempdir().expect("a folder");
        let log = folder.path().join("log");
        let mut both = [Rotation::append(&log, 40).expect("opened"), Rotation::append(&log, 40).expect("opened")];
        for round in 0..9 {
            for (name, rotation) in ["a", "b"].iter().zip(&mut both) {
                rotation.write_all(format!("{name}{round} 4567890\n").as_bytes()).expect("written");
            }
        }
        let both = read(&folder.path().join("log.1")) + &read(&log);
        assert!(both.contains("a8 ") && both.contains("b8 ") && both.len() <= 80, "{both}");
    }

    #[cfg(unix)]
    #[test]
    fn no_line_is_lost_when_another_process_rotates() {
        let folder = tempfile::tempdir().expect("a folder");
        let log = folder.path().join("log");
        let mut slow = Rotation::append(&log, 60).expect("opened");
        let mut fast = Rotation::append(&log, 60).expect("opened");
        for round in 0..30 {
            for line in 0..round {
                fast.write_all(format!("fast {round} {line}\n").as_bytes()).expect("written");
            }
            slow.write_all(format!("slow {round}\n").as_bytes()).expect("written");
            let text = read(&folder.path().join("log.1")) + &read(&log);
            assert!(text.ends_with(&format!("slow {round}\n")), "{round}: {text}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn concurrent_rotation_loses_no_more_than_rotation_itself() {
        const MOST: usize = 4_000;
        let folder = tempfile::tempdir().expect("a folder");
        let log = folder.path().join("log");
        let threads: Vec<_> = (0..4)
            .map(|name| {
                let log = log.clone();
                std::thread::spawn(move || {
                    let mut rotation = Rotation::append(&log, MOST as u64).expect("opened");
                    for line in 0..2_000 {
                        rotation.write_all(format!("{name} {line:05}\n").as_bytes()).expect("written");
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().expect("it ends");
        }
        let earlier = read(&folder.path().join("log.1"));
        assert!((MOST - 10..=MOST + 40).contains(&earlier.len()), "{}", earlier.len());
        assert!(earlier.lines().chain(read(&log).lines()).all(|line| line.len() == 7), "no line is cut");
    }

    #[cfg(unix)]
    #[test]
    fn a_moved_or_deleted_file_is_recreated_and_a_link_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let (log, link) = (folder.path().join("log"), folder.path().join("link"));
        std::os::unix::fs::symlink(&log, &link).expect("a link");
        let mut rotation = Rotation::append(&link, 30).expect("opened");
        rotation.write_all(b"one\n").expect("written");
        fs::rename(&log, folder.path().join("moved")).expect("moved");
        rotation.write_all(b"two\n").expect("written");
        fs::remove_file(&log).expect("deleted");
        for _ in 0..5 {
            rotation.write_all(b"ten bytes\n").expect("written");
        }
        assert_eq!((read(&log).len(), read(&folder.path().join("log.1")).len()), (20, 30));
        assert_eq!(read(&folder.path().join("moved")), "one\n");
        assert!(link.is_symlink() && read(&link) == read(&log));
    }

    #[cfg(unix)]
    #[test]
    fn a_moved_or_deleted_folder_is_recreated() {
        let folder = tempfile::tempdir().expect("a folder");
        let logs = folder.path().join("a").join("b");
        fs::create_dir_all(&logs).expect("a folder");
        let mut rotation = Rotation::append(&logs.join("log"), 1_000).expect("opened");
        rotation.write_all(b"one\n").expect("written");
        fs::rename(&logs, folder.path().join("moved")).expect("moved");
        rotation.write_all(b"two\n").expect("written");
        assert_eq!(read(&logs.join("log")), "two\n");
        fs::remove_dir_all(folder.path().join("a")).expect("deleted");
        rotation.write_all(b"three\n").expect("written");
        assert_eq!(read(&logs.join("log")), "three\n");
        // If that is impossible, the open file is written to until it is possible again.
        fs::remove_dir_all(folder.path().join("a")).expect("deleted");
        fs::write(folder.path().join("a"), "in the way").expect("written");
        rotation.write_all(b"lost\n").expect("no error ends the program");
        fs::remove_file(folder.path().join("a")).expect("deleted");
        rotation.write_all(b"five\n").expect("written");
        assert_eq!(read(&logs.join("log")), "five\n");
        assert_eq!(read(&folder.path().join("moved").join("log")), "one\n");
    }

    #[test]
    fn a_file_that_cannot_be_renamed_grows_and_is_retried_later() {
        let folder = tempfile::tempdir().expect("a folder");
        let (log, obstacle) = (folder.path().join("log"), folder.path().join("log.1"));
        fs::create_dir_all(obstacle.join("full")).expect("a folder in the way");
        let mut rotation = Rotation::append(&log, 30).expect("opened");
        for line in 0..5 {
            rotation.write_all(format!("line {line} of x\n").as_bytes()).expect("written");
        }
        assert_eq!(read(&log).lines().count(), 5, "nothing is lost");
        fs::remove_dir_all(&obstacle).expect("removed");
        for _ in 0..2 {
            rotation.write_all(b"line 5 of x\n").expect("written");
        }
        assert_eq!((read(&log).lines().count(), read(&obstacle).lines().count()), (1, 6));
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_never_renamed() {
        let mut rotation = Rotation::append(Path::new("/dev/null"), 10).expect("opened");
        rotation.write_all(b"more than ten bytes\n").expect("written");
        rotation.write_all(b"more than ten bytes\n").expect("written");
        assert!(Path::new("/dev/null").exists());
    }
}
