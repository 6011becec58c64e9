//! Reads the names in a folder, for the completion of a path.

use std::fs::DirEntry;
use std::path::{MAIN_SEPARATOR, Path};

use crate::app::msg::Folder;
use crate::runtime::process::home_folder::expanded;

/// Limit for entries that are read.
const MOST: usize = 10_000;

/// Returns the names in a folder that begin with `typed`; hidden ones only if it begins with a dot.
pub(in crate::runtime) fn names(folder: &str, typed: &str) -> Result<Folder, String> {
    if folder.trim() == "~" {
        return Ok(Folder { names: vec![MAIN_SEPARATOR.to_string()], is_cut: false });
    }
    let path = expanded(folder.trim_start());
    let path = if folder.is_empty() { Path::new(".") } else { &path };
    let failed = |error: std::io::Error| format!("{} cannot be read: {error}", path.display());
    let mut entries = std::fs::read_dir(path).map_err(failed)?;
    let name = |entry: DirEntry| {
        let name = entry.file_name().into_string().ok()?;
        let is_hidden = name.starts_with('.') && !typed.starts_with('.');
        // A path in a prompt is one line.
        let can_be_typed = !name.contains(char::is_control);
        let is_offered = name.starts_with(typed) && !is_hidden && can_be_typed;
        // Follows links, so a link to a folder is one.
        is_offered.then(|| if entry.path().is_dir() { format!("{name}{MAIN_SEPARATOR}") } else { name })
    };
    let mut names: Vec<String> = entries.by_ref().take(MOST).filter_map(|entry| name(entry.ok()?)).collect();
    names.sort_unstable();
    Ok(Folder { names, is_cut: entries.next().is_some() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_begin_as_typed_are_found() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["orders 1.jsonl", "orders-注文.jsonl", ".hidden", "other", "line\nbreak"] {
            // Not every file system allows a line break.
            if let Err(error) = std::fs::write(folder.path().join(name), "") {
                assert!(name.contains('\n'), "{error}");
            }
        }
        std::fs::create_dir(folder.path().join("ordered")).expect("a folder");
        let path = format!("{}{MAIN_SEPARATOR}", folder.path().display());
        let found = |typed: &str| names(&path, typed).map(|folder| folder.names);
        let ordered = format!("ordered{MAIN_SEPARATOR}");
        assert_eq!(found("ord"), Ok(vec![ordered.clone(), "orders 1.jsonl".into(), "orders-注文.jsonl".into()]));
        assert_eq!(found("orders-注"), Ok(vec!["orders-注文.jsonl".into()]));
        assert_eq!(found("."), Ok(vec![".hidden".into()]));
        assert_eq!(found("").map(|names| names.len()), Ok(4));
        assert_eq!(found("x"), Ok(Vec::new()));
        let missing = names(&format!("{path}missing{MAIN_SEPARATOR}"), "").expect_err("no folder");
        assert!(missing.contains("missing") && missing.contains("cannot be read"), "{missing}");
        assert_eq!(names("~", "").map(|folder| folder.names), Ok(vec![MAIN_SEPARATOR.to_string()]));
    }

    #[test]
    fn a_large_folder_is_read_in_part() {
        let folder = tempfile::tempdir().expect("a folder");
        for number in 0..=MOST {
            std::fs::write(folder.path().join(number.to_string()), "").expect("written");
        }
        let found = names(&format!("{}{MAIN_SEPARATOR}", folder.path().display()), "").expect("names");
        assert_eq!((found.names.len(), found.is_cut), (MOST, true));
    }
}
