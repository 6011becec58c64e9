//! Saves a text to a file.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};

use crate::app::msg::SaveError;
use crate::runtime::process::home_folder::expanded;

/// Writes a file and returns its absolute path. Replaces an existing file only if `replace` is set.
pub(in crate::runtime) fn save(path: &str, text: &str, replace: bool) -> Result<String, SaveError> {
    let path = std::path::absolute(expanded(path.trim())).map_err(|error| SaveError::Failed(error.to_string()))?;
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::AlreadyExists => SaveError::Exists,
        _ => SaveError::Failed(format!("{} cannot be written: {error}", path.display())),
    };
    if !replace {
        // `create_new` fails for any link, even a dangling one, so links are never followed.
        let mut file = owner_only(OpenOptions::new().write(true).create_new(true)).open(&path).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        return Ok(path.display().to_string());
    }
    // Written to a temporary file first, so that a full disk does not destroy the old one. Replaces a link itself.
    let folder = path.parent().unwrap_or(&path);
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.persist(&path).map_err(|error| failed(error.error))?;
    Ok(path.display().to_string())
}

/// Makes the file readable for its owner only: payloads may be confidential.
fn owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_the_file_and_links_are_not_followed() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let folder = tempfile::tempdir().expect("a folder");
        let [file, link, target] = ["file", "link", "target"].map(|name| folder.path().join(name));
        let path = |path: &std::path::Path| path.display().to_string();
        let mode =
            |path: &std::path::Path| std::fs::symlink_metadata(path).expect("there").permissions().mode() & 0o777;
        save(&path(&file), "1", false).expect("saved");
        assert_eq!(mode(&file), 0o600);
        for exists in [false, true] {
            let _ = std::fs::remove_file(&link);
            symlink(&target, &link).expect("a link");
            if exists {
                std::fs::write(&target, "theirs").expect("written");
            }
            assert_eq!(save(&path(&link), "2", false), Err(SaveError::Exists));
            save(&path(&link), "2", true).expect("replaced");
            assert_eq!((mode(&link), target.exists()), (0o600, exists), "the link is replaced");
        }
        assert_eq!(std::fs::read_to_string(&target).expect("theirs"), "theirs");
    }

    #[test]
    fn an_existing_file_is_kept_unless_it_is_to_be_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("注文 output.json").display().to_string();
        assert_eq!(save(&path, "1.0", false), Ok(path.clone()));
        assert_eq!(save(&path, "2", false), Err(SaveError::Exists));
        assert_eq!(std::fs::read_to_string(&path).expect("the file"), "1.0");
        assert_eq!(save(&path, "2", true), Ok(path.clone()));
        assert_eq!(std::fs::read_to_string(&path).expect("the file"), "2");
        let missing = folder.path().join("no/such/file").display().to_string();
        assert!(
            matches!(save(&missing, "", false), Err(SaveError::Failed(message)) if message.contains("no/such/file"))
        );
    }
}
