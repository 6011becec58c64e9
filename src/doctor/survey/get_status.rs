//! Finds a status route that is a GET. Such a request starts nothing: each path ends with
//! `/status`, or contains the ARN of an execution.

use crate::doctor::diagnosis;
use crate::doctor::survey::route_state::{RouteState, state_of};
use stepgate_core::domain::{ExecutionArn, FailureKind, Method, Route, RouteSettings};
use stepgate_core::gateway::Client;
use stepgate_core::gateway::probe::{ProbeResult, ProbeTarget};

/// The usual paths.
const PATHS: [&str; 8] = [
    "/status/{executionArn}",
    "/execution/{executionArn}",
    "/executions/{executionArn}",
    "/execution/status/{executionArn}",
    "/status?arn={executionArn}",
    "/status?executionArn={executionArn}",
    "/execution/status?arn={executionArn}",
    "/execution/status?executionArn={executionArn}",
];

/// Returns whether, according to the response to a POST, the route may be a GET.
pub(super) fn may_be_get(post: &ProbeResult) -> bool {
    post.failure.as_ref().is_some_and(|failure| {
        failure.kind == FailureKind::WrongRoute || failure.is_unclear_404() || failure.http_status == Some(405)
    })
}

/// Requests the status of an execution that cannot exist on each path, until one works. Otherwise returns the first one
/// that exists.
pub(super) async fn find(client: &Client, execution: &ExecutionArn) -> Option<(RouteSettings, ProbeResult)> {
    let mut existing = None;
    for path in PATHS {
        let settings = RouteSettings { method: Method::Get, ..path.into() };
        let probe = client.probe(ProbeTarget::StatusAt(&settings, execution)).await;
        if probe.failure.as_ref().is_some_and(diagnosis::is_below_http) {
            break;
        }
        match state_of(Route::Status, &probe) {
            RouteState::Works | RouteState::Enveloped | RouteState::Restricted => return Some((settings, probe)),
            // A success says nothing about executions: the page may be about the gateway itself.
            _ if existing.is_none() && probe.failure.is_some() && !may_be_get(&probe) => {
                existing = Some((settings, probe));
            }
            _ => {}
        }
    }
    existing
}

#[cfg(test)]
mod tests {
    use super::*;
    use stepgate_core::domain::{Placeholder, route_path};

    #[test]
    fn no_path_can_be_that_of_a_start() {
        for path in PATHS {
            assert_eq!(route_path::check(path, Route::Status), Ok(()));
            assert!(route_path::has(path, Placeholder::ExecutionArn), "{path}");
            let (before, query) = path.split_once('?').unwrap_or((path, ""));
            assert!(query.is_empty() || before.ends_with("/status"), "{path}");
        }
    }
}
