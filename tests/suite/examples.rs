//! Every example of README, docs/ and `--help`, run unchanged and in order, in a home like a reader's.
#![cfg(unix)]

use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::cli::{Home, ran};
use crate::support::documents::{blocks, code, manual};
use crate::support::gateway::Served;
use rustix::process::Signal;
use stepgate_local::Options;
use tokio::runtime::Runtime;

/// The commands whose examples in `--help` are run.
const HELPED: [&[&str]; 21] = [
    &[],
    &["start"],
    &["status"],
    &["watch"],
    &["list"],
    &["machines"],
    &["forget"],
    &["open"],
    &["stop"],
    &["redrive"],
    &["history"],
    &["timeline"],
    &["doctor"],
    &["template"],
    &["config"],
    &["config", "init"],
    &["config", "check"],
    &["config", "path"],
    &["local"],
    &["completions"],
    &["man"],
];

/// The lines of a text that are commands of this program: indented by `indent`, without what is said behind
/// them.
fn examples(text: &str, indent: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| line.strip_prefix(indent))
        .filter(|line| line.starts_with("stepgate ") || line.contains("| stepgate "))
        .map(|line| line.split("  #").next().unwrap_or_default().trim_end().to_owned())
        .collect()
}

/// Runs all examples of a text where there is what they speak of: a gateway, machines with presets, files, and
/// an execution called `order-4711`, unless one of them starts it.
fn run_all(runtime: &Runtime, examples: &[String]) {
    let served = runtime.block_on(async { Served::new(Options::default()) });
    let home = Home::at(&served.url());
    home.write("order.json", "{\"order\": 4711}\n");
    home.write("orders.jsonl", "{\"order\": 1}\n{\"order\": 2}\n");
    home.write("order.asl.json", r#"{"StartAt": "Receive", "States": {"Receive": {"Type": "Pass", "End": true}}}"#);
    if !examples.iter().any(|example| example.contains("--name order-4711")) {
        home.run(&["start", "pass", "--name", "order-4711", "--wait"]).expect(0);
    }
    if examples.iter().any(|example| example.contains("order-4712")) {
        home.run(&["start", "wait", "--name", "order-4712", "--input", "{\"seconds\": 5}"]).expect(0);
        home.run(&["stop", "order-4712"]).expect(0);
    }
    for (index, example) in examples.iter().enumerate() {
        // The URL of the example is nobody's, and the configuration here has another gateway.
        let is_query = example.starts_with("stepgate config init http");
        let queried =
            format!("{} --config found-{index}.toml", example.replace("https://api.example.com/dev", &served.url()));
        run(&home, if is_query { &queried } else { example });
    }
}

fn shell(home: &Home, example: &str) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_stepgate")).parent().expect("a folder");
    let mut command = Command::new("sh");
    command
        .env_clear()
        .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", program.display()))
        .env("HOME", home.path())
        .env("XDG_DATA_HOME", home.path().join("data"))
        .env("STEPGATE_CONFIG", home.path().join("config.toml"))
        .env("STEPGATE_API_KEY", "a-key")
        .current_dir(home.path())
        .args(["-c", example])
        .stdin(Stdio::null());
    command
}

/// Runs an example; one that serves is stopped when it has said where.
fn run(home: &Home, example: &str) {
    if example.starts_with("stepgate local") {
        // The port of the example may be in use on this machine.
        let arguments = example.replace("127.0.0.1:8080", "127.0.0.1:0");
        let arguments: Vec<&str> = arguments.split_whitespace().skip(1).collect();
        let serving = home.begin(&arguments);
        serving.wait_until("the URL", |serving| serving.out().starts_with("http://127.0.0.1:"));
        serving.signal(Signal::TERM);
        serving.end().expect(0);
        return;
    }
    let ran = ran(&mut shell(home, example));
    assert_eq!(ran.code, Some(0), "{example}: {ran:?}");
}

#[test]
fn every_example_of_a_page_works_as_it_stands() {
    let runtime = Runtime::new().expect("a runtime");
    let pages = manual().into_iter().map(|page| (page.path, examples(&code(&page.text), "")));
    let pages: Vec<(String, Vec<String>)> = pages.filter(|(_, found)| !found.is_empty()).collect();
    for expected in ["README.md", "docs/batches.md", "docs/commands.md", "docs/template.md"] {
        assert!(pages.iter().any(|(path, _)| path == expected), "no example found in {expected}");
    }
    for (path, found) in pages {
        eprintln!("{path}: {} examples", found.len());
        run_all(&runtime, &found);
    }
}

#[test]
fn every_example_of_a_help_text_works_as_it_stands() {
    let runtime = Runtime::new().expect("a runtime");
    for command in HELPED {
        let help = Home::empty().run(&[command, &["--help"]].concat()).expect(0).out;
        let found = examples(&help, "  ");
        assert!(!found.is_empty() || command == ["config"], "{command:?} has no example: {help}");
        run_all(&runtime, &found);
    }
}

#[test]
fn every_configuration_of_a_page_is_right() {
    let mut count = 0;
    for page in manual() {
        for block in blocks(&page.text, "toml") {
            let home = Home::empty();
            home.write("config.toml", block);
            let checked = home.run(&["config", "check"]);
            assert_eq!(checked.code, Some(0), "{}: {block}\n{checked:?}", page.path);
            count += 1;
        }
    }
    assert!(count >= 3, "{count}");
}

#[test]
fn what_config_init_writes_works_with_the_gateway_that_it_names() {
    let home = Home::empty();
    let written = home.run(&["config", "init", "--config", "deep/down/new.toml"]).expect(0);
    assert_eq!(written.out, "deep/down/new.toml\n");
    home.run(&["config", "check", "--config", "deep/down/new.toml"]).expect(0);
    let again = home.run(&["config", "init", "--config", "deep/down/new.toml"]).expect(2);
    assert!(again.err.contains("already exists; not changed"), "{again:?}");
    let serving = home.begin(&["local"]);
    serving.wait_until("the URL", |serving| serving.out().contains("/dev"));
    let path = home.path().join("deep/down/new.toml");
    let text = std::fs::read_to_string(&path).expect("the file");
    assert!(text.matches('#').count() > 20, "it has comments");
    let text = text.replace("http://127.0.0.1:8080/dev", serving.out().trim_end());
    home.write("config.toml", &text);
    assert!(home.run(&["start", "pass", "--wait"]).expect(0).out.contains("SUCCEEDED"));
    // Without a configuration, the same works with `--endpoint local`.
    let nothing = Home::empty();
    assert!(nothing.run(&["--endpoint", "local", "start", "pass", "--wait"]).expect(0).out.contains("SUCCEEDED"));
    assert!(nothing.run(&["config", "check"]).expect(2).err.contains("`stepgate config init` writes one"));
}

#[test]
fn all_errors_of_a_configuration_are_reported_with_their_lines() {
    let home = Home::empty();
    home.write("config.toml", "[endpoints.e]\nurl = \"ftp://x\"\n[machines.m]\narn = \"x\"\ninputt = \"{}\"\n");
    let text = home.run(&["config", "check"]).expect(2);
    let lines: Vec<&str> = text.out.lines().collect();
    for (line, wanted) in
        lines.iter().zip(["config.toml:2: endpoints.e.url", ":4: machines.m.arn", ":5: machines.m.inputt"])
    {
        assert!(line.contains(wanted), "{text:?}");
    }
    assert_eq!(lines.len(), 3, "{text:?}");
    let objects = home.run(&["config", "check", "--output", "json"]).expect(2).objects();
    assert_eq!((&objects[2]["line"], &objects[2]["suggestion"]), (&5.into(), &"input".into()));
    home.write("config.toml", "[endpoints.e]\nurl = \"https://x.example\"\n\nurl = \"https://y.example\"\n");
    let twice = home.run(&["config", "check"]).expect(2);
    let said = "config.toml:4: endpoints.e.url: `url` occurs twice; it is already on line 2";
    assert!(twice.out.contains(said), "{twice:?}");
    let object = home.run(&["config", "check", "--output", "json"]).expect(2).object();
    assert_eq!((&object["line"], &object["key"]), (&4.into(), &"endpoints.e.url".into()));
}

#[test]
fn manual_page_and_completions_know_every_command() {
    let home = Home::empty();
    let page = home.run(&["man"]).expect(0).out;
    assert!(page.contains(".TH") && page.contains(".SH \"EXIT STATUS\""), "{page}");
    assert!(!page.contains("Exit codes:"), "the section has a heading already: {page}");
    for section in ["KEYS", "ENVIRONMENT", "FILES"] {
        assert!(page.contains(&format!(".SH \"{section}\"")), "{section}: {page}");
    }
    for name in [
        "START",
        "STATUS",
        "WATCH",
        "LIST",
        "STOP",
        "REDRIVE",
        "HISTORY",
        "MACHINES",
        "FORGET",
        "OPEN",
        "DOCTOR",
        "TEMPLATE",
        "CONFIG INIT",
        "LOCAL",
        "COMPLETIONS",
        "MAN",
    ] {
        assert!(page.contains(&format!(".SH \"STEPGATE {name}\"")), "{name}: {page}");
    }
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let text = home.run(&["completions", shell]).expect(0).out;
        assert!(text.contains("COMPLETE") && text.contains(shell), "{shell}: {text}");
    }
}
