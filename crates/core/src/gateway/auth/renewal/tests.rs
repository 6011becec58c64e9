use proptest::prelude::*;

use super::*;

fn at(millis: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000) + Duration::from_millis(millis)
}

/// Credentials that were looked up at 0 and expire at 100 s, and what has happened to them since.
fn held(history: &[(u64, &str)]) -> Renewal {
    let mut renewal = Renewal::default();
    renewal.looked_up(at(0), at(0), LookUpResult::New, Some(at(100_000)));
    for (millis, what) in history {
        match *what {
            "same" => renewal.looked_up(at(*millis), at(*millis), LookUpResult::Same, Some(at(100_000))),
            "slow" => renewal.looked_up(at(*millis), at(millis + 1_500), LookUpResult::Same, Some(at(100_000))),
            "failed" => renewal.looked_up(at(*millis), at(*millis), LookUpResult::Failed, None),
            "refused" => renewal.refused(at(*millis)),
            "accepted" => renewal.accepted(at(*millis)),
            "expired" => renewal.looked_up(at(*millis), at(*millis), LookUpResult::New, Some(at(millis - 1))),
            "others" => renewal.looked_up(at(*millis), at(*millis), LookUpResult::New, Some(at(200_000))),
            other => unreachable!("{other}"),
        }
    }
    renewal
}

#[test]
fn the_next_step_depends_on_expiry_last_look_up_and_refusals() {
    use Step::{LookUp, Use, UseAndLookUp, WaitUntil};
    type Case = (&'static [(u64, &'static str)], u64, bool, Step);
    let cases: [Case; 33] = [
        (&[], 39_999, false, Use),
        (&[], 40_000, false, UseAndLookUp),
        // The pause is half of what is left, and no less than 5 s.
        (&[(40_000, "same")], 69_999, false, Use),
        (&[(40_000, "same")], 70_000, false, UseAndLookUp),
        (&[(40_000, "same"), (70_000, "same")], 84_999, false, Use),
        (&[(40_000, "same"), (70_000, "same")], 85_000, false, UseAndLookUp),
        (&[(98_000, "same")], 99_799, false, Use),
        (&[(40_000, "failed")], 69_999, false, Use),
        (&[(80_000, "failed")], 99_799, false, Use),
        // What begins now ends after the expiry.
        (&[(88_000, "slow")], 98_300, false, Use),
        // A request that leaves now may arrive too late.
        (&[(98_000, "same")], 99_800, false, WaitUntil(at(100_000))),
        // No pause spans the expiry.
        (&[(98_000, "same")], 100_000, false, LookUp),
        (&[(98_000, "failed")], 100_000, false, LookUp),
        (&[(40_000, "others")], 100_000, false, Use),
        // The source's cache may be coarse.
        (&[(100_100, "same")], 100_200, true, WaitUntil(at(100_350))),
        (&[(100_100, "same")], 100_350, true, LookUp),
        (&[(101_900, "same")], 102_200, true, LookUp),
        (&[(102_000, "same")], 102_000, true, Use),
        (&[(102_000, "same")], 102_001, false, LookUp),
        // One of the clocks is wrong.
        (&[(102_000, "same"), (102_001, "accepted")], 110_000, false, Use),
        (&[(102_000, "same"), (102_001, "accepted")], 132_000, false, UseAndLookUp),
        // The response to a request from before the expiry says nothing of credentials that have expired since.
        (&[(99_000, "accepted")], 100_000, false, LookUp),
        // The source's expiry is wrong, or a clock: no look-up would bring better ones.
        (&[(100_100, "expired")], 100_100, true, Use),
        (&[(100_100, "expired")], 105_099, false, Use),
        (&[(100_100, "expired")], 105_100, false, LookUp),
        (&[(100_100, "expired")], 100_000, false, WaitUntil(at(100_099))),
        (&[(100_100, "expired"), (100_200, "accepted")], 130_099, false, Use),
        (&[(100_100, "expired"), (100_200, "refused")], 100_300, false, LookUp),
        (&[(1_000, "refused")], 1_001, false, LookUp),
        (&[(1_000, "refused"), (1_001, "same")], 1_002, false, LookUp),
        (&[(1_000, "refused"), (1_001, "same")], 1_002, true, Use),
        (&[(1_000, "refused"), (1_001, "others")], 1_002, false, Use),
        (&[(1_000, "refused"), (999, "accepted")], 1_002, false, LookUp),
    ];
    for (history, now, has_looked, expected) in cases {
        assert_eq!(held(history).step(at(now), has_looked), expected, "{history:?} {now} {has_looked}");
    }
    assert_eq!(Renewal::default().step(at(0), false), LookUp);
    let mut forever = Renewal::default();
    forever.looked_up(at(0), at(0), LookUpResult::New, None);
    assert_eq!(forever.step(at(u64::from(u32::MAX)), false), Use);
    // Put back, the clock does not make a pause longer.
    assert_eq!(held(&[(70_000, "same")]).step(at(60_000), false), UseAndLookUp);
}

#[test]
fn only_failed_look_ups_make_pauses_longer() {
    let mut renewal = held(&[(1_000, "refused")]);
    assert!(renewal.is_bad(at(1_000)));
    let mut pauses = Vec::new();
    for look_up in 0..7 {
        let result = if look_up % 2 == 0 { LookUpResult::Same } else { LookUpResult::Failed };
        let now = at(2_000 + look_up);
        renewal.looked_up(now, now, result, Some(at(100_000)));
        pauses.push(renewal.again_at().and_then(|moment| moment.duration_since(now).ok()).map(|pause| pause.as_secs()));
    }
    assert_eq!(pauses, [2, 4, 8, 16, 30, 30, 30].map(Some));
    renewal.looked_up(at(9_000), at(9_000), LookUpResult::New, Some(at(100_000)));
    assert!(!renewal.is_bad(at(9_000)) && renewal.is_bad(at(100_000)));
    let mut none = Renewal::default();
    assert!(!none.is_bad(at(0)), "not looked up yet");
    none.looked_up(at(0), at(0), LookUpResult::Failed, None);
    assert!(none.is_bad(at(0)));
}

#[test]
fn refused_new_credentials_make_pauses_longer_until_accepted() {
    let mut renewal = held(&[]);
    let (mut now, mut pauses) = (10_000, Vec::new());
    let pause = |renewal: &Renewal, now| renewal.again_at().and_then(|moment| moment.duration_since(at(now)).ok());
    for _ in 0..6 {
        // A request with those that were result last, and once more with others.
        renewal.refused(at(now));
        renewal.looked_up(at(now), at(now), LookUpResult::New, None);
        renewal.refused(at(now));
        let next = pause(&renewal, now).expect("a pause");
        pauses.push(next.as_secs());
        now += u64::try_from(next.as_millis()).expect("a number");
        renewal.looked_up(at(now), at(now), LookUpResult::New, None);
        assert!(!renewal.is_bad(at(now)));
    }
    assert_eq!(pauses, [2, 4, 8, 16, 30, 30]);
    renewal.accepted(at(now));
    now += 10_000;
    renewal.refused(at(now));
    renewal.looked_up(at(now), at(now), LookUpResult::New, None);
    assert_eq!(pause(&renewal, now), Some(FIRST_PAUSE));
}

/// A source with a cache, a gateway, and requests that come all the time; in virtual time, in steps of 10 ms.
struct World {
    renewal: Renewal,
    lifetime: u64,
    /// How long a look-up takes, and how long after the expiry its cache still has the expired credentials.
    takes: u64,
    slack: u64,
    /// When the credentials in the source's cache expire.
    cached: u64,
    /// What is used, by its expiry.
    current: Option<u64>,
    /// Beginning and end of the look-up that runs, what it will bring, and its number.
    running: Option<(u64, u64, u64, u64)>,
    look_ups: u64,
    ended: u64,
}

impl World {
    fn begin(&mut self, now: u64) {
        if self.running.is_some() {
            return;
        }
        if self.look_ups == 0 || now >= self.cached + self.slack {
            self.cached = now + self.takes + self.lifetime;
        }
        self.look_ups += 1;
        self.running = Some((now, now + self.takes, self.cached, self.look_ups));
    }

    fn end(&mut self, now: u64) {
        let Some((started, _, result, number)) = self.running.filter(|(_, end, ..)| *end <= now) else { return };
        let kind = if self.current == Some(result) { LookUpResult::Same } else { LookUpResult::New };
        self.renewal.looked_up(at(started), at(now), kind, Some(at(result)));
        (self.current, self.running, self.ended) = (Some(result), None, number);
    }
}

proptest! {
    #[test]
    fn a_request_is_sent_after_at_most_two_look_ups(
        distances in prop::collection::vec(-5_000_i64..70_000, 1..40), is_same in any::<bool>(),
    ) {
        // Always at the same distance from the look-up, or at any.
        for distances in [vec![distances[0]], distances] {
            let (mut renewal, mut now, mut look_ups) = (Renewal::default(), 1_000_000_u64, 0);
            for _ in 0..40 {
                let (before, mut has_looked) = (look_ups, false);
                loop {
                    match renewal.step(at(now), has_looked) {
                        Step::Use => break,
                        Step::WaitUntil(moment) => {
                            prop_assert!(moment > at(now), "it waits for the past");
                            now += 10;
                        }
                        step => {
                            let result = if is_same && look_ups > 0 { LookUpResult::Same } else { LookUpResult::New };
                            let distance = distances[look_ups % distances.len()];
                            renewal.looked_up(at(now), at(now), result, Some(at(now.saturating_add_signed(distance))));
                            (look_ups, has_looked) = (look_ups + 1, true);
                            if step == Step::UseAndLookUp {
                                break;
                            }
                        }
                    }
                    prop_assert!(look_ups - before <= 2, "{} look-ups for one request", look_ups - before);
                }
                now += 100;
            }
            // 40 requests take 4 s and no look-up takes time.
            let is_expired = distances.iter().all(|distance| *distance <= 200);
            prop_assert!(!is_expired || look_ups <= 2, "{look_ups} look-ups");
        }
    }

    #[test]
    fn with_a_caching_source_nothing_is_refused_and_gaps_are_short(
        lifetime in 3_000_u64..130_000, takes in 0_u64..1_500, slack in 0_u64..1_000, latency in 0_u64..150,
    ) {
        // Two look-ups one after the other take longer where the first one brings the expired credentials.
        // 100 ms are between two requests.
        let longest_gap = 300 + takes + if slack > 0 { slack + 250 + takes } else { 0 } + 50;
        let mut world = World {
            renewal: Renewal::default(), lifetime, takes, slack, cached: 0, current: None, running: None, look_ups: 0, ended: 0,
        };
        // Each with the look-up that it waits for, by how many had begun before, and whether it has waited for one.
        let mut waiting: Vec<(Option<u64>, bool)> = Vec::new();
        let mut last_sent = None;
        let end = 4 * (lifetime + takes + slack + 1_000);
        for now in (0..end).step_by(10) {
            world.end(now);
            if now % 100 == 0 {
                waiting.push((None, false));
            }
            let mut left = Vec::new();
            for (begun, mut has_looked) in std::mem::take(&mut waiting) {
                match begun {
                    Some(begun) if world.ended > begun => has_looked = true,
                    Some(_) => {
                        world.begin(now);
                        left.push((begun, has_looked));
                        continue;
                    }
                    None => {}
                }
                match world.renewal.step(at(now), has_looked) {
                    Step::Use | Step::UseAndLookUp => {
                        let expires = world.current.expect("there are some");
                        prop_assert!(now + latency < expires, "refused at {now}: {expires}");
                        if let Some(last) = last_sent {
                            prop_assert!(now - last <= longest_gap.max(100), "a gap from {last} to {now}");
                        }
                        last_sent = Some(now);
                        if world.renewal.step(at(now), has_looked) == Step::UseAndLookUp {
                            world.begin(now);
                        }
                    }
                    Step::LookUp => {
                        left.push((Some(world.look_ups), has_looked));
                        world.begin(now);
                    }
                    Step::WaitUntil(moment) => {
                        prop_assert!(moment > at(now), "it waits for the past");
                        left.push((None, has_looked));
                    }
                }
            }
            waiting = left;
        }
        prop_assert!(waiting.len() < 40);
        // At most every 5 s in the last minute, and those at the expiry.
        let lives = end / (lifetime + takes) + 1;
        prop_assert!(world.look_ups <= lives * 20, "{} look-ups in {lives} lives", world.look_ups);
    }
}
