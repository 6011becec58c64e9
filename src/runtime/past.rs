//! What the store knows of machines, for the watcher to begin with.

use std::time::Duration;

use crate::domain::{EndpointName, Place, StateMachineArn};
use crate::gateway::Clients;
use crate::store::Store;
use crate::watch;

/// The store, as the watcher asks it.
#[derive(Debug, Clone)]
pub struct Past {
    store: Option<Store>,
    places: Vec<(EndpointName, Place)>,
}

impl Past {
    /// Of the endpoints of these clients; nothing without a store.
    pub fn new(store: Option<Store>, clients: &Clients) -> Self {
        let places = clients.usable().map(|(name, client)| (name, client.endpoint().place())).collect();
        Self { store, places }
    }
}

impl watch::Past for Past {
    async fn durations(&self, endpoint: EndpointName, machine: StateMachineArn) -> Vec<Duration> {
        let place = self.places.iter().find(|(name, _)| *name == endpoint).map(|(_, place)| place.clone());
        let (Some(store), Some(place)) = (&self.store, place) else { return Vec::new() };
        store.durations(place, machine).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "what the store knows of durations could not be read");
            Vec::new()
        })
    }
}
