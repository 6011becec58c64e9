//! A gateway that returns 429 above 10 requests per second, half of which other clients use.

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use stepgate_local::Faults;

use crate::setup::{Setup, follow};

pub fn run() {
    // Starts go through the same bucket.
    let setup = Setup::new(Faults { throttle: Some(10.0), ..Faults::default() }, "");
    let config = setup.folder.path().join("config.toml");
    let text = std::fs::read_to_string(&config).expect("a configuration").replace("= 1000", "= 8");
    std::fs::write(&config, text).expect("a configuration");
    let started = setup.start((0..300).map(|index| 60 + index * 7_919 % 300));
    let (done, others) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let traffic = std::thread::spawn({
        let (url, done, others) = (setup.served.url(), Arc::clone(&done), Arc::clone(&others));
        move || other_traffic(&url, &done, &others)
    });
    let log = setup.folder.path().join("log");
    let began = Timestamp::now();
    let mut command = setup.stepgate(&["watch", "--output", "json", "-v", "--log"]);
    // The log goes to standard error.
    let measured = follow(command.arg(&log).stderr(Stdio::null()), &started);
    done.store(true, Ordering::Relaxed);
    traffic.join().expect("the other traffic ends");

    let (mut asked, mut refused) = ([0_u32; 2], [0_u32; 2]);
    for line in std::fs::read_to_string(&log).expect("a log").lines().filter(|line| line.contains("route=")) {
        let at: Timestamp = line.split_whitespace().next().expect("a time").parse().expect("a time");
        let part = usize::from(at.duration_since(began).as_secs() >= 60);
        asked[part] += 1;
        refused[part] += u32::from(line.contains("status=429"));
    }
    let share = |part: usize| 100.0 * f64::from(refused[part]) / f64::from(asked[part].max(1));
    println!(
        "throttled: no execution of {} lost; first minute: {} requests, {:.2}% answered 429; after it: {} requests, \
         {:.2}%; others: {} requests; ends reported after {:.2} s in the mean",
        measured.delays.len(),
        asked[0],
        share(0),
        asked[1],
        share(1),
        others.load(Ordering::Relaxed),
        measured.mean()
    );
}

/// Five requests per second of another client.
fn other_traffic(url: &str, done: &AtomicBool, count: &AtomicU64) {
    let client = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    client.block_on(async {
        let http = reqwest::Client::new();
        let mut beat = tokio::time::interval(Duration::from_millis(200));
        while !done.load(Ordering::Relaxed) {
            beat.tick().await;
            let body = r#"{"executionArn":"arn:aws:states:us-east-1:000000000000:execution:WaitStateMachine:nobody"}"#;
            let _ = http.post(format!("{url}/execution/status")).body(body).send().await;
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
}
