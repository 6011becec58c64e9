//! Looks at everything between us and Step Functions, step by step, and says what each step proves. Nothing is
//! started: a question about an execution that cannot exist proves route, integration and role by the error
//! that comes back.

mod diagnosis;
mod finding;
mod network;
mod patient;
mod routes;
mod tls;

use std::time::Duration;

pub use finding::{Check, Finding, Verdict};
pub use patient::Patient;

use stepgate_core::domain::{Auth, FailureKind};
use stepgate_core::gateway::{Client, file_faults, probe};

/// With less left, credentials are worth a word.
const SOON: Duration = Duration::from_secs(5 * 60);

impl Patient<'_> {
    /// Looks at everything, and tells each finding as it is found.
    pub async fn examine(&self, tell: &mut dyn FnMut(Finding)) {
        if let Err(failure) = probe::proxy_setting(self.endpoint) {
            let advice = "Correct the variable in the shell or service that starts stepgate, or set proxy = \"none\" in the endpoint to connect directly.";
            return tell(Finding::failed(Check::Proxy, "environment", &failure, ("proxy-setting", advice)));
        }
        if let Some(fault) = probe::no_proxy_fault(self.endpoint) {
            let advice = "Separate the entries with commas.";
            tell(Finding::warning(Check::Proxy, "environment", "proxy-setting", fault, advice));
        }
        let faults = file_faults(self.endpoint).await;
        if !faults.is_empty() {
            for fault in faults {
                let message = format!("the {} {}", fault.key, fault.what);
                let advice = format!("In [endpoints.{}]: {}.", self.endpoint.name, fault.fix);
                let path = fault.path.display().to_string();
                tell(Finding::wrong(Check::Config, path, FailureKind::Setting, "cannot-ask", message, advice));
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
                return tell(Finding::failed(Check::Config, self.endpoint.url.as_str(), &failure, named));
            }
        };
        if !network::examine(self, tell).await {
            return;
        }
        if !self.credentials(&client, tell).await {
            return;
        }
        routes::examine(self, &client, tell).await;
    }

    /// Whether there is something to show to the gateway.
    async fn credentials(&self, client: &Client, tell: &mut dyn FnMut(Finding)) -> bool {
        let word = self.endpoint.auth.word();
        let left = match client.prove_credentials().await {
            Ok(left) => left,
            Err(failure) => {
                let name = match &failure.kind {
                    FailureKind::NoCredentials(missing) => missing.reason.word(),
                    _ => "no-credentials",
                };
                let named = (name, failure.advice());
                tell(Finding::failed(Check::Auth, word, &failure, named));
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
        tell(match (&self.endpoint.auth, left) {
            (_, Some(Duration::ZERO)) => Finding::wrong(
                Check::Auth,
                word,
                FailureKind::Unauthorized,
                "credentials-expired",
                "the credentials have expired",
                renewal,
            ),
            (_, Some(left)) if left < SOON => {
                let message = format!("they expire in {} s", left.as_secs());
                let advice =
                    "stepgate renews them if a command or the AWS chain provides them; otherwise renew them yourself.";
                Finding::warning(Check::Auth, word, "expires-soon", message, advice)
            }
            (_, Some(left)) => {
                let minutes = left.as_secs() / 60;
                Finding::good(Check::Auth, word, format!("there are credentials, good for another {minutes} min"))
            }
            (Auth::None, None) if has_secret_headers => {
                Finding::good(Check::Auth, word, "the secrets of the headers are there")
            }
            (Auth::None, None) => Finding::good(Check::Auth, word, "no authentication configured"),
            (_, None) => Finding::good(Check::Auth, word, "credentials found; the route checks verify them"),
        });
        left != Some(Duration::ZERO)
    }
}
