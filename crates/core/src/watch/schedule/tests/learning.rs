//! Polling of executions whose duration is known.

use super::*;

/// Watches executions that begin one after the other and end at these ages, in seconds. Returns the delay of each end.
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
    assert_eq!(delays.len(), ages.len(), "every end is reported");
    delays
}

#[test]
fn ends_are_reported_sooner_where_durations_can_be_learned() {
    // Fails fast or runs long: two ages with ends, and none between.
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
fn an_execution_that_outlives_all_others_is_not_forgotten() {
    let (mut schedule, start) = (Schedule::new(limits(2.0)), Instant::now());
    // A machine whose executions end after ten seconds, except one; and always others to poll.
    for id in 0..600 {
        schedule.add(ExecutionId(id), &machine(), Duration::ZERO, GRACE, start + Duration::from_secs(id));
    }
    let polls = run(&mut schedule, start, Duration::from_secs(600), |id, at| {
        let end = Duration::from_secs(id.0 + 10);
        if id.0 == 0 || at < end {
            return seen(Status::Running);
        }
        let stop = Timestamp::from_millis(10_000);
        Ok(Observation { stop_date: Some(stop), ..Observation::new(Status::Succeeded, Timestamp::from_millis(0)) })
    });
    let times: Vec<u64> = polls.iter().filter(|(_, id)| id.0 == 0).map(|(at, _)| at.as_secs()).collect();
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] <= 90), "{times:?}");
    assert!(times.last().is_some_and(|last| *last > 500), "{times:?}");
}

#[test]
fn a_stopped_execution_does_not_show_how_long_others_take() {
    for (status, ends) in [(Status::Succeeded, 1.0), (Status::Aborted, 0.0)] {
        let (mut schedule, now) = (Schedule::new(limits(10.0)), Instant::now());
        schedule.add(ExecutionId(0), &machine(), Duration::from_secs(60), GRACE, now);
        assert_eq!(schedule.next(now), Next::Poll(ExecutionId(0)));
        let stop_date = Some(Timestamp::from_millis(50_000));
        let over = Observation { stop_date, ..Observation::new(status, Timestamp::from_millis(0)) };
        assert_eq!(schedule.on_response(ExecutionId(0), &Ok(over), now, 1.0), Verdict::Ended);
        let learned = schedule.durations(&machine()).map_or(0.0, Durations::end_count);
        assert!((learned - ends).abs() < 1e-9, "{learned}");
    }
}
