//! How fast many starts may follow each other at a place: its budget, which is shared with other processes and is less
//! for a while after it was throttled.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::time::{Instant, sleep_until};

use crate::domain::{Place, Route, StartLimits};
use crate::gateway::budget::{Budget, Purse};
use crate::store::{self, Store};

/// The budgets of all places. Clones share them.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    store: Option<Store>,
    budgets: Arc<Mutex<HashMap<Place, Budget>>>,
}

impl Pace {
    /// Shared with all processes on this store.
    pub(super) fn new(store: Option<Store>) -> Self {
        Self { store, budgets: Arc::default() }
    }

    /// Waits for the next turn.
    pub(super) async fn turn(&self, place: &Place, limits: StartLimits) {
        loop {
            let now = Instant::now();
            let free = {
                let mut budgets = self.budgets();
                let budget = budgets.entry(place.clone()).or_insert_with(|| self.budget(place, limits));
                match budget.free_at(now.into_std()) {
                    free if free > now.into_std() => free,
                    _ => match budget.spend(now.into_std()) {
                        Ok(()) => return,
                        Err(free) => free,
                    },
                }
            };
            sleep_until(Instant::from_std(free)).await;
        }
    }

    /// A start that left at `asked` was throttled.
    pub(super) fn throttled(&self, place: &Place, asked: Instant) {
        if let Some(budget) = self.budgets().get_mut(place) {
            budget.throttled(asked.into_std(), Instant::now().into_std());
        }
    }

    fn budget(&self, place: &Place, limits: StartLimits) -> Budget {
        let mut budget = Budget::new(limits.requests_per_second);
        let purse = self.store.as_ref().map(|store| store.purse(place, Route::Start));
        budget.share(purse.map(|purse| Arc::new(purse) as Arc<dyn Purse>));
        budget
    }

    fn budgets(&self) -> MutexGuard<'_, HashMap<Place, Budget>> {
        self.budgets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Purse for store::Purse {
    fn take(&self, interval: Duration) -> Result<(), Duration> {
        // Finer than a `Timestamp`: a budget may be hundreds a second.
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self::take(self, now, interval)
    }
}
