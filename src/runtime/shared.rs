//! What the watcher has in common with other launches: durations that the store knows, budgets that all spend from.

use std::sync::Arc;
use std::time::Duration;

use crate::runtime::now;
use stepgate_core::domain::{EndpointName, GatewayFacts, Place, Route, StateMachineArn, Timestamp};
use stepgate_core::gateway::Clients;
use stepgate_core::rate_limit::{SharedFile, SharedRateLimit};
use stepgate_core::store::Store;
use stepgate_core::watch;

/// The store, as the watcher sees it.
#[derive(Debug, Clone)]
pub struct Shared {
    store: Option<Store>,
    places: Vec<(EndpointName, Place)>,
}

impl Shared {
    /// Of the endpoints of these clients; nothing without a store.
    pub fn new(store: Option<Store>, clients: &Clients) -> Self {
        let places = clients.usable().map(|(name, client)| (name, client.endpoint().place())).collect();
        Self { store, places }
    }

    fn place(&self, endpoint: &EndpointName) -> Option<(&Store, &Place)> {
        let place = self.places.iter().find(|(name, _)| name == endpoint).map(|(_, place)| place)?;
        Some((self.store.as_ref()?, place))
    }
}

impl watch::Shared for Shared {
    async fn durations(&self, endpoint: EndpointName, machine: StateMachineArn) -> Vec<Duration> {
        let Some((store, place)) = self.place(&endpoint) else { return Vec::new() };
        store.durations(place.clone(), machine).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "what the store knows of durations could not be read");
            Vec::new()
        })
    }

    fn learned(&self, endpoint: &EndpointName, facts: GatewayFacts) {
        if let Some((store, place)) = self.place(endpoint) {
            store.learn(place.clone(), facts);
        }
    }

    fn now(&self) -> Timestamp {
        now()
    }

    fn shared_limit(&self, endpoint: &EndpointName, route: Route) -> Option<Arc<dyn SharedRateLimit>> {
        let (store, place) = self.place(endpoint)?;
        Some(Arc::new(SharedFile::new(store.folder(), place, route)))
    }
}
