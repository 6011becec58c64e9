//! Licences, sources and duplicates of the external crates, by the rules in `deny.toml`. cargo-deny checks the same and
//! the advisories, but takes minutes to build.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The packages of this repository.
const OWN: [&str; 4] = ["stepgate", "stepgate-core", "stepgate-local", "stepgate-fuzz"];

fn file(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect(path)
}

fn texts(value: Option<&DeValue<'_>>) -> BTreeSet<String> {
    let items = value.and_then(DeValue::as_array).into_iter().flat_map(|items| items.iter());
    items.filter_map(|item| item.get_ref().as_str()).map(str::to_owned).collect()
}

fn text(table: &DeValue<'_>, key: &str) -> Option<String> {
    Some(table.get(key)?.get_ref().as_str()?.to_owned())
}

/// What `deny.toml` allows.
struct Rules {
    licences: BTreeSet<String>,
    /// Further licences of single crates.
    exceptions: BTreeMap<String, BTreeSet<String>>,
    registries: BTreeSet<String>,
    /// Crates that may have only one version.
    single: BTreeSet<String>,
}

impl Rules {
    fn read(toml: &str) -> Self {
        let table = DeTable::parse(toml).expect("TOML");
        let section = |name: &str| table.get_ref().get(name).expect("a section").get_ref();
        let tables = |section: &DeValue<'_>, key: &str| -> Vec<(String, BTreeSet<String>, bool)> {
            let items = section.get(key).and_then(|items| items.get_ref().as_array()).expect("a list of tables");
            items
                .iter()
                .map(|item| {
                    let item = item.get_ref();
                    let allowed = texts(item.get("allow").map(Spanned::get_ref));
                    let is_single = item.get("deny-multiple-versions").and_then(|value| value.get_ref().as_bool());
                    (text(item, "crate").expect("a crate"), allowed, is_single == Some(true))
                })
                .collect()
        };
        let (licences, bans, sources) = (section("licenses"), section("bans"), section("sources"));
        let exceptions = tables(licences, "exceptions").into_iter().map(|(name, allowed, _)| (name, allowed));
        Self {
            licences: texts(licences.get("allow").map(Spanned::get_ref)),
            exceptions: exceptions.collect(),
            registries: texts(sources.get("allow-registry").map(Spanned::get_ref)),
            single: tables(bans, "deny").into_iter().filter(|(.., is_single)| *is_single).map(|ban| ban.0).collect(),
        }
    }

    /// What is wrong with the licence of a crate.
    fn licence_problem(&self, name: &str, expression: &str) -> Option<String> {
        let exceptions = self.exceptions.get(name);
        let is_allowed = |licence: &str| {
            self.licences.contains(licence) || exceptions.is_some_and(|licences| licences.contains(licence))
        };
        match satisfied(expression, &is_allowed) {
            Some(true) => None,
            Some(false) => Some(format!("{name}: deny.toml does not allow the licence `{expression}`")),
            None => Some(format!("{name}: no valid licence expression: `{expression}`")),
        }
    }

    /// What is wrong with the sources and the versions in a lock file.
    fn lock_problems(&self, lock: &str) -> Vec<String> {
        let table = DeTable::parse(lock).expect("a lock file");
        let packages = table.get_ref().get("package").and_then(|list| list.get_ref().as_array()).expect("packages");
        let (mut problems, mut versions) = (Vec::new(), BTreeMap::<String, Vec<String>>::new());
        for package in packages.iter().map(Spanned::get_ref) {
            let name = text(package, "name").expect("a name");
            match text(package, "source") {
                None if OWN.contains(&name.as_str()) => {}
                None => problems.push(format!("{name} comes from a folder")),
                Some(source) => {
                    let registry = source.strip_prefix("registry+").unwrap_or_default();
                    if !self.registries.contains(registry) {
                        problems.push(format!("{name} comes from {source}"));
                    }
                }
            }
            versions.entry(name).or_default().push(text(package, "version").expect("a version"));
        }
        for name in &self.single {
            match versions.get(name).map_or(&[][..], Vec::as_slice) {
                [_] => {}
                [] => problems.push(format!("{name} is not used: remove it from deny.toml")),
                several => problems.push(format!("{name} has several versions: {}", several.join(", "))),
            }
        }
        problems
    }
}

/// Whether the allowed licences satisfy an SPDX expression; `None` if it is none. Old manifests write `/` for `OR`.
fn satisfied(expression: &str, is_allowed: &dyn Fn(&str) -> bool) -> Option<bool> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ").replace(" WITH ", "+WITH+");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    let result = any(&mut rest, is_allowed)?;
    rest.is_empty().then_some(result)
}

fn any(rest: &mut &[&str], is_allowed: &dyn Fn(&str) -> bool) -> Option<bool> {
    let mut result = all(rest, is_allowed)?;
    while let Some(("OR", after)) = rest.split_first().map(|(word, after)| (*word, after)) {
        *rest = after;
        result |= all(rest, is_allowed)?;
    }
    Some(result)
}

fn all(rest: &mut &[&str], is_allowed: &dyn Fn(&str) -> bool) -> Option<bool> {
    let mut result = one(rest, is_allowed)?;
    while let Some(("AND", after)) = rest.split_first().map(|(word, after)| (*word, after)) {
        *rest = after;
        result &= one(rest, is_allowed)?;
    }
    Some(result)
}

fn one(rest: &mut &[&str], is_allowed: &dyn Fn(&str) -> bool) -> Option<bool> {
    let (word, after) = rest.split_first()?;
    *rest = after;
    match *word {
        "(" => {
            let result = any(rest, is_allowed)?;
            let (close, after) = rest.split_first()?;
            *rest = after;
            (*close == ")").then_some(result)
        }
        ")" | "OR" | "AND" => None,
        licence => Some(is_allowed(&licence.replace("+WITH+", " WITH "))),
    }
}

/// The crates that this system builds, with their licences. The crates of other systems may not have been downloaded; the
/// tests run on all of them.
fn built_crates() -> BTreeMap<String, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command.args(["tree", "--workspace", "--offline", "--locked", "--edges", "normal,build,dev", "--prefix", "none"]);
    command.args(["--format", "{p}|{l}"]);
    if !cfg!(feature = "iam") {
        command.arg("--no-default-features");
    }
    let output = command.output().expect("cargo tree");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).expect("UTF-8");
    let lines = tree.lines().filter_map(|line| line.split_once('|'));
    let named = lines.filter_map(|(package, licence)| Some((package.split(' ').next()?, licence)));
    named.map(|(name, licence)| (name.to_owned(), licence.trim_end_matches(" (*)").to_owned())).collect()
}

#[test]
fn licences_are_allowed() {
    let rules = Rules::read(&file("deny.toml"));
    let crates = built_crates();
    assert!(crates.len() > 100, "{crates:?}");
    let problems: Vec<String> =
        crates.iter().filter_map(|(name, licence)| rules.licence_problem(name, licence)).collect();
    assert_eq!(problems, Vec::<String>::new());
}

#[test]
fn crates_come_from_crates_io_and_the_large_ones_only_once() {
    let rules = Rules::read(&file("deny.toml"));
    assert_eq!(rules.lock_problems(&file("Cargo.lock")), Vec::<String>::new());
    let sources = Rules { single: BTreeSet::new(), ..rules };
    assert_eq!(sources.lock_problems(&file("fuzz/Cargo.lock")), Vec::<String>::new());
}

const RULES: &str = r#"
[licenses]
allow = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"]
exceptions = [{ crate = "special", allow = ["MPL-2.0"] }]
[bans]
deny = [{ crate = "once", deny-multiple-versions = true }]
[sources]
allow-registry = ["https://example.com/index"]
"#;

#[test]
fn expressions_are_read_as_spdx_means_them() {
    let rules = Rules::read(RULES);
    for (name, expression, is_good) in [
        ("a", "MIT", true),
        ("a", "GPL-3.0", false),
        ("a", "GPL-3.0 OR MIT", true),
        ("a", "GPL-3.0/MIT", true),
        ("a", "GPL-3.0 AND MIT", false),
        ("a", "GPL-3.0 OR MIT AND ISC", true),
        ("a", "MIT AND (GPL-3.0 OR ISC)", true),
        ("a", "(MIT OR ISC) AND GPL-3.0", false),
        ("a", "Apache-2.0", false),
        ("a", "Apache-2.0 WITH LLVM-exception", true),
        ("a", "MPL-2.0", false),
        ("special", "MPL-2.0", true),
        ("a", "", false),
        ("a", "MIT OR", false),
        ("a", "(MIT", false),
        ("a", "MIT MIT", false),
    ] {
        let problem = rules.licence_problem(name, expression);
        assert_eq!(problem.is_none(), is_good, "{name}: {expression}: {problem:?}");
    }
}

#[test]
fn other_sources_and_second_versions_are_found() {
    let rules = Rules::read(RULES);
    let package = |name: &str, version: &str, source: &str| {
        let source = if source.is_empty() { String::new() } else { format!("source = \"{source}\"\n") };
        format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n{source}\n")
    };
    let good = "registry+https://example.com/index";
    let once = package("once", "1.0.0", good);
    for (lock, expected) in [
        (once.clone() + &package("stepgate", "0.1.0", ""), &[][..]),
        (once.clone() + &package("once", "2.0.0", good), &["once has several versions: 1.0.0, 2.0.0"]),
        (package("other", "1.0.0", good), &["once is not used: remove it from deny.toml"]),
        (once.clone() + &package("b", "1.0.0", ""), &["b comes from a folder"]),
        (
            once.clone() + &package("b", "1.0.0", "git+https://example.com/b#1"),
            &["b comes from git+https://example.com/b#1"],
        ),
        (
            once.clone() + &package("b", "1.0.0", "registry+https://example.org"),
            &["b comes from registry+https://example.org"],
        ),
    ] {
        assert_eq!(rules.lock_problems(&lock), expected, "{lock}");
    }
}
