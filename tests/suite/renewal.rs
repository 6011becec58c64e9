//! Credentials that expire while the program runs: a batch and a watch over several expiries, and how they continue
//! after a new login.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant, SystemTime};

use crate::support::cli::{Home, Running, orders};
use crate::support::expiring_credentials::{EXECUTION, Lock, Locked, MACHINE, Seen, at, home, token};
use crate::support::player::Player;
use rustix::process::Signal;
use stepgate_core::domain::{
    Auth, Bearer, Endpoint, EndpointName, Machine, MachineType, Payload, SecretSource, StateMachineArn,
};

/// How long credentials live; longer by command, `STEPGATE_CREDENTIAL_SECONDS=75`.
fn lifetime() -> Duration {
    let seconds = std::env::var("STEPGATE_CREDENTIAL_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(5))
}

/// The longest time without an accepted request.
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
        home.write("lines.jsonl", &orders(LINES));
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
        let (requests_sent, refused, gap) = locked.seen(|seen| (seen.accepted.len(), seen.refused, seen.longest_gap()));
        let runs = std::fs::read_to_string(home.path().join("runs")).map_or(0, |text| text.lines().count());
        println!("{lock:?} watch: {requests_sent} questions, {refused} refused, longest gap {gap:?}, {runs} look-ups");
        assert_eq!(refused, 0, "{}", ran.err);
        assert!(requests_sent > 3 && gap <= LONGEST_GAP, "{requests_sent}: {gap:?}");
        assert!(!ran.out.contains("canary") && !ran.err.contains("canary"), "{ran:?}");
    });
    for thread in [batch, watch] {
        if let Err(panic) = thread.join() {
            std::panic::resume_unwind(panic);
        }
    }
}

#[test]
fn what_waits_for_credentials_does_not_leave_all_at_once() {
    let locked = Locked::new(Lock::Bearer);
    let keys = "[endpoints.e.start]\nrequests-per-second = 20\n[endpoints.e.watch]\nrequests-per-second = 20";
    let home = home(&locked, Lock::Bearer, Duration::from_secs(4), keys);
    home.write("lines.jsonl", &orders(160));
    let ran = begin(&home, &["start", "m", "--each", "lines.jsonl"]).end();
    let (starts, refused, most) = locked.seen(|seen| (seen.starts, seen.refused, seen.most_in_a_second()));
    println!("{starts} starts, {most} in a second");
    assert_eq!((ran.code, starts, refused), (Some(0), 160, 0), "{ran:?}");
    // Two may wait already when the look-up begins.
    assert!(most <= 24, "{most} in a second");
    // Questions about many executions.
    let names: Vec<String> = (0..40).map(|number| format!("{}{number}", EXECUTION.trim_end_matches('1'))).collect();
    let arguments: Vec<&str> = std::iter::once("watch").chain(names.iter().map(String::as_str)).collect();
    locked.seen.lock().expect("what was seen").accepted.clear();
    let running = begin(&home, &arguments);
    running.wait_until("three lives", |_| locked.seen(|seen| seen.accepted.len() >= 150));
    let most = locked.seen(Seen::most_in_a_second);
    println!("{most} questions in a second");
    assert!(most <= 24, "{most} in a second");
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
fn a_watch_continues_within_three_seconds_of_a_changed_file() {
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
        running.wait_until("the good news", |running| running.err().contains("responds again"));
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
    running.wait_until("the wait", |running| running.err().contains("waiting for new credentials"));
    assert!(locked.seen(|seen| seen.starts < 60));
    home.write("token", &token(soon(600)));
    let ran = running.end();
    assert_eq!((ran.code, locked.seen(|seen| seen.starts)), (Some(0), 60), "{ran:?}");
    assert!(ran.err.contains("sending starts again"), "{ran:?}");
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

/// A shell script that prints a token which differs each time.
const MINTING: &str = "echo >>runs
claims=$(printf '{\"exp\":%s,\"nonce\":%s}' $(($(date +%s) + 600)) \"$(date +%s%N)\" | base64 | tr -d '=\\n' | tr '+/' '-_')
token=e30.$claims.canary
";

fn runs(home: &Home) -> usize {
    std::fs::read_to_string(home.path().join("runs")).map_or(0, |text| text.lines().count())
}

fn wait(running: &Running, seconds: u64) {
    let end = Instant::now() + Duration::from_secs(seconds);
    running.wait_until("some time", |_| Instant::now() >= end);
}

#[test]
fn a_watch_outlasts_refusals_of_credentials_that_differ_each_time() {
    let locked = Locked::new(Lock::Bearer);
    let home = at(&locked, "{ type = \"bearer\", command = [\"sh\", \"mint.sh\"] }", "");
    home.write("mint.sh", &format!("{MINTING}echo $token\n"));
    let running = begin(&home, &["watch", EXECUTION]);
    running.wait_until("an answer", |_| locked.seen(|seen| !seen.accepted.is_empty()));
    let close = |is_closed| locked.seen.lock().expect("what was seen").is_closed = is_closed;
    close(true);
    // Requests after 0, 2 and 6 s, each sent with two tokens.
    running.wait_until("three requests", |_| locked.seen(|seen| seen.refused >= 6));
    let before = locked.seen(|seen| seen.accepted.len());
    close(false);
    running
        .wait_until_within(Duration::from_secs(40), "an answer", |_| locked.seen(|seen| seen.accepted.len() > before));
    running.wait_until("the good news", |running| running.err().contains("responds again"));
    let runs = runs(&home);
    assert!(runs <= 10, "{runs} look-ups");
}

#[test]
fn credentials_that_have_expired_when_they_are_looked_up_are_sent_without_further_look_ups() {
    for expiry in ["\"expires_in\": 0", "\"expires_in\": 0.1", "\"expires_at\": 1700000000", "\"exp\": $(date +%s)"] {
        let locked = Locked::new(Lock::Bearer);
        let home = at(&locked, "{ type = \"bearer\", command = [\"sh\", \"mint.sh\"] }", "");
        let json = format!("{{\"access_token\": \"$token\", {expiry}}}").replace('"', "\\\"");
        home.write("mint.sh", &format!("{MINTING}echo \"{json}\"\n"));
        let running = begin(&home, &["watch", EXECUTION]);
        running.wait_until("an answer", |_| locked.seen(|seen| !seen.accepted.is_empty()));
        wait(&running, 4);
        let (requests_sent, runs) = (locked.seen(|seen| seen.accepted.len()), runs(&home));
        assert!(requests_sent >= 3 && runs <= 2, "{expiry}: {requests_sent} questions, {runs} look-ups");
    }
}

#[test]
fn a_source_that_rewrites_its_file_is_read_no_more_often_after_a_refusal() {
    let locked = Locked::new(Lock::Bearer);
    let home = at(&locked, "{ type = \"bearer\", command = [\"sh\", \"source.sh\", \"cache\"] }", "");
    home.write("token", &token(soon(600)));
    home.write("cache", "");
    home.write("source.sh", "echo >>runs\ncat token >new\nmv new \"$1\"\ncat \"$1\"\n");
    let running = begin(&home, &["watch", EXECUTION]);
    running.wait_until("an answer", |_| locked.seen(|seen| !seen.accepted.is_empty()));
    locked.seen.lock().expect("what was seen").is_closed = true;
    running.wait_until("a refusal", |_| locked.seen(|seen| seen.refused > 0));
    wait(&running, 8);
    // The first, at the refusal, and after 2 and 6 s.
    let runs = runs(&home);
    assert!((3..=5).contains(&runs), "{runs} look-ups");
}

/// The program in memory, with a token from this source.
async fn player(url: &str, token: SecretSource) -> Player {
    let (header, scheme) = ("Authorization".into(), "Bearer".into());
    let endpoint = Endpoint { auth: Auth::Bearer(Bearer { token, header, scheme }), ..Endpoint::plain("e", url) };
    let arn = StateMachineArn::parse(MACHINE).expect("an ARN");
    let machine = Machine {
        name: "m".into(),
        arn,
        endpoint: EndpointName::new("e"),
        machine_type: MachineType::Standard,
        input: Payload::empty_object(),
        presets: Vec::new(),
    };
    Player::new(endpoint, vec![machine], 140, 40).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_by_hand_uses_the_credentials_that_replaced_the_expired_ones() {
    let locked = tokio::task::spawn_blocking(|| Locked::new(Lock::Bearer)).await.expect("a gateway");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("token");
    std::fs::write(&file, token(SystemTime::now() - Duration::from_secs(60))).expect("written");
    let mut player = player(&locked.url, SecretSource::File(file.clone())).await;
    player.keys("enter ctrl-s").await;
    player.until_text("the gateway wants a valid token").await;
    player.until("the form again", |screen| screen.contains("Start m")).await;
    // At once: no pause is left from the failure.
    std::fs::write(&file, token(SystemTime::now() + Duration::from_secs(600))).expect("written");
    player.keys("ctrl-s").await;
    player.until_text("RUNNING").await;
    assert!(!player.screen().contains("canary"));
    assert_eq!(locked.seen(|seen| seen.starts), 1);
    tokio::task::spawn_blocking(|| drop(locked)).await.expect("it ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_that_a_start_waits_for_is_named() {
    let locked = tokio::task::spawn_blocking(|| Locked::new(Lock::Bearer)).await.expect("a gateway");
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name);
    std::fs::write(file("token"), token(SystemTime::now() + Duration::from_secs(600))).expect("written");
    let script = format!(
        "#!/bin/sh\nuntil [ -e '{}' ]; do sleep 0.05; done\ncat '{}'\n",
        file("go").display(),
        file("token").display()
    );
    std::fs::write(file("corp-login"), script).expect("written");
    std::fs::set_permissions(file("corp-login"), std::fs::Permissions::from_mode(0o700)).expect("a script");
    let command = vec![file("corp-login").display().to_string(), "--password=canary".into()];
    let mut player = player(&locked.url, SecretSource::Command(command)).await;
    player.keys("enter ctrl-s").await;
    player.until_text("waiting for `corp-login`").await;
    let screen = player.screen();
    assert!(!screen.contains("canary") && !screen.contains("waiting for the response"), "{screen}");
    // What is typed meanwhile is for the program.
    player.keys("esc").await;
    player.until_text("1 started, waiting for `corp-login`").await;
    player.keys("?").await;
    player.until_text("In all panes").await;
    std::fs::write(file("go"), "").expect("written");
    player.keys("esc").await;
    player.until("the end of the wait", |screen| screen.contains("RUNNING") && !screen.contains("corp-login")).await;
    tokio::task::spawn_blocking(|| drop(locked)).await.expect("it ends");
}
