//! What the program does while nothing runs: requests, bytes written to the terminal, wake-ups of its threads, CPU
//! time. Linux only: the numbers come from the kernel. `cargo bench --bench idle`

#[cfg(target_os = "linux")]
#[path = "../tests/support/terminal.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod terminal;

#[cfg(target_os = "linux")]
#[path = "../tests/support/wake_ups.rs"]
mod wake_ups;

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
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::{Duration, SystemTime};

    use super::terminal::Terminal;
    use super::wake_ups::{Figures, pid, settle};

    const SPAN: Duration = Duration::from_secs(10);
    /// Measures the idle program.
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
