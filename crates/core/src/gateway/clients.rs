//! The clients of a configuration, by endpoint name and gateway id.

use std::sync::Arc;

use crate::domain::endpoint::at_gateway;
use crate::domain::{Endpoint, EndpointName, Failure, FailureKind, GatewayFacts, GatewayId};
use crate::gateway::client::Client;

/// A client for each endpoint, or why it cannot be created.
#[derive(Debug, Clone, Default)]
pub struct Clients(Vec<(EndpointName, GatewayId, Result<Arc<Client>, Failure>)>);

impl Clients {
    /// Creates the clients, without sending anything.
    pub fn new(endpoints: impl IntoIterator<Item = Endpoint>) -> Self {
        let client =
            |endpoint: Endpoint| (endpoint.name.clone(), endpoint.gateway(), Client::new(endpoint).map(Arc::new));
        Self(endpoints.into_iter().map(client).collect())
    }

    /// Sets what responses to earlier launches have shown about the gateways.
    pub fn remember(&self, gateways: &[(GatewayId, GatewayFacts)]) {
        for client in self.0.iter().filter_map(|(.., client)| client.as_ref().ok()) {
            let key = client.endpoint().facts_key();
            if let Some((_, facts)) = gateways.iter().find(|(known, _)| *known == key) {
                client.learn(*facts);
            }
        }
    }

    /// Returns the clients that could be created.
    pub fn usable(&self) -> impl Iterator<Item = (EndpointName, Arc<Client>)> {
        self.0.iter().filter_map(|(name, _, client)| Some((name.clone(), client.as_ref().ok()?.clone())))
    }

    /// Returns the client of the gateway with this id, which the configuration may have renamed. If several endpoints have
    /// its URL, the one with this name takes precedence.
    pub fn at(&self, gateway: &GatewayId, name: &EndpointName) -> Result<Arc<Client>, Failure> {
        let gone = || Err(Failure::without_response(FailureKind::EndpointGone, gateway.as_str()));
        let Some(name) = self.name_at(gateway, name) else { return gone() };
        self.0.iter().find(|(known, ..)| known == name).map_or_else(gone, |(.., client)| client.clone())
    }

    /// Returns the current name of the endpoint with this gateway.
    pub fn name_at(&self, gateway: &GatewayId, name: &EndpointName) -> Option<&EndpointName> {
        at_gateway(self.0.iter().map(|(known, at, _)| (known, at)), gateway, name)
    }
}
