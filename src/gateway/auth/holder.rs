//! The credentials of one endpoint, which all its requests share. `renewal` decides when they are looked up; this carries
//! it out, one look-up at a time.

use std::fmt;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::domain::{Endpoint, Failure};
use crate::gateway::auth::Credentials;
use crate::gateway::auth::fingerprint::Fingerprint;
use crate::gateway::auth::renewal::{Brought, Renewal, Step};
use crate::gateway::redact::Redactor;
use crate::gateway::secret::command::Commands;

/// How often the files of bad credentials are looked at.
const GLANCE: Duration = Duration::from_millis(500);

#[derive(Clone)]
pub(in crate::gateway) struct Holder(Arc<Shared>);

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
    /// What the files of the sources looked like before the last look-up.
    files: Fingerprint,
    /// The number of the look-up that began last, and of the one that ended last.
    begun: u64,
    ended: u64,
    /// How many requests look up, or wait until they may.
    awaiting: usize,
}

/// A request looks up, or waits until it may, as long as this lives.
struct Awaited<'h>(&'h Holder);

impl<'h> Awaited<'h> {
    fn begin(holder: &'h Holder) -> Self {
        holder.state().awaiting += 1;
        Self(holder)
    }
}

impl Drop for Awaited<'_> {
    fn drop(&mut self) {
        self.0.state().awaiting -= 1;
    }
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Holder")
    }
}

impl Holder {
    pub(in crate::gateway) fn new(endpoint: Endpoint, redactor: Redactor, commands: Commands) -> Self {
        let (state, turn) = Default::default();
        Self(Arc::new(Shared { endpoint, redactor, commands, state, turn }))
    }

    /// Those to use now.
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
                    self.look_up_beside();
                    return Ok(current);
                }
                (Step::WaitUntil(moment), Some(_)) => {
                    let _awaited = Awaited::begin(self);
                    sleep_until(moment).await;
                }
                _ => {
                    let looked_up = self.look_up().await;
                    // Refused ones may be good again: that is for the gateway to say.
                    if !self.state().renewal.is_refused() {
                        looked_up?;
                    }
                    has_looked = true;
                }
            }
        }
    }

    /// The gateway has taken these in a request that was sent at this moment.
    pub(in crate::gateway) fn accepted(&self, credentials: &Credentials, sent: SystemTime) {
        let mut state = self.state();
        if state.holds(credentials) {
            state.renewal.accepted(sent);
        }
    }

    /// The gateway has refused these, which were looked up right before.
    pub(in crate::gateway) fn refused(&self, credentials: &Credentials) {
        let mut state = self.state();
        if state.holds(credentials) {
            state.renewal.refused(SystemTime::now());
        }
    }

    /// Others than these, which the gateway has refused; nothing where there are no others.
    pub(in crate::gateway) async fn others_than(
        &self,
        refused: &Credentials,
    ) -> Result<Option<Arc<Credentials>>, Failure> {
        let turn = Arc::clone(&self.0.turn).lock_owned().await;
        {
            let mut state = self.state();
            if !state.holds(refused) {
                // Another request was faster.
                return Ok(state.current.clone());
            }
            if state.renewal.is_refused() {
                // This or another request has looked already.
                return state.failure.clone().map_or(Ok(None), Err);
            }
            state.renewal.refused(SystemTime::now());
        }
        self.awaited_look_up(turn).await?;
        let state = self.state();
        Ok(state.current.clone().filter(|_| !state.holds(refused)))
    }

    /// Whether requests wait for credentials just now.
    pub(in crate::gateway) fn is_awaited(&self) -> bool {
        self.state().awaiting > 0
    }

    /// Whether requests fail until other credentials are there.
    pub(in crate::gateway) fn is_bad(&self) -> bool {
        self.state().renewal.is_bad(SystemTime::now())
    }

    /// Waits until bad credentials are good again: looks them up when their files change, and from time to time.
    pub(in crate::gateway) async fn renewed(&self) {
        loop {
            let (again_at, seen) = {
                let state = self.state();
                if !state.renewal.is_bad(SystemTime::now()) {
                    return;
                }
                (state.renewal.again_at(), state.files.clone())
            };
            if let Some(moment) = again_at {
                tokio::time::sleep(until(moment).min(GLANCE)).await;
            }
            let is_due = again_at.is_none_or(|moment| until(moment).is_zero());
            if is_due || seen != Fingerprint::take(&self.0.endpoint).await {
                // Why it failed is said by the next request.
                let _ = self.look_up().await;
            }
        }
    }

    /// Looks up, unless another look-up that began later than this call ends first, or an earlier one brings good ones.
    async fn look_up(&self) -> Result<(), Failure> {
        let (begun, ended) = {
            let state = self.state();
            (state.begun, state.ended)
        };
        let turn = Arc::clone(&self.0.turn).lock_owned().await;
        {
            let state = self.state();
            if state.ended > begun || state.ended > ended && !state.renewal.is_bad(SystemTime::now()) {
                return state.failure.clone().map_or(Ok(()), Err);
            }
        }
        self.awaited_look_up(turn).await
    }

    async fn awaited_look_up(&self, turn: OwnedMutexGuard<()>) -> Result<(), Failure> {
        let _awaited = Awaited::begin(self);
        self.look_up_in_turn(turn, &self.0.commands).await
    }

    fn look_up_beside(&self) {
        let Ok(turn) = Arc::clone(&self.0.turn).try_lock_owned() else { return };
        let holder = self.clone();
        tokio::spawn(async move {
            if let Err(failure) = holder.look_up_in_turn(turn, &holder.0.commands.unseen()).await {
                let (endpoint, failure) = (&holder.0.endpoint.name, failure.to_string());
                tracing::debug!(%endpoint, failure, "the credentials could not be renewed, and are still good");
            }
        });
    }

    async fn look_up_in_turn(&self, turn: OwnedMutexGuard<()>, commands: &Commands) -> Result<(), Failure> {
        let Shared { endpoint, redactor, .. } = &*self.0;
        let number = {
            let mut state = self.state();
            state.begun += 1;
            state.begun
        };
        let (began, files) = (SystemTime::now(), Fingerprint::take(endpoint).await);
        let found = Credentials::look_up(endpoint, redactor, commands).await;
        let mut state = self.state();
        let (brought, expires) = match &found {
            Ok(found) if state.holds(found) => (Brought::Same, found.expires),
            Ok(found) => (Brought::Others, found.expires),
            Err(_) => (Brought::Nothing, None),
        };
        state.renewal.looked_up(began, SystemTime::now(), brought, expires);
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

/// Also where the clock is set back meanwhile: the caller asks again.
async fn sleep_until(moment: SystemTime) {
    tokio::time::sleep(until(moment).min(GLANCE)).await;
}
