//! The rate of batch starts at a gateway, shared with other processes and reduced after throttling.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::{Instant, sleep_until};

use crate::domain::{GatewayId, Route, StartLimits};
use crate::rate_limit::{RateLimiter, SharedFile, SharedRateLimit};

/// The limiters of all gateways. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct StartRateLimits {
    folder: Option<Arc<PathBuf>>,
    limiters: Arc<Mutex<HashMap<GatewayId, RateLimiter>>>,
    /// Held by the start that is spending a request, also while it waits for the file system.
    spending: Arc<tokio::sync::Mutex<()>>,
}

impl StartRateLimits {
    /// Shares the limits with all processes on this store.
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        Self { folder: folder.map(Arc::new), limiters: Arc::default(), spending: Arc::default() }
    }

    /// Waits until the next start is allowed.
    pub(crate) async fn wait_for_turn(&self, gateway: &GatewayId, limits: StartLimits) {
        loop {
            match self.spend(gateway, limits).await {
                Ok(()) => return,
                Err(free) => sleep_until(Instant::from_std(free)).await,
            }
        }
    }

    /// Spends a request, or returns when one is allowed.
    async fn spend(&self, gateway: &GatewayId, limits: StartLimits) -> Result<(), std::time::Instant> {
        let _spending = self.spending.lock().await;
        let now = Instant::now().into_std();
        let claim = {
            let mut limiters = self.limiters();
            let limiter = limiters.entry(gateway.clone()).or_insert_with(|| self.limiter(gateway, limits));
            match limiter.free_at(now) {
                free if free > now => return Err(free),
                _ => limiter.claim(),
            }
        };
        let taken = claim();
        self.limiters().get_mut(gateway).map_or(Ok(()), |limiter| limiter.claimed(now, taken))
    }

    /// Handles throttling of a start sent at `sent`.
    pub(crate) fn throttled(&self, gateway: &GatewayId, sent: Instant) {
        if let Some(limiter) = self.limiters().get_mut(gateway) {
            limiter.throttled(sent.into_std(), Instant::now().into_std());
        }
    }

    fn limiter(&self, gateway: &GatewayId, limits: StartLimits) -> RateLimiter {
        let mut limiter = RateLimiter::new(limits.requests_per_second);
        let file = self.folder.as_ref().map(|folder| SharedFile::new(folder, gateway, Route::Start));
        limiter.share(file.map(|file| Arc::new(file) as Arc<dyn SharedRateLimit>));
        limiter
    }

    fn limiters(&self) -> MutexGuard<'_, HashMap<GatewayId, RateLimiter>> {
        self.limiters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
