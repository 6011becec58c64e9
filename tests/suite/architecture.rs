//! The allowed dependencies of ARCHITECTURE.md: which module may use which, and which module owns each external
//! crate.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::source;

/// The packages: the folder of their sources and how other packages name them.
pub(crate) const PACKAGES: &[(&str, &str)] =
    &[("src", "stepgate"), ("crates/core/src", "stepgate_core"), ("crates/local/src", "stepgate_local")];

/// A module and the modules that it may use. In the root package, `core` is any module of `stepgate-core`, and `local`
/// the package `stepgate-local`.
const ARROWS: &[(&str, &[&str])] = &[
    // stepgate-core
    ("core::bounded", &["task"]),
    ("core::folder", &[]),
    ("core::domain", &[]),
    ("core::jq", &[]),
    ("core::task", &[]),
    ("core::child", &["bounded"]),
    ("core::lifecycle", &["domain"]),
    ("core::rate_limit", &["bounded", "domain", "folder"]),
    ("core::gateway", &["bounded", "child", "domain", "jq", "task"]),
    ("core::store", &["bounded", "domain", "folder", "lifecycle", "task"]),
    ("core::control", &["domain", "gateway", "lifecycle"]),
    ("core::start", &["domain", "gateway", "lifecycle", "rate_limit", "store"]),
    ("core::watch", &["domain", "gateway", "lifecycle", "rate_limit", "task"]),
    // The root package
    ("format", &["core::domain"]),
    ("config", &["core::bounded", "core::domain", "core::jq", "local"]),
    ("doctor", &["core::domain", "core::gateway", "core::lifecycle", "core::rate_limit"]),
    ("app", &["core::domain", "core::lifecycle", "format"]),
    ("output", &["format"]),
    ("ui", &["app", "core::domain", "format"]),
    ("runtime", &["app", "core", "format", "output", "ui"]),
    ("cli", &["app", "config", "core", "doctor", "format", "local", "output", "runtime", "ui"]),
];

/// An outside crate, or a part of the standard library, and its only owners.
const OWNERS: &[(&str, &[&str])] = &[
    ("crossterm::", &["runtime"]),
    ("reqwest::", &["gateway"]),
    ("base64::", &["gateway"]),
    ("hyper::", &["gateway"]),
    ("hyper_util::", &["gateway"]),
    ("rustls_platform_verifier::", &["gateway"]),
    ("tower_layer::", &["gateway"]),
    ("tower_service::", &["gateway"]),
    ("tokio_rustls::", &["gateway"]),
    ("x509_parser::", &["gateway"]),
    ("axum::", &["local"]),
    ("clap::", &["cli"]),
    ("clap_complete::", &["cli"]),
    ("clap_mangen::", &["cli"]),
    ("anstyle::", &["cli", "output"]),
    ("tracing_subscriber::", &["cli"]),
    ("sha2::", &["domain", "gateway", "store"]),
    ("anyhow::", &["cli"]),
    ("jaq_", &["jq"]),
    ("nucleo_matcher::", &["app"]),
    ("toml::", &["config"]),
    ("use url::", &["config"]),
    ("rusqlite::", &["store"]),
    ("terminal_colorsaurus::", &["runtime"]),
    (
        "tokio::",
        &[
            "bounded",
            "child",
            "control",
            "doctor",
            "gateway",
            "local",
            "rate_limit",
            "store",
            "task",
            "start",
            "watch",
            "runtime",
            "cli",
        ],
    ),
    ("std::fs", &["bounded", "child", "folder", "gateway", "local", "rate_limit", "store", "runtime", "cli"]),
    ("http::", &["gateway", "local"]),
    ("std::net::Tcp", &["gateway", "local", "cli"]),
    ("std::env", &["child", "gateway", "runtime", "cli"]),
    ("process::Command::new", &["child"]),
    (" Command::new(", &["child"]),
    ("Instant::now", &["bounded", "gateway", "local", "rate_limit", "runtime", "start", "watch", "cli"]),
    ("SystemTime::now", &["gateway", "local", "rate_limit", "start", "runtime"]),
];

/// Whether a source is part of the tests of a module.
fn is_test(path: &Path) -> bool {
    path.iter().skip_while(|part| *part != "src").any(|part| part == "tests")
}

/// What writes to the streams of the process, and the only files that may. All others have `output` write texts, which
/// escapes them. `output::raw` and `output::filtered` do not, so their callers are counted too.
const WRITERS: &[(&str, &[&str])] = &[
    ("print!(", &[]),
    ("println!", &[]),
    ("eprint!", &[]),
    ("eprintln!", &[]),
    ("dbg!", &[]),
    ("stdout()", &["output/streams.rs", "runtime/live_lines.rs", "runtime/terminal/screen.rs"]),
    ("stderr()", &["output/streams.rs", "output/log.rs"]),
    ("io::stdout", &["output/streams.rs", "runtime/live_lines.rs", "runtime/terminal/screen.rs"]),
    ("io::stderr", &["output/streams.rs", "output/log.rs"]),
    ("/dev/stdout", &[]),
    ("/dev/stderr", &[]),
    ("Stdio::inherit", &[]),
    ("execute!", &["runtime/terminal/screen.rs"]),
    ("CrosstermBackend", &["runtime/terminal/aligned_backend.rs"]),
    ("screen.write(", &["runtime/main_loop.rs"]),
    ("TerminalRequest::Write(", &["runtime/main_loop.rs", "runtime/session/effect_runner.rs"]),
    ("with_writer(", &["cli/log.rs"]),
    ("set_hook(", &["output/panics.rs", "runtime/terminal/screen.rs"]),
    // clap's own words about a command line that was made visible.
    (".print()", &["cli/arguments/command_line.rs"]),
    ("output::raw(", &["cli/report/console.rs"]),
    ("output::filtered(", &["cli/jq_child.rs"]),
    (".written(", &["output/streams.rs"]),
];

pub(crate) fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// A source file: its package, its module in the package, its path, and its code without comments and tests.
pub(crate) struct Source {
    pub(crate) package: &'static str,
    pub(crate) module: String,
    pub(crate) path: PathBuf,
    pub(crate) code: String,
}

pub(crate) fn files() -> Vec<Source> {
    let mut files = Vec::new();
    for (folder, package) in PACKAGES {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let mut paths = Vec::new();
        sources(&root, &mut paths);
        for path in paths.into_iter().filter(|path| !path.ends_with("tests.rs")) {
            let inside = path.strip_prefix(&root).expect("below the folder");
            let module = match *package {
                "stepgate_local" => "local".to_owned(),
                _ => inside.iter().next().expect("a name").to_string_lossy().trim_end_matches(".rs").to_owned(),
            };
            let code = source::code(&fs::read_to_string(&path).expect("a source file"));
            files.push(Source { package, module, path, code });
        }
    }
    files
}

/// The modules that the code names as `crate::x`, and those of other packages.
fn used(code: &str, own: &str) -> BTreeSet<String> {
    let named = |root: &str| -> Vec<String> {
        let name = |rest: &str| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        code.split(&format!("{root}::")).skip(1).map(name).collect()
    };
    let mut used: BTreeSet<String> = named("crate").into_iter().collect();
    if own == "stepgate" {
        used.extend(named("stepgate_core").into_iter().map(|module| format!("core::{module}")));
        used.extend((!named("stepgate_local").is_empty()).then(|| "local".to_owned()));
    }
    used
}

#[test]
fn modules_use_only_what_they_may() {
    let mut wrong = Vec::new();
    for Source { package, module, path, code } in files() {
        assert!(!code.contains("use crate::{"), "{}: write a `use` for each module", path.display());
        assert!(!code.contains("use stepgate_core::{"), "{}: write a `use` for each module", path.display());
        assert!(!code.contains("super::super"), "{}: name the module", path.display());
        if package == "stepgate_local" {
            // It has no layers that would need arrows; its manifest shows that it knows nothing of the client.
            continue;
        }
        let own = if package == "stepgate_core" { format!("core::{module}") } else { module.clone() };
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == own) else {
            assert!(["main", "lib", "local"].contains(&module.as_str()), "{own} has no arrows: say which in this test");
            continue;
        };
        let is_allowed = |other: &str| {
            other == module || allowed.iter().any(|name| *name == other || other.split("::").next() == Some(name))
        };
        wrong.extend(
            used(&code, package)
                .into_iter()
                .filter(|other| !is_allowed(other))
                .map(|other| format!("{} uses {other}", path.display())),
        );
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn client_and_local_gateway_share_no_code() {
    let manifest = |package: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates").join(package).join("Cargo.toml");
        fs::read_to_string(path).expect("a manifest")
    };
    for package in ["core", "local"] {
        let manifest = manifest(package);
        let dependencies = manifest.split("[dependencies]").nth(1).expect("dependencies");
        assert!(!dependencies.contains("stepgate"), "{package} depends on another package of the workspace");
    }
}

#[test]
fn outside_crates_have_one_owner() {
    let mut wrong = Vec::new();
    for Source { module, path, code, .. } in
        files().into_iter().filter(|file| !["main", "lib"].contains(&file.module.as_str()))
    {
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
    ("read_to_end(", &["journal.rs", "jq_filters.rs"]),
    ("File::open(", &["processes.rs"]),
    ("stdin().lock()", &["confirm.rs", "init.rs", "jq_child.rs"]),
    ("wait_with_output(", &[]),
    (".output()\n", &[]),
    (".output().await", &[]),
    ("file.lock()", &[]),
    ("try_lock()", &["lock.rs"]),
    ("lock_exclusive", &[]),
];

#[test]
fn only_bounded_reads_and_locks_without_a_limit_of_its_own() {
    let mut wrong = Vec::new();
    for Source { module, path, code, .. } in files() {
        if module == "bounded" || is_test(&path) {
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

/// The files with hash tables in what lives as long as the program, and what bounds their entries. Where entries come and
/// go, as executions do, a hash table doubles at some time when it is hardly half full, and it never shrinks.
const HASH_TABLES: &[(&str, &str)] = &[
    ("src/app/list/executions/texts.rs", "a constant"),
    ("src/app/list/expected_duration.rs", "machines"),
    ("src/app/list/groups.rs", "machines"),
    ("src/app/reader/differences/pairs.rs", "one comparison"),
    ("src/app/reader/differences/side.rs", "one comparison"),
    ("src/app/timeline/mod.rs", "one history"),
    ("src/app/timeline/outline.rs", "one history"),
    ("src/app/timeline/payloads.rs", "one history"),
    ("src/app/timeline/steps.rs", "one history"),
    ("src/runtime/session/jq_filters.rs", "texts on the screen"),
    ("crates/core/src/rate_limit/start_limits.rs", "gateways"),
    ("crates/core/src/start/starter.rs", "machines"),
    ("crates/core/src/watch/schedule/machine_durations.rs", "machines"),
    ("crates/core/src/watch/poller.rs", "machines"),
    ("crates/core/src/watch/schedule/sweep_requests.rs", "one response"),
    ("crates/core/src/watch/task.rs", "endpoints and requests in flight"),
];

#[test]
fn no_hash_table_holds_executions() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let lives_long = |file: &Source| ["app", "runtime", "rate_limit", "start", "watch"].contains(&file.module.as_str());
    let has_table = |file: &Source| file.code.contains("HashMap") || file.code.contains("HashSet");
    let name =
        |file: &Source| file.path.strip_prefix(root).expect("in the repository").to_string_lossy().replace('\\', "/");
    let found: BTreeSet<String> = files().iter().filter(|file| lives_long(file) && has_table(file)).map(name).collect();
    let listed: BTreeSet<String> = HASH_TABLES.iter().map(|(file, _)| (*file).to_owned()).collect();
    assert_eq!(found, listed, "use a `BTreeMap`, or say what bounds the table");
    for file in files().iter().filter(|file| listed.contains(&name(file))) {
        for key in ["ExecutionId", "ExecutionArn", "ExecutionName", "StartRequestId", "StartId"] {
            for table in ["HashMap", "HashSet"] {
                assert!(!file.code.contains(&format!("{table}<{key}")), "{}: a {table} of {key}", file.path.display());
            }
        }
    }
}

/// What starts, stops or redrives, and what permits it, with the only files that may have it. Everything else needs a
/// `Permit`, which the compiler checks.
const GUARDED: &[(&str, &[&str])] = &[
    ("Permit(())", &["crates/core/src/domain/guard.rs"]),
    ("Guard::of(", &["src/app/guard/update.rs", "src/cli/target/permission.rs"]),
    ("client.start(", &[]),
    (".send_start(", &["crates/core/src/gateway/start.rs", "crates/core/src/start/starter.rs"]),
    ("client.stop(", &["crates/core/src/control.rs"]),
    ("client.redrive(", &["crates/core/src/control.rs"]),
    (".carry_out(", &["crates/core/src/start/batch.rs", "crates/core/src/start/starter.rs"]),
];

/// What others call to send something, and the argument that they cannot do without.
const NEEDS_PERMIT: [(&str, &str); 5] = [
    ("crates/core/src/control.rs", "pub async fn send("),
    ("crates/core/src/control.rs", "pub async fn stop("),
    ("crates/core/src/control.rs", "pub async fn redrive("),
    ("crates/core/src/start/starter.rs", "pub async fn start("),
    ("crates/core/src/start/batch.rs", "pub async fn run("),
];

#[test]
fn nothing_is_sent_to_a_guarded_endpoint_without_a_permit() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let name =
        |file: &Source| file.path.strip_prefix(root).expect("in the repository").to_string_lossy().replace('\\', "/");
    let files: Vec<(String, String)> = files()
        .iter()
        .filter(|file| file.package != "stepgate_local")
        .map(|file| (name(file), file.code.clone()))
        .collect();
    for (words, owners) in GUARDED {
        let found: BTreeSet<&str> =
            files.iter().filter(|(_, code)| code.contains(words)).map(|(file, _)| file.as_str()).collect();
        assert_eq!(found, owners.iter().copied().collect(), "{words}");
    }
    for (owner, function) in NEEDS_PERMIT {
        let (_, code) = files.iter().find(|(file, _)| file == owner).expect("the owner");
        let rest = code.split(function).nth(1).expect("the function");
        let arguments = rest.split("->").next().unwrap_or_default().split('{').next().unwrap_or_default();
        assert!(arguments.contains("Permit"), "{owner}: {function}{arguments}");
    }
    // Requests of the UI have theirs from the model.
    let (_, effects) = files.iter().find(|(file, _)| file == "src/app/effect.rs").expect("the effects");
    assert_eq!(effects.matches("permit: Permit").count() + effects.matches(", Permit)").count(), 4);
}

/// Whether the code has these characters with no longer word before them.
fn has_word(code: &str, word: &str) -> bool {
    let is_longer = |at: usize| code[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_');
    let begins_with_word = word.starts_with(char::is_alphabetic);
    code.match_indices(word).any(|(at, _)| !(begins_with_word && is_longer(at)))
}

#[test]
fn only_output_writes_to_the_streams() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for Source { path, code, .. } in files() {
        let inside = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        for (writer, owners) in WRITERS {
            if has_word(&code, writer) && !owners.contains(&inside.as_str()) {
                wrong.push(format!("{inside} has {writer}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    for (writer, owners) in WRITERS {
        for owner in *owners {
            let text = fs::read_to_string(root.join(owner)).expect("an owner");
            assert!(source::code(&text).contains(writer), "{owner} has no {writer} any more: take it off the list");
        }
    }
}

#[test]
fn tests_are_ignored_in_any_place() {
    for (text, expected) in [
        ("fn a() {}\n#[cfg(test)]\nmod tests { fn x() { \"}\" } }\nfn b() {}", "fn a() {}\n\nfn b() {}"),
        ("#[cfg(test)]\nuse x::{y, z};\nuse w;", "\nuse w;"),
        ("#[cfg(all(test, unix))]\nmod tests;\nfn a() {}", "\nfn a() {}"),
        (
            "impl A {\n#[cfg(test)]\npub(crate) fn n() -> [u8; 2] { [b'{', 2] }\nfn o<'a>() {}\n}",
            "impl A {\n\nfn o<'a>() {}\n}",
        ),
        ("const A: &str = \"#[cfg(test)]\"; fn a() {}", "const A: &str = \"#[cfg(test)]\"; fn a() {}"),
        ("const A: &str = r#\"\" // {\"#; fn a() {} // b\n", "const A: &str = r#\"\" // {\"#; fn a() {}     \n"),
        ("/* #[cfg(test)] */fn a() { '\"'; '\\'' }", "                  fn a() { '\"'; '\\'' }"),
    ] {
        assert_eq!(source::code(text), expected, "{text}");
    }
    assert_eq!(source::lines("a\n#[cfg(test)]\nmod t {\n}\nb"), 2);
}

/// What only a rule about the meaning of a response needs; front ends ask `lifecycle`.
const RULES: [&str; 12] = [
    "leaves_outcome_open",
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
    for Source { path, code, .. } in files().into_iter().filter(|file| is_front_end(&file.path)) {
        wrong.extend(
            RULES.iter().filter(|rule| code.contains(*rule)).map(|rule| format!("{} has {rule}", path.display())),
        );
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// The kinds of failures that code outside of `domain`, `gateway`, `lifecycle` and `doctor` may name.
const NAMED_KINDS: [&str; 9] = [
    // Failures of the program itself, which their finder builds.
    "Client",
    "EndpointGone",
    "ExpressNotDescribable",
    "NotRecorded",
    "OtherExecution",
    "Undecodable",
    "Unreachable",
    // The form that starts executions shows which field to correct.
    "ExecutionAlreadyExists",
    "InvalidName",
];

/// What decides about retries, and the modules that may not: they ask `lifecycle` about the request at hand.
const RETRY_RULES: [&str; 6] =
    ["Retry::", ".retry()", "Throttled", "http_status ==", "http_status.is_some_and", "http_status.is_none_or"];

#[test]
fn only_lifecycle_decides_whether_a_request_may_be_repeated() {
    let mut wrong = Vec::new();
    for Source { module, path, code, .. } in files() {
        if ["domain", "gateway", "lifecycle", "doctor", "local"].contains(&module.as_str()) || is_test(&path) {
            continue;
        }
        let kinds = code.split("FailureKind::").skip(1);
        let kinds = kinds.map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default());
        wrong.extend(
            kinds
                .filter(|kind| !NAMED_KINDS.contains(kind))
                .map(|kind| format!("{} has FailureKind::{kind}", path.display())),
        );
        assert!(!code.contains("FailureKind as"), "{}: name the kinds", path.display());
        if ["app", "cli", "runtime", "ui"].contains(&module.as_str()) {
            let rules = RETRY_RULES.iter().filter(|rule| code.contains(*rule));
            wrong.extend(rules.map(|rule| format!("{} has {rule}", path.display())));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn files_stay_small_and_begin_with_what_they_are() {
    for Source { path, .. } in files() {
        let text = fs::read_to_string(&path).expect("a source file");
        let code = source::lines(&text);
        assert!(code <= 320, "{} has {code} lines: split it by meaning", path.display());
        assert!(text.starts_with("//! "), "{} does not say what it is", path.display());
    }
}

#[test]
fn headers_of_the_configuration_are_built_in_one_place() {
    for Source { path, .. } in files() {
        let text = fs::read_to_string(&path).expect("a source file");
        for table in ["[endpoints.{", "[machines.{"] {
            assert!(!text.contains(table), "{}: use toml_header, which quotes names: {table}", path.display());
        }
    }
}

/// A file that `main.rs` does not declare is never compiled, and nothing says so.
#[test]
fn every_file_of_the_suite_is_declared() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite");
    let main = fs::read_to_string(folder.join("main.rs")).expect("main.rs");
    let declared: BTreeSet<&str> =
        main.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';')).collect();
    let entries = fs::read_dir(&folder).expect("the folder").flatten();
    let files: BTreeSet<String> = entries
        .filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(".rs")?.to_owned()))
        .filter(|name| name != "main")
        .collect();
    let forgotten: Vec<&String> = files.iter().filter(|name| !declared.contains(name.as_str())).collect();
    assert!(forgotten.is_empty(), "declare these in tests/suite/main.rs: {forgotten:?}");
    let beside = fs::read_dir(folder.parent().expect("tests")).expect("tests").flatten();
    let own_binaries = ["corpus.rs", "exhausted.rs", "localstack.rs", "sigv4.rs", "steady_memory.rs"];
    for name in beside.map(|entry| entry.file_name().to_string_lossy().into_owned()) {
        let is_listed = Path::new(&name).extension().is_none_or(|extension| extension != "rs")
            || own_binaries.contains(&name.as_str());
        assert!(is_listed, "tests/{name} is a binary of its own: move it into tests/suite");
    }
}

/// Words between a count and its noun.
const ADJECTIVES: [&str; 4] = ["marked", "more", "unresolved", "unsent"];
/// What messages count.
const COUNTED: [&str; 16] = [
    "addresses",
    "attempts",
    "differences",
    "endpoints",
    "entries",
    "errors",
    "events",
    "executions",
    "files",
    "items",
    "lines",
    "machines",
    "pages",
    "rows",
    "starts",
    "steps",
];

#[test]
fn counts_in_messages_agree_with_their_nouns() {
    let mut found = Vec::new();
    for Source { path, code, .. } in files() {
        if path.components().any(|part| part.as_os_str() == "tests") {
            continue;
        }
        for (at, _) in code.match_indices("} ") {
            let begin = code[..at].rfind('{').unwrap_or_default();
            let name = &code[begin + 1..at];
            // Code has spaces inside its braces. A limit is never 1.
            let is_limit = name == "max" || name.starts_with(|c: char| c.is_ascii_uppercase());
            if name.contains(|c: char| c.is_whitespace() || c == '"') || is_limit {
                continue;
            }
            let mut words = code[at + 2..].split(|c: char| !c.is_ascii_alphabetic());
            let noun = words.find(|word| !ADJECTIVES.contains(word)).unwrap_or_default();
            if COUNTED.contains(&noun) {
                found.push(format!("{}: {{{name}}} .. {noun}", path.display()));
            }
        }
    }
    assert!(found.is_empty(), "write these with `counted` of stepgate_core::domain:\n{}", found.join("\n"));
}
