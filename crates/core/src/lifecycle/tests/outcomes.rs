//! Outcomes: completed by later responses, and revoked by a redrive.

use super::*;
use crate::domain::Member;
use crate::lifecycle::control;

#[test]
fn responses_before_and_after_a_redrive_are_distinguished_with_any_members() {
    for (dates, counts) in [(true, true), (true, false), (false, true)] {
        let all = history(dates, counts);
        let record = execution::new_record(
            &order(NameOrigin::Generated, MachineType::Standard),
            &Started::new(machine().execution(&ExecutionName::parse("run-1").expect("a name")), None),
            NOW,
        );
        let failed = execution::with_observation(record, all[1].clone(), None, at(5));
        let redriven = control::after_redrive(failed, at(10));
        let mut known = KnownExecution::from_record(&redriven);
        let mut read = |seen: &Observation, now: i64| known.apply(seen, GatewayFacts::default(), at(now)).0;
        for now in 11..14 {
            assert!(matches!(read(&all[1], now), Reading::RetryAfter(_)), "it lags: {dates} {counts}");
        }
        assert!(matches!(read(&all[2], 14), Reading::Seen(seen, _) if seen.status == Status::Running));
        assert!(matches!(read(&all[1], 15), Reading::RetryAfter(_)), "late: {dates} {counts}");
        let mut end = read(&all[3], 21);
        if !dates {
            end = read(&all[3], 25);
        }
        assert!(matches!(end, Reading::Seen(seen, _) if seen.status == Status::Succeeded), "{dates} {counts}");
    }
}

#[test]
fn an_end_without_dates_after_a_redrive_is_accepted_after_a_while() {
    let mut known = known_execution();
    let [_, failed, ..] = history(false, false);
    let redriven = Observation {
        redrive: Redrive { date: Some(at(10)), ..Redrive::default() },
        ..Observation::new(Status::Running, NOW)
    };
    assert!(matches!(known.apply(&redriven, GatewayFacts::default(), at(10)).0, Reading::Seen(..)));
    let mut facts = GatewayFacts::default();
    let mut last = Reading::RetryAfter(Duration::ZERO);
    for now in 11..40 {
        (last, facts) = known.apply(&failed, facts, at(now));
        if !matches!(last, Reading::RetryAfter(_)) {
            assert!(now >= 21, "{now}");
            break;
        }
    }
    assert!(matches!(last, Reading::Seen(seen, _) if seen.status == Status::Failed));
}

#[test]
fn an_outcome_is_completed_where_the_route_completes_it_and_accepted_otherwise() {
    let complete = Observation {
        stop_date: Some(at(2)),
        output: Some(Payload::empty_object()),
        ..Observation::new(Status::Succeeded, NOW)
    };
    let bare = Observation::new(Status::Succeeded, NOW);
    // Late: the members come with the second response.
    let mut known = known_execution();
    let (reading, facts) = known.apply(&bare, GatewayFacts::default(), at(2));
    assert!(matches!(reading, Reading::RetryAfter(pause) if pause <= Duration::from_secs(1)), "{reading:?}");
    let (reading, facts) = known.apply(&complete, facts, at(3));
    assert!(matches!(reading, Reading::Seen(seen, _) if seen.output.is_some()));
    // A route that has returned them once gets longer.
    let waits = |facts: GatewayFacts| {
        let (mut known, mut facts) = (known_execution(), facts);
        (0..60).find(|second| {
            let (reading, learned) = known.apply(&bare, facts, at(*second));
            facts = learned;
            matches!(reading, Reading::Seen(..))
        })
    };
    assert_eq!((waits(facts), waits(GatewayFacts::default())), (Some(6), Some(3)));
    // A route that never returns them is not waited for twice.
    let mut known = known_execution();
    let (_, learned) = known.apply(&bare, GatewayFacts::default(), at(0));
    let (_, learned) = known.apply(&bare, learned, at(4));
    assert_eq!(waits(learned), Some(0));
}

#[test]
fn a_stop_date_that_a_route_omits_delays_no_outcome_or_only_one() {
    let returned = GatewayFacts { output: Member::Returned, stop_date: Member::Returned, ..GatewayFacts::default() };
    let waits = |seen: &Observation, facts: GatewayFacts| {
        let (mut known, mut facts) = (known_execution(), facts);
        let waits = (0..60).find(|second| {
            let (reading, learned) = known.apply(seen, facts, at(*second));
            facts = learned;
            matches!(reading, Reading::Seen(..))
        });
        (waits, facts)
    };
    let succeeded = Observation { output: Some(Payload::empty_object()), ..Observation::new(Status::Succeeded, NOW) };
    let failed = Observation { error: Some("Boom".into()), ..Observation::new(Status::Failed, NOW) };
    for seen in [&succeeded, &failed] {
        for facts in [returned, GatewayFacts::default()] {
            let (waits, learned) = waits(seen, facts);
            assert_eq!((waits, learned.stop_date), (Some(0), facts.stop_date), "{seen:?}");
        }
    }
    // Nothing but the status: the response may lag, but not each time.
    let bare = Observation::new(Status::Aborted, NOW);
    let (first, learned) = waits(&bare, returned);
    assert_eq!((first, learned.stop_date), (Some(6), Member::Omitted));
    assert_eq!(waits(&bare, learned).0, Some(0));
    // An output is waited for each time.
    let without_output = Observation { stop_date: Some(at(2)), ..Observation::new(Status::Succeeded, NOW) };
    let (first, learned) = waits(&without_output, returned);
    assert_eq!((first, waits(&without_output, learned).0), (Some(6), Some(6)));
}

#[test]
fn observations_are_totally_ordered_without_dates() {
    let all = history(true, true);
    let mut pairs = HashSet::new();
    for (one, known) in all.iter().enumerate() {
        for (other, new) in all.iter().enumerate() {
            if merge::replaces(known, new) {
                pairs.insert((one, other));
            }
        }
    }
    for (one, other) in [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)] {
        assert!(pairs.contains(&(one, other)) && !pairs.contains(&(other, one)), "{one} {other}: {pairs:?}");
    }
    assert_eq!(all[3].status.outcome(), Some(Outcome::Succeeded));
}
