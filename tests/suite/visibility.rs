//! What each module of the root package exports: the public modules, the parts of the model, and lints.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::architecture::{PACKAGES, Source, files, sources};
use crate::support::source;

/// The modules of the root package that the binary, tests, benches, examples or fuzz targets name; all others are private
/// or `pub(crate)`.
const PUBLIC_MODULES: &[(&str, &str)] = &[
    ("app", "the model and its messages, for tests of whole sessions"),
    ("app::reader", "the reading of texts, for fuzz targets and benches"),
    ("app::timeline", "the steps of a history, for fuzz targets and tests"),
    ("cli", "`main` for the binary, the arguments for a fuzz target"),
    ("config", "the parser, for a fuzz target"),
    ("config::local_gateway", "the endpoint and machines of the local gateway, for sessions against it"),
    ("format", "below"),
    ("format::text", "measuring and escaping, for a fuzz target and tests"),
    ("format::wrap", "wrapping, for a fuzz target"),
    ("runtime", "a session on a terminal in memory, for tests and benches"),
    ("ui", "drawing, for tests, benches and pictures"),
];

#[test]
fn only_listed_modules_are_public() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut public = BTreeSet::new();
    for Source { path, code, .. } in files().into_iter().filter(|file| file.package == "stepgate") {
        let inside = path.strip_prefix(&root).expect("below the folder").with_extension("");
        let parts = inside.iter().map(|part| part.to_string_lossy()).filter(|part| part != "mod" && part != "lib");
        let parent: Vec<String> = parts.map(Cow::into_owned).collect();
        let declared = code.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
        public.extend(declared.map(|name| [&parent[..], &[name.to_owned()]].concat().join("::")));
    }
    let listed: BTreeSet<String> = PUBLIC_MODULES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(public, listed);
}

/// The names that a module passes on to everyone: its own public items and its `pub use`.
fn exports(code: &str) -> BTreeSet<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut names = BTreeSet::new();
    for statement in code.split("\npub ").skip(1) {
        let statement = statement.trim_start_matches("async ");
        let (kind, rest) = statement.split_once(' ').expect("a kind of item");
        match kind {
            "mod" => {}
            "use" => {
                let (path, _) = rest.split_once(';').expect("the end of a `use`");
                let items = path.split_once('{').map_or(path, |(_, items)| items.trim_end_matches('}'));
                let items = items.split(',').map(|item| word(item.rsplit("::").next().unwrap_or(item).trim()));
                names.extend(items.filter(|name| !name.is_empty()));
            }
            _ => drop(names.insert(word(rest))),
        }
    }
    names
}

/// What is named only in the package itself is `pub(crate)`.
#[test]
fn public_modules_export_only_what_is_used_outside() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = vec![root.join("src/main.rs")];
    for folder in ["tests", "benches", "examples", "fuzz/fuzz_targets"] {
        sources(&root.join(folder), &mut paths);
    }
    let outside: String = paths.iter().map(|path| fs::read_to_string(path).expect("a source file")).collect();
    let paths = outside.split("stepgate::").skip(1).filter_map(|rest| rest.split([';', '(']).next());
    let words: BTreeSet<&str> = paths.flat_map(|path| path.split(|c: char| !c.is_alphanumeric() && c != '_')).collect();
    let mut unused = Vec::new();
    for (module, _) in PUBLIC_MODULES {
        let file = root.join("src").join(module.replace("::", "/"));
        let file = [file.with_extension("rs"), file.join("mod.rs")].into_iter().find(|file| file.exists());
        let code = source::code(&fs::read_to_string(file.expect("the module's file")).expect("a source file"));
        let names = exports(&code).into_iter().filter(|name| !words.contains(name.as_str()));
        unused.extend(names.map(|name| format!("{module}::{name}")));
    }
    assert_eq!(unused, Vec::<String>::new(), "make them `pub(crate)`");
}

/// The parts of the model: the file and the struct.
const PARTS: &[(&str, &str)] = &[
    ("batch/batches.rs", "Batches"),
    ("control/mod.rs", "Control"),
    ("keys/mod.rs", "Keys"),
    ("list/lists.rs", "Lists"),
    ("reader/open_texts.rs", "OpenTexts"),
    ("shell/mod.rs", "Shell"),
    ("start/starts.rs", "Starts"),
    ("timeline/mod.rs", "Timeline"),
];

#[test]
fn only_its_feature_sees_the_fields_of_a_part_of_the_model() {
    let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/app");
    let fields = |file: &str, name: &str| -> Vec<String> {
        let code = source::code(&fs::read_to_string(app.join(file)).expect("a part"));
        let (_, rest) = code.split_once(&format!("struct {name} {{")).expect("the struct");
        let body = rest.split("\n}").next().expect("the end of the struct");
        body.lines().map(|line| line.trim().to_owned()).filter(|line| line.ends_with(',')).collect()
    };
    let model = fields("model.rs", "Model");
    assert!(model.iter().all(|field| field.starts_with("pub(in crate::app) ")), "{model:?}");
    for (file, name) in PARTS {
        assert!(model.iter().any(|field| field.contains(name)), "{name} is not a part of the model");
        let visible: Vec<String> = fields(file, name).into_iter().filter(|field| field.starts_with("pub")).collect();
        assert!(visible.iter().all(|field| field.starts_with("pub(super) ")), "{name}: {visible:?}");
    }
    assert_eq!(model.len(), PARTS.len(), "a part is not in the list: {model:?}");
}

/// The only types of `app` that others may change: fuzz targets read texts and histories through them.
const CHANGED_OUTSIDE: [&str; 2] = ["reader/mod.rs", "timeline/history.rs"];

#[test]
fn only_app_changes_what_is_in_the_model() {
    let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/app");
    let mut wrong = Vec::new();
    for Source { path, code, .. } in files().into_iter().filter(|file| file.module == "app") {
        if CHANGED_OUTSIDE.iter().any(|file| path == app.join(file)) {
            continue;
        }
        for function in code.split("pub fn ").chain(code.split("pub(crate) fn ")).skip(1) {
            let name = function.split('(').next().unwrap_or_default();
            let arguments = function.split_once('(').map_or("", |(_, arguments)| arguments.trim_start());
            if arguments.starts_with("&mut self") {
                wrong.push(format!("{}: {name} is `pub(in crate::app)`", path.display()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// Cargo cannot deny a lint only outside of tests, benches and examples, so each package has the list.
#[test]
fn packages_deny_the_same_lints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let lists: Vec<String> = PACKAGES
        .iter()
        .map(|(folder, _)| {
            let text = fs::read_to_string(root.join(folder).join("lib.rs")).expect("a lib.rs");
            let (_, rest) = text.split_once("#![deny(").expect("a list of lints");
            let (list, rest) = rest.split_once(")]").expect("its end");
            let outside_tests =
                rest.lines().find(|line| line.starts_with("#![cfg_attr(not(test), deny(")).expect("lints");
            format!("{list}{outside_tests}")
        })
        .collect();
    assert!(lists.iter().all(|list| *list == lists[0]), "{lists:#?}");
}
