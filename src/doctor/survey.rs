//! Finds out what a gateway offers, for a configuration: which routes exist, the type of the API, how errors arrive. Starts,
//! stops and redrives nothing: the start route is never requested, and the others only about an execution that cannot
//! exist, once the status route and unknown paths have shown that the gateway distinguishes its routes.

use std::time::Duration;

use tokio::time::timeout;

use crate::doctor::diagnosis::{self, Diagnosis, Stage};
use crate::doctor::{Check, Finding, Target, credentials, network, routes, settings};
use stepgate_core::domain::{
    Auth, Endpoint, ExecutionArn, Failure, FailureKind, OptionalRoutes, Route, RouteSubject, StateMachineArn,
    Unreachable,
};
use stepgate_core::gateway::Client;
use stepgate_core::gateway::probe::{ApiType, ProbeResult, ProbeTarget};

/// The limit for all requests together.
const DEADLINE: Duration = Duration::from_secs(90);
/// The end of a path that no gateway has.
const UNKNOWN: &str = "/stepgate-asks-for-nothing";
/// Why optional routes are not requested.
const ANY_PATH: &str = "the gateway does not refuse unknown paths, so a request might start something";

/// What a gateway offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Survey {
    /// The type of the API, if its responses show it.
    pub api_type: Option<ApiType>,
    /// Whether errors of Step Functions arrive as HTTP 200, if one arrived.
    pub errors_are_200: Option<bool>,
    /// The AWS account, if an error names it.
    pub account: Option<String>,
    /// The optional routes that were requested.
    pub routes: Vec<(Route, RouteState)>,
    /// The state of the status route.
    pub status: RouteState,
}

/// What a response shows about a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RouteState {
    /// Route, integration and role work.
    Works,
    /// It works, with its responses wrapped in `{"statusCode", "body"}`.
    Enveloped,
    /// It exists, and its role allows only certain machines.
    Restricted,
    /// It does not exist, or requires other credentials.
    Absent,
    /// It exists, but something is wrong with it.
    Unusable(String),
    /// It was not requested, for this reason.
    NotAsked(&'static str),
}

/// Queries the gateway. `machine` stands in for a machine if the target has none. Without a result, the last finding says
/// why.
pub(crate) async fn survey(
    target: &Target<'_>,
    (machine, status_path): (&StateMachineArn, &str),
    report: &mut dyn FnMut(Finding),
) -> Option<Survey> {
    let client = settings::check(target, report).await?;
    if !network::check(target, report).await || !credentials::check(target, &client, report).await {
        return None;
    }
    let asked = Asked { target, client: &client, machine, status_path };
    match timeout(DEADLINE, asked.survey()).await {
        Ok(Ok(survey)) => Some(survey),
        Ok(Err(finding)) => {
            report(*finding);
            None
        }
        Err(_) => {
            let kind = FailureKind::Unreachable(Unreachable::Deadline);
            let message = format!("not all responses arrived within {} s", DEADLINE.as_secs());
            let advice = "Try again later; `-v` shows how long each request takes.";
            report(Finding::problem(Check::Route, target.endpoint.url.as_str(), kind, "unreachable", message, advice));
            None
        }
    }
}

struct Asked<'a> {
    target: &'a Target<'a>,
    client: &'a Client,
    machine: &'a StateMachineArn,
    status_path: &'a str,
}

impl Asked<'_> {
    fn execution(&self) -> ExecutionArn {
        self.machine.unqualified().execution(&self.target.unused_name)
    }

    async fn survey(&self) -> Result<Survey, Box<Finding>> {
        let Self { target, client, .. } = *self;
        let unknown_route = client.probe(ProbeTarget::UnknownRoute).await;
        let below_http = |probe: &ProbeResult| probe.failure.clone().filter(diagnosis::is_below_http);
        if let Some(failure) = below_http(&unknown_route).filter(|failure| !routes::is_broken(failure)) {
            return Err(Box::new(routes::below_http(target, &failure).await));
        }
        let status = client.probe(ProbeTarget::Execution(Route::Status, &self.execution())).await;
        if let Some(failure) = below_http(&status) {
            return Err(Box::new(routes::below_http(target, &failure).await));
        }
        let state = state_of(Route::Status, &status);
        match &state {
            RouteState::Works | RouteState::Enveloped => {}
            RouteState::Restricted if target.machines.is_empty() => {}
            _ => return Err(Box::new(self.status_finding(&unknown_route, &status).await)),
        }
        let failure = status.failure.as_ref();
        Ok(Survey {
            api_type: status.api_type.or(unknown_route.api_type),
            errors_are_200: failure.and_then(|failure| failure.http_status).map(|status| status == 200),
            account: failure.and_then(|failure| account(&failure.message)),
            routes: self.optional_routes(&unknown_route).await?,
            status: state,
        })
    }

    async fn optional_routes(&self, unknown_route: &ProbeResult) -> Result<Vec<(Route, RouteState)>, Box<Finding>> {
        let Self { target, client, machine, .. } = *self;
        let (mut found, execution) = (Vec::new(), self.execution());
        let refuses_unknown = refuses(unknown_route) && self.refuses_unknown_below().await;
        let mut not_asked = (!refuses_unknown).then_some(ANY_PATH);
        let is_optional = |route: &Route| {
            *route == Route::List || (route.subject() == RouteSubject::Execution && *route != Route::Status)
        };
        let declared = Route::ALL.into_iter().filter(is_optional);
        for route in declared.filter(|route| target.endpoint.route(*route).is_some()) {
            if let Some(reason) = not_asked {
                found.push((route, RouteState::NotAsked(reason)));
                continue;
            }
            let probe_target = match route {
                Route::List => ProbeTarget::Machine(machine),
                _ => ProbeTarget::Execution(route, &execution),
            };
            let probe = client.probe(probe_target).await;
            if let Some(failure) = &probe.failure {
                if diagnosis::is_below_http(failure) {
                    not_asked = Some("the gateway has stopped responding");
                }
                if failure.kind == FailureKind::MachineDoesNotExist && !target.machines.is_empty() {
                    let named = ("unknown-machine", failure.advice());
                    return Err(Box::new(Finding::failed(Check::Machine, machine.as_str(), failure, named)));
                }
            }
            found.push((route, state_of(route, &probe)));
        }
        Ok(found)
    }

    /// Returns whether the gateway refuses an unknown path beside that of the status route. A route such as
    /// `/execution/{proxy+}` would take it, and every optional route.
    async fn refuses_unknown_below(&self) -> bool {
        let folder = self.status_path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let path = format!("{folder}{UNKNOWN}");
        let optional_routes = OptionalRoutes { definition: Some(path.as_str().into()), ..OptionalRoutes::default() };
        let Ok(client) = Client::new(Endpoint { optional_routes, ..self.target.endpoint.clone() }) else {
            return false;
        };
        refuses(&client.probe(ProbeTarget::Execution(Route::Definition, &self.execution())).await)
    }

    /// Explains why the status route does not work.
    async fn status_finding(&self, unknown_route: &ProbeResult, status: &ProbeResult) -> Finding {
        let endpoint = self.target.endpoint;
        let Some(failure) = &status.failure else {
            let message = "success for an execution that cannot exist: this is not DescribeExecution";
            let advice =
                "Check the url. If the gateway has paths or bodies of its own, write the configuration by hand.";
            let kind = FailureKind::Undecodable;
            return Finding::problem(Check::Route, self.status_path, kind, "not-step-functions", message, advice);
        };
        let origin = self.client.credentials_origin().await;
        let is_http_api = status.api_type.or(unknown_route.api_type) == Some(ApiType::Http);
        let (name, advice) = http_api(endpoint, is_http_api, failure).unwrap_or_else(|| {
            let unknown = unknown_route.failure.as_ref();
            let is_refused = unknown.is_some_and(|failure| failure.kind == FailureKind::WrongRoute);
            let stage = if is_http_api && is_refused { Stage::Exists } else { diagnosis::stage(unknown) };
            diagnosis::diagnose(failure, stage, endpoint, Route::Status, origin.as_ref())
        });
        Finding::failed(Check::Route, self.status_path, failure, (name, advice))
    }
}

/// Returns whether a response is a refusal before anything can be started.
fn refuses(probe: &ProbeResult) -> bool {
    use FailureKind as K;
    let kind = probe.failure.as_ref().map(|failure| &failure.kind);
    let is_refusal = |kind: &K| {
        matches!(
            kind,
            K::WrongRoute
                | K::Forbidden
                | K::Unauthorized
                | K::SignatureRefused
                | K::PolicyDenied
                | K::AuthorizerDenied
                | K::Rejected
        )
    };
    kind.is_some_and(is_refusal)
}

fn state_of(route: Route, probe: &ProbeResult) -> RouteState {
    use FailureKind as K;
    let Some(failure) = &probe.failure else {
        return match route {
            _ if probe.is_enveloped => RouteState::Enveloped,
            Route::List => RouteState::Works,
            _ => RouteState::Unusable("success for an execution that cannot exist".into()),
        };
    };
    match &failure.kind {
        K::ExecutionDoesNotExist => RouteState::Works,
        K::MachineDoesNotExist | K::MachineTypeNotSupported if route == Route::List => RouteState::Works,
        K::RoleDenied => RouteState::Restricted,
        K::WrongRoute => RouteState::Absent,
        _ => RouteState::Unusable(failure.summary()),
    }
}

/// Diagnoses `Forbidden` of an HTTP API, which has no API keys.
fn http_api(endpoint: &Endpoint, is_http_api: bool, failure: &Failure) -> Option<Diagnosis> {
    let is_unsigned = !matches!(endpoint.auth, Auth::Iam { .. });
    (is_http_api && is_unsigned && failure.kind == FailureKind::Forbidden).then(|| {
        let advice =
            "An HTTP API refuses requests without a signature in this way, if the route has IAM authorization.";
        ("signature-expected", format!("{advice} Set auth = {{ type = \"iam\" }}."))
    })
}

/// Returns the account of a role that an error names: `arn:aws:sts::123456789012:assumed-role/..`.
fn account(message: &str) -> Option<String> {
    let (_, rest) = message.split_once(":sts::").or_else(|| message.split_once(":iam::"))?;
    let account: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (account.len() == 12 && rest[12..].starts_with(':')).then_some(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(failure: Option<(FailureKind, u16)>, is_enveloped: bool) -> ProbeResult {
        let failure =
            failure.map(|(kind, status)| Failure { http_status: Some(status), ..Failure::without_response(kind, "") });
        ProbeResult { failure, date: None, api_type: None, is_enveloped }
    }

    #[test]
    fn only_the_error_for_an_unknown_execution_or_a_role_shows_that_a_route_exists() {
        use FailureKind as K;
        let unusable =
            |route, kind| matches!(state_of(route, &probe(Some((kind, 500)), false)), RouteState::Unusable(_));
        assert_eq!(state_of(Route::Stop, &probe(Some((K::ExecutionDoesNotExist, 200)), false)), RouteState::Works);
        assert_eq!(state_of(Route::Stop, &probe(Some((K::RoleDenied, 200)), false)), RouteState::Restricted);
        assert_eq!(state_of(Route::Stop, &probe(Some((K::WrongRoute, 403)), false)), RouteState::Absent);
        assert_eq!(state_of(Route::Stop, &probe(None, true)), RouteState::Enveloped);
        assert_eq!(state_of(Route::List, &probe(None, false)), RouteState::Works);
        assert_eq!(state_of(Route::List, &probe(Some((K::MachineDoesNotExist, 400)), false)), RouteState::Works);
        assert!(matches!(state_of(Route::Stop, &probe(None, false)), RouteState::Unusable(_)));
        assert!(unusable(Route::Stop, K::MachineDoesNotExist) && unusable(Route::List, K::Validation));
        assert!(unusable(Route::Status, K::Throttled) && unusable(Route::Status, K::Integration));
    }

    #[test]
    fn an_account_is_read_from_the_arn_of_a_role_only() {
        let denied = "User: arn:aws:sts::123456789012:assumed-role/gateway/x is not authorized to perform: states:X on \
                      resource: arn:aws:states:us-east-1:000000000000:execution:M:e";
        assert_eq!(account(denied).as_deref(), Some("123456789012"));
        for message in ["arn:aws:states:us-east-1:000000000000:execution:M:e", "arn:aws:sts::1234:x", ":sts::"] {
            assert_eq!(account(message), None, "{message}");
        }
    }
}
