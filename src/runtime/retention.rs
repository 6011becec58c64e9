//! Deletes old executions while the program runs, but only if the clock is trustworthy: a clock that is a year
//! ahead would delete all executions.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};

use crate::app::Msg;
use crate::runtime::now;
use stepgate_core::domain::{Remembered, Timestamp};
use stepgate_core::gateway::Clients;
use stepgate_core::lifecycle::time_comparison;
use stepgate_core::store::Store;
use stepgate_core::task;

/// How long to wait for a gateway's time before the last launch is used instead.
const TIME_TIMEOUT: Duration = Duration::from_secs(60);
/// The shortest and longest time between deletions. The longest is limited because the machine may sleep meanwhile.
const PAUSES: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(3_600));

/// Waits until a gateway has sent the time; from then on deletes old executions if the clock agrees with it, and
/// reports each deletion.
pub(crate) async fn run(
    store: Store,
    clients: Clients,
    last_launch: Option<Timestamp>,
    messages: Option<mpsc::Sender<Msg>>,
) {
    let _ = tokio::time::timeout(TIME_TIMEOUT.min(store.retain()), time_known(&clients)).await;
    let mut failures = 0;
    loop {
        if !knows_time(&clients) && is_due(&store).await {
            // Without running executions there are no requests, whose responses contain the time.
            request_time(&clients).await;
        }
        if let Some((before, pruned)) = prune(&store, &clients, last_launch)
            && pruned.await.is_ok()
            && let (Some(messages), Ok(totals)) = (&messages, store.totals().await)
        {
            // Even if nothing was deleted: another process may have done it.
            let _ = messages.send(Msg::Pruned(before, totals)).await;
        }
        failures = if is_due(&store).await { failures + 1 } else { 0 };
        let pause = match failures {
            0 => pause(now(), store.oldest_end().await.ok().flatten(), store.retain()),
            failures => retry_pause(failures, store.retain()),
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = time_known(&clients), if failures > 0 && !knows_time(&clients) => {}
        }
    }
}

/// Deletes old executions during a command that may run for days.
pub(crate) struct Retention(JoinHandle<()>);

impl Retention {
    /// Starts the background task.
    pub(crate) fn start((store, remembered): &(Store, Remembered), clients: &Clients) -> Self {
        Self(task::spawn(run(store.clone(), clients.clone(), remembered.last_launch, None)))
    }

    /// Stops the task and releases the store.
    pub(crate) async fn stop(self) {
        self.0.abort();
        let _ = self.0.await;
    }
}

/// Returns whether there is something to delete.
async fn is_due(store: &Store) -> bool {
    store.oldest_end().await.ok().flatten().is_some_and(|end| end < store.oldest_kept(now()))
}

fn knows_time(clients: &Clients) -> bool {
    clients.usable().any(|(_, client)| client.clock_offset().is_some())
}

/// Waits until a gateway has sent the time; forever without a gateway.
async fn time_known(clients: &Clients) {
    let mut clocks = JoinSet::new();
    for (_, client) in clients.usable() {
        let mut clock = client.clock();
        let known: task::Boxed<()> = Box::pin(async move { drop(clock.wait_for(Option::is_some).await) });
        clocks.spawn(known);
    }
    if clocks.join_next().await.is_none() {
        std::future::pending::<()>().await;
    }
}

async fn request_time(clients: &Clients) {
    for (_, client) in clients.usable() {
        client.learn_time().await;
        if client.clock_offset().is_some() {
            return;
        }
    }
}

/// Returns the pause after this many consecutive attempts that did not delete everything.
fn retry_pause(failures: u32, retain: Duration) -> Duration {
    let factor = 2_u32.saturating_pow(failures.saturating_sub(1));
    shortest_pause(retain).saturating_mul(factor).min(PAUSES.1)
}

/// With a retention of seconds, a minute would be too long.
fn shortest_pause(retain: Duration) -> Duration {
    PAUSES.0.min(retain / 10)
}

/// Returns the time until the execution with the oldest end passes the retention. One that has not ended yet cannot
/// pass it before the full retention time.
fn pause(now: Timestamp, oldest_end: Option<Timestamp>, retain: Duration) -> Duration {
    let remaining = oldest_end.map_or(retain, |end| end.plus(retain).since(now));
    remaining.clamp(shortest_pause(retain), PAUSES.1)
}

/// Starts deleting old executions if the clock is trustworthy. Returns the time before which they ended and, when done,
/// the number of deleted rows.
pub(crate) fn prune(
    store: &Store,
    clients: &Clients,
    last_launch: Option<Timestamp>,
) -> Option<(Timestamp, oneshot::Receiver<usize>)> {
    let now = now();
    let mut offsets = clients.usable().filter_map(|(_, client)| client.clock_offset());
    let offset = offsets.next();
    // If any gateway disagrees, nothing is deleted.
    let agrees = |offset| time_comparison::is_trustworthy(now, offset, last_launch, store.retain());
    if !agrees(offset) || !offsets.all(|other| agrees(Some(other))) {
        tracing::debug!("no executions deleted: the clock may be wrong");
        return None;
    }
    let now = offset.map_or(now, |offset| offset.corrected(now));
    Some((store.oldest_kept(now), store.prune(now)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_deletion_is_due_when_the_oldest_end_is_old_enough() {
        let (now, hour, day) = (Timestamp::from_millis(1_000_000_000_000), 3_600, 86_400);
        let ago = |seconds: i64| Some(Timestamp::from_millis(now.as_millis() - seconds * 1_000));
        for (oldest_end, retain, expected) in [
            (None, hour, hour),
            (ago(0), hour, hour),
            (ago(1_800), hour, 1_800),
            (ago(3_590), hour, 60),
            (ago(90_000), hour, 60),
            (None, day, hour),
            (ago(day - 600), day, 600),
            (ago(5), 10, 5),
            (ago(60), 10, 1),
        ] {
            let retain = Duration::from_secs(retain.unsigned_abs());
            assert_eq!(pause(now, oldest_end, retain).as_secs(), expected.unsigned_abs(), "{oldest_end:?} {retain:?}");
        }
    }

    #[test]
    fn failed_deletions_are_retried_with_growing_pauses() {
        let pauses = |retain| (1..9).map(move |failures| retry_pause(failures, Duration::from_secs(retain)).as_secs());
        assert_eq!(pauses(86_400).collect::<Vec<_>>(), [60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
        assert_eq!(pauses(10).take(4).collect::<Vec<_>>(), [1, 2, 4, 8]);
        assert_eq!(retry_pause(u32::MAX, Duration::from_secs(86_400)), PAUSES.1);
    }
}
