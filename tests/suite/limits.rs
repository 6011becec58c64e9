//! Sources that are endless, blocked or untrusted: every read of the real binary is limited in size and time, ends on
//! a signal, and takes little memory. Also locks that another process never releases.
#![cfg(target_os = "linux")]

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::cli::Home;
use crate::support::gateway::Served;
use crate::support::watched::{SOON, peak, watched};
use rustix::fs::OFlags;
use rustix::process::{Pid, Signal, kill_process};
use stepgate_local::Options;
use tokio::runtime::Runtime;

/// No server listens there.
const NOWHERE: &str = "http://127.0.0.1:9/dev";
const ARN: &str = "arn:aws:states:us-east-1:111122223333:execution:M:run-1";

fn fifo(home: &Home, name: &str) -> PathBuf {
    let path = home.path().join(name);
    assert!(Command::new("mkfifo").arg(&path).status().expect("mkfifo is everywhere").success());
    path
}

/// A home whose endpoint has these lines besides its URL.
fn home_with(url: &str, lines: &str) -> Home {
    let home = Home::empty();
    let arn = "arn:aws:states:us-east-1:000000000000:stateMachine:PassStateMachine";
    home.write("config.toml", &format!("[endpoints.e]\nurl = \"{url}\"\n{lines}\n[machines.pass]\narn = \"{arn}\"\n"));
    home
}

fn served() -> (Runtime, Served) {
    let runtime = Runtime::new().expect("a runtime");
    let served = runtime.block_on(async { Served::new(Options::default()) });
    (runtime, served)
}

#[test]
fn files_without_an_end_are_refused_with_little_memory() {
    let key = |source: &str| format!("auth = {{ type = \"api-key\", {source} }}");
    for (lines, message) in [
        (key("file = \"/dev/zero\""), "no secret from the file /dev/zero: it has more than 64 KiB"),
        (key("command = [\"yes\"]"), "its output cannot be used: it has more than 64 KiB"),
        (key("command = [\"cat\", \"/dev/zero\"]"), "its output cannot be used: it has more than 64 KiB"),
        (key("command = [\"sh\", \"-c\", \"yes & yes\"]"), "its output cannot be used: it has more than 64 KiB"),
        ("ca-file = \"/dev/zero\"".into(), "the ca-file /dev/zero cannot be read: it has more than 4 MiB"),
        (
            "client-certificate = \"/dev/zero\"".into(),
            "client-certificate /dev/zero cannot be read: it has more than 4 MiB",
        ),
        (key("file = \"/etc\""), "directory"),
    ] {
        let home = home_with(NOWHERE, &lines);
        let ended = watched(&mut home.command(&["status", ARN]), None);
        assert!(ended.err.contains(message), "{lines}: {ended:?}");
    }
    let home = home_with(NOWHERE, "");
    for (arguments, message) in [
        (&["start", "pass", "--input-file", "/dev/zero"][..], "/dev/zero cannot be read: it has more than 16 MiB"),
        (&["start", "pass", "--each", "/dev/zero"], "/dev/zero:1: the line has more than 1 MiB, or no end"),
        (&["start", "pass", "--each", "/etc"], "/etc cannot be read: Is a directory"),
        (&["--config", "/dev/zero", "config", "check"], "/dev/zero: cannot be read: it has more than 4 MiB"),
        (&["--config", "/dev/zero", "status", ARN], "/dev/zero: cannot be read: it has more than 4 MiB"),
        (&["local", "--definition", "M=/dev/zero"], "/dev/zero: it has more than 4 MiB"),
    ] {
        let ended = watched(&mut home.command(arguments), None);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {ended:?}");
        assert!(format!("{}{}", ended.out, ended.err).contains(message), "{arguments:?}: {ended:?}");
    }
    home.write("config.toml", &format!("[endpoints.e]\nurl = \"{NOWHERE}\"\n[machines.m]\narn = \"arn:aws:states:us-east-1:000000000000:stateMachine:M\"\ninput-file = \"/dev/zero\"\n"));
    let ended = watched(&mut home.command(&["config", "check"]), None);
    assert!(ended.out.contains("machines.m.input-file: /dev/zero cannot be read: it has more than 4 MiB"), "{ended:?}");
}

#[test]
fn standard_input_without_an_end_is_refused_with_little_memory() {
    let home = home_with(NOWHERE, "");
    let endless = [
        ("cat /dev/zero", "--input-file", "standard input cannot be read: it has more than 16 MiB"),
        ("cat /dev/zero", "--each", "standard input:1: the line has more than 1 MiB, or no end"),
        ("yes ''", "--each", "standard input has more than 1000000 lines"),
        ("yes '{}'", "--each", "standard input has more than 100000 lines"),
        ("yes \"\\\"$(head -c 100000 /dev/zero | tr '\\0' x)\\\"\"", "--each", "it has more than 48 MiB"),
    ];
    for (script, option, message) in endless {
        let mut producer = Command::new("sh").args(["-c", script]).stdout(Stdio::piped()).spawn().expect("a shell");
        let mut command = home.command(&["start", "pass", option, "-"]);
        let ended = watched(command.stdin(producer.stdout.take().expect("its output")), None);
        drop(command);
        assert_eq!(ended.code, Some(2), "{script}: {ended:?}");
        assert!(ended.err.contains(message), "{script}: {ended:?}");
        producer.wait().expect("it ends when its reader has gone");
    }
}

#[test]
fn the_shared_aws_files_and_the_filter_are_bounded_too() {
    let home = home_with(NOWHERE, "region = \"us-east-1\"\nauth = { type = \"iam\", profile = \"p\" }");
    for variable in ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] {
        let ended = watched(home.command(&["status", ARN]).env(variable, "/dev/zero"), None);
        assert!(
            ended.err.contains("no AWS credentials: /dev/zero cannot be read: it has more than 4 MiB"),
            "{ended:?}"
        );
    }
    let zero = File::open("/dev/zero").expect("a device");
    let ended = watched(home.command(&["__jq", "."]).stdin(zero), None);
    assert!(ended.err.contains("it has more than 16 MiB"), "{ended:?}");
}

#[test]
fn a_pipe_without_a_writer_gives_way_to_timeout_and_signals() {
    let home = home_with(NOWHERE, "auth = { type = \"api-key\", file = \"secret\" }");
    fifo(&home, "secret");
    fifo(&home, "input");
    let timed: [&[&str]; 4] = [
        &["start", "pass", "--wait", "--timeout", "1s"],
        &["watch", ARN, "--timeout", "1s"],
        &["start", "pass", "--wait", "--timeout", "1s", "--input-file", "input"],
        &["start", "pass", "--wait", "--timeout", "1s", "--each", "input"],
    ];
    for arguments in timed {
        let ended = watched(&mut home.command(arguments), None);
        assert!(ended.took < Duration::from_secs(8), "{arguments:?}: {ended:?}");
        assert!(ended.err.contains("--timeout expired"), "{arguments:?}: {ended:?}");
    }
    let pipe = home.path().join("input").display().to_string();
    let interrupted: [&[&str]; 5] = [
        &["start", "pass", "--wait"],
        &["watch", ARN],
        &["start", "pass", "--each", "input"],
        &["watch", "--config", &pipe],
        &["status", ARN, "--config", &pipe],
    ];
    for arguments in interrupted {
        for signal in [Signal::TERM, Signal::INT] {
            let began = Instant::now();
            // Long enough for it to have begun to read.
            let is_time = || began.elapsed() > Duration::from_millis(1_000);
            let ended = watched(&mut home.command(arguments), Some((signal, &is_time)));
            assert!(ended.took < Duration::from_secs(8), "{arguments:?}: {ended:?}");
            let number = signal.as_raw();
            let is_ended = ended.signal == Some(number) || ended.code == Some(128 + number);
            assert!(is_ended, "{arguments:?} {signal:?}: {ended:?}");
        }
    }
    let ended = watched(&mut home.command(&["status", ARN]), None);
    assert!(ended.err.contains("secret: it did not end within 10 s"), "{ended:?}");
}

#[test]
fn a_command_that_leaves_a_process_behind_is_not_waited_for() {
    let (_runtime, served) = served();
    let auth =
        "auth = { type = \"api-key\", command = [\"sh\", \"-c\", \"sleep 3600 & echo $! > left; echo canary\"] }";
    let home = home_with(&served.url(), auth);
    let ended = watched(&mut home.command(&["start", "pass"]), None);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.took < Duration::from_secs(20), "{ended:?}");
    let left = std::fs::read_to_string(home.path().join("left")).expect("its number");
    let left = left.trim().parse().ok().and_then(Pid::from_raw).expect("a process");
    kill_process(left, Signal::KILL).expect("it is left alone");
}

#[test]
fn inputs_come_through_pipes_and_without_byte_order_marks() {
    let (_runtime, served) = served();
    let home = home_with(&served.url(), "");
    let pipe = fifo(&home, "lines");
    let writing = std::thread::spawn(move || {
        OpenOptions::new()
            .write(true)
            .open(pipe)
            .and_then(|mut pipe| pipe.write_all("\u{feff}{\"n\":1}\r\n[2]\n".as_bytes()))
    });
    let ended = watched(&mut home.command(&["start", "pass", "--each", "lines"]), None);
    assert_eq!((ended.code, ended.out.lines().count()), (Some(0), 2), "{ended:?}");
    writing.join().expect("ended").expect("written");
    assert_eq!(
        home.run_with(&["start", "pass", "--each", "/dev/stdin"], "{\"n\":3}\n").expect(0).out.lines().count(),
        1
    );
    assert_eq!(
        home.run_with(&["start", "pass", "--each", "/dev/fd/0"], "{\"n\":4}\n").expect(0).out.lines().count(),
        1
    );
    home.run_with(&["start", "pass", "--input-file", "/dev/stdin"], "\u{feff}{\"n\":5}").expect(0);
    home.run(&["start", "pass", "--input", "\u{feff}{\"n\":6}"]).expect(0);
    let file = home.write("lines.jsonl", "{\"n\":7}\n");
    let substitution = "exec \"$0\" start pass --each <(cat lines.jsonl) --output json";
    let program = home.command(&[]).get_program().to_owned();
    let mut bash = Command::new("bash");
    bash.args(["-c", substitution]).arg(program).current_dir(home.path()).stdin(Stdio::null());
    bash.env("HOME", home.path()).env("XDG_DATA_HOME", home.path().join("data"));
    let ended = watched(bash.env("STEPGATE_CONFIG", home.path().join("config.toml")), None);
    assert_eq!((ended.code, ended.out.lines().count()), (Some(0), 1), "{ended:?} {}", file.display());
    let mut inputs: Vec<String> = served.gateway.executions().into_iter().map(|(_, input)| input).collect();
    inputs.sort();
    let expected = ["[2]", "{\"n\":1}", "{\"n\":3}", "{\"n\":4}", "{\"n\":5}", "{\"n\":6}", "{\"n\":7}"];
    assert_eq!(inputs, expected);
    // Text in another encoding is named, not guessed.
    let utf16: Vec<u8> = "\u{feff}{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(home.path().join("utf16"), utf16).expect("written");
    for arguments in [
        ["start", "pass", "--input-file", "utf16"],
        ["start", "pass", "--each", "utf16"],
        ["config", "check", "--config", "utf16"],
    ] {
        let ran = home.run(&arguments).expect(2);
        assert!(format!("{}{}", ran.out, ran.err).contains("it is UTF-16 text; save it as UTF-8"), "{ran:?}");
    }
}

/// Makes a file below the data folder and holds its lock, as another process would.
fn held(home: &Home, name: &str) -> File {
    let path = home.path().join("data/stepgate").join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(path).expect("a file");
    file.lock().expect("locked");
    file
}

fn budget(url: &str, route: &str) -> String {
    let gateway: String = url.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect();
    format!("budget/{gateway}-{route}")
}

#[test]
fn a_store_that_another_process_sets_up_for_ever_is_done_without_or_given_up() {
    let (_runtime, served) = served();
    let home = home_with(&served.url(), "");
    let _held = held(&home, "stepgate.setup");
    let ended = watched(&mut home.command(&["start", "pass"]), None);
    assert!(ended.took < Duration::from_secs(15), "{ended:?}");
    assert!(ended.err.contains("another program holds it locked") && ended.err.contains("stepgate.setup"), "{ended:?}");
    for arguments in [&["start", "pass", "--wait", "--timeout", "500ms"][..], &["watch", "--timeout", "500ms"]] {
        let ended = watched(&mut home.command(arguments), None);
        assert!(ended.err.contains("--timeout expired before the store was opened"), "{ended:?}");
        assert!(ended.err.contains("another program may hold it locked"), "{ended:?}");
    }
    let ended = watched(&mut home.command(&["start", "pass", "--wait", "--timeout", "500ms"]), None);
    assert!(ended.took < Duration::from_secs(10), "{ended:?}");
    let began = Instant::now();
    let is_time = || began.elapsed() > Duration::from_millis(300);
    let ended = watched(&mut home.command(&["watch", ARN]), Some((Signal::TERM, &is_time)));
    assert!(ended.code == Some(143) || ended.signal == Some(15), "{ended:?}");
}

#[test]
fn a_budget_locked_forever_by_another_process_blocks_nothing() {
    let (_runtime, served) = served();
    let home = home_with(&served.url(), "");
    // The store is made first, and not under a lock.
    home.run(&["start", "pass"]).expect(0);
    let _locks = [held(&home, &budget(&served.url(), "start")), held(&home, &budget(&served.url(), "status"))];
    home.write("lines.jsonl", "{}\n[]\n");
    let ended = watched(&mut home.command(&["start", "pass", "--each", "lines.jsonl", "--wait"]), None);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.err.contains("the budget is not shared with other processes"), "{ended:?}");
    let ended =
        watched(&mut home.command(&["start", "pass", "--each", "lines.jsonl", "--wait", "--timeout", "300ms"]), None);
    assert!(matches!(ended.code, Some(2 | 4 | 5)), "{ended:?}");
    assert!(ended.took < Duration::from_secs(10), "{ended:?}");
    let began = Instant::now();
    let is_time = || began.elapsed() > Duration::from_millis(500);
    let arguments = ["start", "wait", "--wait"];
    home.write("config.toml", &crate::support::cli::config(&served.url()));
    let ended = watched(&mut home.command(&arguments), Some((Signal::TERM, &is_time)));
    assert!(ended.code == Some(143) || ended.signal == Some(15), "{ended:?}");
}

#[test]
fn a_budget_that_is_not_a_file_blocks_nothing() {
    let (_runtime, served) = served();
    let home = home_with(&served.url(), "");
    home.run(&["start", "pass"]).expect(0);
    for route in ["start", "status"] {
        let path = home.path().join("data/stepgate").join(budget(&served.url(), route));
        std::fs::remove_file(&path)
            .or_else(|_| std::fs::create_dir_all(path.parent().expect("a folder")))
            .expect("gone");
        assert!(Command::new("mkfifo").arg(&path).status().expect("mkfifo is everywhere").success());
    }
    home.write("lines.jsonl", "{}\n[]\n");
    let ended = watched(&mut home.command(&["start", "pass", "--each", "lines.jsonl", "--wait"]), None);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.err.contains("the budget is not shared with other processes"), "{ended:?}");
}

#[test]
fn a_log_without_a_reader_is_refused_and_one_that_loses_its_reader_blocks_nothing() {
    let (_runtime, served) = served();
    let home = home_with(&served.url(), "");
    let pipe = fifo(&home, "log");
    let ended = watched(&mut home.command(&["start", "pass", "--log", "log", "-v"]), None);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.err.contains("--log log") && ended.err.contains("no process reads this pipe"), "{ended:?}");
    // A reader that has stopped reading: the pipe is full.
    let mut options = OpenOptions::new();
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        i32::try_from(OFlags::NONBLOCK.bits()).expect("flags"),
    );
    let mut held = options.read(true).write(true).open(&pipe).expect("opened");
    while held.write(&[b'x'; 4096]).is_ok() {}
    let ended = watched(&mut home.command(&["start", "pass", "--log", "log", "-vvv"]), None);
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[test]
fn the_peak_is_measured() {
    let mut command = Command::new("sh");
    command.args(["-c", "x=$(head -c 20000000 /dev/zero | tr '\\0' x); read y"]);
    let mut child = command.stdin(Stdio::piped()).spawn().expect("a shell");
    let end = Instant::now() + SOON;
    while peak(&child) < 20_000_000 {
        assert!(Instant::now() < end, "{}", peak(&child));
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(child.stdin.take());
    child.wait().expect("it ends");
    assert!(Path::new("/proc/self/status").exists());
}
