//! Name, connection, proxy, certificate.

use crate::doctor::{Check, Finding, Patient, tls};
use crate::domain::{EndpointName, Failure};
use crate::gateway::probe::{self, Way};

/// Looks at the way to the gateway; whether it leads there.
pub(super) async fn examine(patient: &Patient<'_>, tell: &mut dyn FnMut(Finding)) -> bool {
    match look(patient, tell).await {
        Ok(()) => true,
        Err(finding) => {
            tell(*finding);
            false
        }
    }
}

async fn look(patient: &Patient<'_>, tell: &mut dyn FnMut(Finding)) -> Result<(), Box<Finding>> {
    let failed = |check: Check, subject: &str, failure: Failure, name: &'static str, advice: String| {
        Box::new(Finding::failed(check, subject, &failure, (name, advice)))
    };
    let url = patient.endpoint.url.as_str();
    let way = Way::of(patient.endpoint).await.map_err(|failure| {
        let advice = failure.advice().to_owned();
        failed(Check::Config, url, failure, "cannot-ask", advice)
    })?;
    let host = way.host();
    let proxy = way.proxy();
    let peer = proxy.as_ref().map_or(host, |(proxy, _)| proxy.as_str());
    // Advice for a failure of the peer. A failure of the proxy has nothing to do with the url.
    let advice = |failure: &Failure| match proxy {
        Some((_, named_by)) => proxy_advice(named_by, host),
        None => failure.advice().to_owned(),
    };
    let addresses = way.resolve().await.map_err(|failure| {
        let advice = advice(&failure);
        failed(Check::Dns, peer, failure, "no-such-host", advice)
    })?;
    let count = addresses.len();
    tell(Finding::good(Check::Dns, peer, format!("it has {count} address{}", if count == 1 { "" } else { "es" })));
    let refused = if proxy.is_some() { "no-proxy" } else { "nobody-listens" };
    let connected = Way::connect(&addresses).await.map_err(|failure| {
        let advice = advice(&failure);
        failed(Check::Tcp, peer, failure, refused, advice)
    })?;
    let at = connected.peer_addr().map(|address| format!(" at {address}")).unwrap_or_default();
    tell(Finding::good(Check::Tcp, peer, format!("it accepts connections{at}")));
    let mut stream = way.enter(connected).await.map_err(|failure| {
        let advice = "If the proxy's certificate is from your company's authority, set ca-file to that authority's certificate. If the proxy does not speak TLS itself, write its URL with http://.";
        failed(Check::Proxy, peer, failure, "no-tls-to-proxy", advice.to_owned())
    })?;
    if let (Some((proxy, named_by)), true) = (&proxy, way.is_encrypted()) {
        way.tunnel(&mut stream).await.map_err(|failure| {
            let name = match failure.said.as_str() {
                probe::NOT_A_PROXY => "not-a-proxy",
                said if said.contains("407") && way.has_login() => "proxy-refuses-login",
                said if said.contains("407") => "proxy-wants-login",
                _ => "proxy-refuses",
            };
            let advice = match name {
                "not-a-proxy" => proxy_advice(named_by, host),
                "proxy-refuses-login" => {
                    format!("The proxy refuses this user or password. Correct them in {named_by}.")
                }
                "proxy-wants-login" => login_advice(named_by, &patient.endpoint.name),
                _ => format!("Ask the proxy's owner to allow connections to {host}. {}", proxy_advice(named_by, host)),
            };
            failed(Check::Proxy, proxy, failure, name, advice)
        })?;
        tell(Finding::good(Check::Proxy, proxy.as_str(), format!("it connects to {host}")));
    }
    if !way.is_encrypted() {
        tell(Finding::skipped(Check::Tls, host, "plain http has no certificate"));
        return Ok(());
    }
    tls::examine(patient, host, way.shake_hands(stream).await, tell).await
}

fn proxy_advice(named_by: &str, host: &str) -> String {
    if named_by.starts_with("proxy in") {
        format!("Correct {named_by}, or set it to \"none\" to connect directly.")
    } else {
        format!("Correct {named_by}, or add {host} to NO_PROXY to connect directly.")
    }
}

fn login_advice(named_by: &str, endpoint: &EndpointName) -> String {
    let config = format!(
        "Set proxy = {{ url = \"..\", user = \"..\", password = {{ env = \"..\" }} }} in [endpoints.{endpoint}]"
    );
    if named_by.starts_with("proxy in") {
        format!("{config}.")
    } else {
        format!(
            "Add the user and password to {named_by} (http://USER:PASSWORD@HOST:PORT, percent-encoded), or: {config}."
        )
    }
}
