//! The home folder in paths.

use std::path::PathBuf;

/// Expands `~` to the home folder.
pub(in crate::runtime) fn expanded(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), directories::BaseDirs::new()) {
        (Some(rest), Some(folders)) => folders.home_dir().join(rest),
        _ => path.into(),
    }
}
