//! The files and modules that the documents name exist. ARCHITECTURE.md lists every file of the suite, and the index
//! of decisions every decision.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::support::documents::{self, root};

/// The paths in backticks that begin with a folder of the repository, without patterns.
fn paths(text: &str) -> BTreeSet<&str> {
    const FOLDERS: [&str; 10] =
        ["src/", "crates/", "tests/", "fuzz/", "benches/", "examples/", "infra/", "docs/", ".ci/", ".github/"];
    let quoted = text.split('`').skip(1).step_by(2).filter_map(|quoted| quoted.split_whitespace().next());
    let is_path =
        |path: &&str| FOLDERS.iter().any(|folder| path.starts_with(folder)) && !path.contains(['*', '<', '{']);
    quoted.filter(is_path).collect()
}

#[test]
fn documents_name_only_files_that_exist() {
    let mut missing = Vec::new();
    // CHANGELOG.md may name files of earlier versions.
    for page in documents::all().into_iter().filter(|page| page.path != "CHANGELOG.md") {
        // Text in fences may have backticks of its own.
        let prose: String = page.text.split("```").step_by(2).collect();
        let gone = paths(&prose).into_iter().filter(|path| !root().join(path).exists());
        missing.extend(gone.map(|path| format!("{} names {path}", page.path)));
    }
    assert_eq!(missing, Vec::<String>::new());
}

/// Returns whether `a::b::c` names a module of a package, or something that the file of a module declares or exports. The path may begin at a
/// module below the top, such as `secret::mask`.
fn is_module(path: &str, files: &[String]) -> bool {
    let parts: Vec<&str> = path.split("::").collect();
    let ends_with = |parts: &[&str]| {
        let (file, folder) = (format!("/{}.rs", parts.join("/")), format!("/{}/mod.rs", parts.join("/")));
        files.iter().find(|path| path.ends_with(&file) || path.ends_with(&folder))
    };
    let (last, module) = parts.split_last().expect("a path has parts");
    ends_with(&parts).is_some()
        || ends_with(module).is_some_and(|file| {
            let text = fs::read_to_string(root().join(file)).expect("a source file");
            let has_word =
                |line: &str| line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == *last);
            let declares = |line: &str| {
                ["fn ", "struct ", "enum ", "trait ", "const ", " use "].iter().any(|kind| line.contains(kind))
            };
            text.lines().any(|line| declares(line) && has_word(line))
        })
}

#[test]
fn documents_name_only_modules_that_exist() {
    const CRATES: [&str; 2] = ["clap::", "serde_json::"];
    let mut files = Vec::new();
    for folder in ["src", "crates/core/src", "crates/local/src"] {
        source_files(&root().join(folder), folder, &mut files);
    }
    let mut missing = Vec::new();
    for page in documents::all().into_iter().filter(|page| page.path != "CHANGELOG.md") {
        let prose: String = page.text.split("```").step_by(2).collect();
        let is_path = |word: &&str| {
            let is_word = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            word.contains("::")
                && word.split("::").all(is_word)
                && word.starts_with(|c: char| c.is_ascii_lowercase())
                && !CRATES.iter().any(|name| word.starts_with(name))
        };
        let quoted = prose.split('`').skip(1).step_by(2).filter(is_path);
        missing.extend(quoted.filter(|path| !is_module(path, &files)).map(|path| format!("{}: {path}", page.path)));
    }
    assert_eq!(missing, Vec::<String>::new());
    assert!(is_module("output::Text", &files) && !is_module("gateway::iam::aws::value", &files));
}

fn source_files(folder: &Path, name: &str, files: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = format!("{name}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            source_files(&entry.path(), &path, files);
        } else {
            files.push(path);
        }
    }
}

#[test]
fn lines_of_documents_are_at_most_125_characters_long() {
    let mut long = Vec::new();
    for page in documents::all() {
        // A row of a table is one line.
        let lines =
            page.text.lines().enumerate().filter(|(_, line)| !line.starts_with('|') && line.chars().count() > 125);
        long.extend(lines.map(|(index, _)| format!("{}:{}", page.path, index + 1)));
    }
    assert_eq!(long, Vec::<String>::new());
}

#[test]
fn paths_are_found() {
    let text = "See `src/main.rs` and `tests/x.rs NAME`, not `src/*.rs` or `cargo test`.";
    assert_eq!(paths(text), ["src/main.rs", "tests/x.rs"].into());
}

#[test]
fn architecture_lists_the_files_of_the_suite() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let table = text.split("| subject | files |").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("the table");
    let cells = table.lines().skip(2).filter_map(|row| row.split('|').nth(2));
    let listed: BTreeSet<&str> = cells.flat_map(|cell| cell.split(',')).map(str::trim).collect();
    let main = fs::read_to_string(root().join("tests/suite/main.rs")).expect("main.rs");
    let declared: BTreeSet<&str> =
        main.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';')).collect();
    let declared: BTreeSet<&str> = declared.into_iter().filter(|name| *name != "support").collect();
    assert_eq!(listed, declared);
}

#[test]
fn every_decision_is_in_the_index() {
    let pages: Vec<_> = documents::all().into_iter().filter(|page| page.path.starts_with("docs/decisions/")).collect();
    let (index, decisions): (Vec<_>, Vec<_>) = pages.iter().partition(|page| page.path.ends_with("README.md"));
    assert!(decisions.len() > 40, "{}", decisions.len());
    for decision in decisions {
        let name = decision.path.trim_start_matches("docs/decisions/");
        assert!(index[0].text.contains(&format!("]({name})")), "docs/decisions/README.md does not list {name}");
    }
}
