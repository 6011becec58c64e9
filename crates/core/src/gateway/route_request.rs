//! A request to a route: the action's request in the form that the gateway wants.

use std::time::Duration;

use crate::domain::route_path::PathValues;
use crate::domain::{Method, Route};
use crate::gateway::filters::FilterKey;
use crate::gateway::probe::unknown_route::UNKNOWN_ROUTE;

/// The request of an action, as Step Functions defines it.
#[derive(Debug, Clone)]
pub(super) struct ActionRequest<'a> {
    pub(super) route: Route,
    pub(super) values: PathValues<'a>,
    /// JSON.
    pub(super) json: Vec<u8>,
}

/// A request as it is sent.
#[derive(Debug, Clone)]
pub(super) struct RouteRequest {
    pub(super) method: Method,
    /// With the values of its placeholders, percent-encoded.
    pub(super) path: String,
    pub(super) body: Vec<u8>,
    /// The action's request, if the body is another text.
    pub(super) action: Option<Vec<u8>>,
    /// The filter for the response.
    pub(super) answer: Option<FilterKey>,
    /// How long the gateway waits for the end of the execution, on the route `sync`.
    pub(super) sync_timeout: Option<Duration>,
}

impl RouteRequest {
    /// Returns a request to a route that no gateway has.
    pub(super) fn unknown_route(body: &[u8]) -> Self {
        Self {
            method: Method::Post,
            path: UNKNOWN_ROUTE.to_owned(),
            body: body.to_owned(),
            action: None,
            answer: None,
            sync_timeout: None,
        }
    }

    /// Returns the action's request, whose ARNs and name the response may repeat.
    pub(super) fn action(&self) -> &[u8] {
        self.action.as_deref().unwrap_or(&self.body)
    }
}
