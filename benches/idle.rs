//! What the program does while nothing runs: requests, bytes written to the terminal, wake-ups of its
//! threads, CPU time. Linux only: the figures are the kernel's. `cargo bench --bench idle`

#[cfg(target_os = "linux")]
#[path = "../tests/support/terminal.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod terminal;

#[cfg(target_os = "linux")]
fn main() {
    measured::main();
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("idle: not measured; the figures come from Linux's /proc");
}

#[cfg(target_os = "linux")]
mod measured {
    use std::collections::BTreeMap;
    use std::fs;
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::{Duration, Instant, SystemTime};

    use super::terminal::Terminal;

    const SPAN: Duration = Duration::from_secs(10);
    /// tokio ends a thread for blocking work after ten idle seconds. One that is left from the start may do so.
    const THREADS_STAY: Duration = Duration::from_secs(11);
    const SETTLED_WITHIN: Duration = Duration::from_secs(60);

    /// What the kernel has counted for a process so far.
    struct Figures {
        /// Voluntary and involuntary context switches, by thread: those of a thread are gone with it.
        switches: BTreeMap<String, u64>,
        cpu_ticks: u64,
    }

    impl Figures {
        fn read(pid: &str) -> Self {
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
        fn wake_ups_since(&self, before: &Self) -> u64 {
            let now = |(thread, count): (&String, &u64)| count - before.switches.get(thread).copied().unwrap_or(0);
            let ended = before.switches.keys().filter(|thread| !self.switches.contains_key(*thread)).count();
            self.switches.iter().map(now).sum::<u64>() + ended as u64
        }
    }

    /// Waits until what was begun is over: until no thread has come or gone for a while.
    fn settle(pid: &str) {
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
    fn pid(folder: &std::path::Path) -> String {
        let of_program = |pid: &String| {
            fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == folder)
                && fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "stepgate")
        };
        let pids =
            fs::read_dir("/proc").expect("/proc").flatten().map(|e| e.file_name().to_string_lossy().into_owned());
        pids.into_iter().find(|pid| of_program(pid)).expect("the program runs")
    }

    /// Watches the program do nothing, and says what it did.
    fn measure(when: &str, terminal: &Terminal, pid: &str, requests: &AtomicU64) {
        settle(pid);
        let (before, bytes, requests_sent) = (Figures::read(pid), terminal.bytes(), requests.load(Ordering::Relaxed));
        std::thread::sleep(SPAN);
        let after = Figures::read(pid);
        let wake_ups = after.wake_ups_since(&before);
        let did = (requests.load(Ordering::Relaxed) - requests_sent, terminal.bytes() - bytes, wake_ups);
        println!(
            "{when}, for {} s: {} requests, {} bytes to the terminal, {} wake-ups of all threads, {} CPU ticks",
            SPAN.as_secs(),
            did.0,
            did.1,
            did.2,
            after.cpu_ticks - before.cpu_ticks,
        );
        assert_eq!(did, (0, 0, 0), "an idle program does nothing");
    }

    pub(super) fn main() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/dev", listener.local_addr().expect("an address"));
        let requests = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&requests);
        let arn = "arn:aws:states:us-east-1:111122223333:execution:M:run-1";
        // What is older than `retain` is deleted once the time is known, which a gateway sends with each response; without
        // it, after a minute.
        let date = jiff::Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs();
        let started = format!("{{\"executionArn\":\"{arn}\",\"startDate\":{now}}}");
        let ended = format!(
            "{{\"executionArn\":\"{arn}\",\"startDate\":{now},\"stopDate\":{now},\"status\":\"SUCCEEDED\",\"output\":\"{{}}\"}}"
        );
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut buffer = [0; 4096];
                // The connection stays open, as a gateway's does.
                while let Ok(read @ 1..) = stream.read(&mut buffer) {
                    counter.fetch_add(1, Ordering::Relaxed);
                    let is_question = buffer[..read].starts_with(b"POST /dev/execution/status ");
                    let body = if is_question { &ended } else { &started };
                    let answer =
                        format!("HTTP/1.1 200 OK\r\ndate: {date}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                    let _ = stream.write_all(answer.as_bytes());
                }
            }
        });
        let mut terminal = Terminal::open(120, 40, &[]);
        let machine = "arn = \"arn:aws:states:us-east-1:111122223333:stateMachine:M\"";
        let config = format!("[endpoints.e]\nurl = \"{url}\"\n[machines.m]\n{machine}\n[ui]\ntheme = \"dark\"\n");
        terminal.write("c.toml", &config);
        terminal.send(&format!("{} --config c.toml\r", Terminal::program()));
        terminal.wait_for_text("No executions yet");
        let pid = pid(terminal.folder());
        measure("before any start", &terminal, &pid, &requests);
        terminal.send("\r");
        terminal.wait_for_text("Start m");
        terminal.send("\x13");
        terminal.wait_for_text("SUCCEEDED");
        terminal.wait_for_text("0.0/5 req/s");
        measure("after an execution has ended", &terminal, &pid, &requests);
        assert!(requests.load(Ordering::Relaxed) >= 2, "a start and a question have been asked");
        terminal.send("q");
    }
}
