//! How long executions of one machine take, learned from what has ended and from what still runs. Pure.
//!
//! The estimate is a hazard (the chance to end in the next moment, for one that has come so far) for each of a row of
//! ages, each age half an octave longer than the one before. What still runs counts as exposure: that it has *not*
//! ended is as much a fact as an end, and without it a machine of which only the fast ones have ended would look fast
//! (censored observations, the piecewise exponential model). Before anything is known, an execution of any age is taken
//! to end somewhere around twice its age, and that belief never vanishes quite, so that nothing falls silent.

use std::sync::LazyLock;

/// Ages from 50 ms on; 62 half-octaves reach beyond a year, which is the longest that an execution runs.
const FIRST_EDGE: f64 = 0.05;
const BINS: usize = 62;
/// So many imagined executions have come through each age, and this part of them has ended there.
const IMAGINED: f64 = 0.5;
const IMAGINED_ENDS: f64 = 0.3;
/// The weight of what was learned is divided by e each time that so many executions have ended: a machine changes.
const MEMORY: f64 = 400.0;

/// The ages from which the parts of the row go.
static EDGES: LazyLock<[f64; BINS]> = LazyLock::new(|| {
    let mut next = FIRST_EDGE;
    std::array::from_fn(|bin| {
        let edge = if bin == 0 { 0.0 } else { next };
        next = if bin == 0 { next } else { next * std::f64::consts::SQRT_2 };
        edge
    })
});

/// The part of the row that an age in seconds lies in.
pub fn bin(age: f64) -> usize {
    EDGES.partition_point(|edge| *edge <= age).saturating_sub(1)
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Bin {
    /// Executions that ended at these ages.
    ends: f64,
    /// Seconds that executions were seen, or are known, to have run at these ages.
    exposure: f64,
}

/// What is expected of an execution since it was last known to run.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Expected {
    /// For how many seconds it has been over without our knowing: what an answer is worth.
    pub delay: f64,
    /// How likely it is to be over at all, from 0 to 1.
    pub ended: f64,
}

/// What is known of the durations of one machine. Ages are in seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Durations([Bin; BINS]);

impl Default for Durations {
    fn default() -> Self {
        Self([Bin::default(); BINS])
    }
}

impl Durations {
    /// An execution has run from one age to another.
    pub fn ran(&mut self, from: f64, to: f64) {
        let mut from = from.max(0.0);
        for bin in bin(from)..BINS {
            let until = if bin + 1 < BINS { EDGES[bin + 1].min(to) } else { to };
            if until > from {
                self.0[bin].exposure += until - from;
                from = until;
            }
            if from >= to {
                break;
            }
        }
    }

    /// An execution that was known to have run to one age has ended at another.
    pub fn ended(&mut self, from: f64, at: f64) {
        let keep = (-1.0 / MEMORY).exp();
        for bin in &mut self.0 {
            bin.ends *= keep;
            bin.exposure *= keep;
        }
        self.ran(from, at);
        self.0[bin(at)].ends += 1.0;
    }

    /// How many executions are known to have ended; those long ago count for less.
    pub fn ends(&self) -> f64 {
        self.0.iter().map(|bin| bin.ends).sum()
    }

    /// The age that half of those reach that have come to this one.
    pub fn middle(&self, age: f64) -> f64 {
        self.age_at(age, std::f64::consts::LN_2)
    }

    /// The age that one in twenty reaches, or a little more: what is learned is blurred within half an octave.
    pub fn late(&self) -> f64 {
        self.age_at(0.0, 20.0_f64.ln())
    }

    /// The age at which the hazard from this one on adds up to so much.
    fn age_at(&self, age: f64, mut hazard: f64) -> f64 {
        let mut from = age.max(0.0);
        for bin in bin(from)..BINS {
            let rate = self.hazard(bin);
            let at = from + hazard / rate;
            if bin + 1 == BINS || at <= EDGES[bin + 1] {
                return at;
            }
            hazard -= rate * (EDGES[bin + 1] - from);
            from = EDGES[bin + 1];
        }
        from
    }

    /// Ends a second, for executions of this part of the row.
    fn hazard(&self, bin: usize) -> f64 {
        let width = if bin + 1 < BINS { EDGES[bin + 1] - EDGES[bin] } else { EDGES[bin] };
        let Bin { ends, exposure } = self.0[bin];
        (ends + IMAGINED * IMAGINED_ENDS) / (exposure + IMAGINED * width)
    }

    /// What is expected of one that ran at an age, when it is asked about at a later age.
    pub fn expected(&self, ran_at: f64, age: f64) -> Expected {
        let (mut from, mut alive, mut delay) = (ran_at.max(0.0), 1.0, 0.0);
        for bin in bin(from)..BINS {
            let until = if bin + 1 < BINS { EDGES[bin + 1].min(age) } else { age };
            if until > from {
                let (span, hazard) = (until - from, self.hazard(bin));
                let ended = -(-hazard * span).exp_m1();
                delay += span - alive * ended / hazard;
                alive *= 1.0 - ended;
                from = until;
            }
            if from >= age {
                break;
            }
        }
        Expected { delay: delay.max(0.0), ended: 1.0 - alive }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    impl Durations {
        fn expected_delay(&self, ran_at: f64, age: f64) -> f64 {
            self.expected(ran_at, age).delay
        }
    }

    fn learned(ends: &[f64]) -> Durations {
        let mut durations = Durations::default();
        for end in ends {
            durations.ended(0.0, *end);
        }
        durations
    }

    #[test]
    fn without_knowledge_it_is_expected_to_last_about_as_long_again() {
        let nothing = Durations::default();
        for age in [1.0, 60.0, 3_600.0] {
            let part = nothing.expected_delay(age, age * 2.0) / age;
            assert!((0.1..0.6).contains(&part), "{age}: {part}");
        }
    }

    #[test]
    fn ends_are_expected_where_they_came_and_a_question_before_is_worth_little() {
        let known = learned(&[60.0; 200]);
        let (early, late) = (known.expected_delay(10.0, 20.0), known.expected_delay(55.0, 65.0));
        assert!(late > early * 20.0, "{early} {late}");
    }

    #[test]
    fn the_middle_and_the_late_are_near_those_of_what_was_seen() {
        let ends: Vec<f64> = (1..=200).map(|index| 60.0 + f64::from(index) * 0.2).collect();
        let known = learned(&ends);
        assert!((70.0..90.0).contains(&known.middle(0.0)), "{}", known.middle(0.0));
        assert!((95.0..250.0).contains(&known.late()), "{}", known.late());
        assert!(known.middle(90.0) > 90.0);
    }

    #[test]
    fn what_still_runs_counts() {
        let (mut fast, only) = (learned(&[1.0; 20]), learned(&[1.0; 20]));
        // As many more have come through this age without an end.
        (0..180).for_each(|_| fast.ran(0.0, 100.0));
        assert!(fast.expected_delay(0.9, 1.3) < only.expected_delay(0.9, 1.3) / 3.0);
    }

    #[test]
    fn a_machine_that_changes_is_learned_anew() {
        let mut changed = learned(&[60.0; 2_000]);
        (0..2_000).for_each(|_| changed.ended(0.0, 180.0));
        let (before, now) = (changed.expected_delay(55.0, 65.0), changed.expected_delay(165.0, 195.0));
        assert!(now > before * 20.0, "{before} {now}");
    }

    proptest! {
        #[test]
        fn delays_are_numbers_that_grow_with_time(
            ends in prop::collection::vec(0.0_f64..1e7, 0..20), from in 0.0_f64..4e7, more in 0.0_f64..1e6,
        ) {
            let known = learned(&ends);
            let (near, far) = (known.expected_delay(from, from + more), known.expected_delay(from, from + more * 2.0));
            prop_assert!(near.is_finite() && near >= 0.0 && near <= more + 1e-6);
            prop_assert!(far + 1e-9 >= near);
        }

        #[test]
        fn each_age_lies_in_its_part_of_the_row(age in 0.0_f64..4e7) {
            let bin = bin(age);
            prop_assert!(EDGES[bin] <= age * (1.0 + 1e-9));
            prop_assert!(bin + 1 == BINS || age < EDGES[bin + 1] * (1.0 + 1e-9));
        }
    }
}
