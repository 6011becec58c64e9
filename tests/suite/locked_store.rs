//! Another process keeps the store locked: every command reports it, waits no longer than its limit, and ends at a
//! signal.
#![cfg(unix)]

use std::time::{Duration, Instant};

use crate::support::cli::Home;
use crate::support::gateway::Served;
use crate::support::terminal::{Terminal, expect_the_shell_as_before, launch};
use crate::support::watched::{Ended, watched};
use rusqlite::Connection;
use rustix::process::Signal;
use stepgate_local::Options;
use tokio::runtime::Runtime;

/// How long a command may take to end after its time is up or a signal came: a loaded machine is slow, a lock wait of
/// seconds is slower.
const AT_ONCE: Duration = Duration::from_millis(1_500);
/// In every message about a lock.
const LOCKED: &str = "another program holds it locked";

fn home() -> (Runtime, Served, Home) {
    let runtime = Runtime::new().expect("a runtime");
    let served = runtime.block_on(async { Served::new(Options::default()) });
    let home = Home::at(&served.url());
    home.write("lines.jsonl", "{}\n[1]\n");
    home.run(&["start", "pass", "--wait"]).expect(0);
    (runtime, served, home)
}

/// Holds the write lock for as long as it lives.
fn lock(folder: &std::path::Path) -> Connection {
    lock_file(&folder.join("stepgate/stepgate.db"))
}

fn lock_file(path: &std::path::Path) -> Connection {
    let connection = Connection::open(path).expect("the store");
    connection.busy_timeout(Duration::from_secs(60)).expect("set");
    connection.execute_batch("BEGIN IMMEDIATE").expect("locked");
    connection
}

fn run(home: &Home, arguments: &[&str], signal: Option<Signal>) -> Ended {
    let began = Instant::now();
    let is_time = || began.elapsed() > Duration::from_secs(1);
    watched(&mut home.command(arguments), signal.map(|signal| (signal, &is_time as &dyn Fn() -> bool)))
}

#[test]
fn a_timeout_ends_the_wait() {
    let (_runtime, served, home) = home();
    let requests = served.gateway.requests();
    let _held = lock(&home.path().join("data"));
    for arguments in [
        &["start", "pass", "--wait", "--timeout", "700ms"][..],
        &["start", "pass", "--each", "lines.jsonl", "--wait", "--timeout", "700ms"],
    ] {
        let ended = run(&home, arguments, None);
        assert_eq!(ended.code, Some(2), "{arguments:?} {ended:?}");
        assert!(ended.took < Duration::from_millis(700) + AT_ONCE, "{arguments:?} {ended:?}");
        assert!(ended.err.contains("--timeout expired") && ended.err.contains(LOCKED), "{arguments:?} {ended:?}");
    }
    assert_eq!(served.gateway.requests(), requests, "nothing was sent");
}

#[test]
fn a_signal_ends_the_wait() {
    let (_runtime, served, home) = home();
    let requests = served.gateway.requests();
    let held = lock(&home.path().join("data"));
    for arguments in [&["start", "pass"][..], &["start", "pass", "--wait"], &["start", "pass", "--each", "lines.jsonl"]]
    {
        for (signal, number) in [(Signal::TERM, 15), (Signal::INT, 2), (Signal::HUP, 1)] {
            let ended = run(&home, arguments, Some(signal));
            assert_eq!(ended.code, Some(128 + number), "{arguments:?} {ended:?}");
            assert!(ended.took < Duration::from_secs(1) + AT_ONCE, "{arguments:?} {ended:?}");
            assert!(ended.err.contains(LOCKED) && ended.err.contains("nothing was sent"), "{arguments:?} {ended:?}");
        }
    }
    assert_eq!(served.gateway.requests(), requests, "nothing was sent");
    drop(held);
    // No line was recorded after its command had ended: there is nothing to resume.
    home.run(&["start", "pass", "--each", "lines.jsonl"]).expect(0);
}

#[test]
fn without_either_the_wait_has_a_limit_and_lost_records_are_reported() {
    let (_runtime, _served, home) = home();
    let held = lock(&home.path().join("data"));
    for (arguments, code, is_told) in [
        (&["start", "pass"][..], 2, true),
        (&["start", "pass", "--each", "lines.jsonl"], 2, true),
        (&["status", "@last"], 0, true),
        (&["watch", "@last"], 0, true),
        (&["list"], 0, false),
        (&["history", "@last"], 0, false),
        (&["watch", "--timeout", "5s"], 0, false),
        (&["doctor"], 0, false),
    ] {
        let ended = run(&home, arguments, None);
        assert_eq!(ended.code, Some(code), "{arguments:?} {ended:?}");
        assert!(ended.took < Duration::from_secs(8), "{arguments:?} {ended:?}");
        assert_eq!(ended.err.contains(LOCKED), is_told, "{arguments:?} {ended:?}");
    }
    drop(held);
    // Nothing of it was written behind the back of a caller that had given up.
    assert_eq!(home.run(&["list", "--no-headers"]).expect(0).out.lines().count(), 1);
    home.run(&["start", "pass", "--each", "lines.jsonl"]).expect(0);
}

/// Whether the lock is met when the store is opened or when the start is recorded depends on what other processes left.
#[test]
fn a_start_meets_a_lock_in_one_way() {
    let (_runtime, served, home) = home();
    let path = home.path().join("data/stepgate/stepgate.db");
    let requests = served.gateway.requests();
    let a_start_to_take_over = "UPDATE starts SET state = 'sent', owner = 'a process that is gone'";
    let locks = ["BEGIN IMMEDIATE", "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE"];
    for (prepare, lock) in [("", locks[0]), ("", locks[1]), (a_start_to_take_over, locks[0])] {
        let other = Connection::open(&path).expect("the store");
        other.execute_batch(prepare).expect("prepared");
        other.execute_batch(lock).expect("locked");
        let ended = run(&home, &["start", "pass"], None);
        assert_eq!(ended.code, Some(2), "{prepare:?} {lock:?} {ended:?}");
        assert!(ended.err.contains("could not be recorded, so it was not sent"), "{prepare:?} {lock:?} {ended:?}");
        assert!(ended.err.contains(LOCKED), "{prepare:?} {lock:?} {ended:?}");
    }
    assert_eq!(served.gateway.requests(), requests, "nothing was sent");
}

/// What cannot be written does not prevent a start, whether or not it can be opened.
#[test]
fn a_start_without_a_store_has_one_message() {
    let (_runtime, served, home) = home();
    let path = home.path().join("data/stepgate/stepgate.db");
    let change = |sql: &str| Connection::open(&path).expect("the store").execute_batch(sql).expect("changed");
    let cannot_be_written = "CREATE TRIGGER broken BEFORE INSERT ON starts BEGIN SELECT raise(ABORT, 'broken'); END";
    for sql in [cannot_be_written, "PRAGMA foreign_keys = OFF; DROP TABLE starts", "PRAGMA user_version = 99"] {
        change(sql);
        let requests = served.gateway.requests();
        let ended = run(&home, &["start", "pass"], None);
        assert_eq!(ended.code, Some(0), "{sql} {ended:?}");
        assert_eq!(ended.err.matches("the store cannot be used: ").count(), 1, "{sql} {ended:?}");
        assert_eq!(served.gateway.requests(), requests + 1, "{sql} it was sent once");
    }
}

#[test]
fn a_lock_that_is_released_in_time_is_waited_for() {
    let (_runtime, _served, home) = home();
    let held = lock(&home.path().join("data"));
    let releasing = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(1_200));
        drop(held);
    });
    let ended = run(&home, &["start", "pass", "--wait"], None);
    releasing.join().expect("released");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.err.contains("WARN waiting for the store"), "{ended:?}");
    assert_eq!(home.run(&["list", "--no-headers"]).expect(0).out.lines().count(), 2);
}

#[test]
fn the_terminal_ui_ends_soon_and_at_a_signal_at_once() {
    let mut terminal = Terminal::open(100, 30, &[]);
    let data = terminal.folder().join("data");
    terminal.send("export XDG_DATA_HOME=$PWD/data\r");
    launch(&mut terminal);
    // The local gateway has a store of its own.
    let _held = lock_file(&data.join("stepgate/local/stepgate.db"));
    let began = Instant::now();
    terminal.send("q");
    expect_the_shell_as_before(&mut terminal, "0");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    terminal.send("clear\r");
    launch(&mut terminal);
    terminal.send("\r");
    terminal.wait_for_text("Start PassStateMachine");
    terminal.send("\u{13}");
    terminal.wait_for_text("… starting");
    let began = Instant::now();
    // The first leaves the form.
    terminal.send("\u{3}\u{3}");
    expect_the_shell_as_before(&mut terminal, "0");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(
        terminal.text().contains("the store was not written completely: another program holds it locked"),
        "{}",
        terminal.text()
    );
}
