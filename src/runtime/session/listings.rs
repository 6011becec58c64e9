//! Lists of the gateways' latest executions, without those that the user has removed. The app never sees them.

use std::collections::BTreeSet;

use tokio::sync::mpsc;

use crate::app::{Effect, Msg};
use crate::runtime::now;
use stepgate_core::domain::{EndpointName, ExecutionArn, GatewayId, ListedExecution, Timestamp};
use stepgate_core::gateway::Clients;
use stepgate_core::store::Store;
use stepgate_core::task;

/// Maximum number of executions to pass on from one list: a page of the service.
const MAX_LISTED: usize = 1_000;
/// How many executions that this process has removed are remembered for certain; at most twice as many in all.
const MAX_REMEMBERED: usize = 4_096;

/// Filters the lists before the app receives them.
pub(super) struct Listings {
    store: Option<Store>,
    gateways: Vec<(EndpointName, GatewayId)>,
    messages: mpsc::Sender<Msg>,
    removed_here: RemovedHere,
}

impl Listings {
    pub(super) fn new(store: Option<Store>, clients: &Clients, messages: mpsc::Sender<Msg>) -> Self {
        let gateways = clients.usable().map(|(name, client)| (name, client.endpoint().gateway())).collect();
        Self { store, gateways, messages, removed_here: RemovedHere::default() }
    }

    /// Asks the store which executions of a list were removed, and sends the others as a message.
    pub(super) fn check(&self, endpoint: EndpointName, mut listed: Vec<ListedExecution>) {
        listed.truncate(MAX_LISTED);
        let (store, messages) = (self.store.clone(), self.messages.clone());
        let gateway = self.gateway(&endpoint).cloned();
        task::spawn(async move {
            if let Some((store, gateway)) = store.zip(gateway) {
                let oldest_kept = store.oldest_kept(now());
                // Their marks may be pruned, and their records would be.
                listed.retain(|listed| !ended_before(listed, oldest_kept));
                let arns = listed.iter().map(|listed| listed.arn.clone()).collect();
                match store.removed_of(gateway, arns).await {
                    Ok(removed) => listed.retain(|listed| !removed.contains(&listed.arn)),
                    Err(error) => {
                        tracing::warn!(%error, "a list is not shown: removed executions cannot be read");
                        return;
                    }
                }
            }
            let _ = messages.send(Msg::Listed(endpoint, listed)).await;
        });
    }

    /// Drops executions that were removed while the store was asked, or that no store can remember.
    pub(super) fn current(&self, message: Msg) -> Msg {
        let Msg::Listed(endpoint, mut listed) = message else { return message };
        if let Some(gateway) = self.gateway(&endpoint) {
            listed.retain(|listed| !self.removed_here.contains(gateway, &listed.arn));
        }
        Msg::Listed(endpoint, listed)
    }

    /// Notes what the user removes or brings back in this process.
    pub(super) fn note(&mut self, effect: &Effect) {
        match effect {
            Effect::Remove(keys) => keys.iter().for_each(|key| self.removed_here.insert(key.clone())),
            Effect::Restore(gateway, arn) => self.removed_here.remove(&(gateway.clone(), arn.clone())),
            _ => {}
        }
    }

    fn gateway(&self, endpoint: &EndpointName) -> Option<&GatewayId> {
        self.gateways.iter().find(|(name, _)| name == endpoint).map(|(_, gateway)| gateway)
    }
}

fn ended_before(listed: &ListedExecution, oldest_kept: Timestamp) -> bool {
    // Without the time of its end, the start counts.
    listed.status.outcome().is_some() && listed.stop_date.unwrap_or(listed.start_date) < oldest_kept
}

/// The executions that were removed last, in two generations: the older one is dropped when the newer one is full.
#[derive(Debug, Default)]
struct RemovedHere {
    newer: BTreeSet<(GatewayId, ExecutionArn)>,
    older: BTreeSet<(GatewayId, ExecutionArn)>,
}

impl RemovedHere {
    fn insert(&mut self, key: (GatewayId, ExecutionArn)) {
        if self.newer.len() >= MAX_REMEMBERED {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(key);
    }

    fn remove(&mut self, key: &(GatewayId, ExecutionArn)) {
        self.newer.remove(key);
        self.older.remove(key);
    }

    fn contains(&self, gateway: &GatewayId, arn: &ExecutionArn) -> bool {
        if self.newer.is_empty() {
            return false;
        }
        let key = (gateway.clone(), arn.clone());
        self.newer.contains(&key) || self.older.contains(&key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_removals_are_remembered_in_bounded_memory() {
        let gateway = GatewayId::new("https://example.com/dev");
        let arn = |index: usize| {
            let arn = format!("arn:aws:states:ap-northeast-1:111122223333:execution:Order:run-{index}");
            ExecutionArn::parse(&arn).expect("an ARN")
        };
        let mut removed = RemovedHere::default();
        let count = MAX_REMEMBERED * 3;
        (0..count).for_each(|index| removed.insert((gateway.clone(), arn(index))));
        assert!((count - MAX_REMEMBERED..count).all(|index| removed.contains(&gateway, &arn(index))));
        assert!(removed.newer.len() + removed.older.len() <= 2 * MAX_REMEMBERED);
        assert!(!removed.contains(&GatewayId::new("https://example.com/prod"), &arn(count - 1)));
        removed.remove(&(gateway.clone(), arn(count - 1)));
        assert!(!removed.contains(&gateway, &arn(count - 1)));
    }
}
