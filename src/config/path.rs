//! Paths in the configuration. Relative paths start at its folder.

use std::path::{Path, PathBuf};

use crate::config::section::Section;

/// Returns the path of a key. Paths that a shell would expand are errors.
pub(super) fn path(section: &Section<'_>, key: &str, folder: &Path) -> Option<PathBuf> {
    let text = section.text(key)?;
    if needs_shell(&text.value) {
        section.error(key, text.line, format!("{NOT_EXPANDED}; write the full path"), None);
        return None;
    }
    Some(folder.join(text.value))
}

/// Message for paths that a shell would expand.
pub(super) const NOT_EXPANDED: &str = "`~` and variables such as `$HOME` are not expanded here";

/// Whether a shell would expand the beginning of this path.
pub(super) fn needs_shell(path: &str) -> bool {
    let first = path.split('/').next().unwrap_or_default();
    path == "~" || path != first && first.starts_with('~') || first.len() > 1 && first.starts_with('$')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_a_shell_would_expand_are_detected() {
        for (path, expected) in [
            ("~", true),
            ("~/token", true),
            ("~me/token", true),
            ("$HOME/token", true),
            ("${HOME}/token", true),
            ("$TOKEN_FILE", true),
            ("~token", false),
            ("token~", false),
            ("a/~/b", false),
            ("/a/$b", false),
            ("$", false),
            ("", false),
        ] {
            assert_eq!(needs_shell(path), expected, "{path}");
        }
    }
}
