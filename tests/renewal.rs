//! Credentials that expire while the program works: a batch and a watch over several expiries, and what a person does
//! when they have expired.
#![cfg(unix)]

mod support;

use std::time::{Duration, Instant, SystemTime};

use rustix::process::Signal;
use support::cli::{Home, Running};
use support::locked::{EXECUTION, Lock, Locked, at, home, token};

/// How long credentials live; longer by command, `STEPGATE_CREDENTIAL_SECONDS=75`.
fn lifetime() -> Duration {
    let seconds = std::env::var("STEPGATE_CREDENTIAL_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(5))
}

/// The longest time without a request that is let in.
const LONGEST_GAP: Duration = Duration::from_secs(3);
const LINES: usize = 300;

fn begin(home: &Home, arguments: &[&str]) -> Running {
    let mut command = home.command(arguments);
    command.env("AWS_CONFIG_FILE", "aws-config").env("AWS_EC2_METADATA_DISABLED", "true");
    command.env("PATH", "/usr/local/bin:/usr/bin:/bin");
    Running::of(&mut command)
}

/// A batch and a watch from a source with a cache, each with its own gateway, over three expiries.
fn over_three_expiries(lock: Lock) {
    let lifetime = lifetime();
    let whole = lifetime * 3 + Duration::from_secs(6);
    let batch = std::thread::spawn(move || {
        let rate = f64::from(u32::try_from(LINES).expect("a number")) / whole.as_secs_f64();
        let locked = Locked::new(lock);
        let home = home(&locked, lock, lifetime, &format!("[endpoints.e.start]\nrequests-per-second = {rate:.3}"));
        let lines: String = (0..LINES).map(|line| format!("{{\"line\":{line}}}\n")).collect();
        home.write("lines.jsonl", &lines);
        let ran = begin(&home, &["start", "m", "--each", "lines.jsonl"]).end();
        let (starts, refused, gap) = locked.seen(|seen| (seen.starts, seen.refused, seen.longest_gap()));
        let runs = std::fs::read_to_string(home.path().join("runs")).map_or(0, |text| text.lines().count());
        println!("{lock:?} batch: {starts} starts, {refused} refused, longest gap {gap:?}, {runs} look-ups");
        assert_eq!((ran.code, starts, refused), (Some(0), LINES, 0), "{}", ran.err);
        assert!(gap <= LONGEST_GAP, "{gap:?}");
        assert!(!ran.out.contains("canary") && !ran.err.contains("canary"), "{ran:?}");
    });
    let watch = std::thread::spawn(move || {
        let locked = Locked::new(lock);
        let home = home(&locked, lock, lifetime, "");
        let running = begin(&home, &["watch", EXECUTION]);
        let end = Instant::now() + whole;
        running.wait_until_within(whole * 2, "the end", |_| Instant::now() >= end);
        running.signal(Signal::TERM);
        let ran = running.end();
        let (asked, refused, gap) = locked.seen(|seen| (seen.accepted.len(), seen.refused, seen.longest_gap()));
        let runs = std::fs::read_to_string(home.path().join("runs")).map_or(0, |text| text.lines().count());
        println!("{lock:?} watch: {asked} questions, {refused} refused, longest gap {gap:?}, {runs} look-ups");
        assert_eq!(refused, 0, "{}", ran.err);
        assert!(asked > 3 && gap <= LONGEST_GAP, "{asked}: {gap:?}");
        assert!(!ran.out.contains("canary") && !ran.err.contains("canary"), "{ran:?}");
    });
    for thread in [batch, watch] {
        if let Err(panic) = thread.join() {
            std::panic::resume_unwind(panic);
        }
    }
}

#[test]
fn nothing_is_refused_over_three_expiries_of_a_token() {
    over_three_expiries(Lock::Bearer);
}

#[cfg(feature = "iam")]
#[test]
fn nothing_is_refused_over_three_expiries_of_aws_credentials() {
    over_three_expiries(Lock::Iam);
}

/// The next moments.
fn soon(seconds: u64) -> SystemTime {
    SystemTime::now() + Duration::from_secs(seconds)
}

#[test]
fn a_watch_goes_on_within_three_seconds_of_a_changed_file() {
    // The file itself, and a command that reads it.
    for auth in ["file = \"token\"", "command = [\"sh\", \"-c\", \"cat ./token\"]"] {
        let locked = Locked::new(Lock::Bearer);
        let home = at(&locked, &format!("{{ type = \"bearer\", {auth} }}"), "");
        home.write("token", &token(soon(3)));
        let running = begin(&home, &["watch", EXECUTION]);
        // Looked up again and refused: nothing but a person can help.
        running.wait_until("a refusal", |running| {
            running.err().contains("expired") && locked.seen(|seen| seen.refused >= 1)
        });
        let before = locked.seen(|seen| seen.accepted.len());
        // By then pauses after failures are long.
        let long = Instant::now() + Duration::from_secs(5);
        running.wait_until("five seconds", |_| Instant::now() >= long);
        home.write("token", &token(soon(600)));
        let changed = Instant::now();
        running.wait_until("an answer", |_| locked.seen(|seen| seen.accepted.len() > before));
        let took = changed.elapsed();
        assert!(took < LONGEST_GAP, "{auth}: {took:?}");
        running.wait_until("the good news", |running| running.err().contains("answers again"));
    }
}

#[test]
fn a_batch_waits_for_a_person_who_logs_in_again() {
    let locked = Locked::new(Lock::Bearer);
    let keys = "[endpoints.e.start]\nrequests-per-second = 10";
    let home = at(&locked, "{ type = \"bearer\", file = \"token\" }", keys);
    home.write("token", &token(soon(4)));
    home.write("lines.jsonl", &"{}\n".repeat(60));
    let running = begin(&home, &["start", "m", "--each", "lines.jsonl"]);
    running.wait_until("the wait", |running| running.err().contains("the starts wait for new credentials"));
    assert!(locked.seen(|seen| seen.starts < 60));
    home.write("token", &token(soon(600)));
    let ran = running.end();
    assert_eq!((ran.code, locked.seen(|seen| seen.starts)), (Some(0), 60), "{ran:?}");
    assert!(ran.err.contains("the starts go on"), "{ran:?}");
}

#[test]
fn a_batch_that_was_never_let_in_stops_at_once() {
    let locked = Locked::new(Lock::Bearer);
    let home = at(&locked, "{ type = \"bearer\", file = \"token\" }", "");
    home.write("token", "canary-wrong");
    home.write("lines.jsonl", &"{}\n".repeat(60));
    let ran = begin(&home, &["start", "m", "--each", "lines.jsonl"]).end();
    assert_eq!((ran.code, locked.seen(|seen| seen.starts)), (Some(3), 0), "{ran:?}");
    assert!(!ran.err.contains("canary"), "{ran:?}");
}
