//! Follows what other processes write to the store. Sleeps until one of them has written; then reads what has changed, a
//! part at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::app::Msg;
use stepgate_core::domain::{ExecutionArn, ExecutionRecord, GatewayId, Observation, Revision, StoreChanges, WatchedBy};
use stepgate_core::store::{OtherWrites, Store, StoreError};
use stepgate_core::task;

/// The time between two reads: a burst of changes is shown in few frames.
const PAUSE: Duration = Duration::from_millis(200);
/// How often to check whether the processes that watch executions still run. Only a kill goes without a wake-up.
const PROCESS_CHECK: Duration = Duration::from_secs(5);
/// How often to look while other messages come in, where there are no wake-ups, and where there are: a process on another
/// machine that shares the folder wakes none.
const LOOKS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(10));

/// What the session requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Wanted {
    /// Counts the requests to read what has changed.
    looks: u64,
    /// Counts the requests to report the totals as well.
    checks: u64,
    /// Counts the requests to read everything.
    reloads: u64,
}

/// The background task of a session. Ends when this is dropped.
pub(in crate::runtime) struct StoreFollower {
    wanted: watch::Sender<Wanted>,
    task: AbortHandle,
    /// Whether other processes wake the task.
    is_woken: bool,
    last_look: Instant,
}

impl StoreFollower {
    /// Starts to follow the changes after a revision.
    pub(in crate::runtime) fn start(store: Store, revision: Revision, messages: mpsc::Sender<Msg>) -> Self {
        let (wanted, wishes) = watch::channel(Wanted::default());
        let other_writes = store.other_writes();
        let is_woken = other_writes.is_some();
        let follower = Follower { store, revision, messages, watched_elsewhere: BTreeMap::new() };
        let task = task::spawn(follower.run(other_writes, wishes)).abort_handle();
        Self { wanted, task, is_woken, last_look: Instant::now() }
    }

    /// Reads now, and reports the totals even if nothing has changed.
    pub(in crate::runtime) fn check(&self) {
        self.wanted.send_modify(|wanted| wanted.checks += 1);
    }

    /// Reads everything, since the list shows other executions.
    pub(in crate::runtime) fn reload(&self) {
        self.wanted.send_modify(|wanted| wanted.reloads += 1);
    }

    /// Looks for changes of processes that cannot wake this one. Called whenever the session is awake.
    pub(in crate::runtime) fn look_if_due(&mut self) {
        let pause = if self.is_woken { LOOKS.1 } else { LOOKS.0 };
        if self.last_look.elapsed() >= pause {
            self.last_look = Instant::now();
            self.wanted.send_modify(|wanted| wanted.looks += 1);
        }
    }
}

impl Drop for StoreFollower {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Follower {
    store: Store,
    revision: Revision,
    messages: mpsc::Sender<Msg>,
    /// Running executions by the process that watches them.
    watched_elsewhere: BTreeMap<Arc<str>, BTreeSet<(GatewayId, ExecutionArn)>>,
}

impl Follower {
    async fn run(mut self, mut other_writes: Option<OtherWrites>, mut wishes: watch::Receiver<Wanted>) {
        let mut before = Wanted::default();
        loop {
            tokio::select! {
                () = next(&mut other_writes) => {}
                changed = wishes.changed() => match changed {
                    Ok(()) => {}
                    Err(_) => return,
                },
                () = tokio::time::sleep(PROCESS_CHECK), if !self.watched_elsewhere.is_empty() => {}
            }
            let wanted = *wishes.borrow_and_update();
            let known = std::mem::replace(&mut before, wanted);
            if wanted.reloads != known.reloads {
                // Unknown, so that everything is read.
                self.revision = Revision(i64::MAX);
            }
            if let Err(error) = self.read_all(wanted.checks != known.checks).await {
                tracing::warn!(%error, "changes of other processes cannot be read");
            }
            if self.messages.is_closed() {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Reads all changes, in parts.
    async fn read_all(&mut self, mut is_asked: bool) -> Result<(), StoreError> {
        loop {
            let (changes, revision) = self.store.changes_since(self.revision).await?;
            let is_last = changes.totals.is_some();
            if revision != self.revision || is_asked {
                self.revision = revision;
                is_asked = false;
                self.note_watchers(&changes.changed);
                let _ = self.messages.send(Msg::StoreChanged(Box::new(changes))).await;
            }
            if is_last {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        self.take_over().await
    }

    fn note_watchers(&mut self, changed: &[(ExecutionRecord, WatchedBy)]) {
        for (record, watched_by) in changed {
            let key = (record.gateway.clone(), record.arn.clone());
            let has_ended = record.given_up.is_some() || record.seen.as_ref().is_some_and(Observation::is_ended);
            match watched_by {
                WatchedBy::Another(process) if !has_ended => {
                    self.watched_elsewhere.entry(Arc::clone(process)).or_default().insert(key);
                }
                _ => self.watched_elsewhere.values_mut().for_each(|keys| {
                    keys.remove(&key);
                }),
            }
        }
        self.watched_elsewhere.retain(|_, keys| !keys.is_empty());
    }

    /// Reports the executions of processes that have ended, so that this one watches them.
    async fn take_over(&mut self) -> Result<(), StoreError> {
        let gone: Vec<_> =
            self.watched_elsewhere.keys().filter(|process| !self.store.is_watching(process)).cloned().collect();
        for keys in gone.iter().filter_map(|process| self.watched_elsewhere.remove(process)) {
            let changed = self.store.records(keys.into_iter().collect()).await?;
            let message = Msg::StoreChanged(Box::new(StoreChanges { changed, ..StoreChanges::default() }));
            let _ = self.messages.send(message).await;
        }
        Ok(())
    }
}

/// Waits for the next write of another process; forever where there are no wake-ups.
async fn next(other_writes: &mut Option<OtherWrites>) {
    match other_writes {
        Some(other_writes) => other_writes.next().await,
        None => std::future::pending().await,
    }
}
