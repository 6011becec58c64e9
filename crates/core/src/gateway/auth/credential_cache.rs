//! The credentials of one endpoint, shared by all its requests. `renewal` decides when to look them up; this does so,
//! one look-up at a time.

use std::fmt;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::domain::{Endpoint, Failure};
use crate::gateway::auth::Credentials;
use crate::gateway::auth::fingerprint::Fingerprint;
use crate::gateway::auth::renewal::{LookUpResult, Renewal, Step};
use crate::gateway::redact::Redactor;
use crate::gateway::secret::command::Commands;
use crate::task;

/// How often the files of bad credentials are checked for changes.
const CHECK_INTERVAL: Duration = Duration::from_millis(500);
/// How many changes end a pause between look-ups early: other processes may keep rewriting the files.
const MAX_CHANGES: u32 = 3;

#[derive(Clone)]
pub(in crate::gateway) struct CredentialCache(Arc<Shared>);

struct Shared {
    endpoint: Endpoint,
    redactor: Redactor,
    commands: Commands,
    state: std::sync::Mutex<State>,
    /// Only one look-up at a time.
    turn: Arc<Mutex<()>>,
}

#[derive(Default)]
struct State {
    current: Option<Arc<Credentials>>,
    renewal: Renewal,
    /// Why the last look-up failed, if it did.
    failure: Option<Failure>,
    /// What the files of the sources looked like after the last look-up, which may have changed them itself.
    files: Fingerprint,
    /// The numbers of the look-ups that started and ended last.
    started: u64,
    ended: u64,
    /// Number of requests that look up credentials or wait for their turn.
    awaiting: usize,
}

/// Counts a request that looks up credentials or waits for its turn, until dropped.
struct Awaited<'c>(&'c CredentialCache);

impl<'c> Awaited<'c> {
    fn new(cache: &'c CredentialCache) -> Self {
        cache.state().awaiting += 1;
        Self(cache)
    }
}

impl Drop for Awaited<'_> {
    fn drop(&mut self) {
        self.0.state().awaiting -= 1;
    }
}

impl fmt::Debug for CredentialCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CredentialCache")
    }
}

impl CredentialCache {
    pub(in crate::gateway) fn new(endpoint: Endpoint, redactor: Redactor, commands: Commands) -> Self {
        let (state, turn) = Default::default();
        Self(Arc::new(Shared { endpoint, redactor, commands, state, turn }))
    }

    /// Returns the credentials to use now.
    pub(in crate::gateway) async fn current(&self) -> Result<Arc<Credentials>, Failure> {
        let mut has_looked = false;
        loop {
            let (step, current) = {
                let state = self.state();
                (state.renewal.step(SystemTime::now(), has_looked), state.current.clone())
            };
            match (step, current) {
                (Step::Use, Some(current)) => return Ok(current),
                (Step::UseAndLookUp, Some(current)) => {
                    self.look_up_in_background();
                    return Ok(current);
                }
                (Step::WaitUntil(moment), Some(_)) => {
                    let _awaited = Awaited::new(self);
                    sleep_until(moment).await;
                }
                _ => {
                    let looked_up = self.look_up().await;
                    // Refused ones may be good again: only the gateway can tell.
                    if !self.state().renewal.is_refused() {
                        looked_up?;
                    }
                    has_looked = true;
                }
            }
        }
    }

    /// Records that the gateway has accepted these in a request that was sent at this moment.
    pub(in crate::gateway) fn accepted(&self, credentials: &Credentials, sent: SystemTime) {
        let mut state = self.state();
        if state.holds(credentials) {
            state.renewal.accepted(sent);
        }
    }

    /// Records that the gateway has refused these, which were looked up just before.
    pub(in crate::gateway) fn refused(&self, credentials: &Credentials) {
        let mut state = self.state();
        if state.holds(credentials) {
            state.renewal.refused(SystemTime::now());
        }
    }

    /// Returns other credentials than these, which the gateway has refused; `None` if there are no others.
    pub(in crate::gateway) async fn others_than(
        &self,
        refused: &Credentials,
    ) -> Result<Option<Arc<Credentials>>, Failure> {
        let turn = Arc::clone(&self.0.turn).lock_owned().await;
        {
            let mut state = self.state();
            if !state.holds(refused) {
                // Another request has already replaced them.
                return Ok(state.current.clone());
            }
            if state.renewal.is_refused() {
                // This or another request has already looked them up.
                return state.failure.clone().map_or(Ok(None), Err);
            }
            state.renewal.refused(SystemTime::now());
        }
        self.awaited_look_up(turn).await?;
        let state = self.state();
        Ok(state.current.clone().filter(|_| !state.holds(refused)))
    }

    /// Returns whether requests are waiting for credentials.
    pub(in crate::gateway) fn is_awaited(&self) -> bool {
        self.state().awaiting > 0
    }

    /// Returns whether requests fail until there are other credentials.
    pub(in crate::gateway) fn is_bad(&self) -> bool {
        self.state().renewal.is_bad(SystemTime::now())
    }

    /// Waits until bad credentials are replaced: looks them up when their files change, and from time to time.
    pub(in crate::gateway) async fn renewed(&self) {
        let mut changes = 0;
        loop {
            let (again_at, seen) = {
                let state = self.state();
                if !state.renewal.is_bad(SystemTime::now()) {
                    return;
                }
                (state.renewal.again_at(), state.files.clone())
            };
            if let Some(moment) = again_at {
                tokio::time::sleep(until(moment).min(CHECK_INTERVAL)).await;
            }
            let is_due = again_at.is_none_or(|moment| until(moment).is_zero());
            let has_changed = !is_due && changes < MAX_CHANGES && seen != Fingerprint::take(&self.0.endpoint).await;
            if is_due || has_changed {
                changes = if has_changed { changes + 1 } else { 0 };
                // The next request reports why it failed.
                let _ = self.look_up().await;
            }
        }
    }

    /// Looks up credentials, unless another look-up that started after this call ends first, or an earlier one returns
    /// good ones.
    async fn look_up(&self) -> Result<(), Failure> {
        let (started, ended) = {
            let state = self.state();
            (state.started, state.ended)
        };
        let turn = Arc::clone(&self.0.turn).lock_owned().await;
        {
            let state = self.state();
            if state.ended > started || state.ended > ended && !state.renewal.is_bad(SystemTime::now()) {
                return state.failure.clone().map_or(Ok(()), Err);
            }
        }
        self.awaited_look_up(turn).await
    }

    async fn awaited_look_up(&self, turn: OwnedMutexGuard<()>) -> Result<(), Failure> {
        let _awaited = Awaited::new(self);
        self.look_up_in_turn(turn, &self.0.commands).await
    }

    fn look_up_in_background(&self) {
        let Ok(turn) = Arc::clone(&self.0.turn).try_lock_owned() else { return };
        let cache = self.clone();
        task::spawn(async move {
            if let Err(failure) = cache.look_up_in_turn(turn, &cache.0.commands.unseen()).await {
                let (endpoint, failure) = (&cache.0.endpoint.name, failure.to_string());
                tracing::debug!(%endpoint, failure, "the credentials could not be renewed, and are still good");
            }
        });
    }

    async fn look_up_in_turn(&self, turn: OwnedMutexGuard<()>, commands: &Commands) -> Result<(), Failure> {
        let Shared { endpoint, redactor, .. } = &*self.0;
        let number = {
            let mut state = self.state();
            state.started += 1;
            state.started
        };
        let started = SystemTime::now();
        let found = Credentials::look_up(endpoint, redactor, commands).await;
        let (ended, files) = (SystemTime::now(), Fingerprint::take(endpoint).await);
        let mut state = self.state();
        let (result, expires) = match &found {
            Ok(found) if state.holds(found) => (LookUpResult::Same, found.expires()),
            Ok(found) => (LookUpResult::New, found.expires()),
            Err(_) => (LookUpResult::Failed, None),
        };
        state.renewal.looked_up(started, ended, result, expires);
        (state.files, state.ended) = (files, number);
        state.failure = found.as_ref().err().cloned();
        let result = found.map(|found| state.current = Some(Arc::new(found)));
        drop(state);
        drop(turn);
        result
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn holds(&self, credentials: &Credentials) -> bool {
        self.current.as_ref().is_some_and(|current| current.is_same(credentials))
    }
}

fn until(moment: SystemTime) -> Duration {
    moment.duration_since(SystemTime::now()).unwrap_or_default()
}

/// Returns early if the clock is set back: the caller checks again.
async fn sleep_until(moment: SystemTime) {
    tokio::time::sleep(until(moment).min(CHECK_INTERVAL)).await;
}
