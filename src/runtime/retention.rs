//! When old executions are deleted: once the clock is known to be right. A clock that is a year ahead would delete the
//! whole history otherwise.

use std::time::Duration;

use tokio::task::JoinSet;

use crate::domain::Timestamp;
use crate::gateway::Clients;
use crate::lifecycle::clock;
use crate::runtime::now;
use crate::store::Store;

/// How long to wait for a gateway's time before the last launch is used instead.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until a gateway tells the time, and deletes what is old if the clock agrees with it.
pub async fn run(store: Store, clients: Clients, last_launch: Option<Timestamp>) {
    let mut clocks = JoinSet::new();
    for (_, client) in clients.usable() {
        let mut clock = client.clock();
        clocks.spawn(async move { drop(clock.wait_for(Option::is_some).await) });
    }
    let told = async {
        if clocks.join_next().await.is_none() {
            std::future::pending::<()>().await;
        }
    };
    let _ = tokio::time::timeout(PATIENCE, told).await;
    prune(&store, &clients, last_launch);
}

/// Deletes what is old if the clock is known to be right by now.
pub fn prune(store: &Store, clients: &Clients, last_launch: Option<Timestamp>) {
    let now = now();
    let mut offsets = clients.usable().filter_map(|(_, client)| client.clock_offset());
    let offset = offsets.next();
    // One gateway that disagrees is reason enough to delete nothing.
    let agrees = |offset| clock::is_trustworthy(now, offset, last_launch, store.retain());
    if agrees(offset) && offsets.all(|other| agrees(Some(other))) {
        store.prune(offset.map_or(now, |offset| offset.corrected(now)));
    } else {
        tracing::debug!("nothing is deleted: the clock is not known to be right");
    }
}
