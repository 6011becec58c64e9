//! Simulated faults.

use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Faults to simulate; none by default.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Faults {
    /// Delay of each response.
    pub latency: Duration,
    /// Requests per second, above which the response is 429.
    pub throttle: Option<f64>,
    /// Fraction of requests (0 to 1) that get a 500 response and are not processed.
    pub fail_rate: f64,
    /// Fraction of requests (0 to 1) that are processed but get no response.
    pub drop_answers: f64,
}

/// A token bucket with a burst of one second, as in API Gateway.
#[derive(Debug)]
pub(crate) struct Throttle {
    rate: f64,
    bucket: Mutex<(f64, Instant)>,
}

impl Throttle {
    pub(crate) fn new(rate: f64) -> Self {
        Self { rate, bucket: Mutex::new((rate.max(1.0), Instant::now())) }
    }

    /// Takes a token; returns whether there was one.
    pub(crate) fn admit(&self) -> bool {
        let mut bucket = self.bucket.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let now = Instant::now();
        let filled = bucket.0 + now.duration_since(bucket.1).as_secs_f64() * self.rate;
        *bucket = (filled.min(self.rate.max(1.0)), now);
        let is_admitted = bucket.0 >= 1.0;
        if is_admitted {
            bucket.0 -= 1.0;
        }
        is_admitted
    }
}
