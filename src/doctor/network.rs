//! Checks name resolution, connection, proxy and certificate.

use crate::doctor::{Check, Finding, Target, tls};
use stepgate_core::domain::{EndpointName, Failure, counted};
use stepgate_core::gateway::probe::{ConnectPath, ProxyProblem};

/// Checks the connection to the gateway; returns whether it works.
pub(super) async fn check(target: &Target<'_>, report: &mut dyn FnMut(Finding)) -> bool {
    match check_path(target, report).await {
        Ok(()) => true,
        Err(finding) => {
            report(*finding);
            false
        }
    }
}

async fn check_path(target: &Target<'_>, report: &mut dyn FnMut(Finding)) -> Result<(), Box<Finding>> {
    let failed = |check: Check, subject: &str, failure: Failure, name: &'static str, advice: String| {
        Box::new(Finding::failed(check, subject, &failure, (name, advice)))
    };
    let url = target.endpoint.url.as_str();
    let path = ConnectPath::new(target.endpoint).await.map_err(|failure| {
        let advice = failure.advice().to_owned();
        failed(Check::Config, url, failure, "cannot-ask", advice)
    })?;
    let host = path.host();
    let proxy = path.proxy();
    let peer = proxy.as_ref().map_or(host, |(proxy, _)| proxy.as_str());
    // A failure of the proxy is unrelated to the URL.
    let at_peer = |check: Check, failure: Failure, name: &'static str| {
        let failure = path.advised(failure, true);
        let advice = failure.advice().to_owned();
        failed(check, peer, failure, name, advice)
    };
    let addresses = path.resolve().await.map_err(|failure| at_peer(Check::Dns, failure, "no-such-host"))?;
    report(Finding::passed(Check::Dns, peer, format!("it has {}", counted(addresses.len(), "address"))));
    let name = if proxy.is_some() { "no-proxy" } else { "nobody-listens" };
    let connected = ConnectPath::connect(&addresses).await.map_err(|failure| at_peer(Check::Tcp, failure, name))?;
    let at = connected.peer_addr().map(|address| format!(" at {address}")).unwrap_or_default();
    report(Finding::passed(Check::Tcp, peer, format!("it accepts connections{at}")));
    let entered = path.enter(connected).await;
    let mut stream = entered.map_err(|failure| at_peer(Check::Proxy, failure, "no-tls-to-proxy"))?;
    if let (Some((proxy, _)), true) = (&proxy, path.is_encrypted()) {
        let refused = |(problem, failure)| Box::new(refused_by_proxy(target, &path, problem, &failure));
        path.tunnel(&mut stream).await.map_err(refused)?;
        report(Finding::passed(Check::Proxy, proxy.as_str(), format!("it connects to {host}")));
    }
    if !path.is_encrypted() {
        report(Finding::skipped(Check::Tls, host, "plain http has no certificate"));
        return Ok(());
    }
    tls::check(target, host, path.handshake(stream).await, report).await
}

/// Returns the finding for a proxy that refuses.
pub(super) fn refused_by_proxy(
    target: &Target<'_>,
    path: &ConnectPath,
    problem: ProxyProblem,
    failure: &Failure,
) -> Finding {
    let (proxy, named_by) = path.proxy().unwrap_or_default();
    let (name, advice) = match problem {
        ProxyProblem::NotAProxy => ("not-a-proxy", path.proxy_advice().unwrap_or_default()),
        ProxyProblem::ExpectsTls => ("proxy-expects-tls", failure.advice().to_owned()),
        ProxyProblem::LoginRefused => {
            ("proxy-refuses-login", format!("The proxy refuses this user or password. Correct them in {named_by}."))
        }
        ProxyProblem::LoginMissing => ("proxy-wants-login", login_advice(path, named_by, &target.endpoint.name)),
        ProxyProblem::Refused => ("proxy-refuses", failure.advice().to_owned()),
    };
    Finding::failed(Check::Proxy, proxy, failure, (name, advice))
}

fn login_advice(path: &ConnectPath, named_by: &str, endpoint: &EndpointName) -> String {
    let config = format!(
        "Set proxy = {{ url = \"..\", user = \"..\", password = {{ env = \"..\" }} }} in {}",
        endpoint.header()
    );
    if path.has_configured_proxy() {
        format!("{config}.")
    } else {
        format!(
            "Add the user and password to {named_by} (http://USER:PASSWORD@HOST:PORT, percent-encoded), or: {config}."
        )
    }
}
