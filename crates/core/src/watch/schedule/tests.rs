//! The schedule in virtual time.

use super::*;
use crate::domain::durations::Durations;
use crate::domain::{FailureKind, GRACE, Status, Timestamp, Unreachable};

mod learning;
mod listing;
mod logs;
mod sweeps;
mod trouble;

fn limits(requests_per_second: f64) -> WatchLimits {
    WatchLimits { requests_per_second, max_interval: Duration::from_secs(60) }
}

fn machine() -> StateMachineArn {
    StateMachineArn::parse("arn:aws:states:us-east-1:111122223333:stateMachine:M").expect("an ARN")
}

#[expect(clippy::unnecessary_wraps, reason = "scripts choose between it and a failure")]
fn seen(status: Status) -> Result<Observation, Failure> {
    Ok(Observation::new(status, Timestamp::from_millis(0)))
}

fn failed(kind: FailureKind) -> Result<Observation, Failure> {
    Err(Failure::without_response(kind, ""))
}

/// Runs the schedule for a while with responses that take `latency`, and returns the requests with their times.
fn run(
    schedule: &mut Schedule,
    start: Instant,
    span: Duration,
    mut response: impl FnMut(ExecutionId, Duration) -> Result<Observation, Failure>,
) -> Vec<(Duration, ExecutionId)> {
    let latency = Duration::from_millis(40);
    let mut now = start;
    let mut polls = Vec::new();
    let mut flying: BTreeSet<(Instant, ExecutionId)> = BTreeSet::new();
    while now < start + span {
        let landing = flying.first().copied();
        let wake = match schedule.next(now) {
            Next::Poll(id) => {
                polls.push((now - start, id));
                flying.insert((now + latency, id));
                continue;
            }
            Next::At(moment) => {
                assert!(moment > now, "the next wake-up lies in the future");
                Some(moment)
            }
            Next::Sweep(_) | Next::List(_) | Next::Background | Next::Log(_) | Next::LoggedHistory => continue,
            Next::Nothing => None,
        };
        now = match (landing, wake) {
            (Some((landing, id)), wake) if wake.is_none_or(|wake| landing <= wake) => {
                flying.remove(&(landing, id));
                schedule.on_response(id, &response(id, landing - start), landing, 1.0);
                landing
            }
            (_, Some(wake)) => wake,
            (_, None) => break,
        };
    }
    polls
}

fn count(polls: &[(Duration, ExecutionId)], id: u64) -> usize {
    polls.iter().filter(|(_, polls)| polls.0 == id).count()
}

#[test]
fn an_empty_schedule_needs_nothing() {
    assert_eq!(Schedule::new(limits(5.0)).next(Instant::now()), Next::Nothing);
}

#[test]
fn a_brand_new_execution_is_not_polled_at_once() {
    let (mut schedule, now) = (Schedule::new(limits(5.0)), Instant::now());
    schedule.add(ExecutionId(0), &machine(), Duration::ZERO, GRACE, now);
    assert_eq!(schedule.next(now), Next::At(now + FIRST_LOOK));
    assert_eq!(schedule.next(now + FIRST_LOOK), Next::Poll(ExecutionId(0)));
}

#[test]
fn the_budget_holds_in_every_window_of_a_second() {
    let (mut schedule, start) = (Schedule::new(limits(5.0)), Instant::now());
    for id in 0..100 {
        schedule.add(ExecutionId(id), &machine(), FIRST_LOOK, GRACE, start);
    }
    let polls = run(&mut schedule, start, Duration::from_secs(60), |_, _| seen(Status::Running));
    assert_eq!(polls.len(), 300);
    for (index, (at, _)) in polls.iter().enumerate() {
        let window = polls[index..].iter().take_while(|(later, _)| *later < *at + Duration::from_secs(1)).count();
        assert!(window <= 6, "{window} requests in the second after {at:?}");
    }
    for id in 0..100 {
        assert_eq!(count(&polls, id), 3, "execution {id}");
    }
}

#[test]
fn the_selected_execution_is_polled_every_second_and_the_others_in_turn() {
    let (mut schedule, start) = (Schedule::new(limits(5.0)), Instant::now());
    for id in 0..50 {
        schedule.add(ExecutionId(id), &machine(), FIRST_LOOK, GRACE, start);
    }
    schedule.select(Some(ExecutionId(7)));
    let polls = run(&mut schedule, start, Duration::from_secs(49), |_, _| seen(Status::Running));
    assert!((44..=50).contains(&count(&polls, 7)), "{}", count(&polls, 7));
    for id in (0..50).filter(|id| *id != 7) {
        assert!((3..=5).contains(&count(&polls, id)), "execution {id}: {}", count(&polls, id));
    }
}

#[test]
fn a_small_budget_is_shared_between_the_selected_execution_and_the_others() {
    let (mut schedule, start) = (Schedule::new(limits(0.5)), Instant::now());
    schedule.add(ExecutionId(0), &machine(), FIRST_LOOK, GRACE, start);
    schedule.add(ExecutionId(1), &machine(), FIRST_LOOK, GRACE, start);
    schedule.select(Some(ExecutionId(0)));
    let polls = run(&mut schedule, start, Duration::from_secs(100), |_, _| seen(Status::Running));
    assert!((24..=26).contains(&count(&polls, 0)), "{}", count(&polls, 0));
    assert!((20..=26).contains(&count(&polls, 1)), "{}", count(&polls, 1));
}

#[test]
fn old_executions_are_polled_less_often_down_to_the_minimum() {
    let (mut schedule, start) = (Schedule::new(limits(5.0)), Instant::now());
    schedule.add(ExecutionId(0), &machine(), Duration::from_secs(200), GRACE, start);
    schedule.add(ExecutionId(1), &machine(), Duration::from_secs(90_000), GRACE, start);
    let polls = run(&mut schedule, start, Duration::from_secs(300), |_, _| seen(Status::Running));
    let times: Vec<_> = polls.iter().filter(|(_, id)| id.0 == 1).map(|(at, _)| at.as_secs()).collect();
    assert_eq!(times, [0, 60, 120, 180, 240]);
    assert!((40..=70).contains(&count(&polls, 0)), "{}", count(&polls, 0));
}

#[test]
fn an_ended_execution_is_not_polled_again() {
    let (mut schedule, start) = (Schedule::new(limits(5.0)), Instant::now());
    schedule.add(ExecutionId(0), &machine(), FIRST_LOOK, GRACE, start);
    let polls = run(&mut schedule, start, Duration::from_secs(60), |_, at| {
        seen(if at > Duration::from_secs(3) { Status::Succeeded } else { Status::Running })
    });
    assert_eq!(polls.len(), 4);
    assert!(schedule.is_empty());
}

#[test]
fn a_new_execution_may_be_unknown_for_a_while() {
    let (mut schedule, start) = (Schedule::new(limits(5.0)), Instant::now());
    schedule.add(ExecutionId(0), &machine(), FIRST_LOOK, GRACE, start);
    let polls = run(&mut schedule, start, Duration::from_secs(60), |_, _| failed(FailureKind::ExecutionDoesNotExist));
    assert_eq!(polls.len(), 13, "once a second for ten seconds, and given up at the third time after that");
    assert!(schedule.is_empty());
}

#[test]
fn express_is_given_up_at_once() {
    let (mut schedule, now) = (Schedule::new(limits(5.0)), Instant::now());
    schedule.add(ExecutionId(0), &machine(), FIRST_LOOK, GRACE, now);
    assert_eq!(schedule.next(now), Next::Poll(ExecutionId(0)));
    let verdict = schedule.on_response(ExecutionId(0), &failed(FailureKind::ExpressNotDescribable), now, 1.0);
    assert_eq!(verdict, Verdict::GivenUp);
    assert_eq!(schedule.next(now), Next::Nothing);
}

#[test]
fn the_selected_execution_is_polled_more_often_while_it_is_young() {
    let (mut schedule, start) = (Schedule::new(limits(20.0)), Instant::now());
    schedule.add(ExecutionId(0), &machine(), Duration::ZERO, GRACE, start);
    schedule.select(Some(ExecutionId(0)));
    let polls = run(&mut schedule, start, Duration::from_secs(4), |_, _| seen(Status::Running));
    let millis: Vec<u128> = polls.iter().map(|(at, _)| at.as_millis()).collect();
    assert_eq!(millis, [70, 170, 340, 680, 1_360, 2_360, 3_360]);
    // Never for more than half of the budget.
    let (mut schedule, start) = (Schedule::new(limits(2.0)), Instant::now());
    schedule.add(ExecutionId(0), &machine(), Duration::ZERO, GRACE, start);
    schedule.select(Some(ExecutionId(0)));
    let polls = run(&mut schedule, start, Duration::from_secs(4), |_, _| seen(Status::Running));
    assert_eq!(polls.len(), 4, "{polls:?}");
}

#[test]
fn visible_executions_are_polled_before_the_others() {
    let (mut schedule, start) = (Schedule::new(limits(5.0)), Instant::now());
    for id in 0..1_000 {
        schedule.add(ExecutionId(id), &machine(), Duration::from_secs(3_600), GRACE, start);
    }
    let shown: Vec<ExecutionId> = (500..510).map(ExecutionId).collect();
    schedule.show(&shown);
    let polls = run(&mut schedule, start, Duration::from_secs(400), |_, _| seen(Status::Running));
    let in_sight = (500..510).map(|id| count(&polls, id)).min().unwrap_or_default();
    let elsewhere = (0..500).map(|id| count(&polls, id)).max().unwrap_or_default();
    assert!(in_sight > elsewhere, "{in_sight} requests in sight, {elsewhere} elsewhere");
    assert!((0..1_000).all(|id| count(&polls, id) > 0), "none is left out");
}

#[test]
fn while_the_user_is_away_polling_is_slower_and_never_stops() {
    let (mut schedule, start) = (Schedule::new(limits(10.0)), Instant::now());
    for id in 0..100 {
        schedule.add(ExecutionId(id), &machine(), FIRST_LOOK, GRACE, start);
    }
    schedule.select(Some(ExecutionId(0)));
    schedule.focus(false);
    let polls = run(&mut schedule, start, Duration::from_secs(20), |_, _| seen(Status::Running));
    assert!((95..=101).contains(&polls.len()), "{} requests in 20 s at half of 10 a second", polls.len());
    schedule.focus(true);
    let polls =
        run(&mut schedule, start + Duration::from_secs(21), Duration::from_secs(20), |_, _| seen(Status::Running));
    assert!(polls.len() > 190, "{} requests in 20 s at 10 a second", polls.len());
}

#[test]
fn background_requests_share_the_budget_and_take_every_other_request() {
    let (mut schedule, start) = (Schedule::new(limits(10.0)), Instant::now());
    for id in 0..100 {
        schedule.add(ExecutionId(id), &machine(), Duration::from_secs(3_600), GRACE, start);
    }
    (0..20).for_each(|_| schedule.add_background_request());
    let (mut now, mut polls, mut run) = (start, 0, 0);
    while now < start + Duration::from_secs(2) {
        match schedule.next(now) {
            Next::Poll(_) => polls += 1,
            Next::Background => run += 1,
            Next::At(moment) => now = moment,
            other => panic!("{other:?}"),
        }
    }
    assert!((9..=11).contains(&run) && (9..=11).contains(&polls), "{run} background, {polls} status requests");
}

/// A budget of which others take every second request.
#[derive(Debug)]
struct Contended(std::sync::atomic::AtomicU32);

impl crate::rate_limit::SharedRateLimit for Contended {
    fn take(&self, interval: Duration) -> Result<Duration, Duration> {
        let turn = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if turn.is_multiple_of(2) { Err(interval) } else { Ok(Duration::ZERO) }
    }
}

#[test]
fn requests_of_other_processes_count() {
    let (mut schedule, start) = (Schedule::new(limits(10.0)), Instant::now());
    schedule.share(Some(std::sync::Arc::new(Contended(0.into()))), None, None);
    for id in 0..100 {
        schedule.add(ExecutionId(id), &machine(), FIRST_LOOK, GRACE, start);
    }
    let polls = run(&mut schedule, start, Duration::from_secs(20), |_, _| seen(Status::Running));
    assert!((95..=105).contains(&polls.len()), "{} requests in 20 s at half of 10 a second", polls.len());
}

#[test]
fn the_backlog_is_the_time_that_due_requests_take() {
    let start = Instant::now();
    let mut schedule = Schedule::new(limits(5.0));
    for id in 0..2_000 {
        schedule.add(ExecutionId(id), &machine(), Duration::ZERO, GRACE, start);
    }
    assert_eq!(schedule.backlog(start).delay, Duration::ZERO, "none is due yet");
    run(&mut schedule, start, Duration::from_secs(60), |_, _| seen(Status::Succeeded));
    let behind = schedule.backlog(start + Duration::from_secs(60)).delay;
    assert!((330..350).contains(&behind.as_secs()), "{behind:?}");
    run(&mut schedule, start + Duration::from_secs(60), Duration::from_secs(400), |_, _| seen(Status::Succeeded));
    assert_eq!((schedule.len(), schedule.backlog(start + Duration::from_secs(460)).delay), (0, Duration::ZERO));
}
