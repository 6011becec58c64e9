//! The paths in the configuration: relative ones start at its folder.

use std::path::{Path, PathBuf};

use crate::config::section::Section;

/// Returns the path under this key. Nothing expands it, which is reported where it looks as if a shell should.
pub(super) fn path(section: &Section<'_>, key: &str, folder: &Path) -> Option<PathBuf> {
    let text = section.text(key)?;
    if needs_a_shell(&text.value) {
        section.fault(key, text.line, format!("{NOT_EXPANDED}; write the whole path"), None);
        return None;
    }
    Some(folder.join(text.value))
}

/// Why such a path is refused.
pub(super) const NOT_EXPANDED: &str = "neither `~` nor a variable such as `$HOME` is expanded here";

/// Whether a shell would expand the beginning of this path.
pub(super) fn needs_a_shell(path: &str) -> bool {
    let first = path.split('/').next().unwrap_or_default();
    path == "~" || path != first && first.starts_with('~') || first.len() > 1 && first.starts_with('$')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_a_shell_would_expand_are_known() {
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
            assert_eq!(needs_a_shell(path), expected, "{path}");
        }
    }
}
