//! What the response to a request about something that cannot exist shows about a route. Pure.

use stepgate_core::domain::{FailureKind, Route};
use stepgate_core::gateway::probe::ProbeResult;

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

/// Returns whether a response is a refusal before anything can be started.
pub(super) fn refuses(probe: &ProbeResult) -> bool {
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

/// Returns the state of a route.
pub(super) fn state_of(route: Route, probe: &ProbeResult) -> RouteState {
    use FailureKind as K;
    let Some(failure) = &probe.failure else {
        return match route {
            _ if probe.is_enveloped => RouteState::Enveloped,
            Route::List | Route::Logs | Route::Machines => RouteState::Works,
            _ => RouteState::Unusable("success for an execution that cannot exist".into()),
        };
    };
    match &failure.kind {
        K::ExecutionDoesNotExist => RouteState::Works,
        K::MachineDoesNotExist | K::MachineTypeNotSupported if route == Route::List => RouteState::Works,
        // The route works: only the machine's log group does not exist.
        K::StepFunctions(code) if route == Route::Logs && &**code == "ResourceNotFoundException" => RouteState::Works,
        K::RoleDenied => RouteState::Restricted,
        K::WrongRoute => RouteState::Absent,
        // The status alone does not show whether the route exists.
        _ if failure.is_unclear_404() => RouteState::Unusable(failure.message.clone()),
        _ => RouteState::Unusable(failure.summary()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stepgate_core::domain::Failure;

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
        for route in [Route::List, Route::Logs, Route::Machines] {
            assert_eq!(state_of(route, &probe(None, false)), RouteState::Works);
        }
        let no_group = K::StepFunctions("ResourceNotFoundException".into());
        assert_eq!(state_of(Route::Logs, &probe(Some((no_group.clone(), 400)), false)), RouteState::Works);
        assert!(unusable(Route::Machines, no_group));
        assert_eq!(state_of(Route::List, &probe(Some((K::MachineDoesNotExist, 400)), false)), RouteState::Works);
        assert!(matches!(state_of(Route::Stop, &probe(None, false)), RouteState::Unusable(_)));
        assert!(unusable(Route::Stop, K::MachineDoesNotExist) && unusable(Route::List, K::Validation));
        assert!(unusable(Route::Status, K::Throttled) && unusable(Route::Status, K::Integration));
    }
}
