//! Saving a text where the user wants it.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};

use crate::app::msg::SaveFault;
use crate::runtime::lines::expanded;

/// Writes a file, and returns its whole path. One that is there is only replaced when that is wanted.
pub(super) fn save(path: &str, text: &str, replace: bool) -> Result<String, SaveFault> {
    let path = std::path::absolute(expanded(path.trim())).map_err(|error| SaveFault::Failed(error.to_string()))?;
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::AlreadyExists => SaveFault::Exists,
        _ => SaveFault::Failed(format!("{} cannot be written: {error}", path.display())),
    };
    if !replace {
        let mut file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        return Ok(path.display().to_string());
    }
    // Beside it first, so that a full disk does not cost what was there.
    let folder = path.parent().unwrap_or(&path);
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.persist(&path).map_err(|error| failed(error.error))?;
    Ok(path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_kept_until_it_is_to_be_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("注文 output.json").display().to_string();
        assert_eq!(save(&path, "1.0", false), Ok(path.clone()));
        assert_eq!(save(&path, "2", false), Err(SaveFault::Exists));
        assert_eq!(std::fs::read_to_string(&path).expect("the file"), "1.0");
        assert_eq!(save(&path, "2", true), Ok(path.clone()));
        assert_eq!(std::fs::read_to_string(&path).expect("the file"), "2");
        let missing = folder.path().join("no/such/file").display().to_string();
        assert!(matches!(save(&missing, "", false), Err(SaveFault::Failed(words)) if words.contains("no/such/file")));
    }
}
