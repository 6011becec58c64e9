//! Completions of the real binary: through the protocol, and in the installed shells.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::support::cli::{Home, MACHINE, ran};
use crate::support::gateway::Served;
use crate::support::terminal::Terminal;
use stepgate_local::Options;
use tokio::runtime::Runtime;

/// A home with two executions, and a second endpoint.
fn filled() -> (Runtime, Served, Home) {
    let runtime = Runtime::new().expect("a runtime");
    let served = runtime.block_on(async { Served::new(Options::default()) });
    let home = Home::at(&served.url());
    let config = std::fs::read_to_string(home.path().join("config.toml")).expect("a configuration");
    let other = format!(
        "[endpoints.prod]\nurl = \"https://example.com/p\"\n[machines.\"注文\"]\nendpoint = \"prod\"\narn = \"{MACHINE}Q\"\n"
    );
    home.write("config.toml", &format!("default-endpoint = \"e\"\n{config}{other}"));
    home.run(&["start", "pass", "--name", "order-4711", "--wait"]).expect(0);
    home.run(&["start", "fail", "--name", "注文-1", "--wait"]).expect(1);
    (runtime, served, home)
}

/// The candidates for the last of these words.
fn candidates(home: &Home, words: &[&str]) -> Vec<String> {
    let index = words.len().to_string();
    let mut command = home.command(&[&["--", "stepgate"][..], words].concat());
    command.env("COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", index).env("_CLAP_IFS", "\n");
    let ran = ran(&mut command).expect(0);
    assert!(ran.err.is_empty(), "{words:?}: {ran:?}");
    ran.out.lines().map(str::to_owned).collect()
}

/// Every file below a folder with its size.
fn files(folder: &Path) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")) {
            let metadata = entry.metadata().expect("its size");
            if metadata.is_dir() {
                pending.push(entry.path());
            }
            found.insert(entry.path().display().to_string(), metadata.len());
        }
    }
    found
}

#[test]
fn names_are_completed_from_the_configuration_and_the_store() {
    let (_runtime, served, home) = filled();
    home.write("orders.jsonl", "{}\n");
    let (asked, before) = (served.gateway.requests(), files(home.path()));
    let pass = format!("{MACHINE}PassStateMachine");
    let fourth = format!("{}PassStateMachine:order-4711", MACHINE.replace("stateMachine:", "execution:"));
    for (words, expected) in [
        (&["start", "pa"][..], &["pass"][..]),
        (&["start", "注"], &["注文"]),
        (&["start", "arn:aws:states:us-east-1:000000000000:stateMachine:P"], &[&*pass]),
        (&["--endpoint", "prod", "start", "--wait", ""], &["注文"]),
        (&["start", "--endpoint=local", "Pa"], &["PassStateMachine"]),
        (&["start", "pass", "--preset", ""], &["order"]),
        (&["start", "fail", "--preset", ""], &[]),
        (&["start", "pass", "--each", "ord"], &["orders.jsonl"]),
        (&["start", "pass", "--input-file", "ord"], &["orders.jsonl"]),
        (&["list", "--machine", "o"], &["order"]),
        (&["list", "--status", "FA"], &["FAILED"]),
        (&["list", "--status", "fa"], &["FAILED"]),
        (&["list", "--status=FAILED,TI"], &["--status=FAILED,TIMED_OUT"]),
        (&["list", "--status", "FAILED"], &["FAILED"]),
        (&["list", "--status", "FAILED,F"], &[]),
        (
            &["list", "--status=failed,ABORTED,"],
            &["RUNNING", "SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE"]
                .map(|left| format!("--status=failed,ABORTED,{left}"))
                .each_ref()
                .map(String::as_str),
        ),
        (&["--endpoint", ""], &["e", "prod", "local"]),
        (&["list", "--endpoint", "p"], &["prod"]),
        (&["status", "order"], &["order-4711"]),
        (&["watch", "order-4711", "注"], &["注文-1"]),
        (&["status", "@"], &["@last"]),
        (&["history", "arn:aws:states:us-east-1:000000000000:execution:P"], &[&*fourth]),
        (&["timeline", "order"], &["order-4711"]),
        (&["stop", "order"], &["order-4711"]),
        (&["redrive", "order"], &["order-4711"]),
        (&["forget", "order"], &["order-4711"]),
        (&["open", "order"], &["order-4711", "order"]),
        (&["completions", "f"], &["fish"]),
        (&["config", "pa"], &["path"]),
    ] {
        let found = candidates(&home, words);
        let found: Vec<&str> = found.iter().map(String::as_str).filter(|word| !is_flag(word, words)).collect();
        assert_eq!(found, expected, "{words:?}");
    }
    let all = candidates(&home, &["status", ""]);
    assert_eq!(all[..3], ["@last", "注文-1", "order-4711"], "newest first");
    assert!(candidates(&home, &["mach"]).contains(&"machines".to_owned()));
    assert_eq!(served.gateway.requests(), asked, "no requests");
    assert_eq!(files(home.path()), before, "no file is created or changed");
}

/// Whether a candidate is an option that nothing has asked for.
fn is_flag(candidate: &str, words: &[&str]) -> bool {
    candidate.starts_with('-') && !words.last().is_some_and(|word| word.starts_with('-'))
}

#[test]
fn a_broken_set_up_has_no_candidates_and_no_messages() {
    let (_runtime, _served, home) = filled();
    let config = std::fs::read_to_string(home.path().join("config.toml")).expect("a configuration");
    // What can be read is completed.
    home.write("config.toml", &format!("{config}\n[ui]\ncolour = 1\nx = \"\n"));
    assert!(candidates(&home, &["start", ""]).contains(&"pass".to_owned()));
    home.write("config.toml", "\u{0}\u{1b}[2J = [");
    let nothing = |word: &[&str]| -> Vec<String> {
        candidates(&home, word).into_iter().filter(|word| !word.starts_with('-')).collect()
    };
    assert_eq!(nothing(&["start", ""]), Vec::<String>::new());
    // A pipe is not read: it would wait.
    let pipe = home.path().join("pipe.toml");
    assert!(Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()), "a pipe");
    for config in ["pipe.toml", "none.toml", "/dev/zero", "."] {
        assert_eq!(nothing(&["--config", config, "start", ""]), Vec::<String>::new(), "{config}");
    }
    let store = home.path().join("data/stepgate/stepgate.db");
    std::fs::write(&store, "no database").expect("written");
    assert_eq!(nothing(&["status", ""]), ["@last"]);
    let empty = Home::empty();
    assert_eq!(candidates(&empty, &["status", "@"]), ["@last"]);
    assert_eq!(files(empty.path()), BTreeMap::new(), "nothing is created");
    assert_eq!(candidates(&empty, &["nonsense", "more", ""]), candidates(&empty, &["nonsense", "more", ""]));
    let unknown = ran(empty.command(&["--", "stepgate", ""]).env("COMPLETE", "tcsh")).expect(2);
    assert!(unknown.err.contains("unknown shell `tcsh`"), "{unknown:?}");
}

#[test]
fn a_store_in_use_is_read_as_well_and_not_changed() {
    let (_runtime, _served, home) = filled();
    home.run(&["start", "wait", "--name", "order-4712", "--input", "{\"seconds\": 600}"]).expect(0);
    let watching = home.begin(&["watch"]);
    let data = home.path().join("data/stepgate");
    // The file of the process is the last one that opening creates.
    let is_announced = || std::fs::read_dir(data.join("running")).is_ok_and(|mut files| files.next().is_some());
    watching.wait_until("the store to be open", |_| data.join("stepgate.db-wal").exists() && is_announced());
    let names = || -> Vec<String> { files(&data).into_keys().collect() };
    let before = names();
    assert_eq!(candidates(&home, &["status", "order"]), ["order-4712", "order-4711"]);
    assert_eq!(names(), before);
}

#[test]
fn hostile_names_are_not_completed() {
    let home = Home::empty();
    home.write("config.toml", "[machines.\"a\\u001b[2Jb\"]\n[machines.\"a\\u202ec\"]\n[machines.ad]\n");
    assert_eq!(candidates(&home, &["start", "a"]), ["ad"]);
}

/// Starts an interactive shell with the completions loaded; `None` if it is not installed.
fn shell(home: &Home, name: &str, prepare: &str) -> Option<Terminal> {
    if Command::new(name).arg("--version").output().is_err() {
        eprintln!("NOT TESTED in {name}: it is not installed (.ci/run installs it)");
        return None;
    }
    let script = ran(&mut home.command(&["completions", name])).expect(0).out;
    home.write(&format!("completions.{name}"), &script);
    let folder = home.path().display().to_string();
    let program = Path::new(env!("CARGO_BIN_EXE_stepgate")).parent().expect("a folder");
    let (data, config) = (format!("{folder}/data"), format!("{folder}/config.toml"));
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", program.display());
    let variables = [
        ("XDG_DATA_HOME", &*data),
        ("STEPGATE_CONFIG", &config),
        ("PATH", &path),
        ("LC_ALL", "C.UTF-8"),
        ("F", &folder),
    ];
    let mut terminal = Terminal::open(120, 40, &variables);
    terminal.send(&format!("cd {folder}; {prepare}\r"));
    terminal.wait_for_text("ready>");
    Some(terminal)
}

/// Types each line, completes it, and expects it to become the second one.
fn complete_all(terminal: &mut Terminal, name: &str) {
    for (typed, expected) in [
        ("stepgate start pa", "stepgate start pass"),
        ("stepgate start pass --preset or", "stepgate start pass --preset order"),
        ("stepgate list --machine pas", "stepgate list --machine pass"),
        ("stepgate list --status FAILED,TIM", "stepgate list --status FAILED,TIMED_OUT"),
        ("stepgate status order-", "stepgate status order-4711"),
        ("stepgate status @l", "stepgate status @last"),
        ("stepgate list --status FAI", "stepgate list --status FAILED"),
        ("stepgate list --status=FAI", "stepgate list --status=FAILED"),
        ("stepgate --endpoint pr", "stepgate --endpoint prod"),
        ("stepgate start pass --each orders", "stepgate start pass --each orders.jsonl"),
        (
            "stepgate open arn:aws:states:us-east-1:000000000000:execution:P",
            "stepgate open arn:aws:states:us-east-1:000000000000:execution:PassStateMachine:order-4711",
        ),
    ] {
        terminal.send(typed);
        terminal.wait_for_text(typed);
        terminal.send("\t");
        let described = format!("{name}: {expected}");
        terminal.wait_for(&described, |screen| {
            let text = screen.contents().replace('\n', "");
            text.rsplit("ready>").next().is_some_and(|line| line.trim().starts_with(expected))
        });
        // Unlike Ctrl-C, it cannot interrupt a completion.
        terminal.send("\x15");
        terminal.wait_for("an empty line", |screen| {
            screen.contents().rsplit("ready>").next().is_some_and(|line| line.trim().is_empty())
        });
    }
}

#[test]
fn words_are_completed_in_bash() {
    let (_runtime, _served, home) = filled();
    home.write("orders.jsonl", "{}\n");
    let prepare = "exec bash --norc --noprofile -i";
    let Some(mut terminal) = shell(&home, "bash", &format!("PS1='ready''> ' {prepare}")) else { return };
    terminal.send(". ./completions.bash; bind 'set bell-style none' 'set enable-bracketed-paste off'\r");
    complete_all(&mut terminal, "bash");
}

#[test]
fn words_are_completed_in_zsh() {
    let (_runtime, _served, home) = filled();
    home.write("orders.jsonl", "{}\n");
    // As a file in a folder of fpath, where the first completion loads it.
    std::fs::create_dir(home.path().join("functions")).expect("a folder");
    let Some(mut terminal) =
        shell(&home, "zsh", "cp completions.zsh functions/_stepgate; PS1='ready''> ' exec zsh -f -i")
    else {
        return;
    };
    terminal.send("fpath=($F/functions $fpath); autoload -Uz compinit; compinit -u -D; unsetopt beep; clear\r");
    complete_all(&mut terminal, "zsh");
}

#[test]
fn words_are_completed_in_fish() {
    let (_runtime, _served, home) = filled();
    home.write("orders.jsonl", "{}\n");
    let start = "exec fish --no-config -i -C 'source completions.fish; function fish_prompt; echo -n ready\"> \"; end'";
    let Some(mut terminal) = shell(&home, "fish", start) else { return };
    complete_all(&mut terminal, "fish");
}

#[test]
fn a_completion_is_quick() {
    let (_runtime, _served, home) = filled();
    let mut times: Vec<Duration> = (0..10)
        .map(|_| {
            let began = std::time::Instant::now();
            candidates(&home, &["status", "order"]);
            began.elapsed()
        })
        .collect();
    times.sort();
    eprintln!("a completion takes {:?} (median of 10)", times[5]);
    // Other tests run at the same time; the limit is for what would be felt.
    assert!(times[0] < Duration::from_millis(500), "{times:?}");
}
