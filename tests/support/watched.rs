//! A run of the real binary whose memory is measured until it ends.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// The most memory that any command may have: its resident set.
pub const MOST_MEMORY: u64 = 150 * 1024 * 1024;
/// Far more than any limit of the program that a test meets, far less than forever.
pub const SOON: Duration = Duration::from_secs(120);

/// How a run ended, and the most memory that it has had.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub signal: Option<i32>,
    pub out: String,
    pub err: String,
    pub memory: u64,
    pub took: Duration,
}

/// Runs to the end; `signalled` is sent once the condition is true.
pub fn watched(command: &mut Command, signalled: Option<(Signal, &dyn Fn() -> bool)>) -> Ended {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
    let (began, mut memory, mut pending) = (Instant::now(), 0, signalled);
    let readers = [read(child.stdout.take()), read(child.stderr.take())];
    let status = loop {
        memory = memory.max(peak(&child));
        if let Some(status) = child.try_wait().expect("its state") {
            break status;
        }
        if let Some((signal, _)) = pending.take_if(|(_, is_time)| is_time()) {
            kill_process(Pid::from_child(&child), signal).expect("it is there");
        }
        assert!(began.elapsed() < SOON, "{:?}", child.kill());
        // How often the memory is looked at: its peak is kept by the system.
        std::thread::sleep(Duration::from_millis(2));
    };
    let [out, err] = readers.map(|reader| reader.join().expect("read"));
    let ended = Ended { code: status.code(), signal: status.signal(), out, err, memory, took: began.elapsed() };
    assert!(ended.memory < MOST_MEMORY, "{ended:?}");
    ended
}

fn read(stream: Option<impl std::io::Read + Send + 'static>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = String::new();
        stream.expect("a pipe").read_to_string(&mut text).expect("UTF-8");
        text
    })
}

/// The peak of its resident set: `VmHWM` in `/proc/PID/status`.
pub fn peak(child: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or_default() * 1024
}
