//! A log file that does not grow without end: at its largest size it becomes `FILE.1`, in the place of an earlier one.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::bounded::Sink;

/// The file that is written to, in bytes; with the one before it there is twice as much on the disk.
pub(super) const MOST: u64 = 16 * 1024 * 1024;

/// Adds lines to a file.
#[derive(Debug)]
pub(super) struct Rotation {
    path: PathBuf,
    sink: Sink,
    /// Bytes in the file; `None` for a pipe or a device.
    size: Option<u64>,
    most: u64,
}

impl Rotation {
    pub(super) fn append(path: &Path, most: u64) -> io::Result<Self> {
        let sink = Sink::append(path)?;
        let size = sink.metadata().ok().filter(Metadata::is_file).map(|metadata| metadata.len());
        Ok(Self { path: path.to_owned(), sink, size, most })
    }

    /// Goes on in a new file. Another process may have begun it already.
    #[expect(clippy::disallowed_methods, reason = "it takes no longer than writing a line")]
    fn rotate(&mut self) -> io::Result<()> {
        if is_same(&self.sink.metadata()?, &self.path) {
            let mut earlier = OsString::from(&self.path);
            earlier.push(".1");
            fs::rename(&self.path, earlier)?;
        }
        *self = Self::append(&self.path, self.most)?;
        Ok(())
    }
}

impl Write for Rotation {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.size.is_some_and(|size| size > 0 && size.saturating_add(bytes.len() as u64) > self.most) {
            // A file that cannot be renamed is written to, and tried again after as much.
            if self.rotate().is_err() {
                self.size = Some(0);
            }
        }
        let written = self.sink.write(bytes)?;
        self.size = self.size.map(|size| size.saturating_add(written as u64));
        Ok(written)
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
    fn a_file_that_is_full_becomes_the_earlier_one_and_no_line_is_cut() {
        let folder = tempfile::tempdir().expect("a folder");
        let (log, earlier) = (folder.path().join("log"), folder.path().join("log.1"));
        fs::write(&log, "from before\n").expect("written");
        let mut rotation = Rotation::append(&log, 30).expect("opened");
        for line in 0..6 {
            rotation.write_all(format!("line {line} of six\n").as_bytes()).expect("written");
        }
        assert_eq!((read(&log), read(&earlier)), ("line 5 of six\n".into(), "line 3 of six\nline 4 of six\n".into()));
        // A line that is larger than the file may be is written all the same.
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
        assert!(both.contains("a8 ") && both.contains("b8 ") && both.len() <= 120, "{both}");
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_to_and_never_renamed() {
        let mut rotation = Rotation::append(Path::new("/dev/null"), 10).expect("opened");
        rotation.write_all(b"more than ten bytes\n").expect("written");
        rotation.write_all(b"more than ten bytes\n").expect("written");
        assert!(Path::new("/dev/null").exists());
    }
}
