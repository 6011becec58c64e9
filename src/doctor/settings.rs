//! Checks the proxy variables of the environment and the files that the endpoint names.

use crate::doctor::{Check, Finding, Target};
use stepgate_core::domain::FailureKind;
use stepgate_core::gateway::{Client, file_errors, probe};

/// Checks the settings; returns the client of the endpoint if they are usable.
pub(super) async fn check(target: &Target<'_>, report: &mut dyn FnMut(Finding)) -> Option<Client> {
    if let Err(failure) = probe::proxy_setting(target.endpoint) {
        let advice = "Correct the variable in the shell or service that starts stepgate, or set proxy = \"none\" in the endpoint to connect directly.";
        report(Finding::failed(Check::Proxy, "environment", &failure, ("proxy-setting", advice)));
        return None;
    }
    if let Some(fault) = probe::no_proxy_error(target.endpoint) {
        let advice = "Separate the entries with commas.";
        report(Finding::warning(Check::Proxy, "environment", "proxy-setting", fault, advice));
    }
    let errors = file_errors(target.endpoint).await;
    if !errors.is_empty() {
        for error in errors {
            let message = format!("the {} {}", error.key, error.what);
            let advice = format!("In {}: {}.", target.endpoint.name.header(), error.fix);
            let path = error.path.display().to_string();
            report(Finding::problem(Check::Config, path, FailureKind::Setting, "cannot-ask", message, advice));
        }
        return None;
    }
    let client = match Client::new(target.endpoint.clone()) {
        Ok(client) => client.prepare().await.map(|()| client),
        Err(failure) => Err(failure),
    };
    match client {
        Ok(client) => Some(client),
        Err(failure) => {
            let advice = match failure.kind {
                FailureKind::Setting => {
                    format!("Correct it, or set ca-file in {}.", target.endpoint.name.header())
                }
                _ => failure.advice().to_owned(),
            };
            report(Finding::failed(Check::Config, target.endpoint.url.as_str(), &failure, ("cannot-ask", advice)));
            None
        }
    }
}
