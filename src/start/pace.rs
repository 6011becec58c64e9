//! How fast many starts may follow each other at a place: its budget, which is shared with other processes and is less
//! for a while after it was throttled.

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::time::{Instant, sleep_until};

use crate::domain::{Place, Route, StartLimits};
use crate::gateway::budget::{Budget, Purse};
use crate::store::{self, Store};

/// A file system that takes longer for eight bytes is slow. A busy machine may take tens of milliseconds for anything.
const SLOW: Duration = Duration::from_millis(100);

/// The budgets of all places. Clones share them.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    store: Option<Store>,
    budgets: Arc<Mutex<HashMap<Place, Budget>>>,
    /// Held by the start that is spending a request, also while it waits for the file system.
    spending: Arc<tokio::sync::Mutex<()>>,
}

impl Pace {
    /// Shared with all processes on this store.
    pub(super) fn new(store: Option<Store>) -> Self {
        Self { store, budgets: Arc::default(), spending: Arc::default() }
    }

    /// Waits for the next turn.
    pub(super) async fn turn(&self, place: &Place, limits: StartLimits) {
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
            let mut budgets = self.budgets();
            let budget = budgets.entry(place.clone()).or_insert_with(|| self.budget(place, limits));
            match budget.free_at(now) {
                free if free > now => return Err(free),
                _ => budget.claim(),
            }
        };
        let taken = claim();
        self.budgets().get_mut(place).map_or(Ok(()), |budget| budget.claimed(now, taken))
    }

    /// A start that left at `asked` was throttled.
    pub(super) fn throttled(&self, place: &Place, asked: Instant) {
        if let Some(budget) = self.budgets().get_mut(place) {
            budget.throttled(asked.into_std(), Instant::now().into_std());
        }
    }

    fn budget(&self, place: &Place, limits: StartLimits) -> Budget {
        let mut budget = Budget::new(limits.requests_per_second);
        budget.share(self.store.as_ref().map(|store| purse(store, place, Route::Start)));
        budget
    }

    fn budgets(&self) -> MutexGuard<'_, HashMap<Place, Budget>> {
        self.budgets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the budget of a route that all processes with this store spend from.
pub fn purse(store: &Store, place: &Place, route: Route) -> Arc<dyn Purse> {
    Arc::new(SharedPurse { purse: store.purse(place, route), is_slow: AtomicBool::new(false) })
}

#[derive(Debug)]
struct SharedPurse {
    purse: store::Purse,
    /// Whether the file system was slow the last time.
    is_slow: AtomicBool,
}

impl Purse for SharedPurse {
    fn take(&self, interval: Duration) -> Result<Duration, Duration> {
        let began = Instant::now();
        // Finer than a `Timestamp`: a budget may be hundreds a second.
        let clock = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let taken = off_the_worker(self.is_slow.load(Relaxed), || self.purse.take(clock, interval));
        self.is_slow.store(began.elapsed() > SLOW, Relaxed);
        taken.map(|()| began.elapsed())
    }
}

/// Runs file operations; if they are slow, without blocking other tasks on this thread. Another thread becomes a worker
/// then, and each that handles responses keeps a heap of its own, so this must not be the rule.
#[expect(clippy::disallowed_methods, reason = "the watcher's decision is not a future and takes milliseconds at most")]
fn off_the_worker<T>(is_slow: bool, work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) if is_slow => tokio::task::block_in_place(work),
        // Tests have one thread, or no runtime.
        _ => work(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn a_slow_file_system_holds_nothing_else_up() {
        let (progress, made) = mpsc::channel();
        let slow = tokio::spawn(async move {
            off_the_worker(true, || {
                made.recv_timeout(Duration::from_secs(20)).expect("another task goes on meanwhile");
            });
        });
        tokio::spawn(async move { progress.send(()).expect("it is waited for") }).await.expect("it has ended");
        slow.await.expect("it has ended");
    }
}
