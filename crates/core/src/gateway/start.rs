//! The routes `start` and `sync`: `StartExecution` and `StartSyncExecution`, once. `lifecycle` decides whether to retry.

use serde::Serialize;

use crate::domain::route_path::PathValues;
use crate::domain::{ExecutionArn, Failure, Observation, Placeholder, Route, StartOrder, StartResponse};
use crate::gateway::client::{Client, body};
use crate::gateway::members::{Members, excerpt, missing};
use crate::gateway::received_arn::contains;
use crate::gateway::route_request::{ActionRequest, RouteRequest};
use crate::gateway::status;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StartExecutionInput<'a> {
    state_machine_arn: &'a str,
    name: &'a str,
    input: &'a str,
}

impl Client {
    /// Starts an execution. It may exist despite a failure only if the failure
    /// [leaves the outcome open](Failure::leaves_outcome_open).
    pub async fn start(&self, order: &StartOrder) -> Result<StartResponse, Failure> {
        let route = self.endpoint().route_to_start(order.machine_type);
        self.send_start(&self.prepare_start(order, route).await?).await
    }

    /// Returns the request for a start on one of the two routes, which repeated attempts send unchanged.
    pub(crate) async fn prepare_start(&self, order: &StartOrder, route: Route) -> Result<StartRequest, Failure> {
        let request = self.start_request(route, order, order.name.as_str()).await?;
        let has_name = match self.sends(route, Placeholder::Name) {
            Some(has_name) => has_name,
            // If the filter gives another name the same request, the gateway does not learn the name.
            None => self.start_request(route, order, &format!("{}-", order.name.as_str())).await?.body != request.body,
        };
        Ok(StartRequest { request, route, has_name })
    }

    /// Sends it once.
    pub(crate) async fn send_start(&self, start: &StartRequest) -> Result<StartResponse, Failure> {
        let read = |body: &[u8], received: Option<&[u8]>| {
            let response = read(body)?;
            let arn = response.execution_arn.as_ref().map(ExecutionArn::as_str);
            let is_arn_composed = received.zip(arn).is_some_and(|(received, arn)| !contains(received, arn));
            let excerpt = match received {
                Some(received) if response.execution_arn.is_none() => self.lacks_arn(&start.request, body, received),
                _ => response.excerpt,
            };
            Ok(StartResponse { is_arn_composed, excerpt, ..response })
        };
        Box::pin(self.send(&start.request, read)).await
    }

    async fn start_request(&self, route: Route, order: &StartOrder, name: &str) -> Result<RouteRequest, Failure> {
        let (state_machine_arn, input) = (order.machine.as_str(), order.input.as_str());
        let json = body(&StartExecutionInput { state_machine_arn, name, input })?;
        let values = PathValues::Start(&order.machine, &order.name);
        self.request(ActionRequest { route, values, json }).await
    }
}

/// The request for a start.
#[derive(Debug, Clone)]
pub(crate) struct StartRequest {
    request: RouteRequest,
    /// `start` or `sync`.
    pub(crate) route: Route,
    /// Whether it contains the execution's name, so that the gateway can pass it on.
    pub(crate) has_name: bool,
}

/// Reads a 2xx. Missing members are not a failure: the request was accepted.
pub(super) fn read(body: &[u8]) -> Result<StartResponse, Failure> {
    let members = Members::of_response(body)?;
    let execution_arn = members.text("executionArn").and_then(|text| ExecutionArn::parse(&text).ok());
    let seen = status::observation(&members);
    if execution_arn.is_none() && seen.is_none() && members.text("errorMessage").is_some() {
        // What a Lambda function in between returns when it fails, as HTTP 200.
        return Err(missing("executionArn", &members, body));
    }
    Ok(StartResponse {
        execution_arn,
        is_arn_composed: false,
        start_date: members.date("startDate"),
        others: members.others(&read_members(seen.as_ref())),
        seen: seen.map(Box::new),
        excerpt: excerpt(body),
    })
}

/// Returns the members that are not repeated among the other members. They include the `status` of an outcome, which is
/// only printed if the outcome is accepted, but not input and output.
fn read_members(seen: Option<&Observation>) -> Vec<&'static str> {
    let mut read = vec!["executionArn", "stateMachineArn", "name", "startDate"];
    if seen.is_some_and(Observation::is_ended) {
        read.push("status");
    }
    read
}
