//! Runs every file of the fuzz corpora through its target once, without the engine, so that fixed bugs stay fixed.
#![cfg(unix)]
#![expect(clippy::duplicate_mod, reason = "each target is a program of its own, too")]

#[path = "../fuzz/fuzz_targets/arguments.rs"]
mod arguments;
#[path = "../fuzz/fuzz_targets/compare.rs"]
mod compare;
#[path = "../fuzz/fuzz_targets/config.rs"]
mod config;
#[path = "../fuzz/fuzz_targets/control.rs"]
mod control;
#[path = "../fuzz/fuzz_targets/definition.rs"]
mod definition;
#[path = "../fuzz/fuzz_targets/filter.rs"]
mod filter;
#[path = "../fuzz/fuzz_targets/history.rs"]
mod history;
#[path = "../fuzz/fuzz_targets/keyboard.rs"]
mod keyboard;
#[path = "../fuzz/fuzz_targets/lifecycle.rs"]
mod lifecycle;
#[path = "../fuzz/fuzz_targets/list.rs"]
mod list;
#[path = "../fuzz/fuzz_targets/payload.rs"]
mod payload;
#[path = "../fuzz/fuzz_targets/screen.rs"]
mod screen;
#[path = "../fuzz/fuzz_targets/start.rs"]
mod start;
#[path = "../fuzz/fuzz_targets/status.rs"]
mod status;
#[path = "../fuzz/fuzz_targets/text.rs"]
mod text;
#[path = "../fuzz/fuzz_targets/timeline.rs"]
mod timeline;
#[path = "../fuzz/fuzz_targets/words.rs"]
mod words;

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

/// A property of any bytes: it panics where it does not hold.
type Property = fn(&[u8]);

const TARGETS: &[(&str, Property)] = &[
    ("arguments", arguments::run),
    ("compare", compare::run),
    ("config", config::run),
    ("control", control::run),
    ("definition", definition::run),
    ("filter", filter::run),
    ("history", history::run),
    ("keyboard", keyboard::run),
    ("lifecycle", lifecycle::run),
    ("list", list::run),
    ("payload", payload::run),
    ("screen", screen::run),
    ("start", start::run),
    ("status", status::run),
    ("text", text::run),
    ("timeline", timeline::run),
    ("words", words::run),
];

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.filter(|path| path.is_file()).collect()
}

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

#[test]
fn every_target_is_run_and_built_and_has_a_corpus() {
    let mut stems: Vec<String> = files(&fuzz().join("fuzz_targets"))
        .iter()
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into())
        .collect();
    stems.sort();
    assert_eq!(stems, TARGETS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    let manifest = include_str!("../fuzz/Cargo.toml");
    for name in stems {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name} is no target of Cargo.toml");
        assert!(files(&fuzz().join("corpus").join(&name)).len() >= 4, "{name} has no corpus");
    }
}

#[test]
fn every_file_of_a_corpus_has_the_properties() {
    let corpora = std::env::var_os("STEPGATE_CORPUS").map_or_else(|| fuzz().join("corpus"), PathBuf::from);
    let mut wrong = Vec::new();
    for (name, run) in TARGETS {
        for path in files(&corpora.join(name)) {
            let data = fs::read(&path).expect("a file of the corpus");
            if catch_unwind(|| run(&data)).is_err() {
                wrong.push(path);
            }
        }
    }
    assert_eq!(wrong, Vec::<PathBuf>::new());
}
