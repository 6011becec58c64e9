//! Misbehaving on purpose: what a gateway may do to its clients.

use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How to misbehave. The default is not to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Faults {
    /// Every answer comes so much later.
    pub latency: Duration,
    /// More requests a second than this are answered with 429.
    pub throttle: Option<f64>,
    /// This part of the requests (0 to 1) is answered with 500, and not carried out.
    pub fail_rate: f64,
    /// This part of the requests (0 to 1) is carried out and never answered.
    pub drop_answers: f64,
}

/// A token bucket that holds a second's worth, as API Gateway's own throttling does.
#[derive(Debug)]
pub(crate) struct Throttle {
    rate: f64,
    bucket: Mutex<(f64, Instant)>,
}

impl Throttle {
    pub(crate) fn new(rate: f64) -> Self {
        Self { rate, bucket: Mutex::new((rate.max(1.0), Instant::now())) }
    }

    /// Whether a request that comes now may pass.
    pub(crate) fn lets_pass(&self) -> bool {
        let mut bucket = self.bucket.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let now = Instant::now();
        let filled = bucket.0 + now.duration_since(bucket.1).as_secs_f64() * self.rate;
        *bucket = (filled.min(self.rate.max(1.0)), now);
        let passes = bucket.0 >= 1.0;
        if passes {
            bucket.0 -= 1.0;
        }
        passes
    }
}
