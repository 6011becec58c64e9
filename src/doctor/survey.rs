//! Finds out what a gateway offers, for a configuration: which routes exist, the type of the API, how errors arrive, which
//! machines there are. Starts, stops and redrives nothing: routes that start something are never requested, requests about
//! an execution name one that cannot exist, and optional routes are requested only once the status route and unknown paths
//! have shown that the gateway distinguishes its routes.
//!
//! `get_status` finds a status route that is a GET. `route_state` says what a response shows.

mod get_status;
mod route_state;

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::timeout;

use crate::doctor::diagnosis::{self, Diagnosis, Stage};
use crate::doctor::{Check, Finding, Target, credentials, network, routes, settings};
use stepgate_core::domain::{
    Auth, Endpoint, ExecutionArn, Failure, FailureKind, ListedMachine, Route, RouteSettings, RouteSubject,
    StateMachineArn, Unreachable,
};
use stepgate_core::gateway::Client;
use stepgate_core::gateway::probe::{ApiType, ProbeResult, ProbeTarget};

pub(crate) use route_state::RouteState;
use route_state::{refuses, state_of};

/// The limit for all requests together.
const DEADLINE: Duration = Duration::from_secs(90);
/// The end of a path that no gateway has.
const UNKNOWN: &str = "/stepgate-asks-for-nothing";
/// Limit for machines to list.
const MOST_MACHINES: usize = 50;
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
    /// The status route that was found; it may differ from the declared one.
    pub status_route: RouteSettings,
    /// The state of the status route.
    pub status: RouteState,
    /// The machines, if the gateway lists them.
    pub machines: Vec<ListedMachine>,
    /// Whether there are more machines.
    pub has_more_machines: bool,
}

/// What is not in the configuration of the target.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SurveyOptions<'a> {
    /// Stands in for a machine if the target has none.
    pub machine: &'a StateMachineArn,
    /// Whether to look for another status route if the declared one does not exist.
    pub may_find_status: bool,
}

/// Queries the gateway. Without a result, the last finding says why.
pub(crate) async fn survey(
    target: &Target<'_>,
    options: SurveyOptions<'_>,
    report: &mut dyn FnMut(Finding),
) -> Option<Survey> {
    let client = settings::check(target, report).await?;
    if !network::check(target, report).await || !credentials::check(target, &client, report).await {
        return None;
    }
    let asked = Asked { target, client: &client, options };
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
    options: SurveyOptions<'a>,
}

impl Asked<'_> {
    fn execution(&self) -> ExecutionArn {
        self.options.machine.unqualified().execution(&self.target.unused_name)
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
        let mut status_route = target.endpoint.status_route.clone();
        let mut status = status;
        if self.options.may_find_status
            && get_status::may_be_get(&status)
            && let Some(found) = get_status::find(client, &self.execution()).await
        {
            (status_route, status) = found;
        }
        let state = state_of(Route::Status, &status);
        match &state {
            RouteState::Works | RouteState::Enveloped => {}
            RouteState::Restricted if target.machines.is_empty() => {}
            _ => return Err(Box::new(self.status_finding(&unknown_route, &status_route, &status).await)),
        }
        let mut routes = self.optional_routes(&unknown_route, &status_route).await?;
        let (machines, has_more_machines) = self.machines(&mut routes).await;
        let failure = status.failure.as_ref();
        Ok(Survey {
            api_type: status.api_type.or(unknown_route.api_type),
            errors_are_200: failure.and_then(|failure| failure.http_status).map(|status| status == 200),
            account: failure.and_then(|failure| account(&failure.message)),
            routes,
            status_route,
            status: state,
            machines,
            has_more_machines,
        })
    }

    async fn optional_routes(
        &self,
        unknown_route: &ProbeResult,
        status_route: &RouteSettings,
    ) -> Result<Vec<(Route, RouteState)>, Box<Finding>> {
        let Self { target, client, options: SurveyOptions { machine, .. } } = *self;
        let (mut found, execution) = (Vec::new(), self.execution());
        let refuses_unknown = refuses(unknown_route) && self.refuses_unknown_below(status_route).await;
        let mut not_asked = (!refuses_unknown).then_some(ANY_PATH);
        let is_optional = |route: &Route| route.subject() != RouteSubject::Start && *route != Route::Status;
        let declared = Route::ALL.into_iter().filter(is_optional);
        for route in declared.filter(|route| target.endpoint.route(*route).is_some()) {
            if let Some(reason) = not_asked {
                found.push((route, RouteState::NotAsked(reason)));
                continue;
            }
            let probe_target = match route {
                Route::List => ProbeTarget::Machine(machine),
                Route::Logs => ProbeTarget::Logs(machine),
                Route::Machines => ProbeTarget::Account,
                _ => ProbeTarget::Execution(route, &execution),
            };
            if route == Route::Logs {
                target.wait_for_log_turn().await;
            }
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

    /// Returns whether the gateway refuses an unknown path next to the status route, and one next to the usual paths. A route
    /// such as `/execution/{proxy+}` would accept both, and every optional route.
    async fn refuses_unknown_below(&self, status_route: &RouteSettings) -> bool {
        let folder = |path: &str| {
            let path = path.split('?').next().unwrap_or_default();
            path.rsplit_once('/').map(|(folder, _)| folder.to_owned()).unwrap_or_default()
        };
        let folders = BTreeSet::from([folder(&status_route.path), folder(Route::Status.default_path())]);
        for folder in folders.into_iter().filter(|folder| !folder.is_empty()) {
            let unknown = RouteSettings::from(&*format!("{folder}{UNKNOWN}"));
            if !refuses(&self.client.probe(ProbeTarget::StatusAt(&unknown, &self.execution())).await) {
                return false;
            }
        }
        true
    }

    /// Returns the first machines, and whether there are more.
    async fn machines(&self, routes: &mut [(Route, RouteState)]) -> (Vec<ListedMachine>, bool) {
        let Some((_, state)) = routes.iter_mut().find(|(route, _)| *route == Route::Machines) else {
            return (Vec::new(), false);
        };
        let listed = match state {
            RouteState::Works => self.client.first_machines(MOST_MACHINES).await,
            RouteState::Enveloped => self.client.first_enveloped_machines(MOST_MACHINES).await,
            _ => return (Vec::new(), false),
        };
        listed.unwrap_or_else(|failure| {
            *state = RouteState::Unusable(failure.summary());
            (Vec::new(), false)
        })
    }

    /// Explains why the status route does not work.
    async fn status_finding(
        &self,
        unknown_route: &ProbeResult,
        route: &RouteSettings,
        status: &ProbeResult,
    ) -> Finding {
        let endpoint = self.target.endpoint;
        let Some(failure) = &status.failure else {
            let message = "success for an execution that cannot exist: this is not DescribeExecution";
            let advice =
                "Check the url. If the gateway has paths or bodies of its own, write the configuration by hand.";
            let kind = FailureKind::Undecodable;
            return Finding::problem(Check::Route, &*route.path, kind, "not-step-functions", message, advice);
        };
        let origin = self.client.credentials_origin().await;
        let is_http_api = status.api_type.or(unknown_route.api_type) == Some(ApiType::Http);
        let (name, advice) = http_api(endpoint, is_http_api, failure).unwrap_or_else(|| {
            let unknown = unknown_route.failure.as_ref();
            let is_refused = unknown.is_some_and(|failure| failure.kind == FailureKind::WrongRoute);
            let stage = if is_http_api && is_refused { Stage::Exists } else { diagnosis::stage(unknown) };
            diagnosis::diagnose(failure, stage, endpoint, Route::Status, origin.as_ref())
        });
        Finding::failed(Check::Route, &*route.path, failure, (name, advice))
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
