//! Writes configuration files: a new one, or more text at the end of one. Never changes what is there.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;

/// Returns a TOML basic string. JSON escapes are valid in TOML.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Writes the file atomically; never overwrites another one.
pub(super) fn write(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map(drop).map_err(|error| error.error)
}

/// Appends to the file, which stays as it was if that fails, for example because the disk is full.
pub(super) fn append(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).open(path)?;
    let length = file.metadata()?.len();
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if written.is_err() {
        // If this fails too, the first error says why.
        let _ = file.set_len(length);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_never_replaces_another_and_a_longer_one_keeps_its_beginning() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("new/config.toml");
        write(&path, "a = 1\n").expect("written");
        assert_eq!(write(&path, "b = 2\n").map_err(|error| error.kind()), Err(io::ErrorKind::AlreadyExists));
        append(&path, "b = 2\n").expect("written");
        assert_eq!(std::fs::read_to_string(&path).expect("the file"), "a = 1\nb = 2\n");
        assert!(append(&folder.path().join("missing"), "c = 3\n").is_err());
    }
}
