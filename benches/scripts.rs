//! The commands compared with the usual alternatives, in one run against one local gateway: a thousand lines by
//! `start --each --wait`, by a `curl` loop, and by the AWS CLI; one `start --wait` compared with two calls of `curl`.
//! Linux only: the CPU time of ended processes comes from the kernel. `cargo bench --bench scripts`
//!
//! `STEPGATE_BENCH_LINES` sets the number of lines (1,000), `STEPGATE_BENCH_AWS_LINES` that of the AWS CLI
//! (50: it takes about a second for each call), `AWS` its command. The AWS CLI sends requests to Step Functions;
//! a translator in this process passes them to the gateway.

#[cfg(target_os = "linux")]
#[path = "../tests/support/gateway.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod gateway;

#[cfg(target_os = "linux")]
fn main() {
    measured::main();
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("scripts: not measured; the figures come from Linux's /proc");
}

#[cfg(target_os = "linux")]
mod measured {
    use std::fs;
    use std::path::Path;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    use stepgate_local::Options;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};

    use super::gateway::Served;

    const ARN: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:PassStateMachine";
    const ROUNDS: usize = 15;

    /// CPU time of all processes that this one has waited for, and of those that they have.
    fn cpu_of_children() -> Duration {
        let stat = fs::read_to_string("/proc/self/stat").expect("/proc");
        let fields: Vec<&str> = stat.rsplit(')').next().expect("fields").split_whitespace().collect();
        let ticks: u64 = [13, 14].iter().map(|index| fields[*index].parse::<u64>().expect("ticks")).sum();
        // USER_HZ, which is 100 wherever Linux has a /proc.
        Duration::from_millis(ticks * 10)
    }

    /// Runs a command to its end; returns its cost and its output.
    fn timed(command: &mut Command) -> (Duration, Duration, String) {
        let (began, cpu) = (Instant::now(), cpu_of_children());
        let output = command.stdin(Stdio::null()).output().expect("it runs");
        let (wall, cpu) = (began.elapsed(), cpu_of_children().saturating_sub(cpu));
        let printed = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?}: {printed}");
        (wall, cpu, String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn number(variable: &str, default: usize) -> usize {
        std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
    }

    fn shell(script: &str, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new("bash");
        command.current_dir(folder).args(["-ec", script, "bash"]).args(arguments);
        command
    }

    fn stepgate(folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stepgate"));
        command.env("XDG_DATA_HOME", folder).env("STEPGATE_CONFIG", folder.join("config.toml"));
        command.current_dir(folder).args(arguments);
        command
    }

    /// Starts each line and asks until it has ended, as people write it.
    const CURL_LOOP: &str = r#"
        while IFS= read -r line; do
            quoted=$(printf %s "$line" | sed 's/\\/\\\\/g; s/"/\\"/g')
            arn=$(curl -s -X POST "$1/execution" -d "{\"input\": \"$quoted\", \"stateMachineArn\": \"$2\"}" |
                grep -o 'arn:aws:states:[^"]*')
            until curl -s -X POST "$1/execution/status" -d "{\"executionArn\": \"$arn\"}" | grep -q '"SUCCEEDED"'; do :; done
        done < "$3""#;

    const AWS_LOOP: &str = r#"
        while IFS= read -r line; do
            arn=$($4 stepfunctions start-execution --endpoint-url "$1" --state-machine-arn "$2" --input "$line" \
                --query executionArn --output text)
            until [ "$($4 stepfunctions describe-execution --endpoint-url "$1" --execution-arn "$arn" \
                --query status --output text)" = SUCCEEDED ]; do :; done
        done < "$3""#;

    /// The two calls of the article, the second one until it returns the end.
    const TWO_CALLS: &str = r#"
        arn=$(curl -s -X POST "$1/execution" -d "{\"input\": \"{}\", \"stateMachineArn\": \"$2\"}")
        arn=${arn#*'"executionArn":"'}
        body="{\"executionArn\": \"${arn%%'"'*}\"}"
        until [[ $(curl -s -X POST "$1/execution/status" -d "$body") = *'"SUCCEEDED"'* ]]; do :; done"#;

    /// Listens as Step Functions does, and gives each request to the gateway's routes.
    async fn translator(gateway: String) -> String {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(translate(stream, gateway.clone()));
            }
        });
        url
    }

    async fn translate(mut stream: TcpStream, gateway: String) {
        let (host, stage) = gateway.trim_start_matches("http://").split_once('/').expect("a stage");
        let mut request = Vec::new();
        let mut buffer = [0; 8192];
        loop {
            let read = stream.read(&mut buffer).await.unwrap_or(0);
            request.extend_from_slice(&buffer[..read]);
            let text = String::from_utf8_lossy(&request).into_owned();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let header = |name: &str| {
                let lines = head.lines().filter_map(|line| line.split_once(": "));
                lines.clone().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
            };
            let length = header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
            if body.len() < length && read > 0 {
                continue;
            }
            let start = header("x-amz-target").is_some_and(|target| target.ends_with("StartExecution"));
            let route = if start { "execution" } else { "execution/status" };
            let mut upstream = TcpStream::connect(host).await.expect("the gateway listens");
            let request = format!(
                "POST /{stage}/{route} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
            );
            upstream.write_all(request.as_bytes()).await.expect("asked");
            let mut answer = Vec::new();
            upstream.read_to_end(&mut answer).await.expect("answered");
            let _ = stream.write_all(&answer).await;
            return;
        }
    }

    fn median(mut times: Vec<Duration>) -> Duration {
        times.sort();
        times[times.len() / 2]
    }

    fn say(what: &str, lines: usize, (wall, cpu): (Duration, Duration)) {
        let each = |time: Duration| time.as_secs_f64() * 1000.0 / f64::from(u32::try_from(lines).unwrap_or(u32::MAX));
        println!(
            "{what}: {lines} lines, wall {:.2} s, CPU {:.2} s; a line: wall {:.1} ms, CPU {:.2} ms",
            wall.as_secs_f64(),
            cpu.as_secs_f64(),
            each(wall),
            each(cpu)
        );
    }

    pub(super) fn main() {
        let (lines, aws_lines) = (number("STEPGATE_BENCH_LINES", 1_000), number("STEPGATE_BENCH_AWS_LINES", 50));
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        let text =
            |count: usize| (1..=count).map(|line| format!("{{\"order\": {line}}}\n")).collect::<Vec<_>>().concat();
        fs::write(folder.join("lines.jsonl"), text(lines)).expect("lines");
        fs::write(folder.join("few.jsonl"), text(aws_lines)).expect("lines");
        let served = runtime.block_on(async { Served::new(Options::default()) });
        let url = served.url();
        // What StartExecution refills in most regions, and what DescribeExecution does in none: to compare the
        // programs, and not a budget with none.
        let budgets =
            "[endpoints.e.start]\nrequests-per-second = 150\n[endpoints.e.watch]\nrequests-per-second = 150\n";
        let config = format!("[endpoints.e]\nurl = \"{url}\"\n{budgets}[machines.pass]\narn = \"{ARN}\"\n");
        fs::write(folder.join("config.toml"), config).expect("a configuration");

        let each = ["start", "pass", "--each", "lines.jsonl", "--wait", "--output", "json"];
        let (wall, cpu, printed) = timed(&mut stepgate(folder, &each));
        assert_eq!(printed.lines().filter(|line| line.contains("\"status\":\"SUCCEEDED\"")).count(), lines);
        say("stepgate start --each --wait", lines, (wall, cpu));
        let (starts, questions) = (served.gateway.starts(), served.gateway.status_requests());
        println!(
            "  at the gateway: {} starts, at most {} in a second (budget 150); {} questions, at most {} in a second (150)",
            starts.total, starts.peak_per_second, questions.total, questions.peak_per_second
        );
        let (wall, cpu, _) = timed(&mut shell(CURL_LOOP, folder, &[&url, ARN, "lines.jsonl"]));
        say("curl loop", lines, (wall, cpu));
        aws(&runtime, &url, folder, aws_lines);

        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            ours.push(timed(&mut stepgate(folder, &["start", "pass", "--wait"])).0);
            theirs.push(timed(&mut shell(TWO_CALLS, folder, &[&url, ARN])).0);
        }
        println!(
            "one execution to its end, median of {ROUNDS}: stepgate start --wait {} ms, two calls of curl {} ms",
            median(ours).as_millis(),
            median(theirs).as_millis()
        );
    }

    /// The AWS CLI, where there is one.
    fn aws(runtime: &tokio::runtime::Runtime, url: &str, folder: &Path, lines: usize) {
        let installed = concat!(env!("CARGO_MANIFEST_DIR"), "/target/localstack/venv/bin/aws");
        let aws = std::env::var("AWS").ok().or_else(|| Path::new(installed).exists().then(|| installed.to_owned()));
        let Some(aws) = aws else {
            println!("AWS CLI: NOT MEASURED: tests/localstack/run installs one, or name one with AWS");
            return;
        };
        let translated = runtime.block_on(translator(url.to_owned()));
        let mut command = shell(AWS_LOOP, folder, &[&translated, ARN, "few.jsonl", &aws]);
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        command.env("AWS_DEFAULT_REGION", "us-east-1").env_remove("AWS_PROFILE");
        let (wall, cpu, _) = timed(&mut command);
        say("AWS CLI", lines, (wall, cpu));
    }
}
