//! The arrows of ARCHITECTURE.md: which part of the crate may know which, and which outside crate
//! belongs to which part.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A module and the modules that it may use.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("lifecycle", &["domain"]),
    ("bounded", &[]),
    ("config", &["bounded", "domain"]),
    ("gateway", &["bounded", "domain"]),
    ("local", &["bounded", "domain"]),
    ("store", &["bounded", "lifecycle", "domain"]),
    ("start", &["gateway", "lifecycle", "store", "domain"]),
    ("watch", &["gateway", "lifecycle", "domain"]),
    ("doctor", &["gateway", "domain"]),
    ("app", &["lifecycle", "domain"]),
    ("ui", &["app", "domain"]),
    ("jq", &[]),
    ("runtime", &["app", "ui", "start", "watch", "gateway", "lifecycle", "store", "bounded", "domain"]),
    (
        "cli",
        &[
            "app",
            "bounded",
            "config",
            "doctor",
            "domain",
            "gateway",
            "jq",
            "lifecycle",
            "local",
            "runtime",
            "start",
            "store",
            "ui",
            "watch",
        ],
    ),
];

/// An outside crate, or a part of the standard library, and its only owners.
const OWNERS: &[(&str, &[&str])] = &[
    ("crossterm::", &["runtime"]),
    ("reqwest::", &["gateway"]),
    ("aws_", &["gateway"]),
    ("base64::", &["gateway"]),
    ("hyper_util::", &["gateway"]),
    ("tokio_rustls::", &["gateway"]),
    ("x509_parser::", &["gateway"]),
    ("axum::", &["local"]),
    ("clap::", &["cli"]),
    ("clap_complete::", &["cli"]),
    ("clap_mangen::", &["cli"]),
    ("anstyle::", &["cli"]),
    ("tracing_subscriber::", &["cli"]),
    ("sha2::", &["domain", "store"]),
    ("anyhow::", &["cli"]),
    ("jaq_", &["jq"]),
    ("nucleo_matcher::", &["app"]),
    ("toml::", &["config"]),
    ("use url::", &["config"]),
    ("rusqlite::", &["store"]),
    ("terminal_colorsaurus::", &["runtime"]),
    ("arboard::", &["runtime"]),
    ("ratatui_textarea::", &["app"]),
    ("tokio::", &["bounded", "doctor", "gateway", "local", "store", "start", "watch", "runtime", "cli"]),
    ("std::fs", &["bounded", "gateway", "local", "store", "runtime", "cli"]),
    ("http::", &["gateway", "local"]),
    ("std::net::Tcp", &["gateway", "local", "cli"]),
    ("std::env", &["gateway", "runtime", "cli"]),
    ("Instant::now", &["bounded", "gateway", "local", "start", "watch", "cli"]),
    ("SystemTime::now", &["gateway", "local", "start", "runtime"]),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Each source file with its module and its code, without comments and without tests.
fn files() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    sources(&root, &mut paths);
    let read = |path: PathBuf| {
        let inside = path.strip_prefix(&root).expect("below src");
        let module = inside.iter().next().expect("a name").to_string_lossy().trim_end_matches(".rs").to_owned();
        let text = fs::read_to_string(&path).expect("a source file");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let code: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        (module, path.clone(), code.join("\n"))
    };
    paths.into_iter().filter(|path| !path.ends_with("tests.rs")).map(read).collect()
}

/// The modules that the code names as `crate::x`.
fn used(code: &str) -> BTreeSet<String> {
    code.split("crate::")
        .skip(1)
        .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
        .collect()
}

#[test]
fn modules_use_only_what_they_may() {
    let mut wrong = Vec::new();
    for (module, path, code) in files() {
        assert!(!code.contains("use crate::{"), "{}: write a `use` for each module", path.display());
        assert!(!code.contains("super::super"), "{}: name the module", path.display());
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == module) else {
            assert!(["main", "lib"].contains(&module.as_str()), "{module} has no arrows: say which in this test");
            continue;
        };
        for other in used(&code) {
            if other != module && !allowed.contains(&other.as_str()) {
                wrong.push(format!("{} uses {other}", path.display()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn outside_crates_have_one_owner() {
    let mut wrong = Vec::new();
    for (module, path, code) in files().into_iter().filter(|(module, ..)| module != "main" && module != "lib") {
        for (name, owners) in OWNERS {
            if code.contains(name) && !owners.contains(&module.as_str()) {
                wrong.push(format!("{} uses {name}", path.display()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// What reads without a limit, or waits for a lock without one, and the file that may: it sets the limit itself.
const UNBOUNDED: &[(&str, &[&str])] = &[
    ("fs::read(", &[]),
    ("fs::read_to_string(", &[]),
    ("read_to_string(", &[]),
    ("read_to_end(", &["journal.rs", "filter.rs"]),
    ("File::open(", &["owner.rs"]),
    ("stdin().lock()", &["init.rs"]),
    ("wait_with_output(", &[]),
    (".output()\n", &[]),
    (".output().await", &[]),
    ("file.lock()", &[]),
    ("try_lock()", &[]),
    ("lock_exclusive", &[]),
];

#[test]
fn only_bounded_reads_and_locks_without_a_limit_of_its_own() {
    let mut wrong = Vec::new();
    let is_bound = |module: &str, path: &Path| module != "bounded" && !path.iter().any(|part| part == "tests");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (module, path, code) in files() {
        if !is_bound(&module, path.strip_prefix(&root).unwrap_or(&path)) {
            continue;
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        for (words, allowed) in UNBOUNDED {
            if code.contains(words) && !allowed.contains(&name.as_str()) {
                wrong.push(format!("{} has {words}: use `bounded`", path.display()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// What only a rule about the meaning of a response needs; front ends ask `lifecycle`.
const RULES: [&str; 12] = [
    "leaves_doubt",
    "LATEST_ARRIVAL",
    "GRACE",
    "ExecutionDoesNotExist",
    "is_before(",
    "predates",
    "named_in(",
    ".digest()",
    "NameHandling",
    "redrive.count.unwrap_or",
    "redrive.date >",
    "redrive.date <",
];

#[test]
fn front_ends_have_no_rules_about_responses() {
    let mut wrong = Vec::new();
    let is_front_end =
        |path: &Path| path.components().any(|part| ["app", "cli"].iter().any(|name| part.as_os_str() == *name));
    for (_, path, code) in files().into_iter().filter(|(_, path, _)| is_front_end(path)) {
        wrong.extend(
            RULES.iter().filter(|rule| code.contains(*rule)).map(|rule| format!("{} has {rule}", path.display())),
        );
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn files_stay_small_and_begin_with_what_they_are() {
    for (_, path, _) in files() {
        let text = fs::read_to_string(&path).expect("a source file");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default().lines().count();
        assert!(code <= 320, "{} has {code} lines: split it by meaning", path.display());
        assert!(text.starts_with("//! "), "{} does not say what it is", path.display());
    }
}
