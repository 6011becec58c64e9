//! The terminal UI over a long time: executions start and end continuously, with outputs of 1 to 100 KB. It fails if
//! memory, descriptors, threads, requests or files exceed their limits. Linux only: the numbers come from the kernel.
//! `cargo bench --bench soak -- --minutes 25` (default 2); `--rate 30` for 30 starts and status requests per second
//! (default 10)

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
    println!("soak: not measured; the figures come from Linux's /proc");
}

#[cfg(target_os = "linux")]
mod measured {
    use std::fmt::Write as _;
    use std::fs;
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::path::Path;
    use std::sync::{Arc, Mutex};
    use std::time::{Duration, Instant};

    use super::terminal::Terminal;

    const SAMPLE: Duration = Duration::from_secs(5);
    const TICK: Duration = Duration::from_millis(100);
    /// How much longer one start may take than the next to be recorded after it was granted: the program may be writing
    /// a megabyte of outputs just then.
    const RECORDING: Duration = Duration::from_millis(250);
    const MOST_MEMORY: u64 = 60 * 1024;
    /// KiB that memory may grow in the second half.
    const MOST_GROWTH: u64 = 1024;

    /// When starts and status requests came.
    #[derive(Default)]
    struct Arrivals {
        starts: Vec<Instant>,
        statuses: Vec<Instant>,
    }

    type Requests = Arc<Mutex<Arrivals>>;

    /// When a thread that sleeps for [`TICK`] and then writes to the disk was done. It is late whenever the machine is: then
    /// requests that were granted one after another leave, or are counted, together.
    type Ticks = Arc<Mutex<Vec<Instant>>>;

    /// Answers until the connection closes: every execution has ended, with an output whose size follows from its name.
    fn serve(mut stream: TcpStream, requests: &Requests) {
        let mut received = Vec::new();
        let mut part = [0; 16 * 1024];
        while let Ok(read @ 1..) = stream.read(&mut part) {
            received.extend_from_slice(&part[..read]);
            let Some(head) = received.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { continue };
            let text = String::from_utf8_lossy(&received[..head]).to_lowercase();
            let length =
                text.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse::<usize>().ok());
            if received.len() < head + 4 + length.unwrap_or(0) {
                continue;
            }
            let now = Instant::now();
            let body = String::from_utf8_lossy(&received[head + 4..]).into_owned();
            let member = |name: &str| {
                let rest = body.split(&format!("\"{name}\":\"")).nth(1)?;
                Some(rest.split('"').next()?.to_owned())
            };
            let Ok(mut arrivals) = requests.lock() else { return };
            let answer = match (member("executionArn"), member("name")) {
                (Some(arn), _) => {
                    arrivals.statuses.push(now);
                    let size = arn.bytes().fold(7_usize, |sum, byte| (sum * 31 + usize::from(byte)) % 99_000) + 1_000;
                    let output = "x".repeat(size);
                    format!(
                        "{{\"executionArn\":\"{arn}\",\"startDate\":1.7E9,\"stopDate\":1.7E9,\"status\":\"SUCCEEDED\",\
                         \"input\":\"{{}}\",\"output\":\"\\\"{output}\\\"\"}}"
                    )
                }
                (None, Some(name)) => {
                    arrivals.starts.push(now);
                    let now = jiff::Timestamp::now().as_millisecond();
                    let arn = format!("arn:aws:states:us-east-1:111122223333:execution:M:{name}");
                    format!("{{\"executionArn\":\"{arn}\",\"startDate\":{}.{:03}}}", now / 1_000, now % 1_000)
                }
                (None, None) => "{}".to_owned(),
            };
            drop(arrivals);
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", answer.len());
            if stream.write_all(format!("{head}{answer}").as_bytes()).is_err() {
                return;
            }
            received.clear();
        }
    }

    /// What the kernel says of a process, and the size of its files.
    #[derive(Clone, Copy)]
    struct Sample {
        memory: u64,
        descriptors: usize,
        threads: usize,
        log: u64,
    }

    impl Sample {
        fn of(pid: &str, data: &Path) -> Self {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("the program runs");
            let memory =
                status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok());
            let count = |what: &str| fs::read_dir(format!("/proc/{pid}/{what}")).expect("the program runs").count();
            let log = fs::metadata(data.join("stepgate/stepgate.db-wal")).map_or(0, |log| log.len());
            Self { memory: memory.expect("a figure"), descriptors: count("fd"), threads: count("task"), log }
        }
    }

    fn pid(folder: &Path) -> String {
        let of_program = |pid: &String| {
            fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == folder)
                && fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "stepgate")
        };
        let pids =
            fs::read_dir("/proc").expect("/proc").flatten().map(|e| e.file_name().to_string_lossy().into_owned());
        pids.into_iter().find(|pid| of_program(pid)).expect("the program runs")
    }

    fn tick(file: &mut fs::File, ticks: &Ticks) {
        loop {
            std::thread::sleep(TICK);
            file.write_all(b"x").and_then(|()| file.sync_data()).expect("a disk");
            ticks.lock().expect("the ticks").push(Instant::now());
        }
    }

    /// The most requests in any second, and how many of them the rule does not allow: it allows one more than the rate, and
    /// those that were granted before and could not leave then, because the machine was late or for as long as `detour`.
    fn most_in_a_second(requests: &[Instant], ticks: &[Instant], rate: usize, detour: Duration) -> (usize, usize) {
        const SECOND: Duration = Duration::from_secs(1);
        let (mut most, mut beyond) = (0, 0);
        for (index, first) in requests.iter().enumerate() {
            let end = index + requests[index..].partition_point(|at| at.duration_since(*first) < SECOND);
            let from = ticks.partition_point(|at| *at + SECOND < *first).saturating_sub(1);
            let until = (ticks.partition_point(|at| *at < *first + SECOND) + 1).min(ticks.len());
            let late = ticks[from..until].windows(2).map(|pair| (pair[1] - pair[0]).saturating_sub(TICK)).max();
            let late = usize::try_from((late.unwrap_or_default() + detour).as_millis()).expect("small");
            most = most.max(end - index);
            beyond = beyond.max((end - index).saturating_sub(rate + 1 + late * rate / 1_000));
        }
        (most, beyond)
    }

    fn argument(name: &str, usual: usize) -> usize {
        let mut arguments = std::env::args().skip_while(|word| word != name).skip(1);
        arguments.next().and_then(|number| number.parse().ok()).unwrap_or(usual)
    }

    pub(super) fn main() {
        let (minutes, rate) = (argument("--minutes", 2), argument("--rate", 10));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/dev", listener.local_addr().expect("an address"));
        let requests = Requests::default();
        let counted = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let counted = Arc::clone(&counted);
                std::thread::spawn(move || serve(stream, &counted));
            }
        });
        let data = tempfile::tempdir().expect("a folder");
        let ticks = Ticks::default();
        let (mut file, for_thread) = (tempfile::tempfile_in(data.path()).expect("a file"), Arc::clone(&ticks));
        std::thread::spawn(move || tick(&mut file, &for_thread));
        let mut terminal = Terminal::open(120, 40, &[("XDG_DATA_HOME", &data.path().to_string_lossy())]);
        let config = format!(
            "[endpoints.e]\nurl = \"{url}\"\n[endpoints.e.start]\nrequests-per-second = {rate}\n\
             [endpoints.e.watch]\nrequests-per-second = {rate}\n[machines.m]\n\
             arn = \"arn:aws:states:us-east-1:111122223333:stateMachine:M\"\n[ui]\ntheme = \"dark\"\n"
        );
        terminal.write("c.toml", &config);
        let count = minutes * 60 * rate;
        let lines = (0..count).fold(String::new(), |mut lines, index| {
            writeln!(lines, "{{\"n\": {index}}}").expect("text");
            lines
        });
        terminal.write("lines.jsonl", &lines);
        terminal.send(&format!("{} --config c.toml\r", Terminal::program()));
        terminal.wait_for_text("No executions yet");
        let pid = pid(terminal.folder());
        terminal.send("b");
        terminal.wait_for_text("File");
        terminal.send("lines.jsonl\r");
        terminal.wait_for_text("executions, Esc to cancel.");
        terminal.send("\r");
        let (began, span) = (Instant::now(), Duration::from_secs(60) * u32::try_from(minutes).expect("small"));
        let mut samples = Vec::new();
        println!("  second  memory/KiB  descriptors  threads  log/KiB  requests");
        while began.elapsed() < span {
            std::thread::sleep(SAMPLE);
            let sample = Sample::of(&pid, data.path());
            let Sample { memory, descriptors, threads, log } = sample;
            let requests_sent = requests.lock().map(|all| all.starts.len() + all.statuses.len()).expect("the requests");
            if samples.len() % 6 == 0 {
                let second = began.elapsed().as_secs();
                println!("{second:8} {memory:11} {descriptors:12} {threads:8} {:8} {requests_sent:9}", log / 1024);
            }
            samples.push(sample);
        }
        let Arrivals { starts, statuses } = std::mem::take(&mut *requests.lock().expect("the requests"));
        let ticks = ticks.lock().expect("the ticks").clone();
        assert!(statuses.len() > count / 2, "it was at work");
        for (what, mut requests, detour) in
            [("starts", starts, RECORDING), ("status requests", statuses, Duration::ZERO)]
        {
            requests.sort();
            let (most, beyond) = most_in_a_second(&requests, &ticks, rate, detour);
            println!("{} {what}, at most {most} in any second, {beyond} over the budget", requests.len());
            assert_eq!(beyond, 0, "the budget of {what} holds");
        }
        judge(&samples);
        // Closes the page of the batch as well.
        terminal.send("\u{3}");
        terminal.wait_for("the shell", |screen| !screen.alternate_screen());
    }

    fn judge(samples: &[Sample]) {
        let most = |part: &[Sample], of: fn(&Sample) -> u64| part.iter().map(of).max().unwrap_or(0);
        let (first, second) = samples.split_at(samples.len() / 2);
        let memory = |sample: &Sample| sample.memory;
        let growth = most(second, memory).saturating_sub(most(first, memory));
        println!("memory {} KiB at most, {growth} KiB more in the second half", most(samples, memory));
        assert!(most(samples, memory) < MOST_MEMORY, "memory is bounded");
        assert!(growth <= MOST_GROWTH, "memory does not grow");
        let (descriptors, threads) =
            (|sample: &Sample| sample.descriptors as u64, |sample: &Sample| sample.threads as u64);
        assert!(most(second, descriptors) <= most(first, descriptors) + 2, "descriptors do not grow");
        assert!(most(second, threads) <= most(first, threads) + 2, "threads do not grow");
        assert!(most(samples, |sample| sample.log) < 32 * 1024 * 1024, "the log is emptied");
    }
}
