//! Estimates how long executions of one machine take, from ended and running executions. Pure.
//!
//! A piecewise exponential model: a hazard (the rate of ends) for each of a series of ages, each half an octave longer
//! than the one before. Running executions count as exposure (censored observations): without them, a machine of which
//! only the fast executions have ended would look fast. The prior expects an execution of any age to end at around
//! twice its age. It never vanishes completely, so no execution is forgotten.

use std::sync::LazyLock;

/// Ages from 50 ms; 62 half-octaves reach beyond a year, the longest duration of an execution.
const FIRST_EDGE: f64 = 0.05;
const BINS: usize = 62;
/// The prior: imagined executions that have reached each age, and the number of them that have ended there.
const IMAGINED: f64 = 0.5;
const IMAGINED_ENDS: f64 = 0.3;
/// Observations lose weight by a factor of e per this number of ends, because machines change.
const MEMORY: f64 = 400.0;

/// The lower ages of the bins.
static EDGES: LazyLock<[f64; BINS]> = LazyLock::new(|| {
    let mut next = FIRST_EDGE;
    std::array::from_fn(|bin| {
        let edge = if bin == 0 { 0.0 } else { next };
        next = if bin == 0 { next } else { next * std::f64::consts::SQRT_2 };
        edge
    })
});

/// Returns the bin of an age in seconds.
pub(crate) fn bin(age: f64) -> usize {
    EDGES.partition_point(|edge| *edge <= age).saturating_sub(1)
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Bin {
    /// Number of executions that ended at these ages.
    ends: f64,
    /// Seconds that executions are known to have run at these ages.
    exposure: f64,
}

/// An estimate for an execution since it was last seen running.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Expected {
    /// The expected seconds since its unseen end: the value of a status request.
    pub delay: f64,
    /// The probability that it has ended.
    pub end_probability: f64,
}

/// The durations of one machine. Ages are in seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Durations([Bin; BINS]);

impl Default for Durations {
    fn default() -> Self {
        Self([Bin::default(); BINS])
    }
}

impl Durations {
    /// Records that an execution ran from one age to another.
    pub(crate) fn record_running(&mut self, from: f64, to: f64) {
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

    /// Records an end at age `at` of an execution last seen running at age `from`.
    pub fn record_end(&mut self, from: f64, at: f64) {
        let keep = (-1.0 / MEMORY).exp();
        for bin in &mut self.0 {
            bin.ends *= keep;
            bin.exposure *= keep;
        }
        self.record_running(from, at);
        self.0[bin(at)].ends += 1.0;
    }

    /// Returns the weighted number of known ends.
    pub fn end_count(&self) -> f64 {
        self.0.iter().map(|bin| bin.ends).sum()
    }

    /// Returns the median final age of executions that have reached `age`.
    pub fn median(&self, age: f64) -> f64 {
        self.age_at(age, std::f64::consts::LN_2)
    }

    /// Returns the 95th percentile, rounded up to half an octave.
    pub fn percentile_95(&self) -> f64 {
        self.age_at(0.0, 20.0_f64.ln())
    }

    /// Returns the age at which the cumulative hazard from `age` reaches `hazard`.
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

    /// Returns the rate of ends in a bin, per second.
    fn hazard(&self, bin: usize) -> f64 {
        let width = if bin + 1 < BINS { EDGES[bin + 1] - EDGES[bin] } else { EDGES[bin] };
        let Bin { ends, exposure } = self.0[bin];
        (ends + IMAGINED * IMAGINED_ENDS) / (exposure + IMAGINED * width)
    }

    /// Returns the estimate at `age` for an execution last seen running at `ran_at`.
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
        Expected { delay: delay.max(0.0), end_probability: 1.0 - alive }
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
            durations.record_end(0.0, *end);
        }
        durations
    }

    #[test]
    fn without_data_an_execution_is_expected_to_double_its_age() {
        let nothing = Durations::default();
        for age in [1.0, 60.0, 3_600.0] {
            let part = nothing.expected_delay(age, age * 2.0) / age;
            assert!((0.1..0.6).contains(&part), "{age}: {part}");
        }
    }

    #[test]
    fn ends_are_expected_at_known_ages_and_earlier_requests_are_worth_little() {
        let known = learned(&[60.0; 200]);
        let (early, late) = (known.expected_delay(10.0, 20.0), known.expected_delay(55.0, 65.0));
        assert!(late > early * 20.0, "{early} {late}");
    }

    #[test]
    fn the_median_and_the_95th_percentile_are_close_to_the_observed_ones() {
        let ends: Vec<f64> = (1..=200).map(|index| 60.0 + f64::from(index) * 0.2).collect();
        let known = learned(&ends);
        assert!((70.0..90.0).contains(&known.median(0.0)), "{}", known.median(0.0));
        assert!((95.0..250.0).contains(&known.percentile_95()), "{}", known.percentile_95());
        assert!(known.median(90.0) > 90.0);
    }

    #[test]
    fn running_executions_count() {
        let (mut fast, only) = (learned(&[1.0; 20]), learned(&[1.0; 20]));
        // As many again have passed this age without an end.
        (0..180).for_each(|_| fast.record_running(0.0, 100.0));
        assert!(fast.expected_delay(0.9, 1.3) < only.expected_delay(0.9, 1.3) / 3.0);
    }

    #[test]
    fn a_machine_that_changes_is_relearned() {
        let mut changed = learned(&[60.0; 2_000]);
        (0..2_000).for_each(|_| changed.record_end(0.0, 180.0));
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
        fn each_age_lies_in_its_bin(age in 0.0_f64..4e7) {
            let bin = bin(age);
            prop_assert!(EDGES[bin] <= age * (1.0 + 1e-9));
            prop_assert!(bin + 1 == BINS || age < EDGES[bin + 1] * (1.0 + 1e-9));
        }
    }
}
