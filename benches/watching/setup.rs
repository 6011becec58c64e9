//! What all runs share: executions started by the real binary, a process that is measured while it runs, and the
//! delays of the ends that it reports.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use stepgate_local::{Faults, Options};
use tempfile::TempDir;

use crate::gateway::Served;

/// Waits as long as its input says.
const ARN: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:WaitStateMachine";

/// A gateway, and a folder with a configuration for it and a store.
pub struct Setup {
    pub served: Served,
    pub folder: TempDir,
}

/// An execution, as it was started.
pub struct Started {
    pub arn: String,
    pub start: Timestamp,
    pub seconds: u64,
}

impl Started {
    pub fn end(&self) -> Timestamp {
        self.start + jiff::SignedDuration::from_secs(i64::try_from(self.seconds).expect("seconds"))
    }
}

impl Setup {
    /// A gateway with these faults, and `more` in the endpoint's configuration.
    pub fn new(faults: Faults, more: &str) -> Self {
        let served = Served::new(Options { faults, ..Options::default() });
        let folder = tempfile::tempdir().expect("a folder");
        let config = format!(
            "[endpoints.e]\nurl = \"{}\"\n[endpoints.e.start]\nrequests-per-second = 1000\n[endpoints.e.watch]\n\
             requests-per-second = 10\n{more}\n[machines.wait]\narn = \"{ARN}\"\n",
            served.url()
        );
        fs::write(folder.path().join("config.toml"), config).expect("a configuration");
        Self { served, folder }
    }

    pub fn stepgate(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stepgate"));
        command.env("XDG_DATA_HOME", self.folder.path()).env("STEPGATE_CONFIG", self.folder.path().join("config.toml"));
        command.args(arguments);
        command
    }

    /// Starts executions with these durations in seconds.
    pub fn start(&self, seconds: impl Iterator<Item = u64>) -> Vec<Started> {
        let seconds: Vec<u64> = seconds.collect();
        let lines = seconds.iter().fold(String::new(), |mut text, seconds| {
            writeln!(text, "{{\"seconds\": {seconds}}}").expect("text");
            text
        });
        let path = self.folder.path().join("lines.jsonl");
        fs::write(&path, lines).expect("lines");
        let output = self
            .stepgate(&["start", "wait", "--output", "json", "--each"])
            .arg(&path)
            .output()
            .expect("stepgate starts them");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let printed = String::from_utf8(output.stdout).expect("UTF-8");
        let started = printed.lines().zip(seconds).map(|(line, seconds)| {
            let object: Value = serde_json::from_str(line).expect("JSON");
            let arn = object["executionArn"].as_str().expect("an ARN").to_owned();
            Started { arn, start: object["startDate"].as_str().expect("a date").parse().expect("a date"), seconds }
        });
        started.collect()
    }
}

/// The result of a run.
pub struct Measured {
    /// Seconds from each end to the line that reports it.
    pub delays: Vec<f64>,
    /// CPU time of the process, and of those that it has waited for.
    pub cpu: Duration,
    /// How long it ran.
    pub wall: Duration,
    /// The most memory that it has held, in MiB. Of the process alone.
    pub memory: f64,
}

impl Measured {
    pub fn mean(&self) -> f64 {
        let count = f64::from(u32::try_from(self.delays.len().max(1)).expect("not so many"));
        self.delays.iter().sum::<f64>() / count
    }

    /// The delay that this part of them stays below.
    pub fn part(&self, part: usize) -> f64 {
        let mut sorted = self.delays.clone();
        sorted.sort_by(f64::total_cmp);
        sorted[(sorted.len() * part).div_ceil(100).max(1) - 1]
    }

    pub fn line(&self, what: &str, requests: u64, most_a_second: usize) -> String {
        format!(
            "{what}: {} ends reported after {:.2} s in the mean, half within {:.2} s, 95% within {:.2} s, all within {:.2} s; \
             {requests} requests, at most {most_a_second} in a second; CPU {:.2} s ({:.2}% of a core); memory {:.1} MiB",
            self.delays.len(),
            self.mean(),
            self.part(50),
            self.part(95),
            self.part(100),
            self.cpu.as_secs_f64(),
            100.0 * self.cpu.as_secs_f64() / self.wall.as_secs_f64(),
            self.memory,
        )
    }
}

/// Runs a command that names each execution's ARN in a line when it has ended, until all have been named.
pub fn follow(command: &mut Command, started: &[Started]) -> Measured {
    let mut ends: HashMap<&str, Timestamp> = started.iter().map(|one| (one.arn.as_str(), one.end())).collect();
    let began = std::time::Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("it runs");
    let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let (mut delays, mut cpu, mut memory) = (Vec::new(), Duration::ZERO, 0.0_f64);
    for line in lines {
        let (line, now) = (line.expect("a line"), Timestamp::now());
        let Some(arn) = line.split('"').find(|part| part.starts_with("arn:") && part.contains(":execution:")) else {
            continue;
        };
        let Some(end) = ends.remove(arn) else { continue };
        delays.push(now.duration_since(end).as_secs_f64());
        (cpu, memory) = used(&child);
        if ends.is_empty() {
            break;
        }
    }
    let wall = began.elapsed();
    let _ = child.wait();
    assert!(ends.is_empty(), "{} were lost", ends.len());
    Measured { delays, cpu, wall, memory }
}

/// CPU time and memory until now.
fn used(child: &Child) -> (Duration, f64) {
    let folder = Path::new("/proc").join(child.id().to_string());
    let stat = fs::read_to_string(folder.join("stat")).expect("/proc");
    let fields: Vec<&str> = stat.rsplit(')').next().expect("fields").split_whitespace().collect();
    // utime, stime, cutime, cstime, in USER_HZ, which is 100 wherever Linux has a /proc.
    let ticks: u64 = fields[11..15].iter().map(|field| field.parse::<u64>().expect("ticks")).sum();
    let status = fs::read_to_string(folder.join("status")).expect("/proc");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("memory");
    let kib: f64 = peak.trim().trim_end_matches(" kB").parse().expect("kB");
    (Duration::from_millis(ticks * 10), kib / 1024.0)
}
