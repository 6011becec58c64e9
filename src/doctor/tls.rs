//! Checks the TLS handshake with a gateway: its certificate, and the client certificate if it requests one.

use std::time::Duration;

use crate::doctor::{Check, Finding, Target, Verdict};
use stepgate_core::domain::failure::certificate as advice_text;
use stepgate_core::domain::{Failure, FailureKind, Timestamp, Unreachable};
use stepgate_core::gateway::probe::{self, Certificate, Handshake};

/// A certificate that expires sooner gets a warning.
const EXPIRES_SOON: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// Returns or reports the findings of a handshake.
pub(super) async fn check(
    target: &Target<'_>,
    host: &str,
    handshake: Handshake,
    report: &mut dyn FnMut(Finding),
) -> Result<(), Box<Finding>> {
    let shown = handshake.certificate.map(|shown| certificate(&shown, host, (target.clock)()));
    match (shown, handshake.result) {
        // Dates and names first: they are why it is not trusted.
        (Some(shown), _) if matches!(shown.verdict, Verdict::Failed(_)) => Err(Box::new(shown)),
        (Some(shown), Ok(())) => {
            report(shown);
            Ok(())
        }
        (None, Ok(())) => {
            report(Finding::skipped(Check::Tls, host, "the host sent no certificate"));
            Ok(())
        }
        (shown, Err(failure)) => {
            if let (Some(shown), true) = (shown, handshake.is_trusted) {
                report(shown);
                return Err(Box::new(after_trust(target, host, &failure, handshake.requests_certificate).await));
            }
            Err(Box::new(refused(target, host, &failure).await))
        }
    }
}

/// Returns the finding for a TLS failure from before the gateway's certificate was trusted.
pub(super) async fn refused(target: &Target<'_>, subject: &str, failure: &Failure) -> Finding {
    match failure.kind {
        FailureKind::Unreachable(Unreachable::ClientCertificate) => client_certificate(target, subject, failure).await,
        FailureKind::Unreachable(Unreachable::Handshake) => {
            Finding::failed(Check::Tls, subject, failure, ("handshake-refused", failure.advice()))
        }
        _ if failure.message.contains("certificate") => {
            let advice = probe::trust_advice(target.endpoint);
            Finding::failed(Check::Tls, subject, failure, ("certificate-not-trusted", advice))
        }
        _ if failure.message == probe::EXPECTS_TLS => {
            Finding::failed(Check::Tls, subject, failure, ("url-scheme", failure.advice()))
        }
        _ if failure.remedy.is_some() => Finding::failed(Check::Tls, subject, failure, ("no-tls", failure.advice())),
        _ => {
            let advice = "Check the url's scheme, host and port; the host must speak TLS 1.2 or 1.3. If it speaks plain HTTP, write the url with http://.";
            Finding::failed(Check::Tls, subject, failure, ("no-tls", advice))
        }
    }
}

/// Returns the finding for a TLS failure from after the gateway's certificate was trusted: it concerns the client certificate.
async fn after_trust(target: &Target<'_>, host: &str, failure: &Failure, is_asked: bool) -> Finding {
    match failure.kind {
        FailureKind::Unreachable(Unreachable::Tls) if is_asked => client_certificate(target, host, failure).await,
        _ => refused(target, host, failure).await,
    }
}

async fn client_certificate(target: &Target<'_>, subject: &str, failure: &Failure) -> Finding {
    let name = &target.endpoint.name;
    let Some(configured) = &target.endpoint.client_certificate else {
        let advice = format!(
            "Set client-certificate and client-key in {}; the gateway's owner issues the certificate.",
            name.header()
        );
        return Finding::failed(Check::Tls, subject, failure, ("client-certificate-missing", advice));
    };
    let file = configured.file.display();
    let Some(own) = probe::client_certificate(target.endpoint).await else {
        return Finding::failed(Check::Tls, subject, failure, ("client-certificate-refused", failure.advice()));
    };
    let (from, to, issuer) = (day(own.not_before), day(own.not_after), &own.issuer);
    let now = (target.clock)();
    if now > own.not_after || now < own.not_before {
        let advice =
            format!("{file} is valid from {from} to {to}. Get a valid certificate, or check this machine's clock.");
        return Finding::failed(Check::Tls, subject, failure, ("client-certificate-expired", advice));
    }
    let advice = format!(
        "{file} was issued by {issuer} and is valid from {from} to {to}. Add the intermediate certificates up to an authority that the gateway trusts, or get a certificate from the gateway's owner."
    );
    Finding::failed(Check::Tls, subject, failure, ("client-certificate-refused", advice))
}

fn day(moment: Timestamp) -> String {
    moment.to_string().split('T').next().unwrap_or_default().to_owned()
}

/// Checks dates and names of a certificate. The handshake shows whether its issuer is trusted.
fn certificate(shown: &Certificate, host: &str, now: Timestamp) -> Finding {
    let names = shown.names.join(", ");
    let description = format!(
        "a certificate for {names}, by {}, valid from {} to {}",
        shown.issuer,
        day(shown.not_before),
        day(shown.not_after)
    );
    let problem = |name, why: &str, advice: &str| {
        let kind = FailureKind::Unreachable(Unreachable::Tls);
        Finding::problem(Check::Tls, host, kind, name, format!("{why}: {description}"), advice)
    };
    if now > shown.not_after {
        problem("certificate-expired", "it has expired", advice_text::RENEW)
    } else if now < shown.not_before {
        problem("certificate-not-yet-good", "it is not valid yet", advice_text::CHECK_CLOCK)
    } else if !shown.is_for(host) {
        problem("certificate-name", "it is for another host", advice_text::CHECK_HOST)
    } else if shown.not_after.since(now) < EXPIRES_SOON {
        Finding::warning(Check::Tls, host, "certificate-expires-soon", description, "Ask the host's owner to renew it.")
    } else {
        Finding::passed(Check::Tls, host, description)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_checked_for_dates_and_names() {
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
            assert!(finding.message.contains("for api.example.com, by CN=Us, valid from 1970-04-11 to 1970-07-20"));
        }
    }
}
