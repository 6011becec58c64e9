//! The real binary as a script runs it: with its own home folder, without a terminal.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// How long a condition may take to come true, on the slowest machine. Nothing waits for it to pass.
const DEADLINE: Duration = Duration::from_secs(60);

/// ARNs of the local gateway's machines begin with this.
pub const MACHINE: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:";

/// A home with a configuration and a store.
pub struct Home {
    folder: tempfile::TempDir,
}

/// How a run ended.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// The objects on standard output, one a line.
    pub fn objects(&self) -> Vec<Value> {
        let object = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        self.out.lines().map(object).collect()
    }

    /// Exactly one object.
    pub fn object(&self) -> Value {
        let objects = self.objects();
        assert_eq!(objects.len(), 1, "{self:?}");
        objects[0].clone()
    }

    /// The run, which must have ended with this code.
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        self
    }
}

impl Home {
    /// A home whose configuration has every machine of the local gateway at this URL.
    pub fn at(url: &str) -> Self {
        let home = Self::empty();
        home.write("config.toml", &config(url));
        home
    }

    /// A home with nothing in it.
    pub fn empty() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file into the home, which runs begin in.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    }

    /// A command in this home, on its configuration if it has one.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stepgate"));
        command.env_clear().env("HOME", self.path()).env("XDG_DATA_HOME", self.path().join("data"));
        let config = self.path().join("config.toml");
        if config.exists() {
            command.env("STEPGATE_CONFIG", config);
        }
        command.current_dir(self.path()).args(arguments).stdin(Stdio::null());
        command
    }

    /// Runs to the end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        ran(&mut self.command(arguments))
    }

    /// Runs to the end with this on standard input.
    pub fn run_with(&self, arguments: &[&str], input: &str) -> Ran {
        let mut command = self.command(arguments);
        let mut child = spawn(command.stdin(Stdio::piped()));
        let mut stdin = child.stdin.take().expect("standard input");
        let input = input.to_owned();
        // A program that does not read it ends anyway.
        let writing = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
        let ran = waited(child);
        writing.join().expect("written");
        ran
    }

    /// Runs while the test continues.
    pub fn begin(&self, arguments: &[&str]) -> Running {
        Running::new(spawn(&mut self.command(arguments)))
    }
}

/// A configuration for the local gateway's machines, with a large budget.
pub fn config(url: &str) -> String {
    let machines = [("pass", "Pass"), ("order", "Order"), ("wait", "Wait"), ("fail", "Fail"), ("timeout", "Timeout")];
    let machines =
        machines.map(|(name, machine)| format!("[machines.{name}]\narn = \"{MACHINE}{machine}StateMachine\""));
    format!(
        "[endpoints.e]\nurl = \"{url}\"\n[endpoints.e.watch]\nrequests-per-second = 50\n[endpoints.e.routes]\n\
         stop = \"/execution/stop\"\nredrive = \"/execution/redrive\"\nhistory = \"/execution/history\"\n\
         list = \"/executions\"\n{}\n[machines.pass.presets]\norder = '{{\"order\": 1}}'\n",
        machines.join("\n")
    )
}

/// The cells of a line of a table, as a script splits it: at two spaces or more.
pub fn cells(line: &str) -> Vec<&str> {
    line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()
}

/// So many lines with an input on each.
pub fn orders(count: usize) -> String {
    let lines: Vec<String> = (1..=count).map(|line| format!("{{\"order\": {line}}}\n")).collect();
    lines.concat()
}

fn spawn(command: &mut Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs")
}

/// Runs to the end.
pub fn ran(command: &mut Command) -> Ran {
    waited(spawn(command))
}

fn waited(child: Child) -> Ran {
    let output = child.wait_with_output().expect("the program ends");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    Ran { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
}

/// A run while the test continues: its lines as they arrive.
pub struct Running {
    child: Child,
    out: Arc<Mutex<String>>,
    err: Arc<Mutex<String>>,
    readers: Vec<std::thread::JoinHandle<()>>,
}

impl Running {
    fn new(mut child: Child) -> Self {
        let (out, err) = (Arc::default(), Arc::default());
        let readers = vec![
            collect(child.stdout.take().expect("standard output"), &out),
            collect(child.stderr.take().expect("standard error"), &err),
        ];
        Self { child, out, err, readers }
    }

    /// What is on standard output so far.
    pub fn out(&self) -> String {
        self.out.lock().expect("the text").clone()
    }

    /// What is on standard error so far.
    pub fn err(&self) -> String {
        self.err.lock().expect("the text").clone()
    }

    /// Runs a command while the test continues.
    pub fn of(command: &mut Command) -> Self {
        Self::new(spawn(command))
    }

    /// Waits until something is so.
    pub fn wait_until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        self.wait_until_within(DEADLINE, what, is_so);
    }

    /// Waits this long at most.
    pub fn wait_until_within(&self, most: Duration, what: &str, is_so: impl Fn(&Self) -> bool) {
        let end = Instant::now() + most;
        while !is_so(self) {
            assert!(Instant::now() < end, "{what} did not come:\n{}\n{}", self.out(), self.err());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).expect("a number")).expect("a process");
        kill_process(pid, signal).expect("it is there");
    }

    /// Waits for its end.
    pub fn end(mut self) -> Ran {
        let status = self.child.wait().expect("the program ends");
        for reader in self.readers.drain(..) {
            reader.join().expect("read to the end");
        }
        Ran { code: status.code(), out: self.out(), err: self.err() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(stream: impl Read + Send + 'static, into: &Arc<Mutex<String>>) -> std::thread::JoinHandle<()> {
    let into = Arc::clone(into);
    std::thread::spawn(move || {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        while reader.read_line(&mut line).is_ok_and(|read| read > 0) {
            into.lock().expect("the text").push_str(&line);
            line.clear();
        }
    })
}
