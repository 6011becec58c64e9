//! Several processes of the real binary on one store, and stores that cannot be used.
#![cfg(unix)]

use std::process::{Command, Stdio};

use crate::support::cli::Home;
use crate::support::gateway::Served;
use crate::support::terminal::Terminal;
use rusqlite::Connection;
use stepgate_local::Options;

fn config(url: &str) -> String {
    let arn = "arn:aws:states:us-east-1:000000000000:stateMachine:PassStateMachine";
    format!(
        "[endpoints.e]\nurl = \"{url}\"\n[endpoints.e.watch]\nrequests-per-second = 50\n[machines.pass]\narn = \"{arn}\"\n[ui]\ntheme = \"dark\"\n"
    )
}

/// The terminal UI with its data in the shell's folder.
fn open(terminal: &mut Terminal) {
    terminal.send(&format!("{} --config c.toml; echo code=$?\r", Terminal::program()));
    terminal.wait_for_text("pass");
    terminal.wait_for("the screen", vt100::Screen::alternate_screen);
}

#[test]
fn two_screens_and_three_scripts_share_a_store() {
    const EACH: u32 = 12;
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _context = runtime.enter();
    let served = Served::new(Options::default());
    let data = tempfile::tempdir().expect("a folder");
    let text = data.path().to_string_lossy().into_owned();
    std::fs::write(data.path().join("c.toml"), config(&served.url())).expect("a configuration");
    let script = || {
        for _ in 0..EACH {
            let output = Command::new(env!("CARGO_BIN_EXE_stepgate"))
                .env_clear()
                .envs([("HOME", &text), ("XDG_DATA_HOME", &text)])
                .args(["start", "pass", "--wait", "--config"])
                .arg(data.path().join("c.toml"))
                .stdin(Stdio::null())
                .output()
                .expect("the program runs");
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(0), "{said}");
            assert!(!said.contains("locked") && !said.contains("cannot be used"), "{said}");
        }
    };
    let screen = || {
        let mut terminal = Terminal::open(100, 30, &[("XDG_DATA_HOME", &text)]);
        terminal.write("c.toml", &config(&served.url()));
        open(&mut terminal);
        for _ in 0..EACH {
            terminal.send("n");
            terminal.wait_for_text("Start pass");
            terminal.send("\x13");
            terminal.wait_for("the form to close", |screen| !screen.contents().contains("Start pass"));
        }
        terminal.wait_for("the ends", |screen| {
            let text = screen.contents();
            !text.contains(" running") && text.contains(" succeeded")
        });
        let text = terminal.text();
        assert!(!text.contains("locked") && !text.contains("not stored"), "{text}");
        terminal.send("q");
        terminal.wait_for_text("code=0");
    };
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(screen);
        }
        for _ in 0..3 {
            scope.spawn(script);
        }
    });
    let there = served.gateway.executions();
    assert_eq!(there.len(), 60);
    let store = Connection::open(data.path().join("stepgate").join("stepgate.db")).expect("the store");
    let count = |sql: &str| store.query_row(sql, [], |row| row.get::<_, u32>(0)).expect("counted");
    assert_eq!(count("SELECT count(*) FROM starts WHERE state = 'confirmed'"), 5 * EACH);
    assert_eq!(count("SELECT count(*) FROM executions WHERE status = 'SUCCEEDED'"), 5 * EACH);
}

#[test]
fn an_unusable_store_is_reported_and_the_program_runs_without_it() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _context = runtime.enter();
    let served = Served::new(Options::default());
    let newer = {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("db");
        let database = Connection::open(&path).expect("a database");
        database.execute_batch("PRAGMA application_id = 1936154996; PRAGMA user_version = 99").expect("set");
        drop(database);
        std::fs::read(path).expect("read")
    };
    for (content, wanted) in [
        (b"not a database ".repeat(500), "not a database of stepgate's"),
        (newer, "a newer stepgate wrote it (version 99"),
    ] {
        let mut terminal = Terminal::open(120, 30, &[]);
        terminal.write("c.toml", &config(&served.url()));
        let folder = terminal.folder().join(".local").join("share").join("stepgate");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("stepgate.db"), &content).expect("written");
        open(&mut terminal);
        terminal.wait_for_text("The store cannot be used");
        terminal.wait_for_text(wanted);
        terminal.send("\r");
        terminal.wait_for_text("Start pass");
        terminal.send("\x13");
        terminal.wait_for_text("SUCCEEDED");
        terminal.wait_for_text("The store cannot be used");
        terminal.send("q");
        terminal.wait_for_text("code=0");
        assert!(std::fs::read(folder.join("stepgate.db")).expect("read") == content, "the file is as it was");
    }
}

#[test]
fn the_batch_of_a_killed_ui_can_be_resumed() {
    const LINES: usize = 120;
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _context = runtime.enter();
    let served = Served::new(Options::default());
    let data = tempfile::tempdir().expect("a folder");
    let variables = [("XDG_DATA_HOME", &*data.path().to_string_lossy())];
    let mut terminal = Terminal::open(120, 30, &variables);
    terminal.write("c.toml", &config(&served.url()));
    let lines: Vec<String> = (0..LINES).map(|line| format!("{{\"order\": {line}}}")).collect();
    terminal.write("orders.jsonl", &lines.join("\n"));
    // The parent shell kills the program when a file appears.
    let kill_when_told = "(until [ -e go ]; do sleep 0.05; done; pkill -KILL -P $$ -x stepgate) 2>/dev/null &\r";
    terminal.send(kill_when_told);
    open(&mut terminal);
    terminal.send("b");
    terminal.wait_for_text("File:");
    terminal.send("orders.jsonl\r");
    terminal.wait_for_text("Press Enter to start 120 executions");
    terminal.send("\r");
    terminal.wait_for("some progress", |screen| {
        (10..80).any(|count| screen.contents().contains(&format!("{count} of 120")))
    });
    terminal.write("go", "");
    terminal.wait_for_text("code=137");
    let first = served.gateway.executions().len();
    assert!((10..LINES).contains(&first), "{first}");
    wait_for_released_locks(&data.path().join("stepgate/running"));
    go_on(&served, &variables);
    // Starts whose response was lost are resolved; one that was never sent is unsent again.
    let text = data.path().to_string_lossy().into_owned();
    std::fs::write(data.path().join("c.toml"), config(&served.url())).expect("a configuration");
    let settled = Command::new(env!("CARGO_BIN_EXE_stepgate"))
        .env_clear()
        .envs([("HOME", &text), ("XDG_DATA_HOME", &text)])
        .args(["watch", "--config"])
        .arg(data.path().join("c.toml"))
        .output()
        .expect("the program runs");
    // The kill may have come between the record of a start and its request.
    let expected = if String::from_utf8_lossy(&settled.stdout).contains("NOT STARTED") { 4 } else { 0 };
    assert_eq!(settled.status.code(), Some(expected), "{settled:?}");
    if served.gateway.executions().len() < LINES {
        go_on(&served, &variables);
    }
    let mut there: Vec<String> = served.gateway.executions().into_iter().map(|(_, input)| input).collect();
    there.sort();
    let mut wanted = lines;
    wanted.sort();
    assert_eq!(there, wanted, "each line once");
}

/// Waits until nothing holds the locks of processes: the system may release those of a killed one after the shell has
/// noticed its end.
fn wait_for_released_locks(folder: &std::path::Path) {
    let is_locked = |path: &std::path::Path| std::fs::File::open(path).is_ok_and(|file| file.try_lock().is_err());
    let end = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while std::fs::read_dir(folder).expect("the folder").flatten().any(|entry| is_locked(&entry.path())) {
        assert!(std::time::Instant::now() < end, "a lock is still held in {}", folder.display());
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

/// Launches, continues the unfinished batch, and quits.
fn go_on(served: &Served, variables: &[(&str, &str)]) {
    let mut terminal = Terminal::open(120, 30, variables);
    terminal.write("c.toml", &config(&served.url()));
    open(&mut terminal);
    terminal.wait_for_text("have not been started. Press b to continue.");
    terminal.send("b");
    terminal.wait_for_text("can be sent later");
    terminal.send("c");
    terminal.wait_for_text("Done.");
    terminal.send("\x1b");
    terminal.wait_for("the page to close", |screen| !screen.contents().contains("Done."));
    terminal.send("q");
    terminal.wait_for_text("code=0");
}

#[test]
fn two_watches_share_one_budget() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _inside = runtime.enter();
    let served = Served::new(Options::default());
    let home = Home::empty();
    let arn = "arn:aws:states:us-east-1:000000000000:stateMachine:WaitStateMachine";
    let watch = "[endpoints.e.watch]\nrequests-per-second = 5\n";
    home.write(
        "config.toml",
        &format!("[endpoints.e]\nurl = \"{}\"\n{watch}[machines.wait]\narn = \"{arn}\"\n", served.url()),
    );
    let lines = "{\"seconds\": 3}\n".repeat(12);
    let config = home.path().join("config.toml");
    let with = |arguments: &[&str]| {
        let mut command = home.command(arguments);
        command.env("STEPGATE_CONFIG", &config);
        command
    };
    home.write("lines.jsonl", &lines);
    let started = with(&["start", "wait", "--each"]).arg(home.path().join("lines.jsonl")).output().expect("it runs");
    assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
    let watches: Vec<_> =
        (0..2).map(|_| with(&["watch", "--output", "json"]).stdout(Stdio::piped()).spawn().expect("it runs")).collect();
    for watch in watches {
        let output = watch.wait_with_output().expect("it ends");
        assert!(output.status.success());
        assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 12, "each reports all");
    }
    let questions = served.gateway.status_requests();
    assert!(questions.total >= 24, "{questions:?}");
    assert!(questions.peak_per_second <= 6, "{questions:?}");
}
