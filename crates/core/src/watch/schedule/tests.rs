//! The schedule in virtual time.

use super::*;
use crate::domain::durations::Durations;
use crate::domain::{GRACE, Status, Timestamp, Unreachable};

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
    Err(Failure::without_answer(kind, ""))
}

/// Runs the schedule for a while with answers that take `latency`, and returns what was asked when.
fn run(
    schedule: &mut Schedule,
    start: Instant,
    span: Duration,
    mut answer: impl FnMut(ExecutionId, Duration) -> Result<Observation, Failure>,
) -> Vec<(Duration, ExecutionId)> {
    let latency = Duration::from_millis(40);
    let mut now = start;
    let mut asked = Vec::new();
    let mut flying: BTreeSet<(Instant, ExecutionId)> = BTreeSet::new();
    while now < start + span {
        let landing = flying.first().copied();
        let wake = match schedule.next(now) {
            Next::Ask(id) => {
                asked.push((now - start, id));
                flying.insert((now + latency, id));
                continue;
            }
            Next::At(moment) => {
                assert!(moment > now, "the next wake-up lies in the future");
                Some(moment)
            }
            Next::Sweep(_) | Next::Errand => continue,
            Next::Nothing => None,
        };
        now = match (landing, wake) {
            (Some((landing, id)), wake) if wake.is_none_or(|wake| landing <= wake) => {
                flying.remove(&(landing, id));
                schedule.answered(id, &answer(id, landing - start), landing, 1.0);
                landing
            }
            (_, Some(wake)) => wake,
            (_, None) => break,
        };
    }
    asked
}

fn count(asked: &[(Duration, ExecutionId)], id: u64) -> usize {
    asked.iter().filter(|(_, asked)| asked.0 == id).count()
}

#[test]
fn nothing_to_watch_needs_nothing() {
    assert_eq!(Schedule::new(limits(5.0)).next(Instant::now()), Next::Nothing);
}

#[test]
fn a_brand_new_execution_is_given_a_moment() {
    let (mut schedule, now) = (Schedule::new(limits(5.0)), Instant::now());
    schedule.add(ExecutionId(0), &machine(), Duration::ZERO, GRACE, now);
    assert_eq!(schedule.next(now), Next::At(now + FIRST_LOOK));
    assert_eq!(schedule.next(now + FIRST_LOOK), Next::Ask(ExecutionId(0)));
}

#[test]
fn the_budget_holds_in_every_window_of_a_second() {
    let (mut schedule, start) = (Schedule::new(limits(5.0)), Instant::now());
    for id in 0..100 {
        schedule.add(ExecutionId(id), &machine(), FIRST_LOOK, GRACE, start);
    }
    let asked = run(&mut schedule, start, Duration::from_secs(60), |_, _| seen(Status::Running));
    assert_eq!(asked.len(), 300);
    for (index, (at, _)) in asked.iter().enumerate() {
        let window = asked[index..].iter().take_while(|(later, _)| *later < *at + Duration::from_secs(1)).count();
        assert!(window <= 6, "{window} requests in the second after {at:?}");
    }
    for id in 0..100 {
        assert_eq!(count(&asked, id), 3, "execution {id}");
    }
}

#[test]
fn the_selected_one_is_asked_every_second_and_the_others_in_turn() {
    let (mut schedule, start) = (Schedule::new(limits(5.0)), Instant::now());
    for id in 0..50 {
        schedule.add(ExecutionId(id), &machine(), FIRST_LOOK, GRACE, start);
    }
    schedule.select(Some(ExecutionId(7)));
    let asked = run(&mut schedule, start, Duration::from_secs(49), |_, _| seen(Status::Running));
    assert!((44..=50).contains(&count(&asked, 7)), "{}", count(&asked, 7));
    for id in (0..50).filter(|id| *id != 7) {
        assert!((3..=5).contains(&count(&asked, id)), "execution {id}: {}", count(&asked, id));
    }
}

#[test]
fn a_small_budget_is_shared_between_the_selected_one_and_the_others() {
    let (mut schedule, start) = (Schedule::new(limits(0.5)), Instant::now());
    schedule.add(ExecutionId(0), &machine(), FIRST_LOOK, GRACE, start);
    schedule.add(ExecutionId(1), &machine(), FIRST_LOOK, GRACE, start);
    schedule.select(Some(ExecutionId(0)));
    let asked = run(&mut schedule, start, Duration::from_secs(100), |_, _| seen(Status::Running));
    assert!((24..=26).contains(&count(&asked, 0)), "{}", count(&asked, 0));
    assert!((20..=26).contains(&count(&asked, 1)), "{}", count(&asked, 1));
}

#[test]
fn old_executions_are_asked_more_rarely_down_to_the_floor() {
    let (mut schedule, start) = (Schedule::new(limits(5.0)), Instant::now());
    schedule.add(ExecutionId(0), &machine(), Duration::from_secs(200), GRACE, start);
    schedule.add(ExecutionId(1), &machine(), Duration::from_secs(90_000), GRACE, start);
    let asked = run(&mut schedule, start, Duration::from_secs(300), |_, _| seen(Status::Running));
    let times: Vec<_> = asked.iter().filter(|(_, id)| id.0 == 1).map(|(at, _)| at.as_secs()).collect();
    assert_eq!(times, [0, 60, 120, 180, 240]);
    assert!((40..=70).contains(&count(&asked, 0)), "{}", count(&asked, 0));
}

#[test]
fn an_ended_execution_is_not_asked_again() {
    let (mut schedule, start) = (Schedule::new(limits(5.0)), Instant::now());
    schedule.add(ExecutionId(0), &machine(), FIRST_LOOK, GRACE, start);
    let asked = run(&mut schedule, start, Duration::from_secs(60), |_, at| {
        seen(if at > Duration::from_secs(3) { Status::Succeeded } else { Status::Running })
    });
    assert_eq!(asked.len(), 4);
    assert!(schedule.is_empty());
}

#[test]
fn a_new_execution_may_be_unknown_for_a_while() {
    let (mut schedule, start) = (Schedule::new(limits(5.0)), Instant::now());
    schedule.add(ExecutionId(0), &machine(), FIRST_LOOK, GRACE, start);
    let asked = run(&mut schedule, start, Duration::from_secs(60), |_, _| failed(FailureKind::ExecutionDoesNotExist));
    assert_eq!(asked.len(), 13, "once a second for ten seconds, and given up at the third time after that");
    assert!(schedule.is_empty());
}

#[test]
fn express_is_given_up_at_once() {
    let (mut schedule, now) = (Schedule::new(limits(5.0)), Instant::now());
    schedule.add(ExecutionId(0), &machine(), FIRST_LOOK, GRACE, now);
    assert_eq!(schedule.next(now), Next::Ask(ExecutionId(0)));
    let verdict = schedule.answered(ExecutionId(0), &failed(FailureKind::ExpressNotDescribable), now, 1.0);
    assert_eq!(verdict, Verdict::GivenUp);
    assert_eq!(schedule.next(now), Next::Nothing);
}

#[test]
fn an_outage_is_ridden_out_with_one_question_at_a_time_and_all_come_back() {
    let (mut schedule, start) = (Schedule::new(limits(5.0)), Instant::now());
    for id in 0..20 {
        schedule.add(ExecutionId(id), &machine(), FIRST_LOOK, GRACE, start);
    }
    let gone = Duration::from_secs(10)..Duration::from_secs(130);
    let asked = run(&mut schedule, start, Duration::from_secs(260), |_, at| {
        if gone.contains(&at) { failed(FailureKind::Unreachable(Unreachable::Refused)) } else { seen(Status::Running) }
    });
    let during = asked.iter().filter(|(at, _)| gone.contains(at)).count();
    assert!((15..=20).contains(&during), "{during} questions, doubling from one second to eight");
    let after: BTreeSet<_> = asked.iter().filter(|(at, _)| *at > Duration::from_secs(190)).map(|(_, id)| id).collect();
    assert_eq!(after.len(), 20, "none is forgotten");
}

#[test]
fn late_answers_and_answers_of_strangers_change_nothing() {
    let (mut schedule, now) = (Schedule::new(limits(5.0)), Instant::now());
    schedule.add(ExecutionId(0), &machine(), FIRST_LOOK, GRACE, now);
    assert_eq!(schedule.answered(ExecutionId(9), &seen(Status::Running), now, 0.5), Verdict::Stale);
    assert_eq!(schedule.answered(ExecutionId(0), &seen(Status::Succeeded), now, 0.5), Verdict::Stale);
    assert_eq!(schedule.next(now), Next::Ask(ExecutionId(0)));
    assert_eq!(schedule.answered(ExecutionId(0), &seen(Status::Succeeded), now, 0.5), Verdict::Ended);
    assert_eq!(schedule.answered(ExecutionId(0), &seen(Status::Running), now, 0.5), Verdict::Stale);
}

#[test]
fn a_late_answer_does_not_end_an_outage_that_began_after_its_question() {
    let (mut schedule, start) = (Schedule::new(limits(5.0)), Instant::now());
    let at = |millis| start + Duration::from_millis(millis);
    schedule.add(ExecutionId(0), &machine(), FIRST_LOOK, GRACE, start);
    schedule.add(ExecutionId(1), &machine(), FIRST_LOOK, GRACE, start);
    assert_eq!(schedule.next(start), Next::Ask(ExecutionId(0)));
    assert_eq!(schedule.next(at(200)), Next::Ask(ExecutionId(1)));
    let broken = failed(FailureKind::Unreachable(Unreachable::Refused));
    let verdict = schedule.answered(ExecutionId(1), &broken, at(220), 1.0);
    assert_eq!(verdict, Verdict::BackingOff(Duration::from_secs(1)));
    assert!(matches!(schedule.answered(ExecutionId(0), &seen(Status::Running), at(900), 1.0), Verdict::Watching(_)));
    assert_eq!(schedule.next(at(1_000)), Next::At(at(1_220)), "still held back");
}

#[test]
fn what_only_a_person_can_mend_is_asked_about_rarely() {
    let (mut schedule, now) = (Schedule::new(limits(5.0)), Instant::now());
    schedule.add(ExecutionId(0), &machine(), FIRST_LOOK, GRACE, now);
    assert_eq!(schedule.next(now), Next::Ask(ExecutionId(0)));
    let verdict = schedule.answered(ExecutionId(0), &failed(FailureKind::QuotaUsedUp), now, 1.0);
    assert_eq!(verdict, Verdict::BackingOff(Duration::from_secs(60)));
}

#[test]
fn a_failure_of_one_execution_does_not_hold_back_the_others() {
    let (mut schedule, start) = (Schedule::new(limits(5.0)), Instant::now());
    for id in 0..5 {
        schedule.add(ExecutionId(id), &machine(), FIRST_LOOK, GRACE, start);
    }
    schedule.select(Some(ExecutionId(0)));
    let asked = run(&mut schedule, start, Duration::from_secs(60), |id, _| {
        if id.0 == 0 { failed(FailureKind::RoleDenied) } else { seen(Status::Running) }
    });
    assert!((5..=8).contains(&count(&asked, 0)), "{}", count(&asked, 0));
    for id in 1..5 {
        assert!(count(&asked, id) > 30, "execution {id}: {}", count(&asked, id));
    }
}

#[test]
fn in_an_outage_another_one_goes_ahead_than_the_selected() {
    let (mut schedule, start) = (Schedule::new(limits(5.0)), Instant::now());
    schedule.add(ExecutionId(0), &machine(), FIRST_LOOK, GRACE, start);
    schedule.add(ExecutionId(1), &machine(), FIRST_LOOK, GRACE, start);
    schedule.select(Some(ExecutionId(0)));
    let asked = run(&mut schedule, start, Duration::from_secs(200), |_, _| failed(FailureKind::GatewayTimedOut));
    assert!(count(&asked, 0) >= 2 && count(&asked, 1) >= 2, "{asked:?}");
}

#[test]
fn the_selected_one_is_looked_at_more_often_while_it_is_young() {
    let (mut schedule, start) = (Schedule::new(limits(20.0)), Instant::now());
    schedule.add(ExecutionId(0), &machine(), Duration::ZERO, GRACE, start);
    schedule.select(Some(ExecutionId(0)));
    let asked = run(&mut schedule, start, Duration::from_secs(4), |_, _| seen(Status::Running));
    let millis: Vec<u128> = asked.iter().map(|(at, _)| at.as_millis()).collect();
    assert_eq!(millis, [70, 170, 340, 680, 1_360, 2_360, 3_360]);
    // Never for more than half of the budget.
    let (mut schedule, start) = (Schedule::new(limits(2.0)), Instant::now());
    schedule.add(ExecutionId(0), &machine(), Duration::ZERO, GRACE, start);
    schedule.select(Some(ExecutionId(0)));
    let asked = run(&mut schedule, start, Duration::from_secs(4), |_, _| seen(Status::Running));
    assert_eq!(asked.len(), 4, "{asked:?}");
}

/// Executions that begin one after the other and end at these ages, in seconds, watched to their end. Returns the delay
/// of each end.
fn delays(schedule: &mut Schedule, start: Instant, ages: &[f64]) -> Vec<f64> {
    let gap = 2.0;
    for (id, index) in (0..).zip(0..ages.len()) {
        let begun = start + Duration::from_secs_f64(gap * f64::from(u32::try_from(index).expect("few")));
        schedule.add(ExecutionId(id), &machine(), Duration::ZERO, GRACE, begun);
    }
    let ends: Vec<f64> = ages.iter().zip(0_u32..).map(|(age, index)| gap * f64::from(index) + age).collect();
    let mut delays = Vec::new();
    run(schedule, start, Duration::from_secs(20_000), |id, at| {
        let index = usize::try_from(id.0).expect("few");
        let (at, end) = (at.as_secs_f64(), ends[index]);
        if at < end {
            return seen(Status::Running);
        }
        delays.push(at - end);
        #[expect(clippy::cast_possible_truncation, reason = "small numbers")]
        let stop = Timestamp::from_millis((ages[index] * 1000.0) as i64);
        Ok(Observation { stop_date: Some(stop), ..Observation::new(Status::Succeeded, Timestamp::from_millis(0)) })
    });
    assert_eq!(delays.len(), ages.len(), "every end is told");
    delays
}

#[test]
fn ends_are_told_sooner_than_in_turn_where_durations_can_be_learned() {
    // Fails fast or runs long: two ages at which ends come, and none between.
    let ages: Vec<f64> =
        (0..400).map(|index| if index % 3 == 0 { 3.0 } else { 600.0 + f64::from(index % 50) }).collect();
    let mean = |policy: Policy| {
        let delays = delays(&mut Schedule::with(limits(5.0), policy), Instant::now(), &ages);
        delays.iter().sum::<f64>() / 400.0
    };
    let (learned, in_turn) = (mean(Policy::Expected), mean(Policy::InTurn));
    assert!(learned * 3.0 < in_turn, "{learned} s instead of {in_turn} s");
}

#[test]
fn what_nobody_expects_to_end_is_not_forgotten() {
    let (mut schedule, start) = (Schedule::new(limits(2.0)), Instant::now());
    // A machine whose executions end after ten seconds, but for one; and always others to ask about.
    for id in 0..600 {
        schedule.add(ExecutionId(id), &machine(), Duration::ZERO, GRACE, start + Duration::from_secs(id));
    }
    let asked = run(&mut schedule, start, Duration::from_secs(600), |id, at| {
        let end = Duration::from_secs(id.0 + 10);
        if id.0 == 0 || at < end {
            return seen(Status::Running);
        }
        let stop = Timestamp::from_millis(10_000);
        Ok(Observation { stop_date: Some(stop), ..Observation::new(Status::Succeeded, Timestamp::from_millis(0)) })
    });
    let times: Vec<u64> = asked.iter().filter(|(_, id)| id.0 == 0).map(|(at, _)| at.as_secs()).collect();
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] <= 90), "{times:?}");
    assert!(times.last().is_some_and(|last| *last > 500), "{times:?}");
}

#[test]
fn throttling_makes_it_slower_at_once_and_postpones_nobody() {
    let (mut schedule, start) = (Schedule::new(limits(10.0)), Instant::now());
    for id in 0..100 {
        schedule.add(ExecutionId(id), &machine(), FIRST_LOOK, GRACE, start);
    }
    // A bucket that refills 6 a second, and holds as many.
    let (mut tokens, mut last, mut refused) = (6.0_f64, Duration::ZERO, Vec::new());
    let asked = run(&mut schedule, start, Duration::from_secs(600), |_, at| {
        tokens = (at.saturating_sub(last).as_secs_f64() * 6.0 + tokens).min(6.0);
        last = at;
        if tokens < 1.0 {
            refused.push(at);
            return failed(FailureKind::Throttled);
        }
        tokens -= 1.0;
        seen(Status::Running)
    });
    let after = |count: usize| count - asked.iter().filter(|(at, _)| *at < Duration::from_secs(60)).count();
    let late = refused.iter().filter(|at| **at >= Duration::from_secs(60)).count();
    assert!(late * 50 < after(asked.len()), "{late} of {} after the first minute", after(asked.len()));
    assert!(asked.len() > 600 * 3, "{} questions: it speeds up again", asked.len());
    assert!((0..100).all(|id| count(&asked, id) > 0), "nobody is left out");
}

#[test]
fn what_is_in_sight_is_asked_before_the_others() {
    let (mut schedule, start) = (Schedule::new(limits(5.0)), Instant::now());
    for id in 0..1_000 {
        schedule.add(ExecutionId(id), &machine(), Duration::from_secs(3_600), GRACE, start);
    }
    let shown: Vec<ExecutionId> = (500..510).map(ExecutionId).collect();
    schedule.show(&shown);
    let asked = run(&mut schedule, start, Duration::from_secs(400), |_, _| seen(Status::Running));
    let in_sight = (500..510).map(|id| count(&asked, id)).min().unwrap_or_default();
    let elsewhere = (0..500).map(|id| count(&asked, id)).max().unwrap_or_default();
    assert!(in_sight > elsewhere, "{in_sight} questions in sight, {elsewhere} elsewhere");
    assert!((0..1_000).all(|id| count(&asked, id) > 0), "nobody is left out");
}

#[test]
fn while_nobody_looks_it_is_slower_and_never_stops() {
    let (mut schedule, start) = (Schedule::new(limits(10.0)), Instant::now());
    for id in 0..100 {
        schedule.add(ExecutionId(id), &machine(), FIRST_LOOK, GRACE, start);
    }
    schedule.select(Some(ExecutionId(0)));
    schedule.focus(false);
    let asked = run(&mut schedule, start, Duration::from_secs(20), |_, _| seen(Status::Running));
    assert!((95..=101).contains(&asked.len()), "{} questions in 20 s at half of 10 a second", asked.len());
    schedule.focus(true);
    let asked =
        run(&mut schedule, start + Duration::from_secs(21), Duration::from_secs(20), |_, _| seen(Status::Running));
    assert!(asked.len() > 190, "{} questions in 20 s at 10 a second", asked.len());
}

#[test]
fn errands_go_by_the_same_budget_and_take_every_other_request() {
    let (mut schedule, start) = (Schedule::new(limits(10.0)), Instant::now());
    for id in 0..100 {
        schedule.add(ExecutionId(id), &machine(), Duration::from_secs(3_600), GRACE, start);
    }
    (0..20).for_each(|_| schedule.add_errand());
    let (mut now, mut asked, mut run) = (start, 0, 0);
    while now < start + Duration::from_secs(2) {
        match schedule.next(now) {
            Next::Ask(_) => asked += 1,
            Next::Errand => run += 1,
            Next::At(moment) => now = moment,
            other => panic!("{other:?}"),
        }
    }
    assert!((9..=11).contains(&run) && (9..=11).contains(&asked), "{run} errands, {asked} questions");
}

#[test]
fn an_errand_waits_for_an_outage_and_an_answer_ends_it() {
    let (mut schedule, start) = (Schedule::new(limits(10.0)), Instant::now());
    schedule.add(ExecutionId(0), &machine(), Duration::from_secs(60), GRACE, start);
    assert_eq!(schedule.next(start), Next::Ask(ExecutionId(0)));
    let down = failed(FailureKind::Unreachable(Unreachable::Refused));
    let now = start + Duration::from_millis(200);
    assert!(matches!(schedule.answered(ExecutionId(0), &down, now, 1.0), Verdict::BackingOff(_)));
    schedule.add_errand();
    let Next::At(moment) = schedule.next(now) else { panic!("it waits") };
    assert!(moment >= now + Duration::from_millis(500));
    assert_eq!(schedule.next(moment), Next::Errand);
    schedule.errand_done(None, moment, moment);
    assert!(!schedule.is_held_back());
}

#[test]
fn an_execution_that_was_stopped_does_not_teach_how_long_others_take() {
    for (status, ends) in [(Status::Succeeded, 1.0), (Status::Aborted, 0.0)] {
        let (mut schedule, now) = (Schedule::new(limits(10.0)), Instant::now());
        schedule.add(ExecutionId(0), &machine(), Duration::from_secs(60), GRACE, now);
        assert_eq!(schedule.next(now), Next::Ask(ExecutionId(0)));
        let stop_date = Some(Timestamp::from_millis(50_000));
        let over = Observation { stop_date, ..Observation::new(status, Timestamp::from_millis(0)) };
        assert_eq!(schedule.answered(ExecutionId(0), &Ok(over), now, 1.0), Verdict::Ended);
        let learned = schedule.durations(&machine()).map_or(0.0, Durations::ends);
        assert!((learned - ends).abs() < 1e-9, "{learned}");
    }
}

mod sweeps {
    use super::*;
    use crate::watch::SweptPage;

    /// A schedule of an endpoint that lists, with this many executions of one machine, an hour old.
    fn many(count: u64, start: Instant) -> Schedule {
        let mut schedule = Schedule::new(limits(10.0)).with_sweeps();
        for id in 0..count {
            schedule.add(ExecutionId(id), &machine(), Duration::from_secs(3_600), GRACE, start);
        }
        schedule
    }

    /// Goes on until the schedule sweeps; questions are answered as running.
    fn until_sweep(schedule: &mut Schedule, mut now: Instant) -> (Sweep, Instant, usize) {
        let mut questions = 0;
        loop {
            match schedule.next(now) {
                Next::Sweep(sweep) => return (sweep, now, questions),
                Next::Ask(id) => {
                    questions += 1;
                    schedule.answered(id, &seen(Status::Running), now, 1.0);
                }
                Next::At(moment) => now = moment,
                Next::Errand | Next::Nothing => panic!("nothing is swept"),
            }
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "it stands for an answer")]
    fn page(running: impl IntoIterator<Item = u64>, next: Option<&str>) -> Result<SweptPage, Failure> {
        Ok(SweptPage { running: running.into_iter().map(ExecutionId).collect(), next: next.map(str::to_owned) })
    }

    #[test]
    fn many_are_swept_instead_of_asked_about_and_what_is_missing_is_asked_first() {
        let start = Instant::now();
        let mut schedule = many(500, start);
        let (sweep, now, questions) = until_sweep(&mut schedule, start);
        assert_eq!(sweep, Sweep { machine: machine(), token: None });
        assert!(questions < 20, "{questions} questions before the first sweep");
        schedule.swept(&page((0..500).filter(|id| *id != 123 && *id != 456), None), now, 1.0);
        let mut asked = Vec::new();
        let mut at = now;
        while asked.len() < 2 {
            match schedule.next(at) {
                Next::Ask(id) => asked.push(id.0),
                Next::At(moment) => at = moment,
                other => panic!("{other:?} before what was missing"),
            }
        }
        assert!(asked.contains(&123) && asked.contains(&456), "{asked:?}");
    }

    #[test]
    fn a_sweep_of_several_pages_tells_nothing_before_the_last_one() {
        let start = Instant::now();
        let mut schedule = many(500, start);
        let (_, now, _) = until_sweep(&mut schedule, start);
        schedule.swept(&page(0..250, Some("more")), now, 1.0);
        let (sweep, now, _) = until_sweep(&mut schedule, now);
        assert_eq!(sweep.token.as_deref(), Some("more"));
        schedule.swept(&page(251..500, None), now, 1.0);
        let next = (0..).map(|step| now + Duration::from_millis(step * 50)).find_map(|at| match schedule.next(at) {
            Next::Ask(id) => Some(id.0),
            _ => None,
        });
        assert_eq!(next, Some(250));
    }

    #[test]
    fn one_that_the_list_has_missed_by_mistake_is_watched_on() {
        let start = Instant::now();
        let mut schedule = many(500, start);
        let (_, now, _) = until_sweep(&mut schedule, start);
        schedule.swept(&page(1..500, None), now, 1.0);
        let asked = run(&mut schedule, now, Duration::from_secs(120), |_, _| seen(Status::Running));
        assert_eq!(asked[0].1, ExecutionId(0));
        assert_eq!(schedule.len(), 500);
    }

    #[test]
    fn one_that_the_list_has_missed_goes_first_again_when_its_question_was_throttled() {
        let start = Instant::now();
        let mut schedule = many(500, start);
        let (_, now, _) = until_sweep(&mut schedule, start);
        schedule.swept(&page((0..500).filter(|id| *id != 77), None), now, 1.0);
        let mut refused = false;
        let asked = run(&mut schedule, now, Duration::from_secs(3), |id, _| {
            if id.0 == 77 && !std::mem::replace(&mut refused, true) {
                return failed(FailureKind::Throttled);
            }
            seen(Status::Running)
        });
        assert_eq!((asked[0].1, asked[1].1), (ExecutionId(77), ExecutionId(77)));
    }

    #[test]
    fn a_single_execution_is_asked_about_and_never_swept() {
        let start = Instant::now();
        let mut schedule = many(1, start);
        let asked = run(&mut schedule, start, Duration::from_secs(300), |_, _| seen(Status::Running));
        assert!(asked.len() > 5);
    }

    #[test]
    fn a_list_that_is_refused_or_throttled_leaves_the_questions_alone() {
        for kind in [FailureKind::RoleDenied, FailureKind::Throttled, FailureKind::GatewayUnavailable] {
            let start = Instant::now();
            let mut schedule = many(500, start);
            let (_, now, _) = until_sweep(&mut schedule, start);
            schedule.swept(&Err(Failure::without_answer(kind, "")), now, 1.0);
            let next = schedule.next(now + Duration::from_millis(100));
            assert!(matches!(next, Next::Ask(_)), "{next:?}");
        }
    }

    #[test]
    fn questions_and_sweeps_together_stay_inside_the_budget() {
        let start = Instant::now();
        let mut schedule = many(2_000, start);
        let (mut left, mut now): (Vec<Instant>, _) = (Vec::new(), start);
        while now < start + Duration::from_secs(60) {
            match schedule.next(now) {
                Next::Ask(id) => {
                    left.push(now);
                    schedule.answered(id, &seen(Status::Running), now, 1.0);
                }
                Next::Sweep(sweep) => {
                    left.push(now);
                    let (from, next) = if sweep.token.is_none() { (0, Some("more")) } else { (1_000, None) };
                    schedule.swept(&page(from..from + 1_000, next), now, 1.0);
                }
                Next::At(moment) => now = moment,
                Next::Errand | Next::Nothing => panic!("there is always something"),
            }
        }
        for first in &left {
            let window = left.iter().filter(|at| *at >= first && **at < *first + Duration::from_secs(1));
            assert!(window.count() <= 11);
        }
    }
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
fn what_other_processes_spend_is_waited_for() {
    let (mut schedule, start) = (Schedule::new(limits(10.0)), Instant::now());
    schedule.share(Some(std::sync::Arc::new(Contended(0.into()))), None);
    for id in 0..100 {
        schedule.add(ExecutionId(id), &machine(), FIRST_LOOK, GRACE, start);
    }
    let asked = run(&mut schedule, start, Duration::from_secs(20), |_, _| seen(Status::Running));
    assert!((95..=105).contains(&asked.len()), "{} questions in 20 s at half of 10 a second", asked.len());
}

/// Ten executions, of which one always gets a web page and one no response for half a minute.
#[test]
fn executions_that_get_pages_or_nothing_hold_nobody_back() {
    for bad in [FailureKind::Unreadable, FailureKind::GatewayUnavailable, FailureKind::Unreachable(Unreachable::Broken)]
    {
        let (mut schedule, start) = (Schedule::new(limits(5.0)), Instant::now());
        for id in 0..10 {
            schedule.add(ExecutionId(id), &machine(), Duration::ZERO, GRACE, start);
        }
        let (mut now, mut hanging, mut seen_end) = (start, None, HashMap::new());
        let at = |now: Instant| now.saturating_duration_since(start);
        while at(now) < Duration::from_secs(60) {
            if let Some(asked) = hanging.filter(|asked: &Instant| now >= *asked + Duration::from_secs(32)) {
                let lost = failed(FailureKind::Unreachable(Unreachable::Deadline));
                schedule.answered(ExecutionId(1), &lost, now, 1.0);
                hanging = None;
                assert!(at(asked) < Duration::from_secs(60));
            }
            match schedule.next(now) {
                Next::Ask(ExecutionId(0)) => drop(schedule.answered(ExecutionId(0), &failed(bad.clone()), now, 1.0)),
                Next::Ask(ExecutionId(1)) => hanging = Some(now),
                Next::Ask(id) => {
                    let end = Duration::from_secs(10 + id.0);
                    let is_over = at(now) >= end;
                    if is_over {
                        seen_end.insert(id, at(now).saturating_sub(end));
                    }
                    let status = if is_over { Status::Succeeded } else { Status::Running };
                    schedule.answered(id, &seen(status), now, 1.0);
                }
                Next::At(moment) => {
                    let moment = hanging.map_or(moment, |asked| moment.min(asked + Duration::from_secs(32)));
                    now = moment.max(now + Duration::from_millis(1));
                }
                Next::Nothing => now += Duration::from_millis(100),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(seen_end.len(), 8, "{bad:?}: {seen_end:?}");
        assert!(seen_end.values().all(|delay| *delay <= Duration::from_secs(5)), "{bad:?}: {seen_end:?}");
    }
}

#[test]
fn a_share_of_bad_responses_does_not_slow_the_rest_down() {
    let (mut schedule, start) = (Schedule::new(limits(10.0)), Instant::now());
    for id in 0..50 {
        schedule.add(ExecutionId(id), &machine(), Duration::from_secs(60), GRACE, start);
    }
    let mut count_of_all = 0_u64;
    let asked = run(&mut schedule, start, Duration::from_secs(60), |_, _| {
        count_of_all += 1;
        if count_of_all.is_multiple_of(3) { failed(FailureKind::GatewayUnavailable) } else { seen(Status::Running) }
    });
    assert!(asked.len() > 570, "{} of 600 questions", asked.len());
}

#[test]
fn many_that_hang_leave_room_for_the_others() {
    let (mut schedule, start) = (Schedule::new(limits(20.0)), Instant::now());
    for id in 0..60 {
        schedule.add(ExecutionId(id), &machine(), FIRST_LOOK, GRACE, start);
    }
    let (mut now, mut answered) = (start, BTreeSet::new());
    while now < start + Duration::from_secs(20) {
        match schedule.next(now) {
            // The first half never gets a response.
            Next::Ask(id) if id.0 < 30 => {}
            Next::Ask(id) => {
                answered.insert(id);
                schedule.answered(id, &seen(Status::Running), now, 1.0);
            }
            Next::At(moment) => now = moment,
            Next::Nothing => now += Duration::from_millis(100),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(answered.len(), 30);
}

#[test]
fn after_an_outage_the_probe_is_one_that_was_answered_before() {
    let (mut schedule, start) = (Schedule::new(limits(5.0)), Instant::now());
    for id in 0..4 {
        schedule.add(ExecutionId(id), &machine(), FIRST_LOOK, GRACE, start);
    }
    let down = Duration::from_secs(10)..Duration::from_secs(40);
    let asked = run(&mut schedule, start, Duration::from_secs(60), |id, at| {
        let is_bad = id.0 == 0 || down.contains(&at);
        if is_bad { failed(FailureKind::Unreachable(Unreachable::Refused)) } else { seen(Status::Running) }
    });
    let probes: Vec<u64> =
        asked.iter().filter(|(at, _)| (12..40).contains(&at.as_secs())).map(|(_, id)| id.0).collect();
    assert!(!probes.is_empty() && probes.iter().all(|id| *id != 0), "{probes:?}");
}

#[test]
fn a_backlog_is_what_the_budget_needs_for_those_that_are_due() {
    let start = Instant::now();
    let mut schedule = Schedule::new(limits(5.0));
    for id in 0..2_000 {
        schedule.add(ExecutionId(id), &machine(), Duration::ZERO, GRACE, start);
    }
    assert_eq!(schedule.backlog(start).behind, Duration::ZERO, "none is due yet");
    run(&mut schedule, start, Duration::from_secs(60), |_, _| seen(Status::Succeeded));
    let behind = schedule.backlog(start + Duration::from_secs(60)).behind;
    assert!((330..350).contains(&behind.as_secs()), "{behind:?}");
    run(&mut schedule, start + Duration::from_secs(60), Duration::from_secs(400), |_, _| seen(Status::Succeeded));
    assert_eq!((schedule.len(), schedule.backlog(start + Duration::from_secs(460)).behind), (0, Duration::ZERO));
}
