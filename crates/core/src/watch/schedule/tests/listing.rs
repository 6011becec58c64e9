//! Lists of the latest executions: how often, within which budget, and what stops them.

use super::*;

fn machine(name: &str) -> StateMachineArn {
    StateMachineArn::parse(&format!("arn:aws:states:us-east-1:111122223333:stateMachine:{name}")).expect("an ARN")
}

/// Plays the schedule for some time, with responses after 50 ms, and returns the lists by machine name.
fn listed(schedule: &mut Schedule, from: Instant, seconds: u64, failure: Option<&Failure>) -> Vec<(String, Duration)> {
    let (mut now, mut found) = (from, Vec::new());
    while now < from + Duration::from_secs(seconds) {
        match schedule.next(now) {
            Next::List(machine) => {
                found.push((machine.name().to_owned(), now - from));
                now += Duration::from_millis(50);
                schedule.on_listed(&machine, failure, now);
            }
            Next::At(moment) => {
                assert!(moment > now, "the next wake-up is in the future");
                now = moment;
            }
            Next::Nothing => break,
            other => panic!("nothing else is due: {other:?}"),
        }
    }
    found
}

fn schedule(requests_per_second: f64) -> Schedule {
    let limits = WatchLimits { requests_per_second, max_interval: Duration::from_secs(60) };
    Schedule::new(limits).with_sweeps()
}

#[test]
fn a_machine_is_listed_every_five_seconds_and_many_share_the_budget_of_lists() {
    let now = Instant::now();
    for (requests_per_second, machines, seconds, expected) in [
        (5.0, 1, 60, 12..=12),
        (5.0, 3, 60, 36..=36),
        (5.0, 40, 60, 50..=61),
        (0.5, 3, 100, 8..=11),
        (5.0, 0, 60, 0..=0),
    ] {
        let mut schedule = schedule(requests_per_second);
        schedule.list_machines((0..machines).map(|index| machine(&format!("M{index}"))).collect(), now);
        let lists = listed(&mut schedule, now, seconds, None);
        assert!(expected.contains(&lists.len()), "{requests_per_second} {machines}: {}", lists.len());
        // In turn: none is listed twice before another was listed.
        let firsts: std::collections::BTreeSet<_> = lists.iter().take(machines).map(|(name, _)| name).collect();
        assert_eq!(firsts.len(), machines.min(lists.len()));
    }
}

#[test]
fn lists_end_with_the_wish_and_pause_after_failures() {
    let now = Instant::now();
    let mut schedule = schedule(5.0);
    assert_eq!(schedule.next(now), Next::Nothing, "nothing runs and no list is due");
    schedule.list_machines(vec![machine("A")], now);
    assert_eq!(listed(&mut schedule, now, 4, None).len(), 1);
    // The same wish again changes nothing.
    schedule.list_machines(vec![machine("A")], now + Duration::from_secs(4));
    assert_eq!(listed(&mut schedule, now + Duration::from_secs(4), 4, None).len(), 1);
    schedule.list_machines(Vec::new(), now + Duration::from_secs(8));
    assert_eq!(schedule.next(now + Duration::from_secs(60)), Next::Nothing);
    for (kind, most) in [(FailureKind::Unreachable(Unreachable::Refused), 4), (FailureKind::WrongRoute, 1)] {
        let mut schedule = self::schedule(5.0);
        schedule.list_machines(vec![machine("A")], now);
        let failure = Failure::without_response(kind, "");
        let count = listed(&mut schedule, now, 100, Some(&failure)).len();
        assert!((1..=most).contains(&count), "{failure:?}: {count}");
    }
    // Without the route there is nothing to send.
    let limits = WatchLimits { requests_per_second: 5.0, max_interval: Duration::from_secs(60) };
    let mut schedule = Schedule::new(limits);
    schedule.list_machines(vec![machine("A")], now);
    assert_eq!(schedule.next(now), Next::Nothing);
}
