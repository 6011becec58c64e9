//! Outages, throttling, and executions without a good response.

use std::collections::BTreeMap;

use super::*;

#[test]
fn an_outage_is_probed_by_one_request_at_a_time_and_all_continue() {
    let (mut schedule, start) = (Schedule::new(limits(5.0)), Instant::now());
    for id in 0..20 {
        schedule.add(ExecutionId(id), &machine(), FIRST_LOOK, GRACE, start);
    }
    let gone = Duration::from_secs(10)..Duration::from_secs(130);
    let polls = run(&mut schedule, start, Duration::from_secs(260), |_, at| {
        if gone.contains(&at) { failed(FailureKind::Unreachable(Unreachable::Refused)) } else { seen(Status::Running) }
    });
    let during = polls.iter().filter(|(at, _)| gone.contains(at)).count();
    assert!((15..=20).contains(&during), "{during} requests, doubling from one second to eight");
    let after: BTreeSet<_> = polls.iter().filter(|(at, _)| *at > Duration::from_secs(190)).map(|(_, id)| id).collect();
    assert_eq!(after.len(), 20, "none is forgotten");
}

#[test]
fn late_and_unknown_responses_change_nothing() {
    let (mut schedule, now) = (Schedule::new(limits(5.0)), Instant::now());
    schedule.add(ExecutionId(0), &machine(), FIRST_LOOK, GRACE, now);
    assert_eq!(schedule.on_response(ExecutionId(9), &seen(Status::Running), now, 0.5), Verdict::Stale);
    assert_eq!(schedule.on_response(ExecutionId(0), &seen(Status::Succeeded), now, 0.5), Verdict::Stale);
    assert_eq!(schedule.next(now), Next::Poll(ExecutionId(0)));
    assert_eq!(schedule.on_response(ExecutionId(0), &seen(Status::Succeeded), now, 0.5), Verdict::Ended);
    assert_eq!(schedule.on_response(ExecutionId(0), &seen(Status::Running), now, 0.5), Verdict::Stale);
}

#[test]
fn a_late_response_does_not_end_an_outage_that_began_after_its_request() {
    let (mut schedule, start) = (Schedule::new(limits(5.0)), Instant::now());
    let at = |millis| start + Duration::from_millis(millis);
    schedule.add(ExecutionId(0), &machine(), FIRST_LOOK, GRACE, start);
    schedule.add(ExecutionId(1), &machine(), FIRST_LOOK, GRACE, start);
    assert_eq!(schedule.next(start), Next::Poll(ExecutionId(0)));
    assert_eq!(schedule.next(at(200)), Next::Poll(ExecutionId(1)));
    let broken = failed(FailureKind::Unreachable(Unreachable::Refused));
    let verdict = schedule.on_response(ExecutionId(1), &broken, at(220), 1.0);
    assert_eq!(verdict, Verdict::BackingOff(Duration::from_secs(1)));
    assert!(matches!(schedule.on_response(ExecutionId(0), &seen(Status::Running), at(900), 1.0), Verdict::Watching(_)));
    assert_eq!(schedule.next(at(1_000)), Next::At(at(1_220)), "still paused");
}

#[test]
fn a_failure_that_only_a_person_can_fix_is_retried_rarely() {
    let (mut schedule, now) = (Schedule::new(limits(5.0)), Instant::now());
    schedule.add(ExecutionId(0), &machine(), FIRST_LOOK, GRACE, now);
    assert_eq!(schedule.next(now), Next::Poll(ExecutionId(0)));
    let verdict = schedule.on_response(ExecutionId(0), &failed(FailureKind::QuotaUsedUp), now, 1.0);
    assert_eq!(verdict, Verdict::BackingOff(Duration::from_secs(60)));
}

#[test]
fn a_failure_of_one_execution_does_not_pause_the_others() {
    let (mut schedule, start) = (Schedule::new(limits(5.0)), Instant::now());
    for id in 0..5 {
        schedule.add(ExecutionId(id), &machine(), FIRST_LOOK, GRACE, start);
    }
    schedule.select(Some(ExecutionId(0)));
    let polls = run(&mut schedule, start, Duration::from_secs(60), |id, _| {
        if id.0 == 0 { failed(FailureKind::RoleDenied) } else { seen(Status::Running) }
    });
    assert!((5..=8).contains(&count(&polls, 0)), "{}", count(&polls, 0));
    for id in 1..5 {
        assert!(count(&polls, id) > 30, "execution {id}: {}", count(&polls, id));
    }
}

#[test]
fn an_outage_is_probed_with_another_execution_than_the_selected_one() {
    let (mut schedule, start) = (Schedule::new(limits(5.0)), Instant::now());
    schedule.add(ExecutionId(0), &machine(), FIRST_LOOK, GRACE, start);
    schedule.add(ExecutionId(1), &machine(), FIRST_LOOK, GRACE, start);
    schedule.select(Some(ExecutionId(0)));
    let polls = run(&mut schedule, start, Duration::from_secs(200), |_, _| failed(FailureKind::GatewayTimedOut));
    assert!(count(&polls, 0) >= 2 && count(&polls, 1) >= 2, "{polls:?}");
}

#[test]
fn throttling_slows_down_at_once_and_postpones_no_execution() {
    let (mut schedule, start) = (Schedule::new(limits(10.0)), Instant::now());
    for id in 0..100 {
        schedule.add(ExecutionId(id), &machine(), FIRST_LOOK, GRACE, start);
    }
    // A bucket that refills 6 a second, and holds as many.
    let (mut tokens, mut last, mut refused) = (6.0_f64, Duration::ZERO, Vec::new());
    let polls = run(&mut schedule, start, Duration::from_secs(600), |_, at| {
        tokens = (at.saturating_sub(last).as_secs_f64() * 6.0 + tokens).min(6.0);
        last = at;
        if tokens < 1.0 {
            refused.push(at);
            return failed(FailureKind::Throttled);
        }
        tokens -= 1.0;
        seen(Status::Running)
    });
    let after = |count: usize| count - polls.iter().filter(|(at, _)| *at < Duration::from_secs(60)).count();
    let late = refused.iter().filter(|at| **at >= Duration::from_secs(60)).count();
    assert!(late * 50 < after(polls.len()), "{late} of {} after the first minute", after(polls.len()));
    assert!(polls.len() > 600 * 3, "{} requests: it speeds up again", polls.len());
    assert!((0..100).all(|id| count(&polls, id) > 0), "none is left out");
}

#[test]
fn a_background_request_waits_during_an_outage_and_its_response_ends_it() {
    let (mut schedule, start) = (Schedule::new(limits(10.0)), Instant::now());
    schedule.add(ExecutionId(0), &machine(), Duration::from_secs(60), GRACE, start);
    assert_eq!(schedule.next(start), Next::Poll(ExecutionId(0)));
    let down = failed(FailureKind::Unreachable(Unreachable::Refused));
    let now = start + Duration::from_millis(200);
    assert!(matches!(schedule.on_response(ExecutionId(0), &down, now, 1.0), Verdict::BackingOff(_)));
    schedule.add_background_request();
    let Next::At(moment) = schedule.next(now) else { panic!("it waits") };
    assert!(moment >= now + Duration::from_millis(500));
    assert_eq!(schedule.next(moment), Next::Background);
    schedule.on_background_done(None, moment, moment);
    assert!(!schedule.is_paused());
}

/// Ten executions, of which one always gets a web page and one no response for half a minute.
#[test]
fn executions_with_pages_or_no_response_do_not_pause_the_others() {
    for bad in [FailureKind::Unreadable, FailureKind::GatewayUnavailable, FailureKind::Unreachable(Unreachable::Broken)]
    {
        let (mut schedule, start) = (Schedule::new(limits(5.0)), Instant::now());
        for id in 0..10 {
            schedule.add(ExecutionId(id), &machine(), Duration::ZERO, GRACE, start);
        }
        let (mut now, mut hanging, mut seen_end) = (start, None, BTreeMap::new());
        let at = |now: Instant| now.saturating_duration_since(start);
        while at(now) < Duration::from_secs(60) {
            if let Some(polls) = hanging.filter(|polls: &Instant| now >= *polls + Duration::from_secs(32)) {
                let lost = failed(FailureKind::Unreachable(Unreachable::Deadline));
                schedule.on_response(ExecutionId(1), &lost, now, 1.0);
                hanging = None;
                assert!(at(polls) < Duration::from_secs(60));
            }
            match schedule.next(now) {
                Next::Poll(ExecutionId(0)) => {
                    schedule.on_response(ExecutionId(0), &failed(bad.clone()), now, 1.0);
                }
                Next::Poll(ExecutionId(1)) => hanging = Some(now),
                Next::Poll(id) => {
                    let end = Duration::from_secs(10 + id.0);
                    let is_over = at(now) >= end;
                    if is_over {
                        seen_end.insert(id, at(now).saturating_sub(end));
                    }
                    let status = if is_over { Status::Succeeded } else { Status::Running };
                    schedule.on_response(id, &seen(status), now, 1.0);
                }
                Next::At(moment) => {
                    let moment = hanging.map_or(moment, |polls| moment.min(polls + Duration::from_secs(32)));
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
fn a_share_of_bad_responses_does_not_slow_down_the_rest() {
    let (mut schedule, start) = (Schedule::new(limits(10.0)), Instant::now());
    for id in 0..50 {
        schedule.add(ExecutionId(id), &machine(), Duration::from_secs(60), GRACE, start);
    }
    let mut count_of_all = 0_u64;
    let polls = run(&mut schedule, start, Duration::from_secs(60), |_, _| {
        count_of_all += 1;
        if count_of_all.is_multiple_of(3) { failed(FailureKind::GatewayUnavailable) } else { seen(Status::Running) }
    });
    assert!(polls.len() > 570, "{} of 600 requests", polls.len());
}

#[test]
fn many_that_hang_leave_room_for_the_others() {
    let (mut schedule, start) = (Schedule::new(limits(20.0)), Instant::now());
    for id in 0..60 {
        schedule.add(ExecutionId(id), &machine(), FIRST_LOOK, GRACE, start);
    }
    let (mut now, mut responded) = (start, BTreeSet::new());
    while now < start + Duration::from_secs(20) {
        match schedule.next(now) {
            // The first half never gets a response.
            Next::Poll(id) if id.0 < 30 => {}
            Next::Poll(id) => {
                responded.insert(id);
                schedule.on_response(id, &seen(Status::Running), now, 1.0);
            }
            Next::At(moment) => now = moment,
            Next::Nothing => now += Duration::from_millis(100),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(responded.len(), 30);
}

#[test]
fn after_an_outage_the_probe_is_an_execution_with_an_earlier_response() {
    let (mut schedule, start) = (Schedule::new(limits(5.0)), Instant::now());
    for id in 0..4 {
        schedule.add(ExecutionId(id), &machine(), FIRST_LOOK, GRACE, start);
    }
    let down = Duration::from_secs(10)..Duration::from_secs(40);
    let polls = run(&mut schedule, start, Duration::from_secs(60), |id, at| {
        let is_bad = id.0 == 0 || down.contains(&at);
        if is_bad { failed(FailureKind::Unreachable(Unreachable::Refused)) } else { seen(Status::Running) }
    });
    let probes: Vec<u64> =
        polls.iter().filter(|(at, _)| (12..40).contains(&at.as_secs())).map(|(_, id)| id.0).collect();
    assert!(!probes.is_empty() && probes.iter().all(|id| *id != 0), "{probes:?}");
}
