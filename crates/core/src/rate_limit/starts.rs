//! How fast many starts may follow each other at a place: its limiter, which is shared with other processes and is less
//! for a while after it was throttled.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::{Instant, sleep_until};

use crate::domain::{Place, Route, StartLimits};
use crate::rate_limit::{RateLimiter, SharedFile, SharedRateLimit};

/// The limiters of all places. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct StartRateLimits {
    folder: Option<Arc<PathBuf>>,
    limiters: Arc<Mutex<HashMap<Place, RateLimiter>>>,
    /// Held by the start that is spending a request, also while it waits for the file system.
    spending: Arc<tokio::sync::Mutex<()>>,
}

impl StartRateLimits {
    /// Shared with all processes on this store.
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        Self { folder: folder.map(Arc::new), limiters: Arc::default(), spending: Arc::default() }
    }

    /// Waits for the next turn.
    pub(crate) async fn turn(&self, place: &Place, limits: StartLimits) {
        loop {
            match self.spend(place, limits).await {
                Ok(()) => return,
                Err(free) => sleep_until(Instant::from_std(free)).await,
            }
        }
    }

    /// Spends a request, or returns when one may be sent.
    async fn spend(&self, place: &Place, limits: StartLimits) -> Result<(), std::time::Instant> {
        let _spending = self.spending.lock().await;
        let now = Instant::now().into_std();
        let claim = {
            let mut limiters = self.limiters();
            let limiter = limiters.entry(place.clone()).or_insert_with(|| self.limiter(place, limits));
            match limiter.free_at(now) {
                free if free > now => return Err(free),
                _ => limiter.claim(),
            }
        };
        let taken = claim();
        self.limiters().get_mut(place).map_or(Ok(()), |limiter| limiter.claimed(now, taken))
    }

    /// A start that left at `asked` was throttled.
    pub(crate) fn throttled(&self, place: &Place, asked: Instant) {
        if let Some(limiter) = self.limiters().get_mut(place) {
            limiter.throttled(asked.into_std(), Instant::now().into_std());
        }
    }

    fn limiter(&self, place: &Place, limits: StartLimits) -> RateLimiter {
        let mut limiter = RateLimiter::new(limits.requests_per_second);
        let file = self.folder.as_ref().map(|folder| SharedFile::new(folder, place, Route::Start));
        limiter.share(file.map(|file| Arc::new(file) as Arc<dyn SharedRateLimit>));
        limiter
    }

    fn limiters(&self) -> MutexGuard<'_, HashMap<Place, RateLimiter>> {
        self.limiters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
