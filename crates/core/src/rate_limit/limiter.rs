//! A token bucket that holds one token: the requests per second of one action.
//!
//! A single token prevents bursts after a pause: any window of a second has at most `requests_per_second` requests and
//! one more. They count from when they are granted; a request that has to connect first, or that starts on a busy
//! machine, is sent later. When the service throttles, the rate is halved at once and recovers slowly (additive
//! increase, multiplicative decrease), since the quota is shared with everything else in the account, and the remaining
//! quota is unknown.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Time to recover from zero to the full rate without throttling.
const RECOVERY: Duration = Duration::from_secs(200);
/// The lowest rate: a request per minute.
const SLOWEST: f64 = 1.0 / 60.0;

/// A rate limit shared with other processes.
pub trait SharedRateLimit: fmt::Debug + Send + Sync {
    /// Takes a request, after which the next one is allowed when `interval` has passed, and returns how long that took;
    /// or returns the time until one is allowed.
    fn take(&self, interval: Duration) -> Result<Duration, Duration>;
}

/// The rate limit of one action of one endpoint.
#[derive(Debug, Clone)]
pub(crate) struct RateLimiter {
    /// Requests per second without throttling.
    most: f64,
    /// Requests per second at the time `since`.
    rate: f64,
    since: Option<Instant>,
    next: Option<Instant>,
    shared: Option<Arc<dyn SharedRateLimit>>,
    is_eager: bool,
}

impl RateLimiter {
    /// Returns a limiter; `requests_per_second` is more than 0.
    pub(crate) fn new(requests_per_second: f64) -> Self {
        let most = requests_per_second.max(0.001);
        Self { most, rate: most, since: None, next: None, shared: None, is_eager: true }
    }

    /// Returns the requests per second without throttling.
    pub(crate) fn most(&self) -> f64 {
        self.most
    }

    /// Returns when the next request is allowed; not before `now`.
    pub(crate) fn free_at(&self, now: Instant) -> Instant {
        self.next.map_or(now, |next| next.max(now))
    }

    /// Shares the rate limit with other processes.
    pub(crate) fn share(&mut self, shared: Option<Arc<dyn SharedRateLimit>>) {
        self.shared = shared;
    }

    /// Spends a request at `now`; or returns when one is allowed, since other processes were faster.
    pub(crate) fn spend(&mut self, now: Instant) -> Result<(), Instant> {
        let claim = self.claim();
        self.claimed(now, claim())
    }

    /// Returns a function that takes a request from the shared limit. It may wait for a file system, so call it where
    /// nothing else is blocked, and pass its result to [`RateLimiter::claimed`].
    pub(crate) fn claim(&self) -> impl FnOnce() -> Result<Duration, Duration> + use<> {
        // A process that is slow, because it was throttled or is not watched, must not slow down the others.
        let (shared, whole) = (self.shared.clone(), each_takes(1.0 / self.most));
        move || shared.map_or(Ok(Duration::ZERO), |shared| shared.take(whole))
    }

    /// Spends a request taken from the shared limit at `now`, or returns when one is allowed.
    pub(crate) fn claimed(&mut self, now: Instant, taken: Result<Duration, Duration>) -> Result<(), Instant> {
        match taken {
            // The request is sent later, and so is the next one.
            Ok(took) => {
                self.next = Some(now + took + self.interval(now));
                Ok(())
            }
            Err(wait) => {
                // Less than this is not worth another attempt.
                let free = now + wait.max(Duration::from_millis(1));
                self.next = Some(free);
                Err(free)
            }
        }
    }

    /// Handles throttling of a request sent at `sent`. Requests in flight when the rate was halved do not halve it
    /// again.
    pub(crate) fn throttled(&mut self, sent: Instant, now: Instant) {
        if self.since.is_some_and(|since| sent < since) {
            return;
        }
        self.rate = (self.rate(now) / 2.0).max(SLOWEST.min(self.most));
        self.since = Some(now);
        self.next = Some(now + self.interval(now));
    }

    /// Sets whether to spend the whole budget, or only half of it while the user is away.
    pub(crate) fn set_eager(&mut self, is_eager: bool) {
        self.is_eager = is_eager;
    }

    /// Returns the current requests per second.
    pub(crate) fn rate(&self, now: Instant) -> f64 {
        let since = self.since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        (self.rate + self.most * since.as_secs_f64() / RECOVERY.as_secs_f64()).min(self.most)
    }

    /// Returns the time between requests at the full rate.
    pub(crate) fn interval(&self, now: Instant) -> Duration {
        each_takes(if self.is_eager { 1.0 } else { 2.0 } / self.rate(now))
    }
}

/// Converts seconds; at most a day, and a day for NaN: a rate may be arbitrarily small.
fn each_takes(seconds: f64) -> Duration {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    Duration::try_from_secs_f64(seconds).unwrap_or(DAY).min(DAY)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn throttled_requests_in_flight_halve_the_rate_once_and_it_recovers_slowly() {
        let (mut budget, start) = (RateLimiter::new(10.0), Instant::now());
        let second = Duration::from_secs(1);
        budget.throttled(start, start + second);
        budget.throttled(start + second / 2, start + second);
        assert!((budget.rate(start + second) - 5.0).abs() < 1e-9);
        assert!((budget.rate(start + second * 21) - 6.0).abs() < 1e-9);
        assert!((budget.rate(start + second * 1_000) - 10.0).abs() < 1e-9);
    }

    /// Only allows requests at this interval.
    #[derive(Debug)]
    struct Only(Duration);

    impl SharedRateLimit for Only {
        fn take(&self, interval: Duration) -> Result<Duration, Duration> {
            if interval == self.0 { Ok(Duration::ZERO) } else { Err(interval) }
        }
    }

    /// Takes as long as the next of these durations.
    #[derive(Debug)]
    struct Slow(Mutex<Vec<Duration>>);

    impl SharedRateLimit for Slow {
        fn take(&self, _: Duration) -> Result<Duration, Duration> {
            Ok(self.0.lock().expect("a list").pop().unwrap_or_default())
        }
    }

    #[test]
    fn a_slow_file_system_causes_no_burst() {
        let millis = [0, 300, 0, 0, 80, 950, 0, 20, 0, 100, 101, 99, 2_500, 0, 0].map(Duration::from_millis);
        let (mut budget, mut now) = (RateLimiter::new(10.0), Instant::now());
        budget.share(Some(Arc::new(Slow(Mutex::new(millis.to_vec())))));
        let mut left: Vec<Instant> = Vec::new();
        for took in millis.iter().rev().copied().chain([Duration::ZERO; 20]) {
            now = budget.free_at(now);
            budget.spend(now).expect("it is free");
            // The caller is delayed as well.
            now += took;
            left.push(now);
        }
        let second =
            |from: &Instant| left.iter().filter(|at| *at >= from && **at < *from + Duration::from_secs(1)).count();
        assert!(left.iter().all(|from| second(from) <= 11), "{left:?}");
        assert!(left.windows(2).all(|pair| pair[1] - pair[0] >= Duration::from_millis(100)), "{left:?}");
    }

    #[test]
    fn a_slow_process_leaves_the_rest_to_the_others() {
        let (mut budget, now) = (RateLimiter::new(10.0), Instant::now());
        budget.share(Some(Arc::new(Only(Duration::from_millis(100)))));
        budget.throttled(now, now);
        budget.set_eager(false);
        assert_eq!(budget.spend(now), Ok(()));
        assert_eq!(budget.free_at(now), now + Duration::from_millis(400));
    }

    #[test]
    fn the_rate_never_reaches_zero() {
        let (mut budget, mut now) = (RateLimiter::new(5.0), Instant::now());
        for _ in 0..100 {
            budget.throttled(now, now);
            now = budget.free_at(now);
        }
        assert!(budget.interval(now) <= Duration::from_secs(60));
    }
}
