//! No two files import each other, directly or through others, so that each can be read after those that it uses.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::source;

/// The folders of sources.
const PACKAGES: [&str; 3] = ["src", "crates/core/src", "crates/local/src"];

/// Cycles that stay, each with its reason.
const LISTED: &[(&[&str], &str)] = &[];

type Imports = BTreeMap<String, BTreeSet<String>>;

/// The modules of a package, each with those that it imports or names by a path. A module may import those that it
/// declares, which are parts of it, unless they import what it defines itself.
fn imports(folder: &Path) -> Imports {
    let mut paths = Vec::new();
    collect(folder, &mut paths);
    let name = |path: &PathBuf| {
        let inside = path.strip_prefix(folder).expect("below the folder").with_extension("");
        let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        parts.join("::").trim_end_matches("::mod").to_owned()
    };
    let code = |path: &PathBuf| {
        let (own, code) = (name(path), source::code(&fs::read_to_string(path).expect("a source file")));
        let parent = own.rsplit_once("::").map_or(String::new(), |(parent, _)| format!("{parent}::"));
        (own, code.replace("super::", &format!("crate::{parent}")))
    };
    imports_of(&paths.iter().map(code).collect())
}

/// The same for modules with their code.
fn imports_of(code: &BTreeMap<String, String>) -> Imports {
    let modules: BTreeSet<String> = code.keys().cloned().collect();
    let mut imports = Imports::new();
    for (own, text) in code {
        let named = named(text);
        let others = named.iter().filter_map(|path| module_of(path, &modules));
        let others = others.filter(|other| other != own && !other.starts_with(&format!("{own}::")));
        imports.entry(own.clone()).or_default().extend(others);
        let Some((parent, leaf)) = own.rsplit_once("::") else { continue };
        let Some(of_parent) = code.get(parent) else { continue };
        let items = named.iter().filter_map(|path| path.strip_prefix(parent)?.strip_prefix("::")?.split("::").next());
        // A part that adds methods to a type is a part of that type's module.
        let uses = items.into_iter().any(|item| defines(of_parent, item) && !implements(text, item));
        if uses && names_part(of_parent, parent, leaf) {
            imports.entry(parent.to_owned()).or_default().insert(own.clone());
        }
    }
    imports
}

/// Whether the code itself has this item, and does not only pass it on.
fn defines(code: &str, item: &str) -> bool {
    const KINDS: [&str; 7] = ["struct", "enum", "trait", "fn", "const", "static", "type"];
    let is_of_kind = |line: &str, kind: &str| {
        let name = line.split_whitespace().skip_while(|word| *word != kind).nth(1);
        name.is_some_and(|name| name.split(|c: char| !c.is_alphanumeric() && c != '_').next() == Some(item))
    };
    code.lines().any(|line| !line.starts_with(' ') && KINDS.iter().any(|kind| is_of_kind(line, kind)))
}

fn implements(code: &str, item: &str) -> bool {
    let is_word = |word: &str| word == item;
    code.lines()
        .any(|line| line.starts_with("impl") && line.split(|c: char| !c.is_alphanumeric() && c != '_').any(is_word))
}

/// Whether the code of a module names something of a module that it declares.
fn names_part(code: &str, module: &str, leaf: &str) -> bool {
    code.match_indices(&format!("{leaf}::")).any(|(at, _)| {
        let before = &code[..at];
        let is_inside = before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
        !is_inside || before.ends_with(&format!("crate::{module}::"))
    })
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

#[test]
fn a_part_may_not_import_what_its_module_defines() {
    let cycles_of = |parent: &str, child: &str| {
        let code = [("a", parent), ("a::b", child)].map(|(name, code)| (name.to_owned(), code.to_owned()));
        cycles(&imports_of(&code.into())).len()
    };
    let uses = "use crate::a::Item;\nfn f(_: Item) {}";
    assert_eq!(cycles_of("mod b;\nuse b::f;\npub(super) struct Item;", uses), 1);
    assert_eq!(cycles_of("mod b;\npub struct Item;\nfn g() {\n    crate::a::b::f(Item);\n}", uses), 1);
    assert_eq!(cycles_of("mod b;\npub struct Item;", uses), 0, "it only declares the part");
    assert_eq!(cycles_of("mod b;\npub use b::f;\npub use c::Item;", uses), 0, "it only passes the item on");
    assert_eq!(
        cycles_of("mod b;\nuse b::f;\nstruct Item;", "use crate::a::Item;\nimpl Item {}"),
        0,
        "a part of the type"
    );
}
