//! Single requests to a gateway, for the doctor. None of them starts or changes anything.

use std::time::{Duration, SystemTime};

use serde::Serialize;

use crate::domain::route_path::PathValues;
use crate::domain::{
    ExecutionArn, Failure, FailureKind, Route, RouteSettings, RouteSubject, StateMachineArn, Timestamp,
};
use crate::gateway::auth::Credentials;
use crate::gateway::client::{Client, body};
use crate::gateway::probe::envelope::is_envelope;
use crate::gateway::response::ApiType;
use crate::gateway::route_request::{ActionRequest, RouteRequest};

/// The result of a single request.
#[derive(Debug, Clone)]
pub struct ProbeResult {
    /// `None` on success. A request about something that cannot exist should fail.
    pub failure: Option<Failure>,
    /// The gateway's time, from the header `Date`.
    pub date: Option<Timestamp>,
    /// The type of the API, from its headers.
    pub api_type: Option<ApiType>,
    /// Whether a successful response is wrapped in `{"statusCode": 200, "body": ".."}`.
    pub is_enveloped: bool,
}

/// What a request is about.
#[derive(Debug, Clone, Copy)]
pub enum ProbeTarget<'a> {
    /// An execution that cannot exist, by the route's action.
    Execution(Route, &'a ExecutionArn),
    /// An execution that cannot exist, at an undeclared path that may be the status route's.
    StatusAt(&'a RouteSettings, &'a ExecutionArn),
    /// The executions of a machine.
    Machine(&'a StateMachineArn),
    /// The log events of a machine from a time in the future: there are none.
    Logs(&'a StateMachineArn),
    /// The machines of the account.
    Account,
    /// A route that does not exist.
    UnknownRoute,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Input<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    execution_arn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_machine_arn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_results: Option<usize>,
    #[serde(flatten)]
    log_events: Option<LogEvents>,
}

/// The request of `FilterLogEvents`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogEvents {
    log_group_name: String,
    start_time: i64,
    limit: usize,
}

impl LogEvents {
    /// Finds nothing, so that nothing is read.
    fn of_future(machine: &StateMachineArn) -> Self {
        // The name that the console of Step Functions proposes.
        let log_group_name = format!("/aws/vendedlogs/states/{}-Logs", machine.name());
        Self { log_group_name, start_time: FUTURE, limit: 1 }
    }
}

/// The year 2100, in milliseconds.
const FUTURE: i64 = 4_102_444_800_000;

impl Client {
    /// Sends one request, to a route that the endpoint declares and that cannot start anything.
    pub async fn probe(&self, target: ProbeTarget<'_>) -> ProbeResult {
        let (execution, machine) = match target {
            ProbeTarget::Execution(_, arn) | ProbeTarget::StatusAt(_, arn) => (Some(arn.as_str()), None),
            ProbeTarget::Machine(arn) => (None, Some(arn.as_str())),
            ProbeTarget::Logs(_) | ProbeTarget::Account | ProbeTarget::UnknownRoute => (None, None),
        };
        let has_pages = matches!(
            target,
            ProbeTarget::Execution(Route::History, _) | ProbeTarget::Machine(_) | ProbeTarget::Account
        );
        let log_events = if let ProbeTarget::Logs(arn) = target { Some(LogEvents::of_future(arn)) } else { None };
        let max_results = has_pages.then_some(1);
        let input = Input { execution_arn: execution, state_machine_arn: machine, max_results, log_events };
        let sent = async {
            let json = body(&input)?;
            let request = match target {
                // With a mapping template, any body may start something.
                ProbeTarget::Execution(route, _) if route.subject() == RouteSubject::Start => {
                    return Err(Failure::without_response(FailureKind::Client, "only a start proves this route"));
                }
                ProbeTarget::Execution(route, arn) => {
                    self.request(ActionRequest { route, values: PathValues::Execution(arn), json }).await?
                }
                ProbeTarget::StatusAt(settings, arn) => {
                    let (route, values) = (Route::Status, PathValues::Execution(arn));
                    self.request_by(settings, ActionRequest { route, values, json }).await?
                }
                ProbeTarget::Machine(arn) => {
                    let (route, values) = (Route::List, PathValues::Machine(arn));
                    self.request(ActionRequest { route, values, json }).await?
                }
                ProbeTarget::Logs(arn) => {
                    let (route, values) = (Route::Logs, PathValues::Machine(arn));
                    self.request(ActionRequest { route, values, json }).await?
                }
                ProbeTarget::Account => {
                    let (route, values) = (Route::Machines, PathValues::Account);
                    self.request(ActionRequest { route, values, json }).await?
                }
                ProbeTarget::UnknownRoute => RouteRequest::unknown_route(&json),
            };
            let credentials = self.credentials().await?;
            Ok(self.exchange(&request, &credentials, |body, _| Ok(is_envelope(body))).await)
        };
        match sent.await {
            Ok((head, result)) => {
                let (date, api_type) = (head.date(), head.api_type);
                let is_enveloped = *result.as_ref().unwrap_or(&false);
                ProbeResult { failure: result.err(), date, api_type, is_enveloped }
            }
            Err(failure) => ProbeResult { failure: Some(failure), date: None, api_type: None, is_enveloped: false },
        }
    }

    /// Learns the gateway's time from its response to a route that no gateway has. Sends no credentials, because looking
    /// them up may prompt the user.
    pub async fn learn_time(&self) {
        let _ = self.exchange(&RouteRequest::unknown_route(b"{}"), &Credentials::none(), |_, _| Ok(())).await;
    }

    /// Looks up the credentials. Returns how long they are valid, if known; zero if they have expired.
    pub async fn check_credentials(&self) -> Result<Option<Duration>, Failure> {
        let expires = self.credentials().await?.expires();
        Ok(expires.map(|expires| expires.duration_since(SystemTime::now()).unwrap_or_default()))
    }
}
