//! No start is lost or duplicated: the real binary is killed with SIGKILL at random moments, with a gateway that
//! delays, resets, throttles, fails and loses responses after doing the work.
//!
//! A few dozen rounds run with the other tests. For more:
//! `STEPGATE_CRASH_ROUNDS=1200 cargo test --release --test suite crash:: -- --nocapture`
#![cfg(unix)]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::support::chaos::Chaos;
use crate::support::crash::{Victim, Way, intent_of};
use crate::support::gateway::Served;
use crate::support::odd::{ORDER, OddGateway, Shape};
use stepgate_local::Options;

/// Programs that run on one store at the same time.
const LANES: usize = 4;

fn rounds() -> usize {
    std::env::var("STEPGATE_CRASH_ROUNDS").map_or(40, |text| text.parse().expect("a number"))
}

/// Kills programs on one store until all rounds are over; returns how many were at work when they were killed.
fn kill_rounds(victim: &Victim, rounds: usize) -> usize {
    let (next, kills) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..LANES {
            scope.spawn(|| {
                loop {
                    let round = next.fetch_add(1, Ordering::Relaxed);
                    if round >= rounds {
                        return;
                    }
                    let way = match round % 8 {
                        0 => Way::Watch,
                        1 | 2 => Way::Screen,
                        3 | 4 => Way::StartAndWait,
                        _ => Way::Start,
                    };
                    let after = Duration::from_millis(fastrand::u64(5..900));
                    let was_at_work = victim.kill_after(way, &format!("intent-{round}"), after);
                    kills.fetch_add(usize::from(was_at_work), Ordering::Relaxed);
                }
            });
        }
    });
    kills.into_inner()
}

#[test]
fn no_start_is_lost_or_doubled_by_a_kill() {
    let rounds = rounds();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _context = runtime.enter();
    let served = Served::new(Options::default());
    let upstream = served.url().trim_start_matches("http://").split('/').next().expect("an address").to_owned();
    let chaos = runtime.block_on(Chaos::before(upstream));
    let machine = |name: &str| {
        (name.to_owned(), format!("arn:aws:states:us-east-1:000000000000:stateMachine:{name}StateMachine"))
    };
    let machines = vec![machine("Pass"), machine("Fail")];
    let victim = Victim::new(format!("http://{}/dev", chaos.address()), machines, true);
    let kills = kill_rounds(&victim, rounds);
    // What was delayed on its way still arrives; then everything is answered.
    chaos.calm_down();
    victim.settle();
    let there: Vec<(String, String)> = served
        .gateway
        .executions()
        .into_iter()
        .map(|(arn, input)| (arn.as_str().to_owned(), intent_of(&input).expect("an intent")))
        .collect();
    let status = |arn: &str| if arn.contains(":Fail") { "FAILED" } else { "SUCCEEDED" }.to_owned();
    let tally = victim.check(&there, status);
    println!("{rounds} rounds, {kills} kills, {} executions: {tally:?}; none lost, none doubled", there.len());
    assert!(tally.confirmed > 0, "{tally:?}");
}

#[test]
fn no_start_is_lost_or_doubled_by_a_kill_where_the_gateway_makes_up_names() {
    let rounds = rounds();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let gateway = runtime.block_on(OddGateway::serve(Shape::Unnamed, Duration::from_millis(200)));
    let upstream = gateway.url().trim_start_matches("http://").split('/').next().expect("an address").to_owned();
    let chaos = runtime.block_on(Chaos::before(upstream));
    let machines = vec![("order".to_owned(), ORDER.to_owned())];
    let victim = Victim::new(format!("http://{}/dev", chaos.address()), machines, false);
    let kills = kill_rounds(&victim, rounds);
    chaos.calm_down();
    victim.settle();
    let executions = gateway.executions().into_iter();
    let there: Vec<(String, String)> =
        executions.map(|(arn, input)| (arn, intent_of(&input).expect("an intent"))).collect();
    let tally = victim.check(&there, |_| "SUCCEEDED".to_owned());
    println!("{rounds} rounds, {kills} kills, {} executions: {tally:?}; none lost, none doubled", there.len());
    assert!(tally.confirmed > 0 && tally.never_started == 0, "{tally:?}");
}
