//! Checks that the credentials can be looked up, and for how long they are valid.

use std::time::Duration;

use crate::doctor::{Check, Finding, Target, diagnosis};
use stepgate_core::domain::{Auth, FailureKind, HeaderValue, elapsed};
use stepgate_core::gateway::Client;

/// Credentials that expire sooner get a warning.
const EXPIRES_SOON: Duration = Duration::from_secs(5 * 60);

/// Checks the credentials; returns whether they can be used.
pub(super) async fn check(target: &Target<'_>, client: &Client, report: &mut dyn FnMut(Finding)) -> bool {
    let name = target.endpoint.auth.as_str();
    let left = match client.check_credentials().await {
        Ok(left) => left,
        Err(failure) => {
            let name = match &failure.kind {
                FailureKind::NoCredentials(missing) => missing.reason.as_str(),
                _ => "no-credentials",
            };
            let named = (name, failure.advice());
            report(Finding::failed(Check::Auth, name, &failure, named));
            return false;
        }
    };
    let has_secret_headers = target.endpoint.headers.iter().any(|(_, value)| matches!(value, HeaderValue::Secret(_)));
    let origin = client.credentials_origin().await;
    let renewal = origin.map_or_else(|| diagnosis::renewal(&target.endpoint.auth), |origin| origin.renewal);
    report(match (&target.endpoint.auth, left) {
        (_, Some(Duration::ZERO)) => Finding::problem(
            Check::Auth,
            name,
            FailureKind::Unauthorized,
            "credentials-expired",
            "the credentials have expired",
            renewal,
        ),
        (_, Some(left)) if left < EXPIRES_SOON => {
            let message = format!("they expire in {}", elapsed::rounded(left));
            let advice =
                "stepgate renews them if a command or the AWS chain provides them; otherwise renew them yourself.";
            Finding::warning(Check::Auth, name, "expires-soon", message, advice)
        }
        (_, Some(left)) => {
            let message = format!("credentials found, valid for another {}", elapsed::rounded(left));
            Finding::passed(Check::Auth, name, message)
        }
        (Auth::None, None) if has_secret_headers => {
            Finding::passed(Check::Auth, name, "the secrets of the headers were found")
        }
        (Auth::None, None) => Finding::passed(Check::Auth, name, "no authentication configured"),
        (_, None) => Finding::passed(Check::Auth, name, "credentials found; the route checks verify them"),
    });
    left != Some(Duration::ZERO)
}
