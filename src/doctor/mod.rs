//! Checks everything between this machine and Step Functions, step by step, and reports what each step proves. Nothing is
//! started: the error for an execution that cannot exist proves that route, integration and role work.

mod diagnosis;
mod examination;
mod finding;
mod network;

mod routes;
mod tls;

use std::time::Duration;

pub(crate) use examination::Examination;
pub(crate) use finding::{Check, Finding, Verdict};

use stepgate_core::domain::{Auth, FailureKind};
use stepgate_core::gateway::{Client, file_faults, probe};

/// Credentials that expire sooner get a warning.
const EXPIRES_SOON: Duration = Duration::from_secs(5 * 60);

impl Examination<'_> {
    /// Runs all checks and reports each finding at once.
    pub(crate) async fn run(&self, report: &mut dyn FnMut(Finding)) {
        if let Err(failure) = probe::proxy_setting(self.endpoint) {
            let advice = "Correct the variable in the shell or service that starts stepgate, or set proxy = \"none\" in the endpoint to connect directly.";
            return report(Finding::failed(Check::Proxy, "environment", &failure, ("proxy-setting", advice)));
        }
        if let Some(fault) = probe::no_proxy_fault(self.endpoint) {
            let advice = "Separate the entries with commas.";
            report(Finding::warning(Check::Proxy, "environment", "proxy-setting", fault, advice));
        }
        let errors = file_faults(self.endpoint).await;
        if !errors.is_empty() {
            for error in errors {
                let message = format!("the {} {}", error.key, error.what);
                let advice = format!("In [endpoints.{}]: {}.", self.endpoint.name, error.fix);
                let path = error.path.display().to_string();
                report(Finding::problem(Check::Config, path, FailureKind::Setting, "cannot-ask", message, advice));
            }
            return;
        }
        let client = match Client::new(self.endpoint.clone()) {
            Ok(client) => client.prepare().await.map(|()| client),
            Err(failure) => Err(failure),
        };
        let client = match client {
            Ok(client) => client,
            Err(failure) => {
                let advice = match failure.kind {
                    FailureKind::Setting => {
                        format!("Correct it, or set ca-file in [endpoints.{}].", self.endpoint.name)
                    }
                    _ => failure.advice().to_owned(),
                };
                let named = ("cannot-ask", advice);
                return report(Finding::failed(Check::Config, self.endpoint.url.as_str(), &failure, named));
            }
        };
        if !network::check(self, report).await {
            return;
        }
        if !self.check_credentials(&client, report).await {
            return;
        }
        routes::check(self, &client, report).await;
    }

    /// Checks the credentials; returns whether they can be used.
    async fn check_credentials(&self, client: &Client, report: &mut dyn FnMut(Finding)) -> bool {
        let word = self.endpoint.auth.word();
        let left = match client.prove_credentials().await {
            Ok(left) => left,
            Err(failure) => {
                let name = match &failure.kind {
                    FailureKind::NoCredentials(missing) => missing.reason.word(),
                    _ => "no-credentials",
                };
                let named = (name, failure.advice());
                report(Finding::failed(Check::Auth, word, &failure, named));
                return false;
            }
        };
        let has_secret_headers = self
            .endpoint
            .headers
            .iter()
            .any(|(_, value)| matches!(value, stepgate_core::domain::HeaderValue::Secret(_)));
        let origin = client.credentials_origin().await;
        let renewal = origin.map_or_else(|| diagnosis::renewal(&self.endpoint.auth), |origin| origin.renewal);
        report(match (&self.endpoint.auth, left) {
            (_, Some(Duration::ZERO)) => Finding::problem(
                Check::Auth,
                word,
                FailureKind::Unauthorized,
                "credentials-expired",
                "the credentials have expired",
                renewal,
            ),
            (_, Some(left)) if left < EXPIRES_SOON => {
                let message = format!("they expire in {} s", left.as_secs());
                let advice =
                    "stepgate renews them if a command or the AWS chain provides them; otherwise renew them yourself.";
                Finding::warning(Check::Auth, word, "expires-soon", message, advice)
            }
            (_, Some(left)) => {
                let minutes = left.as_secs() / 60;
                Finding::passed(Check::Auth, word, format!("credentials found, valid for another {minutes} min"))
            }
            (Auth::None, None) if has_secret_headers => {
                Finding::passed(Check::Auth, word, "the secrets of the headers were found")
            }
            (Auth::None, None) => Finding::passed(Check::Auth, word, "no authentication configured"),
            (_, None) => Finding::passed(Check::Auth, word, "credentials found; the route checks verify them"),
        });
        left != Some(Duration::ZERO)
    }
}
