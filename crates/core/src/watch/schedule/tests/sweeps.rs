//! Sweeps of all that runs, at endpoints that list.

use super::*;
use crate::watch::{Sweep, SweptPage};

/// A schedule of an endpoint that lists, with this many executions of one machine, an hour old.
fn many(count: u64, start: Instant) -> Schedule {
    let mut schedule = Schedule::new(limits(10.0)).with_sweeps();
    for id in 0..count {
        schedule.add(ExecutionId(id), &machine(), Duration::from_secs(3_600), GRACE, start);
    }
    schedule
}

/// Continues until the schedule sweeps; status responses are RUNNING.
fn until_sweep(schedule: &mut Schedule, mut now: Instant) -> (Sweep, Instant, usize) {
    let mut polls = 0;
    loop {
        match schedule.next(now) {
            Next::Sweep(sweep) => return (sweep, now, polls),
            Next::Poll(id) => {
                polls += 1;
                schedule.on_response(id, &seen(Status::Running), now, 1.0);
            }
            Next::At(moment) => now = moment,
            Next::List(_) | Next::Background | Next::Log(_) | Next::LoggedHistory | Next::Nothing => {
                panic!("nothing is swept")
            }
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it stands for a response")]
fn page(running: impl IntoIterator<Item = u64>, next: Option<&str>) -> Result<SweptPage, Failure> {
    Ok(SweptPage { running: running.into_iter().map(ExecutionId).collect(), next: next.map(str::to_owned) })
}

#[test]
fn many_are_swept_instead_of_polled_and_missing_ones_are_polled_first() {
    let start = Instant::now();
    let mut schedule = many(500, start);
    let (sweep, now, polls) = until_sweep(&mut schedule, start);
    assert_eq!(sweep, Sweep { machine: machine(), token: None });
    assert!(polls < 20, "{polls} status requests before the first sweep");
    schedule.on_sweep_response(&page((0..500).filter(|id| *id != 123 && *id != 456), None), now, 1.0);
    let mut polls = Vec::new();
    let mut at = now;
    while polls.len() < 2 {
        match schedule.next(at) {
            Next::Poll(id) => polls.push(id.0),
            Next::At(moment) => at = moment,
            other => panic!("{other:?} before the missing ones"),
        }
    }
    assert!(polls.contains(&123) && polls.contains(&456), "{polls:?}");
}

#[test]
fn a_sweep_of_several_pages_changes_nothing_before_the_last_one() {
    let start = Instant::now();
    let mut schedule = many(500, start);
    let (_, now, _) = until_sweep(&mut schedule, start);
    schedule.on_sweep_response(&page(0..250, Some("more")), now, 1.0);
    let (sweep, now, _) = until_sweep(&mut schedule, now);
    assert_eq!(sweep.token.as_deref(), Some("more"));
    schedule.on_sweep_response(&page(251..500, None), now, 1.0);
    let next = (0..).map(|step| now + Duration::from_millis(step * 50)).find_map(|at| match schedule.next(at) {
        Next::Poll(id) => Some(id.0),
        _ => None,
    });
    assert_eq!(next, Some(250));
}

#[test]
fn an_execution_missed_by_mistake_is_still_watched() {
    let start = Instant::now();
    let mut schedule = many(500, start);
    let (_, now, _) = until_sweep(&mut schedule, start);
    schedule.on_sweep_response(&page(1..500, None), now, 1.0);
    let polls = run(&mut schedule, now, Duration::from_secs(120), |_, _| seen(Status::Running));
    assert_eq!(polls[0].1, ExecutionId(0));
    assert_eq!(schedule.len(), 500);
}

#[test]
fn a_missed_execution_goes_first_again_after_its_request_was_throttled() {
    let start = Instant::now();
    let mut schedule = many(500, start);
    let (_, now, _) = until_sweep(&mut schedule, start);
    schedule.on_sweep_response(&page((0..500).filter(|id| *id != 77), None), now, 1.0);
    let mut refused = false;
    let polls = run(&mut schedule, now, Duration::from_secs(3), |id, _| {
        if id.0 == 77 && !std::mem::replace(&mut refused, true) {
            return failed(FailureKind::Throttled);
        }
        seen(Status::Running)
    });
    assert_eq!((polls[0].1, polls[1].1), (ExecutionId(77), ExecutionId(77)));
}

#[test]
fn a_single_execution_is_polled_and_never_swept() {
    let start = Instant::now();
    let mut schedule = many(1, start);
    let polls = run(&mut schedule, start, Duration::from_secs(300), |_, _| seen(Status::Running));
    assert!(polls.len() > 5);
}

#[test]
fn a_list_that_is_refused_or_throttled_does_not_affect_status_requests() {
    for kind in [FailureKind::RoleDenied, FailureKind::Throttled, FailureKind::GatewayUnavailable] {
        let start = Instant::now();
        let mut schedule = many(500, start);
        let (_, now, _) = until_sweep(&mut schedule, start);
        schedule.on_sweep_response(&Err(Failure::without_response(kind, "")), now, 1.0);
        let next = schedule.next(now + Duration::from_millis(100));
        assert!(matches!(next, Next::Poll(_)), "{next:?}");
    }
}

#[test]
fn status_requests_and_sweeps_together_stay_within_the_budget() {
    let start = Instant::now();
    let mut schedule = many(2_000, start);
    let (mut left, mut now): (Vec<Instant>, _) = (Vec::new(), start);
    while now < start + Duration::from_secs(60) {
        match schedule.next(now) {
            Next::Poll(id) => {
                left.push(now);
                schedule.on_response(id, &seen(Status::Running), now, 1.0);
            }
            Next::Sweep(sweep) => {
                left.push(now);
                let (from, next) = if sweep.token.is_none() { (0, Some("more")) } else { (1_000, None) };
                schedule.on_sweep_response(&page(from..from + 1_000, next), now, 1.0);
            }
            Next::At(moment) => now = moment,
            Next::List(_) | Next::Background | Next::Log(_) | Next::LoggedHistory | Next::Nothing => {
                panic!("there is always something")
            }
        }
    }
    for first in &left {
        let window = left.iter().filter(|at| *at >= first && **at < *first + Duration::from_secs(1));
        assert!(window.count() <= 11);
    }
}
