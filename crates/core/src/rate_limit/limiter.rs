//! How many requests a second may be spent on one action: a token bucket that holds one token.
//!
//! One token, so that there is no burst after a pause: in any window of a second there are at most
//! `requests_per_second` requests and one. They count from when they are granted; a request that has to connect first
//! leaves later than that, and so does every request of a machine that is too busy. When the other side throttles, the
//! rate is halved at once and comes back little by little (additive increase, multiplicative decrease), since the quota is shared with everything else that
//! runs in the account, and nobody tells how much of it is left.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// From nothing to the whole rate it takes so long without being throttled.
const RECOVERY: Duration = Duration::from_secs(200);
/// The slowest: a request a minute.
const SLOWEST: f64 = 1.0 / 60.0;

/// What other processes spend from, too.
pub trait SharedRateLimit: fmt::Debug + Send + Sync {
    /// Takes a request, after which the next one may leave when `interval` has passed, and returns how long taking it has
    /// taken; or says how long it is until one may leave.
    fn take(&self, interval: Duration) -> Result<Duration, Duration>;
}

/// The budget of one action of one endpoint.
#[derive(Debug, Clone)]
pub struct RateLimiter {
    /// Requests a second when all is well.
    most: f64,
    /// Requests a second at the moment `since`.
    rate: f64,
    since: Option<Instant>,
    next: Option<Instant>,
    shared: Option<Arc<dyn SharedRateLimit>>,
    is_eager: bool,
}

impl RateLimiter {
    /// A budget of so many requests a second; `requests_per_second` is more than 0.
    pub fn new(requests_per_second: f64) -> Self {
        let most = requests_per_second.max(0.001);
        Self { most, rate: most, since: None, next: None, shared: None, is_eager: true }
    }

    /// Requests a second when all is well.
    pub fn most(&self) -> f64 {
        self.most
    }

    /// When the next request may leave; not before `now`.
    pub fn free_at(&self, now: Instant) -> Instant {
        self.next.map_or(now, |next| next.max(now))
    }

    /// Spends from this purse, too.
    pub fn share(&mut self, shared: Option<Arc<dyn SharedRateLimit>>) {
        self.shared = shared;
    }

    /// Spends a request at `now`; or says when one may leave, since others have been faster.
    pub fn spend(&mut self, now: Instant) -> Result<(), Instant> {
        let claim = self.claim();
        self.claimed(now, claim())
    }

    /// Returns a function that takes a request from the purse. It may wait for a file system, so call it where nothing
    /// else is held up, and pass its result to [`RateLimiter::claimed`].
    pub fn claim(&self) -> impl FnOnce() -> Result<Duration, Duration> + use<> {
        // Whoever is slow, since it was throttled or nobody looks, must not make all others wait as long.
        let (shared, whole) = (self.shared.clone(), each_takes(1.0 / self.most));
        move || shared.map_or(Ok(Duration::ZERO), |shared| shared.take(whole))
    }

    /// Spends a request that was taken from the purse from `now` on, or returns when one may be sent.
    pub fn claimed(&mut self, now: Instant, taken: Result<Duration, Duration>) -> Result<(), Instant> {
        match taken {
            // It leaves only now, so the next one leaves later, too.
            Ok(took) => {
                self.next = Some(now + took + self.interval(now));
                Ok(())
            }
            Err(wait) => {
                // Less than this is not worth another look.
                let free = now + wait.max(Duration::from_millis(1));
                self.next = Some(free);
                Err(free)
            }
        }
    }

    /// A request that left at `asked` was throttled. Those that were on their way when the rate was halved tell
    /// nothing new.
    pub fn throttled(&mut self, asked: Instant, now: Instant) {
        if self.since.is_some_and(|since| asked < since) {
            return;
        }
        self.rate = (self.rate(now) / 2.0).max(SLOWEST.min(self.most));
        self.since = Some(now);
        self.next = Some(now + self.interval(now));
    }

    /// Whether the whole budget may be spent, or only half of it: nobody looks.
    pub fn be_eager(&mut self, is_eager: bool) {
        self.is_eager = is_eager;
    }

    /// Requests a second that may be spent now.
    pub fn rate(&self, now: Instant) -> f64 {
        let since = self.since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        (self.rate + self.most * since.as_secs_f64() / RECOVERY.as_secs_f64()).min(self.most)
    }

    /// The time from one request to the next at full use.
    pub fn interval(&self, now: Instant) -> Duration {
        each_takes(if self.is_eager { 1.0 } else { 2.0 } / self.rate(now))
    }
}

/// So many seconds, and a day where it is more or no number: a rate may be as small as it likes.
fn each_takes(seconds: f64) -> Duration {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    Duration::try_from_secs_f64(seconds).unwrap_or(DAY).min(DAY)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn it_is_halved_once_for_what_was_on_its_way_and_comes_back_slowly() {
        let (mut budget, start) = (RateLimiter::new(10.0), Instant::now());
        let second = Duration::from_secs(1);
        budget.throttled(start, start + second);
        budget.throttled(start + second / 2, start + second);
        assert!((budget.rate(start + second) - 5.0).abs() < 1e-9);
        assert!((budget.rate(start + second * 21) - 6.0).abs() < 1e-9);
        assert!((budget.rate(start + second * 1_000) - 10.0).abs() < 1e-9);
    }

    /// Lets requests pass at this interval only.
    #[derive(Debug)]
    struct Only(Duration);

    impl SharedRateLimit for Only {
        fn take(&self, interval: Duration) -> Result<Duration, Duration> {
            if interval == self.0 { Ok(Duration::ZERO) } else { Err(interval) }
        }
    }

    /// Takes as long as the next of these.
    #[derive(Debug)]
    struct Slow(Mutex<Vec<Duration>>);

    impl SharedRateLimit for Slow {
        fn take(&self, _: Duration) -> Result<Duration, Duration> {
            Ok(self.0.lock().expect("a list").pop().unwrap_or_default())
        }
    }

    #[test]
    fn a_slow_file_system_makes_no_burst() {
        let millis = [0, 300, 0, 0, 80, 950, 0, 20, 0, 100, 101, 99, 2_500, 0, 0].map(Duration::from_millis);
        let (mut budget, mut now) = (RateLimiter::new(10.0), Instant::now());
        budget.share(Some(Arc::new(Slow(Mutex::new(millis.to_vec())))));
        let mut left: Vec<Instant> = Vec::new();
        for took in millis.iter().rev().copied().chain([Duration::ZERO; 20]) {
            now = budget.free_at(now);
            budget.spend(now).expect("it is free");
            // Whoever asks is held up as well.
            now += took;
            left.push(now);
        }
        let second =
            |from: &Instant| left.iter().filter(|at| *at >= from && **at < *from + Duration::from_secs(1)).count();
        assert!(left.iter().all(|from| second(from) <= 11), "{left:?}");
        assert!(left.windows(2).all(|pair| pair[1] - pair[0] >= Duration::from_millis(100)), "{left:?}");
    }

    #[test]
    fn one_that_is_slow_leaves_the_rest_to_the_others() {
        let (mut budget, now) = (RateLimiter::new(10.0), Instant::now());
        budget.share(Some(Arc::new(Only(Duration::from_millis(100)))));
        budget.throttled(now, now);
        budget.be_eager(false);
        assert_eq!(budget.spend(now), Ok(()));
        assert_eq!(budget.free_at(now), now + Duration::from_millis(400));
    }

    #[test]
    fn it_never_falls_silent() {
        let (mut budget, mut now) = (RateLimiter::new(5.0), Instant::now());
        for _ in 0..100 {
            budget.throttled(now, now);
            now = budget.free_at(now);
        }
        assert!(budget.interval(now) <= Duration::from_secs(60));
    }
}
