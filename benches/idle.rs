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
    use std::fs;
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use super::terminal::Terminal;

    const SPAN: Duration = Duration::from_secs(10);

    /// Voluntary and involuntary context switches and CPU ticks of all threads of a process.
    fn figures(pid: &str) -> (u64, u64) {
        let mut switches = 0;
        for task in fs::read_dir(format!("/proc/{pid}/task")).expect("a process").flatten() {
            let status = fs::read_to_string(task.path().join("status")).unwrap_or_default();
            switches += status
                .lines()
                .filter(|line| line.contains("ctxt_switches"))
                .filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok())
                .sum::<u64>();
        }
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
        (switches, ticks(11) + ticks(12))
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
        let (before, bytes, asked) = (figures(pid), terminal.bytes(), requests.load(Ordering::Relaxed));
        std::thread::sleep(SPAN);
        let after = figures(pid);
        let did = (requests.load(Ordering::Relaxed) - asked, terminal.bytes() - bytes, after.0 - before.0);
        println!(
            "{when}, for {} s: {} requests, {} bytes to the terminal, {} wake-ups of all threads, {} CPU ticks",
            SPAN.as_secs(),
            did.0,
            did.1,
            did.2,
            after.1 - before.1,
        );
        assert_eq!(did, (0, 0, 0), "an idle program does nothing");
    }

    pub(super) fn main() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/dev", listener.local_addr().expect("an address"));
        let requests = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&requests);
        let arn = "arn:aws:states:us-east-1:111122223333:execution:M:run-1";
        // Good for a start and for a status: each takes the members that it knows.
        let body = format!(
            "{{\"executionArn\":\"{arn}\",\"startDate\":1.7E9,\"stopDate\":1.7E9,\"status\":\"SUCCEEDED\",\"output\":\"{{}}\"}}"
        );
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut buffer = [0; 4096];
                // The connection stays open, as a gateway's does.
                while stream.read(&mut buffer).is_ok_and(|read| read > 0) {
                    counter.fetch_add(1, Ordering::Relaxed);
                    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
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
        // The first second belongs to the start.
        std::thread::sleep(Duration::from_secs(1));
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
