//! When credentials are looked up: by the first request, again before they expire, and when the gateway takes them no
//! more. A renewal that fails or takes long costs no request while those at hand are good.

use std::fmt;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::domain::{Endpoint, Failure};
use crate::gateway::auth::Credentials;
use crate::gateway::redact::Redactor;
use crate::gateway::secret::command::Commands;

/// So long after a renewal that brought nothing better there is no other: a command may want a key to be
/// touched.
const RENEWAL_PAUSE: Duration = Duration::from_secs(30);
/// So long a request waits for a renewal while the credentials at hand are good.
const RENEWAL_WAIT: Duration = Duration::from_secs(2);

/// The credentials of one endpoint. Whoever needs others looks them up while all who cannot do without wait.
#[derive(Clone)]
pub(in crate::gateway) struct Holder(Arc<Shared>);

struct Shared {
    endpoint: Endpoint,
    redactor: Redactor,
    commands: Commands,
    held: std::sync::Mutex<Held>,
    /// Only one look-up at a time.
    turn: Arc<Mutex<()>>,
}

#[derive(Default)]
struct Held {
    current: Option<Arc<Credentials>>,
    /// When a look-up brought nothing better, and why if it failed.
    in_vain: Option<(Instant, Option<Failure>)>,
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Holder")
    }
}

impl Held {
    fn pauses(&self) -> bool {
        self.in_vain.as_ref().is_some_and(|(last, _)| last.elapsed() < RENEWAL_PAUSE)
    }

    /// Those that need no renewal now, or the reason why the last one failed.
    fn settled(&self, now: SystemTime) -> Option<Result<Arc<Credentials>, Failure>> {
        let current = self.current.as_ref()?;
        if !current.expires_soon(now) {
            return Some(Ok(Arc::clone(current)));
        }
        match &self.in_vain {
            Some((_, Some(failure))) if self.pauses() && current.has_expired(now) => Some(Err(failure.clone())),
            // Whether what has expired is still good is for the gateway to say.
            _ => self.pauses().then(|| Ok(Arc::clone(current))),
        }
    }

    /// Those that the gateway takes, as far as they tell.
    fn good(&self, now: SystemTime) -> Option<Arc<Credentials>> {
        self.current.clone().filter(|current| !current.has_expired(now))
    }
}

impl Holder {
    pub(in crate::gateway) fn new(endpoint: Endpoint, redactor: Redactor, commands: Commands) -> Self {
        let (held, turn) = Default::default();
        Self(Arc::new(Shared { endpoint, redactor, commands, held, turn }))
    }

    /// Those to use now.
    pub(in crate::gateway) async fn current(&self) -> Result<Arc<Credentials>, Failure> {
        let now = SystemTime::now;
        if let Some(settled) = self.held().settled(now()) {
            return settled;
        }
        let good = self.held().good(now());
        let Some(good) = good else {
            let turn = Arc::clone(&self.0.turn).lock_owned().await;
            // Somebody else may have been faster.
            let settled = self.held().settled(now());
            return match settled {
                Some(settled) => settled,
                None => self.renew(turn, None).await,
            };
        };
        // Somebody else is at it.
        let Ok(turn) = Arc::clone(&self.0.turn).try_lock_owned() else { return Ok(good) };
        let renewer = self.clone();
        let renewing = tokio::spawn(async move { renewer.renew(turn, None).await });
        match tokio::time::timeout(RENEWAL_WAIT, renewing).await {
            Ok(Ok(Ok(found))) => Ok(found),
            Ok(Ok(Err(failure))) => {
                let (endpoint, failure) = (&self.0.endpoint.name, failure.to_string());
                tracing::debug!(%endpoint, failure, "the credentials could not be renewed, and are still good");
                Ok(good)
            }
            // It takes long, or broke off.
            Ok(Err(_)) | Err(_) => Ok(good),
        }
    }

    /// Others than these, which the gateway does not take; nothing where there are no others.
    pub(in crate::gateway) async fn others_than(
        &self,
        refused: &Arc<Credentials>,
    ) -> Result<Option<Arc<Credentials>>, Failure> {
        let turn = Arc::clone(&self.0.turn).lock_owned().await;
        let (current, pauses) = {
            let held = self.held();
            (held.current.clone(), held.pauses())
        };
        if let Some(current) = current.filter(|current| !Arc::ptr_eq(current, refused)) {
            // Somebody else was faster.
            return Ok(Some(current));
        }
        if pauses {
            return Ok(None);
        }
        let found = self.renew(turn, Some(refused)).await?;
        Ok(Some(found).filter(|found| !found.is_same(refused)))
    }

    /// Looks them up, in turn. That was worth it if they are good for longer, or others than those that were refused.
    async fn renew(
        &self,
        turn: OwnedMutexGuard<()>,
        refused: Option<&Arc<Credentials>>,
    ) -> Result<Arc<Credentials>, Failure> {
        let found = Credentials::look_up(&self.0.endpoint, &self.0.redactor, &self.0.commands).await.map(Arc::new);
        let is_better = |found: &Arc<Credentials>| match refused {
            Some(refused) => !found.is_same(refused),
            None => !found.expires_soon(SystemTime::now()),
        };
        let mut held = self.held();
        held.in_vain = match &found {
            Ok(found) if is_better(found) => None,
            Ok(_) => Some((Instant::now(), None)),
            // Where there are none at all, each request looks for some.
            Err(failure) => held.current.is_some().then(|| (Instant::now(), Some(failure.clone()))),
        };
        if let Ok(found) = &found {
            held.current = Some(Arc::clone(found));
        }
        drop(held);
        drop(turn);
        found
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
