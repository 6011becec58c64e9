//! How often a process wakes up, according to the kernel. Linux only.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

/// tokio ends a thread for blocking work after ten idle seconds. One that is left from the start may do so.
const THREADS_STAY: Duration = Duration::from_secs(11);
const SETTLED_WITHIN: Duration = Duration::from_secs(60);

/// What the kernel has counted for a process so far.
pub struct Figures {
    /// Voluntary and involuntary context switches, by thread: those of a thread are gone with it.
    switches: BTreeMap<String, u64>,
    pub cpu_ticks: u64,
}

impl Figures {
    pub fn read(pid: &str) -> Self {
        let tasks = fs::read_dir(format!("/proc/{pid}/task")).expect("a process").flatten();
        let of_task = |task: fs::DirEntry| {
            let status = fs::read_to_string(task.path().join("status")).ok()?;
            let counts = status.lines().filter(|line| line.contains("ctxt_switches"));
            let counts = counts.filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
            Some((task.file_name().to_string_lossy().into_owned(), counts.sum()))
        };
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
        Self { switches: tasks.filter_map(of_task).collect(), cpu_ticks: ticks(11) + ticks(12) }
    }

    fn threads(&self) -> Vec<&String> {
        self.switches.keys().collect()
    }

    /// How often a thread was woken since `before`. One that has ended since was woken once at least.
    pub fn wake_ups_since(&self, before: &Self) -> u64 {
        let now = |(thread, count): (&String, &u64)| count - before.switches.get(thread).copied().unwrap_or(0);
        let ended = before.switches.keys().filter(|thread| !self.switches.contains_key(*thread)).count();
        self.switches.iter().map(now).sum::<u64>() + ended as u64
    }
}

/// Waits until what was begun is over: until no thread has come or gone for a while.
pub fn settle(pid: &str) {
    let deadline = Instant::now() + SETTLED_WITHIN;
    let (mut known, mut since) = (Figures::read(pid), Instant::now());
    while since.elapsed() < THREADS_STAY {
        assert!(Instant::now() < deadline, "threads keep coming and going");
        std::thread::sleep(Duration::from_millis(100));
        let now = Figures::read(pid);
        if now.threads() != known.threads() {
            since = Instant::now();
        }
        known = now;
    }
}

/// The process of the program, by the folder that it was started in.
pub fn pid(folder: &std::path::Path) -> String {
    let of_program = |pid: &String| {
        fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == folder)
            && fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "stepgate")
    };
    let pids = fs::read_dir("/proc").expect("/proc").flatten().map(|e| e.file_name().to_string_lossy().into_owned());
    pids.into_iter().find(|pid| of_program(pid)).expect("the program runs")
}
