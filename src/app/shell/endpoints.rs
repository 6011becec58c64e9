//! The endpoints in the configuration, and what is known about their gateways: traffic, outages, credential commands.

use crate::app::shell::endpoint_stats::EndpointStats;
use crate::app::shell::setup::EndpointInfo;
use stepgate_core::domain::endpoint::at_gateway;
use stepgate_core::domain::{EndpointName, GatewayId};

/// The endpoints.
#[derive(Debug, Clone)]
pub struct Endpoints {
    list: Vec<EndpointInfo>,
    /// The endpoint that is shown; `None` for all.
    selected: Option<EndpointName>,
    stats: EndpointStats,
    /// The running credential commands, by the endpoint whose requests wait for them.
    credential_commands: Vec<(EndpointName, Box<str>)>,
}

impl Endpoints {
    /// Returns the endpoints in the order of the configuration.
    pub(super) fn new(list: Vec<EndpointInfo>) -> Self {
        Self { list, selected: None, stats: EndpointStats::default(), credential_commands: Vec::new() }
    }

    /// Returns all endpoints.
    pub fn list(&self) -> &[EndpointInfo] {
        &self.list
    }

    /// Returns the endpoint that was selected; `None` if all are shown.
    pub fn selected(&self) -> Option<&EndpointName> {
        self.selected.as_ref()
    }

    /// Selects the endpoint to show; `None` for all.
    pub(in crate::app) fn select(&mut self, endpoint: Option<EndpointName>) {
        self.selected = endpoint;
    }

    /// Returns the endpoint that is shown: the selected one, or the only one; `None` if all of several are shown.
    pub fn shown(&self) -> Option<&EndpointInfo> {
        match (&self.selected, &self.list[..]) {
            (Some(name), _) => self.find(name),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }

    /// Returns whether all of several endpoints are shown.
    pub fn are_all_shown(&self) -> bool {
        self.selected.is_none() && self.list.len() > 1
    }

    /// Returns the first endpoint.
    pub fn first(&self) -> Option<&EndpointInfo> {
        self.list.first()
    }

    /// Returns the endpoint with this name.
    pub fn find(&self, name: &EndpointName) -> Option<&EndpointInfo> {
        self.list.iter().find(|endpoint| endpoint.name == *name)
    }

    /// Returns the current name of the endpoint with this gateway; `None` if it is not in the configuration. If there
    /// are several, prefers the one with the former name.
    pub fn at(&self, gateway: &GatewayId, name: &EndpointName) -> Option<&EndpointName> {
        at_gateway(self.list.iter().map(|endpoint| (&endpoint.name, &endpoint.gateway)), gateway, name)
    }

    /// Returns the gateway of the endpoint with this name.
    pub fn gateway_of(&self, name: &EndpointName) -> Option<&GatewayId> {
        self.find(name).map(|endpoint| &endpoint.gateway)
    }

    /// Returns request rates and outages.
    pub fn stats(&self) -> &EndpointStats {
        &self.stats
    }

    /// Returns request rates and outages, mutably.
    pub(in crate::app) fn stats_mut(&mut self) -> &mut EndpointStats {
        &mut self.stats
    }

    /// Returns the running credential commands, each with the endpoint whose requests wait for it.
    pub(super) fn credential_commands(&self) -> &[(EndpointName, Box<str>)] {
        &self.credential_commands
    }

    /// Returns the running credential command of an endpoint, if requests wait for it.
    pub fn credential_command(&self, endpoint: &EndpointName) -> Option<&str> {
        self.credential_commands.iter().find(|(name, _)| name == endpoint).map(|(_, program)| &**program)
    }

    /// Sets the credential command of an endpoint; `None` when it has exited.
    pub(in crate::app) fn set_credential_command(&mut self, endpoint: EndpointName, program: Option<Box<str>>) {
        self.credential_commands.retain(|(other, _)| *other != endpoint);
        self.credential_commands.extend(program.map(|program| (endpoint, program)));
    }
}
