//! The memory of the terminal UI's model does not depend on how many executions it has seen. It has a binary of its
//! own, since it measures the whole process.
#![cfg(target_os = "linux")]

#[path = "support/scene.rs"]
#[allow(dead_code, reason = "other suites use the rest")]
mod scene;

use std::time::Duration;

use stepgate::app::{Msg, update};
use stepgate_core::domain::{Settled, Started, Status, Verdict};

/// Executions after which every table has its largest size.
const FULL: usize = 8_000;
const ALL: usize = 2 * FULL;
/// KiB that may come on top: fragments. A table by execution that doubles takes more.
const MOST: usize = 384;

/// Returns the KiB that the process has allocated and used.
fn held() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("the kernel's figures");
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("a figure");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// Returns the most that the model holds until it is full, and later.
fn seen() -> (usize, usize) {
    let mut model = scene::opened(120, 40);
    let orders = scene::batch(&mut model, ALL);
    let (before, mut full, mut later) = (held(), 0, 0);
    for (index, order) in orders.iter().enumerate() {
        let arn = order.machine.execution(&order.name);
        let started = Started::new(arn.clone(), Some(model.now()));
        let order = Box::new(order.clone());
        let gateway = order.gateway.clone();
        update(&mut model, Msg::BatchLineFinished(order, None, Settled::Confirmed(started)));
        let id = model.list().executions().find(&gateway, &arn).expect("the new one").id;
        let seen = scene::seen(&model, id, Status::Succeeded, Duration::from_secs(1));
        scene::answered(&mut model, id, Ok(seen), Verdict::Ended);
        let now = model.now().plus(Duration::from_millis(100));
        update(&mut model, Msg::Clock(now));
        if index % 500 == 0 {
            let figure = if index <= FULL { &mut full } else { &mut later };
            *figure = held().saturating_sub(before).max(*figure);
        }
    }
    (full, later)
}

#[test]
fn executions_that_have_ended_take_no_memory() {
    let (full, later) = seen();
    println!("{full} KiB for {FULL} executions, {later} KiB for {ALL}");
    assert!(full > 4 * MOST && later <= full + MOST, "the model grows from {full} to {later} KiB");
}
