//! The store, as the watcher uses it: durations, facts about gateways, and rate limits shared with other processes.

use std::sync::Arc;
use std::time::Duration;

use crate::runtime::now;
use stepgate_core::domain::{EndpointName, GatewayFacts, GatewayId, Route, StateMachineArn, Timestamp};
use stepgate_core::gateway::{Client, Clients};
use stepgate_core::rate_limit::{SharedFile, SharedRateLimit};
use stepgate_core::store::Store;
use stepgate_core::watch;

/// What watchers of several processes share.
#[derive(Debug, Clone)]
pub(crate) struct WatcherStore {
    store: Option<Store>,
    gateways: Vec<Known>,
}

/// An endpoint in the store.
#[derive(Debug, Clone)]
struct Known {
    name: EndpointName,
    gateway: GatewayId,
    facts_key: GatewayId,
}

impl WatcherStore {
    /// Without a store, nothing is shared.
    pub(crate) fn new(store: Option<Store>, clients: &Clients) -> Self {
        let known = |(name, client): (EndpointName, Arc<Client>)| Known {
            name,
            gateway: client.endpoint().gateway(),
            facts_key: client.endpoint().facts_key(),
        };
        Self { store, gateways: clients.usable().map(known).collect() }
    }

    fn known(&self, endpoint: &EndpointName) -> Option<(&Store, &Known)> {
        let known = self.gateways.iter().find(|known| known.name == *endpoint)?;
        Some((self.store.as_ref()?, known))
    }

    fn gateway(&self, endpoint: &EndpointName) -> Option<(&Store, &GatewayId)> {
        self.known(endpoint).map(|(store, known)| (store, &known.gateway))
    }
}

impl watch::Shared for WatcherStore {
    async fn durations(&self, endpoint: EndpointName, machine: StateMachineArn) -> Vec<Duration> {
        let Some((store, gateway)) = self.gateway(&endpoint) else { return Vec::new() };
        store.durations(gateway.clone(), machine).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "durations could not be read from the store");
            Vec::new()
        })
    }

    fn learned(&self, endpoint: &EndpointName, facts: GatewayFacts) {
        if let Some((store, known)) = self.known(endpoint) {
            store.learn(known.facts_key.clone(), facts);
        }
    }

    fn now(&self) -> Timestamp {
        now()
    }

    fn shared_limit(&self, endpoint: &EndpointName, route: Route) -> Option<Arc<dyn SharedRateLimit>> {
        let (store, gateway) = self.gateway(endpoint)?;
        Some(Arc::new(SharedFile::new(store.folder(), gateway, route)))
    }
}
