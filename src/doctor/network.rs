//! Name, connection, proxy, certificate.

use std::time::Duration;

use crate::doctor::{Check, Finding, Patient};
use crate::domain::{Failure, FailureKind, Timestamp, Unreachable};
use crate::gateway::probe::{Certificate, Way};

/// A certificate that is good for less is worth a word.
const SOON: Duration = Duration::from_secs(14 * 24 * 60 * 60);

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
    let failed = |check: Check, subject: &str, name: &'static str, failure: Failure| {
        Box::new(Finding::failed(check, subject, &failure, (name, failure.advice())))
    };
    let url = patient.endpoint.url.as_str();
    let way = Way::of(patient.endpoint).await.map_err(|failure| failed(Check::Config, url, "cannot-ask", failure))?;
    let proxy = way.proxy();
    let (host, peer) = (way.host(), proxy.as_deref().unwrap_or(way.host()));
    let addresses = way.resolve().await.map_err(|failure| failed(Check::Dns, peer, "no-such-host", failure))?;
    let count = addresses.len();
    tell(Finding::good(Check::Dns, peer, format!("it has {count} address{}", if count == 1 { "" } else { "es" })));
    let refused = if proxy.is_some() { "no-proxy" } else { "nobody-listens" };
    let connected = Way::connect(&addresses).await.map_err(|failure| failed(Check::Tcp, peer, refused, failure))?;
    let at = connected.peer_addr().map(|address| format!(" at {address}")).unwrap_or_default();
    tell(Finding::good(Check::Tcp, peer, format!("somebody listens{at}")));
    let mut stream = connected;
    if let (Some(proxy), true) = (&proxy, way.is_encrypted()) {
        way.tunnel(&mut stream).await.map_err(|failure| {
            let name = if failure.said.contains("407") { "proxy-wants-login" } else { "proxy-refuses" };
            let advice = if name == "proxy-wants-login" {
                "Set proxy = { url = \"..\", user = \"..\", password = { env = \"..\" } } in the endpoint.".to_owned()
            } else {
                format!(
                    "Ask whoever runs the proxy to let {host} through, or go without: NO_PROXY, or proxy = \"none\"."
                )
            };
            Box::new(Finding::failed(Check::Proxy, proxy.as_str(), &failure, (name, advice)))
        })?;
        tell(Finding::good(Check::Proxy, proxy.as_str(), format!("it lets us through to {host}")));
    }
    if !way.is_encrypted() {
        tell(Finding::skipped(Check::Tls, host, "plain http: nobody shows a certificate"));
        return Ok(());
    }
    let shown = way.certificate(stream).await.map_err(|failure| failed(Check::Tls, host, "no-tls", failure))?;
    let finding = certificate(&shown, host, (patient.clock)());
    let is_wrong = matches!(finding.verdict, super::Verdict::Failed(_));
    if is_wrong {
        return Err(Box::new(finding));
    }
    tell(finding);
    Ok(())
}

/// What a certificate tells; whether its issuer is trusted, the first question tells.
fn certificate(shown: &Certificate, host: &str, now: Timestamp) -> Finding {
    let day = |moment: Timestamp| moment.to_string().split('T').next().unwrap_or_default().to_owned();
    let names = shown.names.join(", ");
    let told = format!(
        "a certificate for {names}, by {}, good from {} to {}",
        shown.issuer,
        day(shown.not_before),
        day(shown.not_after)
    );
    let wrong = |name, why: &str, advice: &str| {
        let kind = FailureKind::Unreachable(Unreachable::Tls);
        Finding::wrong(Check::Tls, host, kind, name, format!("{why}: {told}"), advice)
    };
    if now > shown.not_after {
        wrong(
            "certificate-expired",
            "it has expired",
            "Ask the host's owner for a new one; check this machine's clock.",
        )
    } else if now < shown.not_before {
        wrong("certificate-not-yet-good", "it is not good yet", "Check this machine's clock.")
    } else if !shown.is_for(host) {
        wrong(
            "certificate-name",
            "it is for others",
            "Check the url's host; a custom domain needs a certificate for it.",
        )
    } else if shown.not_after.since(now) < SOON {
        Finding::warning(Check::Tls, host, "certificate-expires-soon", told, "Ask the host's owner to renew it.")
    } else {
        Finding::good(Check::Tls, host, told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_judged_by_dates_and_names() {
        let day = |days: i64| Timestamp::from_millis(days * 86_400_000);
        let names = vec!["api.example.com".to_owned()];
        let shown = Certificate {
            names,
            issuer: "CN=Us".into(),
            not_before: day(100),
            not_after: day(200),
            is_self_signed: false,
        };
        for (host, now, name) in [
            ("api.example.com", day(150), "ok"),
            ("api.example.com", day(190), "certificate-expires-soon"),
            ("api.example.com", day(201), "certificate-expired"),
            ("api.example.com", day(99), "certificate-not-yet-good"),
            ("www.example.com", day(150), "certificate-name"),
        ] {
            let finding = certificate(&shown, host, now);
            assert_eq!(finding.name, name);
            assert!(finding.message.contains("for api.example.com, by CN=Us, good from 1970-04-11 to 1970-07-20"));
        }
    }
}
