//! The log requests that a command sends by itself, in the rate limit that it shares with all processes of the store.

use std::path::Path;
use std::sync::Arc;

use tokio::time::{Instant, sleep_until};

use crate::domain::{GatewayId, Route};
use crate::rate_limit::{RateLimiter, SharedFile, SharedRateLimit};

/// To an endpoint, from all processes of a store together: `FilterLogEvents` has a small quota for account and region.
pub(crate) const LOG_REQUESTS_PER_SECOND: f64 = 1.0;

/// The turns of a process outside of its watcher. The watcher takes its turns from the same file.
#[derive(Debug)]
pub struct LogTurns {
    limiter: RateLimiter,
}

impl LogTurns {
    /// `folder` is the store's; without one, the process has the rate limit for itself.
    pub fn new(folder: Option<&Path>, gateway: &GatewayId) -> Self {
        let mut limiter = RateLimiter::new(LOG_REQUESTS_PER_SECOND);
        let file = folder.map(|folder| SharedFile::new(folder, gateway, Route::Logs));
        limiter.share(file.map(|file| Arc::new(file) as Arc<dyn SharedRateLimit>));
        Self { limiter }
    }

    /// Waits until a request is allowed, and spends it.
    pub async fn wait_for_turn(&mut self) {
        loop {
            let now = Instant::now().into_std();
            let free = match self.limiter.free_at(now) {
                free if free > now => free,
                _ => match self.limiter.spend(now) {
                    Ok(()) => return,
                    Err(free) => free,
                },
            };
            sleep_until(Instant::from_std(free)).await;
        }
    }
}
