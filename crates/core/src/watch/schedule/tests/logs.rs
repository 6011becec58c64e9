//! Log requests for EXPRESS executions in virtual time.

use proptest::prelude::*;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn express(number: u64) -> StateMachineArn {
    StateMachineArn::parse(&format!("arn:aws:states:us-east-1:111122223333:stateMachine:E{number}")).expect("an ARN")
}

/// What a log returns for a page: the token of the next one, or a failure.
type Page = Result<Option<String>, Failure>;

/// A request, or the end of one.
#[derive(Debug, Clone, PartialEq)]
enum Event {
    Poll(ExecutionId),
    Log(LogPage),
    History,
    GivenUp(Vec<ExecutionId>),
}

/// Runs the schedule with responses that take 40 ms. `page` responds to log requests; executions that are polled run on.
fn run_logs(
    schedule: &mut Schedule,
    start: Instant,
    span: Duration,
    mut page: impl FnMut(&mut Schedule, &LogPage, Instant) -> Page,
) -> Vec<(Duration, Event)> {
    enum Flight {
        Poll(ExecutionId),
        Log(LogPage),
        History(Instant),
    }
    let (mut now, mut events) = (start, Vec::new());
    let mut flying: Vec<(Instant, Flight)> = Vec::new();
    while now < start + span {
        let lands = now + Duration::from_millis(40);
        let wake = match schedule.next(now) {
            Next::Poll(id) => {
                events.push((now - start, Event::Poll(id)));
                flying.push((lands, Flight::Poll(id)));
                continue;
            }
            Next::Log(page) => {
                events.push((now - start, Event::Log(page.clone())));
                flying.push((lands, Flight::Log(page)));
                continue;
            }
            Next::LoggedHistory => {
                events.push((now - start, Event::History));
                flying.push((lands, Flight::History(now)));
                continue;
            }
            Next::At(moment) => {
                assert!(moment > now, "the next wake-up lies in the future");
                Some(moment)
            }
            Next::Sweep(_) | Next::List(_) | Next::Background => unreachable!("none was asked for"),
            Next::Nothing => None,
        };
        let landing = flying.first().map(|(at, _)| *at).filter(|at| wake.is_none_or(|wake| *at <= wake));
        let Some(moment) = landing.or(wake) else { break };
        now = moment;
        if landing.is_none() {
            continue;
        }
        match flying.remove(0).1 {
            Flight::Poll(id) => drop(schedule.on_response(id, &seen(Status::Running), now, 1.0)),
            Flight::History(sent) => schedule.on_logged_history(None, sent, now),
            Flight::Log(asked) => {
                let response = page(schedule, &asked, now);
                let progress = schedule.on_log_page(
                    &asked.machine,
                    match &response {
                        Ok(next) => Ok(next.clone()),
                        Err(failure) => Err(failure),
                    },
                    now,
                    1.0,
                );
                for id in &progress.without_end {
                    schedule.forget(*id);
                }
                if !progress.without_end.is_empty() {
                    events.push((now - start, Event::GivenUp(progress.without_end)));
                }
            }
        }
    }
    events
}

fn logs(events: &[(Duration, Event)]) -> Vec<(Duration, LogPage)> {
    let log = |(at, event): &(Duration, Event)| {
        if let Event::Log(page) = event { Some((*at, page.clone())) } else { None }
    };
    events.iter().filter_map(log).collect()
}

fn given_up(events: &[(Duration, Event)]) -> Vec<(Duration, ExecutionId)> {
    let lost = |(at, event): &(Duration, Event)| match event {
        Event::GivenUp(ids) => ids.iter().map(|id| (*at, *id)).collect(),
        _ => Vec::new(),
    };
    events.iter().flat_map(lost).collect()
}

#[expect(clippy::unnecessary_wraps, reason = "other pages fail")]
fn empty(_: &mut Schedule, _: &LogPage, _: Instant) -> Page {
    Ok(None)
}

#[test]
fn an_execution_is_given_up_after_a_pass_back_to_its_start_once_all_is_delivered() {
    let (mut schedule, start) = (Schedule::new(limits(5.0)), Instant::now());
    schedule.add_logged(ExecutionId(1), &express(1), Duration::ZERO, None, start);
    let events = run_logs(&mut schedule, start, SECOND * 500, empty);
    let requests = logs(&events);
    assert_eq!(given_up(&events).len(), 1, "{events:?}");
    let (at, id) = given_up(&events)[0];
    assert_eq!(id, ExecutionId(1));
    assert!(at >= SECOND * 360 && at < SECOND * 362, "{at:?}");
    assert_eq!(requests.last().map(|(_, page)| page.since), Some(start), "back to its start");
    assert!(requests.iter().all(|(_, page)| page.execution == Some(id) && page.token.is_none()));
    let in_between = &requests[requests.len() / 2].1;
    assert!(in_between.since > start, "what was read is not read again, except for late events");
    assert!(requests.len() < 130, "{}", requests.len());
    assert_eq!(schedule.next(start + SECOND * 500), Next::Nothing);
}

#[test]
fn executions_of_a_machine_share_their_requests() {
    let (mut schedule, start) = (Schedule::new(limits(5.0)), Instant::now());
    for id in 0..50 {
        schedule.add_logged(ExecutionId(id), &express(1), Duration::from_millis(id), None, start);
    }
    let events = run_logs(&mut schedule, start, SECOND * 10, empty);
    assert!(logs(&events).len() <= 11);
    assert!(logs(&events).iter().all(|(_, page)| page.execution.is_none()));
    assert_eq!(logs(&events)[0].1.since, start.checked_sub(Duration::from_millis(49)).expect("a moment"));
}

#[test]
fn a_new_execution_is_read_from_its_start_although_more_has_been_read() {
    let (mut schedule, start) = (Schedule::new(limits(5.0)), Instant::now());
    schedule.add_logged(ExecutionId(1), &express(1), Duration::ZERO, None, start);
    run_logs(&mut schedule, start, SECOND * 100, empty);
    let now = start + SECOND * 100;
    // Found in the store, perhaps.
    schedule.add_logged(ExecutionId(2), &express(1), SECOND * 80, None, now);
    let events = run_logs(&mut schedule, now, SECOND * 20, empty);
    assert_eq!(logs(&events)[0].1.since, start + SECOND * 20, "the earlier of both");
    assert!(logs(&events)[1].1.since > start + SECOND * 60, "once");
}

#[test]
fn all_pages_are_read_and_a_repeated_token_ends_them() {
    let (mut schedule, start) = (Schedule::new(limits(5.0)), Instant::now());
    schedule.add_logged(ExecutionId(1), &express(1), SECOND * 400, None, start);
    let mut tokens = vec![Some("c".to_owned()), Some("b".to_owned()), Some("a".to_owned())];
    let events = run_logs(&mut schedule, start, SECOND * 30, |_: &mut Schedule, _: &LogPage, _| {
        Ok(tokens.pop().unwrap_or(Some("c".to_owned())))
    });
    let asked: Vec<Option<String>> = logs(&events).iter().map(|(_, page)| page.token.clone()).collect();
    let token = |text: &str| Some(text.to_owned());
    assert_eq!(asked, [None, token("a"), token("b"), token("c")]);
    assert_eq!(given_up(&events).len(), 1);
}

#[test]
fn a_token_that_fails_is_not_used_again() {
    let (mut schedule, start) = (Schedule::new(limits(5.0)), Instant::now());
    schedule.add_logged(ExecutionId(1), &express(1), Duration::ZERO, None, start);
    let events = run_logs(&mut schedule, start, SECOND * 10, |_: &mut Schedule, page: &LogPage, _| match page.token {
        None => Ok(Some("t".to_owned())),
        Some(_) => Err(Failure::without_response(FailureKind::StepFunctions("InvalidParameterException".into()), "")),
    });
    let asked: Vec<bool> = logs(&events).iter().map(|(_, page)| page.token.is_some()).collect();
    assert_eq!(asked[..4], [false, true, false, true]);
}

#[test]
fn a_broken_log_delays_neither_status_requests_nor_other_logs() {
    let (mut schedule, start) = (Schedule::new(limits(4.0)), Instant::now());
    for id in 10..60 {
        schedule.add(ExecutionId(id), &machine(), Duration::ZERO, GRACE, start);
    }
    let polls =
        |events: &[(Duration, Event)]| events.iter().filter(|(_, event)| matches!(event, Event::Poll(_))).count();
    let alone = polls(&run_logs(&mut schedule.clone(), start, SECOND * 60, empty));
    for machine in 1..=2 {
        schedule.add_logged(ExecutionId(machine), &express(machine), Duration::ZERO, None, start);
    }
    let events = run_logs(&mut schedule, start, SECOND * 60, |_: &mut Schedule, page: &LogPage, _| {
        if page.machine == express(2) { Ok(None) } else { Err(Failure::without_response(FailureKind::RoleDenied, "")) }
    });
    let (of_broken, of_other): (Vec<_>, Vec<_>) =
        logs(&events).into_iter().partition(|(_, page)| page.machine == express(1));
    assert!((5..12).contains(&of_broken.len()), "{of_broken:?}");
    assert!(of_other.len() > 15, "{of_other:?}");
    assert!(!schedule.is_paused());
    assert!(polls(&events) >= alone - of_broken.len() - of_other.len() - 2, "{} of {alone}", polls(&events));
}

#[test]
fn throttling_slows_logs_down_and_nothing_else() {
    let (mut schedule, start) = (Schedule::new(limits(4.0)), Instant::now());
    schedule.add_logged(ExecutionId(1), &express(1), Duration::ZERO, None, start);
    let events = run_logs(&mut schedule, start, SECOND * 60, |_: &mut Schedule, _: &LogPage, _| {
        Err(Failure::without_response(FailureKind::Throttled, ""))
    });
    assert!((4..9).contains(&logs(&events).len()), "{events:?}");
    assert!((schedule.rate(start) - 4.0).abs() < 1e-9);
}

#[test]
fn a_machine_without_a_log_is_given_up_after_three_refusals() {
    let (mut schedule, start) = (Schedule::new(limits(4.0)), Instant::now());
    schedule.add_logged(ExecutionId(1), &express(1), Duration::ZERO, None, start);
    let mut now = start + SECOND;
    for count in 1..=3 {
        let Next::Log(page) = schedule.next(now) else { panic!("a request") };
        let failure = Failure::without_response(FailureKind::MachineDoesNotExist, "");
        let verdict = schedule.on_log_page(&page.machine, Err(&failure), now, 1.0).verdict;
        assert_eq!(verdict == Verdict::GivenUp, count == 3, "{verdict:?}");
        now += SECOND * 60;
    }
}

#[test]
fn an_execution_with_an_unknown_start_is_searched_further_back_until_its_log_shows_it() {
    let (mut schedule, start) = (Schedule::new(limits(4.0)), Instant::now());
    let before = |age: Duration| start.checked_sub(age).expect("a moment");
    schedule.add_logged(ExecutionId(1), &express(1), Duration::ZERO, Some(SECOND * 500), start);
    let events = run_logs(&mut schedule, start, SECOND * 20, |schedule: &mut Schedule, _: &LogPage, now| {
        schedule.set_logged_start(ExecutionId(1), SECOND * 400 + (now - start), now);
        Ok(None)
    });
    assert_eq!(logs(&events)[0].1.since, before(SECOND * 500));
    assert_eq!(given_up(&events).len(), 1, "it began too long ago to run: {events:?}");
}

#[derive(Debug, Clone)]
enum Step {
    Express(u64, u64),
    Standard,
    History,
    Forget(u64),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..4_u64, 0..400_u64).prop_map(|(machine, age)| Step::Express(machine, age)),
        Just(Step::Standard),
        Just(Step::History),
        (0..20_u64).prop_map(Step::Forget),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// At most one log request per second, the budget is kept, and every open execution is read and finally given up.
    #[test]
    fn logs_are_read_within_their_limits(
        rate in prop_oneof![Just(1.0), Just(3.0), Just(20.0)],
        steps in prop::collection::vec((any_step(), 0..5_u64), 1..20),
        seed in any::<u64>(),
    ) {
        let (mut schedule, start) = (Schedule::new(limits(rate)), Instant::now());
        let mut chance = fastrand::Rng::with_seed(seed);
        let (mut now, mut events, mut open) = (start, Vec::new(), BTreeSet::new());
        let mut page = move |_: &mut Schedule, _: &LogPage, _: Instant| match chance.u8(0..10) {
            0 => Err(Failure::without_response(FailureKind::GatewayUnavailable, "")),
            1 => Err(Failure::without_response(FailureKind::Throttled, "")),
            2 | 3 => Ok(Some(chance.u64(..).to_string())),
            _ => Ok(None),
        };
        for (number, (step, pause)) in (0..).zip(steps) {
            match step {
                Step::Express(machine, age) => {
                    schedule.add_logged(ExecutionId(number), &express(machine), SECOND * u32::try_from(age).expect("small"), None, now);
                    open.insert(ExecutionId(number));
                }
                Step::Standard => schedule.add(ExecutionId(100 + number), &machine(), Duration::ZERO, GRACE, now),
                Step::History => schedule.add_logged_history(),
                Step::Forget(id) => {
                    schedule.forget(ExecutionId(id));
                    open.remove(&ExecutionId(id));
                }
            }
            let span = SECOND * u32::try_from(pause).expect("small");
            let ran = run_logs(&mut schedule, now, span, &mut page);
            events.extend(ran.into_iter().map(|(at, event)| (now - start + at, event)));
            now += span;
        }
        let ran = run_logs(&mut schedule, now, SECOND * 1_500, &mut page);
        events.extend(ran.into_iter().map(|(at, event)| (now - start + at, event)));
        let requests: Vec<(Duration, bool)> = events
            .iter()
            .filter(|(_, event)| !matches!(event, Event::GivenUp(_)))
            .map(|(at, event)| (*at, !matches!(event, Event::Poll(_))))
            .collect();
        let of_logs: Vec<Duration> = requests.iter().filter(|(_, is_log)| *is_log).map(|(at, _)| *at).collect();
        prop_assert!(of_logs.windows(2).all(|pair| pair[1] >= pair[0] + SECOND), "{of_logs:?}");
        let interval = SECOND.div_f64(rate).mul_f64(0.999);
        prop_assert!(requests.windows(2).all(|pair| pair[1].0 >= pair[0].0 + interval));
        let lost: BTreeSet<ExecutionId> = given_up(&events).into_iter().map(|(_, id)| id).collect();
        prop_assert!(open.is_subset(&lost), "{open:?} {lost:?}");
    }
}
