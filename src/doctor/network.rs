//! Name, connection, proxy, certificate.

use crate::doctor::{Check, Finding, Patient, tls};
use stepgate_core::domain::{EndpointName, Failure};
use stepgate_core::gateway::probe::{ConnectPath, ProxyFault};

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
    let way = ConnectPath::of(patient.endpoint).await.map_err(|failure| {
        let advice = failure.advice().to_owned();
        failed(Check::Config, url, failure, "cannot-ask", advice)
    })?;
    let host = way.host();
    let proxy = way.proxy();
    let peer = proxy.as_ref().map_or(host, |(proxy, _)| proxy.as_str());
    // A failure of the proxy has nothing to do with the url.
    let at_peer = |check: Check, failure: Failure, name: &'static str| {
        let failure = way.advised(failure, true);
        let advice = failure.advice().to_owned();
        failed(check, peer, failure, name, advice)
    };
    let addresses = way.resolve().await.map_err(|failure| at_peer(Check::Dns, failure, "no-such-host"))?;
    let count = addresses.len();
    tell(Finding::good(Check::Dns, peer, format!("it has {count} address{}", if count == 1 { "" } else { "es" })));
    let refused = if proxy.is_some() { "no-proxy" } else { "nobody-listens" };
    let connected = ConnectPath::connect(&addresses).await.map_err(|failure| at_peer(Check::Tcp, failure, refused))?;
    let at = connected.peer_addr().map(|address| format!(" at {address}")).unwrap_or_default();
    tell(Finding::good(Check::Tcp, peer, format!("it accepts connections{at}")));
    let entered = way.enter(connected).await;
    let mut stream = entered.map_err(|failure| at_peer(Check::Proxy, failure, "no-tls-to-proxy"))?;
    if let (Some((proxy, _)), true) = (&proxy, way.is_encrypted()) {
        let refused = |(fault, failure)| Box::new(refused_by_proxy(patient, &way, fault, &failure));
        way.tunnel(&mut stream).await.map_err(refused)?;
        tell(Finding::good(Check::Proxy, proxy.as_str(), format!("it connects to {host}")));
    }
    if !way.is_encrypted() {
        tell(Finding::skipped(Check::Tls, host, "plain http has no certificate"));
        return Ok(());
    }
    tls::examine(patient, host, way.shake_hands(stream).await, tell).await
}

/// Reports a proxy that refuses.
pub(super) fn refused_by_proxy(
    patient: &Patient<'_>,
    way: &ConnectPath,
    fault: ProxyFault,
    failure: &Failure,
) -> Finding {
    let (proxy, named_by) = way.proxy().unwrap_or_default();
    let (name, advice) = match fault {
        ProxyFault::NotAProxy => ("not-a-proxy", way.proxy_advice().unwrap_or_default()),
        ProxyFault::ExpectsTls => ("proxy-expects-tls", failure.advice().to_owned()),
        ProxyFault::LoginRefused => {
            ("proxy-refuses-login", format!("The proxy refuses this user or password. Correct them in {named_by}."))
        }
        ProxyFault::LoginMissing => ("proxy-wants-login", login_advice(way, named_by, &patient.endpoint.name)),
        ProxyFault::Refused => ("proxy-refuses", failure.advice().to_owned()),
    };
    Finding::failed(Check::Proxy, proxy, failure, (name, advice))
}

fn login_advice(way: &ConnectPath, named_by: &str, endpoint: &EndpointName) -> String {
    let config = format!(
        "Set proxy = {{ url = \"..\", user = \"..\", password = {{ env = \"..\" }} }} in [endpoints.{endpoint}]"
    );
    if way.has_configured_proxy() {
        format!("{config}.")
    } else {
        format!(
            "Add the user and password to {named_by} (http://USER:PASSWORD@HOST:PORT, percent-encoded), or: {config}."
        )
    }
}
