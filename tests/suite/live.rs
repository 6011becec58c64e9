//! The open UI of the real binary shows what other processes write to its store, and what others start through its
//! gateway.
#![cfg(unix)]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::support::gateway::Served;
use crate::support::terminal::Terminal;
use stepgate_local::Options;

/// An open UI with its data in this folder.
struct Opened {
    terminal: Terminal,
    data: Rc<tempfile::TempDir>,
}

fn config(url: &str, more: &str) -> String {
    let arn = "arn:aws:states:us-east-1:000000000000:stateMachine";
    format!(
        "[endpoints.e]\nurl = \"{url}\"\n{more}[machines.pass]\narn = \"{arn}:PassStateMachine\"\n\
         [machines.wait]\narn = \"{arn}:WaitStateMachine\"\n[ui]\ntheme = \"dark\"\n"
    )
}

impl Opened {
    fn new(config: &str, size: (u16, u16)) -> Self {
        let data = Rc::new(tempfile::tempdir().expect("a folder"));
        std::fs::write(data.path().join("c.toml"), config).expect("a configuration");
        Self::with_data(data, size)
    }

    /// Another UI on the same data.
    fn beside(other: &Self, size: (u16, u16)) -> Self {
        Self::with_data(Rc::clone(&other.data), size)
    }

    fn with_data(data: Rc<tempfile::TempDir>, size: (u16, u16)) -> Self {
        let terminal = Terminal::open(size.0, size.1, &[("XDG_DATA_HOME", &data.path().to_string_lossy())]);
        let mut opened = Self { terminal, data };
        opened.launch();
        opened
    }

    fn launch(&mut self) {
        let config = self.data.path().join("c.toml");
        self.terminal.send(&format!("{} --config '{}'; echo code=$?\r", Terminal::program(), config.display()));
        self.terminal.wait_for("the screen", vt100::Screen::alternate_screen);
        self.terminal.wait_for_text("Machines");
    }

    /// Runs a command of another process on the same store to its end.
    fn run(&self, arguments: &[&str]) {
        let output = command(self.data.path(), arguments).output().expect("the program runs");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

fn command(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepgate"));
    let home = data.to_string_lossy().into_owned();
    command.env_clear().envs([("HOME", &home), ("XDG_DATA_HOME", &home)]);
    command.arg("--config").arg(data.join("c.toml")).args(arguments).stdin(Stdio::null());
    command
}

#[test]
fn what_another_process_writes_appears_within_a_second_and_nothing_wakes_the_ui_otherwise() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _context = runtime.enter();
    let served = Served::new(Options::default());
    let mut opened = Opened::new(&config(&served.url(), ""), (120, 30));
    opened.terminal.wait_for_text("No executions yet");
    opened.run(&["start", "pass", "--name", "from-elsewhere"]);
    let began = Instant::now();
    opened.terminal.wait_for_text("from-elsewhere");
    assert!(began.elapsed() < Duration::from_secs(1), "after {:?}", began.elapsed());
    // That process has ended, so the UI watches the execution itself.
    opened.terminal.wait_for_text("SUCCEEDED");
    opened.run(&["start", "pass", "--name", "second", "--wait"]);
    opened.terminal.wait_for("both ends", |screen| {
        let text = screen.contents();
        text.contains("second") && text.contains("2 succeeded") && !text.contains("running")
    });
    let began = Instant::now();
    opened.run(&["forget", "from-elsewhere", "--yes"]);
    opened.terminal.wait_for("it to leave", |screen| !screen.contents().contains("from-elsewhere"));
    opened.terminal.wait_for_text("1 succeeded");
    assert!(began.elapsed() < Duration::from_secs(3), "after {:?}", began.elapsed());
    // The UI's own writes do not wake it either.
    opened.terminal.send("n");
    opened.terminal.wait_for_text("Start which machine");
    opened.terminal.send("\r");
    opened.terminal.wait_for_text("Start pass");
    opened.terminal.send("\x13");
    opened.terminal.wait_for_text("2 succeeded");
    opened.terminal.wait_for_text("0.0/5 req/s");
    #[cfg(target_os = "linux")]
    {
        use crate::support::wake_ups::{Figures, pid, settle};
        let pid = pid(opened.terminal.folder());
        settle(&pid);
        let (before, bytes) = (Figures::read(&pid), opened.terminal.bytes());
        // The time in which nothing may happen.
        std::thread::sleep(Duration::from_secs(3));
        let did = (Figures::read(&pid).wake_ups_since(&before), opened.terminal.bytes() - bytes);
        assert_eq!(did, (0, 0), "wake-ups and bytes");
    }
    opened.terminal.send("q");
    opened.terminal.wait_for_text("code=0");
}

#[test]
fn an_execution_that_another_process_watches_is_taken_over_when_it_is_killed() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _context = runtime.enter();
    let served = Served::new(Options::default());
    let mut opened = Opened::new(&config(&served.url(), ""), (120, 30));
    opened.terminal.wait_for_text("No executions yet");
    // An execution of its own is selected: a selected one is watched in any case.
    opened.run(&["start", "pass", "--name", "own"]);
    opened.terminal.wait_for_text("1 succeeded");
    let arguments = ["start", "wait", "--name", "theirs", "--input", "{\"seconds\": 4}", "--wait"];
    let mut child = command(opened.data.path(), &arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let child = child.as_mut().expect("the program runs");
    opened.terminal.wait_for_text("theirs");
    opened.terminal.wait_for_text("1 running");
    child.kill().expect("killed");
    child.wait().expect("it ends");
    opened.terminal.wait_for_text("2 succeeded");
    opened.terminal.send("q");
    opened.terminal.wait_for_text("code=0");
}

#[test]
fn a_burst_of_another_process_arrives_completely() {
    const LINES: usize = 1_500;
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _context = runtime.enter();
    let served = Served::new(Options::default());
    let watch = "[endpoints.e.watch]\nrequests-per-second = 1000\n";
    let mut opened = Opened::new(&config(&served.url(), watch), (120, 30));
    opened.terminal.wait_for_text("No executions yet");
    let lines: Vec<String> = (0..LINES).map(|line| format!("{{\"order\": {line}}}")).collect();
    let file = opened.data.path().join("orders.jsonl");
    std::fs::write(&file, lines.join("\n")).expect("written");
    opened.run(&["start", "pass", "--each", &file.to_string_lossy(), "--wait"]);
    opened.terminal.wait_for_text("1500 succeeded");
    opened.terminal.send("q");
    opened.terminal.wait_for_text("code=0");
}

/// Starts an execution as a colleague with curl does.
fn start_as_a_colleague(url: &str, machine: &str, name: &str, input: &str) {
    let address = url.trim_start_matches("http://").split('/').next().expect("an address");
    let path = url.trim_start_matches("http://").trim_start_matches(address);
    let body = format!(
        "{{\"stateMachineArn\":\"arn:aws:states:us-east-1:000000000000:stateMachine:{machine}\",\
         \"name\":\"{name}\",\"input\":{}}}",
        serde_json::to_string(input).expect("JSON")
    );
    let mut stream = TcpStream::connect(address).expect("connected");
    let request = format!(
        "POST {path}/execution HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn everyones_executions_appear_where_the_endpoint_lists_them_and_the_choice_is_remembered() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _context = runtime.enter();
    let served = Served::new(Options::default());
    let routes = "[endpoints.e.routes]\nlist = \"/executions\"\n";
    let mut opened = Opened::new(&config(&served.url(), routes), (140, 30));
    opened.terminal.wait_for_text("Executions · mine");
    start_as_a_colleague(&served.url(), "PassStateMachine", "theirs-1", r#"{"from": "a colleague"}"#);
    opened.run(&["start", "pass", "--name", "mine-1"]);
    opened.terminal.wait_for_text("mine-1");
    opened.terminal.look(|screen| assert!(!screen.contents().contains("theirs-1")));
    opened.terminal.send("a");
    opened.terminal.wait_for_text("Executions · everyone's");
    opened.terminal.wait_for_text("theirs-1");
    start_as_a_colleague(&served.url(), "PassStateMachine", "theirs-2", r#"{"from": "a colleague"}"#);
    opened.terminal.wait_for_text("theirs-2");
    opened.terminal.wait_for_text("3 succeeded");
    // Input and output come with a request once it is selected.
    opened.terminal.send("\t");
    opened.terminal.send("g");
    opened.terminal.wait_for_text("a colleague");
    // A script still lists what was started here.
    let listed = command(opened.data.path(), &["list"]).output().expect("the program runs");
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.contains("mine-1") && !listed.contains("theirs"), "{listed}");
    // Nor does a script wait for what runs elsewhere.
    start_as_a_colleague(&served.url(), "WaitStateMachine", "theirs-3", r#"{"seconds": 600}"#);
    opened.terminal.wait_for_text("theirs-3");
    opened.run(&["watch"]);
    opened.terminal.send("q");
    opened.terminal.wait_for_text("code=0");
    opened.terminal.send("clear\r");
    opened.launch();
    opened.terminal.wait_for_text("Executions · everyone's");
    opened.terminal.wait_for_text("theirs-2");
    opened.terminal.send("a");
    opened.terminal.wait_for_text("Executions · mine");
    opened.terminal.wait_for("the others to leave", |screen| {
        let text = screen.contents();
        !text.contains("theirs") && text.contains("mine-1") && text.contains("1 succeeded")
    });
    opened.terminal.send("q");
    opened.terminal.wait_for_text("code=0");
}

#[test]
fn a_removed_execution_of_others_stays_away_from_every_ui_until_it_is_opened() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _context = runtime.enter();
    let served = Served::new(Options::default());
    let start = |name: &str| start_as_a_colleague(&served.url(), "PassStateMachine", name, "{}");
    let routes = "[endpoints.e.routes]\nlist = \"/executions\"\n";
    let mut opened = Opened::new(&config(&served.url(), routes), (140, 30));
    opened.terminal.wait_for_text("Executions · mine");
    opened.terminal.press("a");
    opened.terminal.wait_for_text("Executions · everyone's");
    start("theirs-1");
    opened.terminal.wait_for_text("theirs-1");
    let mut beside = Opened::beside(&opened, (140, 30));
    beside.terminal.wait_for_text("theirs-1");
    opened.terminal.press("\td");
    opened.terminal.wait_for_text("Remove theirs-1 from the list?");
    opened.terminal.press("y");
    for terminal in [&mut opened.terminal, &mut beside.terminal] {
        terminal.wait_for("it to leave", |screen| !screen.contents().contains("theirs-1"));
    }
    // Each list that contains the new one contains the removed one as well.
    let without = |terminal: &mut Terminal, name: &str| {
        terminal.wait_for_text(name);
        terminal.look(|screen| assert!(!screen.contents().contains("theirs-1"), "{}", screen.contents()));
    };
    start("theirs-2");
    without(&mut opened.terminal, "theirs-2");
    without(&mut beside.terminal, "theirs-2");
    opened.terminal.send("q");
    opened.terminal.wait_for_text("code=0");
    opened.terminal.send("clear\r");
    opened.launch();
    start("theirs-3");
    without(&mut opened.terminal, "theirs-3");
    without(&mut beside.terminal, "theirs-3");
    // The user names it.
    opened.terminal.press("\u{f}");
    opened.terminal.wait_for_text("Open an execution");
    let arn = "arn:aws:states:us-east-1:000000000000:execution:PassStateMachine:theirs-1";
    opened.terminal.press(&format!("{arn}\r"));
    opened.terminal.wait_for_text("3 succeeded");
    beside.terminal.wait_for_text("theirs-1");
    for terminal in [&mut opened.terminal, &mut beside.terminal] {
        terminal.send("q");
        terminal.wait_for_text("code=0");
    }
}
