//! No two files import each other, not even by way of others, so that each can be read after those that it uses.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::source;

/// The folders of sources.
const PACKAGES: [&str; 3] = ["src", "crates/core/src", "crates/local/src"];

/// Cycles that stay, each with its reason.
const LISTED: &[(&[&str], &str)] = &[];

type Imports = BTreeMap<String, BTreeSet<String>>;

/// The modules of a package, each with those that it imports or names by a path. A module does not import those that it
/// declares: they are parts of it.
fn imports(folder: &Path) -> Imports {
    let mut paths = Vec::new();
    collect(folder, &mut paths);
    let name = |path: &PathBuf| {
        let inside = path.strip_prefix(folder).expect("below the folder").with_extension("");
        let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        parts.join("::").trim_end_matches("::mod").to_owned()
    };
    let modules: BTreeSet<String> = paths.iter().map(name).collect();
    let mut imports = Imports::new();
    for path in &paths {
        let (own, code) = (name(path), source::code(&fs::read_to_string(path).expect("a source file")));
        let named = named(&code).into_iter().filter_map(|path| module_of(&path, &modules));
        let others = named.filter(|other| *other != own && !other.starts_with(&format!("{own}::")));
        imports.insert(own.clone(), others.collect());
    }
    imports
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources").flatten() {
        let path = entry.path();
        let is_test = path.file_stem().is_some_and(|name| name == "tests");
        let is_root = ["lib.rs", "main.rs"].iter().any(|name| path.ends_with(name));
        if path.is_dir() && !is_test {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !is_test && !is_root {
            found.push(path);
        }
    }
}

/// The paths below `crate::` that the code names, with the items of grouped imports one by one, and the modules that are
/// named by way of an imported parent (`reader::search::act`).
fn named(code: &str) -> BTreeSet<String> {
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let mut paths = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let path: String = rest.chars().take_while(|c| is_path(*c)).collect();
        match rest[path.len()..].strip_prefix('{') {
            Some(group) => {
                let items = group.split('}').next().unwrap_or_default().split(',');
                let whole = |item: &str| format!("{path}{}", item.trim()).trim_end_matches("::self").to_owned();
                paths.extend(items.map(whole));
            }
            None => drop(paths.insert(path.trim_end_matches("::").to_owned())),
        }
    }
    for path in paths.clone() {
        let leaf = path.rsplit("::").next().unwrap_or_default().to_owned();
        for (at, _) in code.match_indices(&format!("{leaf}::")) {
            if !code[..at].ends_with(is_path) {
                let rest: String = code[at + leaf.len()..].chars().take_while(|c| is_path(*c)).collect();
                paths.insert(format!("{path}{}", rest.trim_end_matches("::")));
            }
        }
    }
    paths
}

/// The module that a path names an item of.
fn module_of(path: &str, modules: &BTreeSet<String>) -> Option<String> {
    let mut path = path;
    loop {
        if modules.contains(path) {
            return Some(path.to_owned());
        }
        path = path.rsplit_once("::")?.0;
    }
}

/// The modules that a module reaches.
fn reached(from: &str, imports: &Imports) -> BTreeSet<String> {
    let (mut reached, mut open) = (BTreeSet::new(), vec![from.to_owned()]);
    while let Some(module) = open.pop() {
        for other in imports.get(&module).into_iter().flatten() {
            if reached.insert(other.clone()) {
                open.push(other.clone());
            }
        }
    }
    reached
}

fn cycles(imports: &Imports) -> BTreeSet<BTreeSet<String>> {
    let all: BTreeMap<&String, BTreeSet<String>> =
        imports.keys().map(|module| (module, reached(module, imports))).collect();
    let in_cycle = all.iter().filter(|(module, reached)| reached.contains(module.as_str()));
    in_cycle
        .map(|(module, reached)| {
            let back = |other: &&String| all.get(other).is_some_and(|reached| reached.contains(module.as_str()));
            reached.iter().filter(back).cloned().collect()
        })
        .collect()
}

#[test]
fn files_do_not_import_each_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let listed: BTreeSet<BTreeSet<String>> =
        LISTED.iter().map(|(cycle, _)| cycle.iter().map(|module| (*module).to_owned()).collect()).collect();
    let mut found: BTreeSet<BTreeSet<String>> = BTreeSet::new();
    for package in PACKAGES {
        found.extend(cycles(&imports(&root.join(package))));
    }
    let new: Vec<_> = found.difference(&listed).collect();
    assert!(new.is_empty(), "these files import each other: {new:#?}");
    let gone: Vec<_> = listed.difference(&found).collect();
    assert!(gone.is_empty(), "these are no cycles any more, take them off the list: {gone:#?}");
}

#[test]
fn paths_are_found_in_every_notation() {
    let code = "use crate::a::b::C;\nuse crate::d::{self, e, F};\nfn f() { crate::g::h(); e::i::j(); }";
    let expected = ["a::b::C", "d", "d::F", "d::e", "d::e::i::j", "g::h"];
    assert_eq!(named(code), expected.map(str::to_owned).into());
    let modules: BTreeSet<String> = ["d::e", "d"].map(str::to_owned).into();
    assert_eq!(module_of("d::e::i::j", &modules).as_deref(), Some("d::e"));
    let imports: Imports = [("a", vec!["b"]), ("b", vec!["c"]), ("c", vec!["a"]), ("d", vec!["a"])]
        .map(|(module, others)| (module.to_owned(), others.into_iter().map(str::to_owned).collect()))
        .into();
    assert_eq!(cycles(&imports), [["a", "b", "c"].map(str::to_owned).into()].into());
}
