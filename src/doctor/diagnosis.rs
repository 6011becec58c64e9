//! Diagnoses failed requests, with the help of the response to a request for an unknown route. Pure.

use stepgate_core::domain::{
    Auth, CredentialsOrigin, Endpoint, Failure, FailureKind, NO_SIGNATURE_EXPECTED, Route, RouteSettings, SecretSource,
    SignatureRefusal,
};
use stepgate_core::gateway::probe;

/// A word for scripts, and advice.
pub(super) type Diagnosis = (&'static str, String);

/// The word for a 404 that may be about the execution or about the route.
pub(super) const UNCLEAR: &str = "execution-or-route";

/// Whether the failure is below HTTP, so that further requests are useless.
pub(super) fn is_below_http(failure: &Failure) -> bool {
    use FailureKind as K;
    matches!(failure.kind, K::Unreachable(_) | K::Client | K::Setting | K::NoSecret | K::NoCredentials(_))
}

/// The state of the URL's stage, from its response to an unknown route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// `Missing Authentication Token`: the stage exists, the route does not.
    Exists,
    /// `Forbidden` or 404: it does not exist, or something in front of it refuses.
    Doubtful,
    /// Anything else.
    Unknown,
}

/// Returns the state of the stage from the failure of an unknown route.
pub(super) fn stage(unknown_route: Option<&Failure>) -> Stage {
    match unknown_route {
        // HTTP APIs return 404 for an unknown route, but other servers do so for an unknown stage.
        Some(failure) if failure.kind == FailureKind::WrongRoute && failure.http_status == Some(403) => Stage::Exists,
        Some(failure) if matches!(failure.kind, FailureKind::WrongRoute | FailureKind::Forbidden) => Stage::Doubtful,
        Some(failure) if failure.is_unclear_404() => Stage::Doubtful,
        _ => Stage::Unknown,
    }
}

/// Diagnoses a failed request. `origin` is where the AWS credentials come from.
pub(super) fn diagnose(
    failure: &Failure,
    stage: Stage,
    endpoint: &Endpoint,
    route: Route,
    origin: Option<&CredentialsOrigin>,
) -> Diagnosis {
    use FailureKind as K;
    let action = route.action();
    let is_signed = matches!(endpoint.auth, Auth::Iam { .. });
    match &failure.kind {
        K::WrongRoute if stage == Stage::Doubtful => wrong_stage(endpoint),
        K::WrongRoute => no_such_route(endpoint, route),
        K::Forbidden if stage == Stage::Exists => api_key(endpoint),
        K::Forbidden => wrong_stage(endpoint),
        K::SignatureRefused => signature(failure, endpoint, origin),
        K::Unauthorized if is_signed && failure.message.contains("expired") => signature(failure, endpoint, origin),
        K::Unauthorized if is_signed => ("token-expected", NO_SIGNATURE_EXPECTED.into()),
        K::Unauthorized => {
            ("token-refused", "Get a new token; check which header the authorizer reads, and which issuer and audience it expects.".into())
        }
        K::PolicyDenied => (
            "resource-policy",
            "The API's resource policy, or your own, denies execute-api:Invoke: call from an allowed address, or add yours and deploy the API again.".into(),
        ),
        K::AuthorizerDenied => ("authorizer-denies", failure.advice().into()),
        K::AuthorizerMisconfigured => ("authorizer-failed", failure.advice().into()),
        K::RoleDenied => (
            "role-without-action",
            match route {
                Route::Logs => format!("Allow logs:{action} in the integration's role, on the log group."),
                Route::Machines => format!("Allow states:{action} in the integration's role, on all state machines: `*`."),
                _ => format!("Allow states:{action} in the integration's role, on this state machine or its executions."),
            },
        ),
        K::Kms => ("kms", failure.advice().into()),
        K::Integration => (
            "missing-integration-response",
            format!(
                "The gateway has no integration response for this response of Step Functions (HTTP 400): add a default one without a selection pattern, and deploy. Otherwise the role cannot be assumed, or the action is not {action}: check the gateway's log."
            ),
        ),
        K::BadIntegration => {
            ("wrong-action", format!("The integration's action should be {action}, with the body passed through as it is."))
        }
        K::InvalidArn | K::Validation | K::InvalidName => (
            "body-not-passed-through",
            format!("Step Functions did not get what was sent: remove the mapping template, or make it pass the members of {action}."),
        ),
        K::UnsupportedMediaType => (
            "content-type",
            "The route accepts other content types only, such as the form type that curl sends: accept application/json too, or set passthrough behaviour WHEN_NO_TEMPLATES.".into(),
        ),
        K::BadRequest => ("request-validator", failure.advice().into()),
        K::MachineDoesNotExist => ("unknown-machine", failure.advice().into()),
        K::MachineTypeNotSupported => ("express-machine", "Set type = \"express\" in [machines.NAME].".into()),
        K::Throttled => ("throttled", "The gateway or the account is throttling: try again later.".into()),
        K::QuotaUsedUp => ("quota-used-up", failure.advice().into()),
        K::GatewayTimedOut | K::GatewayUnavailable => ("unavailable", failure.advice().into()),
        K::Undecodable if answer_key(endpoint, route).is_some() => ("answer-filter", failure.advice().into()),
        K::Undecodable | K::Unreadable | K::ResponseTooLarge => ("not-a-gateway", failure.advice().into()),
        K::Client | K::Setting => ("cannot-ask", failure.advice().into()),
        K::NoSecret => ("no-credentials", failure.advice().into()),
        K::NoCredentials(missing) => (missing.reason.as_str(), failure.advice().into()),
        K::Unreachable(_) => ("unreachable", failure.advice().into()),
        K::Rejected if failure.is_unclear_404() => (UNCLEAR, failure.advice().into()),
        _ => ("refused", failure.advice().into()),
    }
}

/// Returns where the `answer` filter of a route is in the configuration, if it has one. Advice about the route's responses
/// then names the filter.
pub(super) fn answer_key(endpoint: &Endpoint, route: Route) -> Option<String> {
    endpoint.route(route)?.answer.as_ref()?;
    Some(format!("`{}.answer` in {}", route.key(), endpoint.name.header_of("routes")))
}

/// Returns how to replace expired credentials.
pub(super) fn renewal(auth: &Auth) -> String {
    fn for_source(source: &SecretSource) -> String {
        match source {
            SecretSource::Env(name) => format!("Set {name} to a new token and start stepgate again."),
            SecretSource::File(path) => format!("Write a new token to {}.", path.display()),
            SecretSource::Command(words) => {
                format!("Log in again, so that `{}` prints a new token.", probe::shown_command(words))
            }
            SecretSource::Member(source, _) => for_source(source),
        }
    }
    match auth {
        Auth::None => "Renew the secrets in `headers`.".into(),
        Auth::ApiKey(source) => for_source(source),
        Auth::Bearer(bearer) => for_source(&bearer.token),
        Auth::Iam { .. } => "Renew them with `aws sso login`, or get a new session of the role.".into(),
    }
}

fn wrong_stage(endpoint: &Endpoint) -> Diagnosis {
    let is_private = endpoint
        .headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("x-apigw-api-id") || name.eq_ignore_ascii_case("host"));
    let private = if is_private {
        ""
    } else {
        " A private API requires the header x-apigw-api-id; a WAF responds in the same way."
    };
    let advice = format!(
        "Nothing is deployed under this url: check the stage at its end, and that the API is deployed to it.{private}"
    );
    ("wrong-stage", advice)
}

fn no_such_route(endpoint: &Endpoint, route: Route) -> Diagnosis {
    let line = endpoint.route(route).map(RouteSettings::line).unwrap_or_default();
    let iam = if matches!(endpoint.auth, Auth::Iam { .. }) {
        ""
    } else {
        " A method that requires IAM signatures responds in the same way: then set auth = { type = \"iam\" }."
    };
    let advice = format!(
        "The stage has no {line}: add it and deploy the API again (changes take effect with a deployment), or correct {}.{iam}",
        endpoint.name.header_of("routes")
    );
    ("no-such-route", advice)
}

fn api_key(endpoint: &Endpoint) -> Diagnosis {
    match &endpoint.auth {
        Auth::ApiKey(source) => (
            "wrong-key",
            format!("The stage exists, so the problem is the key from {source}: wrong, disabled, or not in a usage plan of this stage."),
        ),
        _ => (
            "no-key",
            "The stage exists, so the route requires an API key: set auth = { type = \"api-key\", env = \"STEPGATE_API_KEY\" }.".into(),
        ),
    }
}

fn signature(failure: &Failure, endpoint: &Endpoint, origin: Option<&CredentialsOrigin>) -> Diagnosis {
    let refusal = SignatureRefusal::from_message(&failure.message, endpoint.region.as_deref(), origin);
    (refusal.word, refusal.advice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use stepgate_core::domain::SecretSource;

    fn failure(kind: FailureKind, status: u16, message: &str) -> Failure {
        Failure { http_status: Some(status), ..Failure::without_response(kind, message) }
    }

    #[test]
    fn the_unknown_route_distinguishes_a_wrong_stage_from_a_wrong_key() {
        let forbidden = failure(FailureKind::Forbidden, 403, "Forbidden");
        let missing = failure(FailureKind::WrongRoute, 403, "Missing Authentication Token");
        let not_found = failure(FailureKind::WrongRoute, 404, "Not Found");
        let open = Endpoint::plain("e", "https://x.example/dev");
        let keyed = Endpoint { auth: Auth::ApiKey(SecretSource::Env("K".into())), ..open.clone() };
        let name = |failure: &Failure, unknown_route: &Failure, endpoint: &Endpoint| {
            diagnose(failure, stage(Some(unknown_route)), endpoint, Route::Status, None).0
        };
        assert_eq!(name(&forbidden, &missing, &open), "no-key");
        assert_eq!(name(&forbidden, &missing, &keyed), "wrong-key");
        assert_eq!(name(&forbidden, &forbidden, &keyed), "wrong-stage");
        assert_eq!(name(&missing, &missing, &open), "no-such-route");
        assert_eq!(name(&not_found, &not_found, &open), "wrong-stage");
    }

    #[test]
    fn each_refusal_has_a_name_and_advice() {
        use FailureKind as K;
        let endpoint = Endpoint::plain("e", "https://x.example/dev");
        let origin = CredentialsOrigin { keys: "AWS_SECRET_ACCESS_KEY".into(), renewal: "Renew them.".into() };
        let named = |kind: FailureKind, message: &str| {
            diagnose(&failure(kind, 403, message), Stage::Exists, &endpoint, Route::Stop, Some(&origin))
        };
        for (route, action) in [(Route::Logs, "logs:FilterLogEvents"), (Route::Machines, "states:ListStateMachines")] {
            let denied = failure(K::RoleDenied, 200, "");
            assert!(diagnose(&denied, Stage::Exists, &endpoint, route, None).1.contains(action));
        }
        for (kind, message, name, advice) in [
            (K::SignatureRefused, "Signature expired: 1 is now earlier than 2", "clock-skew", "clock"),
            (
                K::SignatureRefused,
                "The security token included in the request is expired",
                "credentials-expired",
                "Renew",
            ),
            (
                K::SignatureRefused,
                "The security token included in the request is invalid.",
                "wrong-credentials",
                "AWS_SECRET_ACCESS_KEY",
            ),
            (
                K::SignatureRefused,
                "The request signature we calculated does not match the signature you provided.",
                "wrong-secret-key",
                "AWS_SECRET_ACCESS_KEY",
            ),
            (K::SignatureRefused, "Credential should be scoped to a valid region, not 'r'.", "wrong-region", "region"),
            (K::SignatureRefused, "another reason", "wrong-signature", "region"),
            (K::SignatureRefused, "not a valid key=value pair", "token-for-iam", "iam"),
            (K::PolicyDenied, "", "resource-policy", "address"),
            (K::RoleDenied, "", "role-without-action", "states:StopExecution"),
            (K::Integration, "", "missing-integration-response", "default one"),
            (K::BadIntegration, "", "wrong-action", "StopExecution"),
            (K::Validation, "", "body-not-passed-through", "mapping template"),
            (K::UnsupportedMediaType, "", "content-type", "application/json"),
            (K::Unauthorized, "", "token-refused", "token"),
        ] {
            let found = named(kind.clone(), message);
            assert_eq!(found.0, name, "{kind:?}: {message}");
            assert!(found.1.contains(advice), "{kind:?}: {}", found.1);
        }
    }
}
