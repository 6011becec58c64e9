//! What a fatal TLS alert from the peer proves (RFC 8446, section 6; RFC 5246, section 7.2).
//!
//! In TLS 1.3 a client may send its request before the server has verified the client's certificate, so a refusal can
//! arrive while the request is being written or its response awaited. A server may not act on a request before the
//! handshake is complete: an alert that is only defined for handshakes, on a connection without any response, proves
//! that the request was not processed. Other alerts, such as `internal_error`, prove nothing.

use std::error::Error as StdError;
use std::io;

use tokio_rustls::rustls::{AlertDescription as Alert, Error};

use crate::gateway::error_chain::{find, innermost_io};

pub(super) const OLD_PROTOCOL: &str = "it speaks only versions of TLS that are older than 1.2";

/// What an alert is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::gateway) enum Subject {
    /// The client's certificate, or its absence.
    ClientCertificate,
    /// Something else in the handshake: versions, ciphers, extensions, the host's name.
    Handshake,
    /// Possibly something after the handshake.
    Any,
}

/// Returns what an alert is about. A client that neither renegotiates nor authenticates after the handshake, such as
/// this one, can receive the first two kinds only during the handshake.
pub(in crate::gateway) fn subject(alert: Alert) -> Subject {
    match alert {
        Alert::NoCertificate
        | Alert::BadCertificate
        | Alert::UnsupportedCertificate
        | Alert::CertificateRevoked
        | Alert::CertificateExpired
        | Alert::CertificateUnknown
        | Alert::UnknownCA
        | Alert::AccessDenied
        | Alert::CertificateUnobtainable
        | Alert::BadCertificateHashValue
        | Alert::CertificateRequired
        // A signature that cannot be verified: a client only signs to prove its certificate.
        | Alert::DecryptError => Subject::ClientCertificate,
        Alert::HandshakeFailure
        | Alert::ExportRestriction
        | Alert::ProtocolVersion
        | Alert::InsufficientSecurity
        | Alert::InappropriateFallback
        | Alert::MissingExtension
        | Alert::UnsupportedExtension
        | Alert::UnrecognisedName
        | Alert::BadCertificateStatusResponse
        | Alert::UnknownPSKIdentity
        | Alert::NoApplicationProtocol
        | Alert::EncryptedClientHelloRequired => Subject::Handshake,
        // `illegal_parameter` may also concern a key update after the handshake, and `user_canceled` its end.
        _ => Subject::Any,
    }
}

/// Returns the alert behind an error.
pub(in crate::gateway) fn received(error: &(dyn StdError + 'static)) -> Option<Alert> {
    match find::<Error>(error) {
        Some(Error::AlertReceived(alert)) => Some(*alert),
        Some(_) => None,
        None => innermost_io(error).and_then(behind_http2),
    }
}

/// HTTP/2 keeps a TLS error only as kind and text. Only `rustls` produces this text, so the alert is the one with
/// exactly this text.
fn behind_http2(error: &io::Error) -> Option<Alert> {
    let text = error.get_ref().filter(|_| error.kind() == io::ErrorKind::InvalidData)?.to_string();
    (0..=u8::MAX).map(Alert::from).find(|alert| Error::AlertReceived(*alert).to_string() == text)
}

/// Describes an alert of the peer.
pub(in crate::gateway) fn description(alert: Alert) -> String {
    let text = match alert {
        Alert::CertificateRequired | Alert::NoCertificate => "it requires a client certificate",
        Alert::CertificateExpired => "it says that the client certificate has expired",
        Alert::CertificateRevoked => "it says that the client certificate has been revoked",
        Alert::UnknownCA => {
            "it does not trust the authority of the client certificate, or intermediate certificates are missing"
        }
        Alert::UnsupportedCertificate => "it does not support the client certificate's type",
        Alert::BadCertificate
        | Alert::CertificateUnknown
        | Alert::CertificateUnobtainable
        | Alert::BadCertificateHashValue => "it does not accept the client certificate",
        Alert::AccessDenied => "it denies access to this client certificate",
        Alert::DecryptError => "it cannot verify the signature of the client certificate",
        Alert::ProtocolVersion => OLD_PROTOCOL,
        Alert::UnrecognisedName => "it does not recognize the host name",
        Alert::InsufficientSecurity => "it has no cipher suite in common with this program",
        Alert::NoApplicationProtocol => "it speaks neither HTTP/1.1 nor HTTP/2",
        Alert::HandshakeFailure => {
            "it refuses the handshake: it may require a client certificate or support only old protocols"
        }
        _ => return format!("it ended the connection with the TLS alert {alert:?}"),
    };
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_alerts_of_handshakes_prove_that_a_request_was_not_processed() {
        let (mut certificate, mut handshake) = (Vec::new(), Vec::new());
        for code in 0..=u8::MAX {
            match subject(Alert::from(code)) {
                Subject::ClientCertificate => certificate.push(code),
                Subject::Handshake => handshake.push(code),
                Subject::Any => {}
            }
        }
        assert_eq!(certificate, [41, 42, 43, 44, 45, 46, 48, 49, 51, 111, 114, 116]);
        assert_eq!(handshake, [40, 60, 70, 71, 86, 109, 110, 112, 113, 115, 120, 121]);
        // close_notify, unexpected_message, bad_record_mac, record_overflow, illegal_parameter, decode_error,
        // internal_error, user_canceled, no_renegotiation, and what no RFC defines.
        for code in [0, 10, 20, 21, 22, 30, 47, 50, 80, 90, 100, 200, 255] {
            assert_eq!(subject(Alert::from(code)), Subject::Any, "{code}");
        }
    }

    #[test]
    fn every_alert_is_recognized_behind_http_2() {
        for alert in (0..=u8::MAX).map(Alert::from) {
            let text = Error::AlertReceived(alert).to_string();
            assert_eq!(behind_http2(&io::Error::new(io::ErrorKind::InvalidData, text.clone())), Some(alert));
            assert_eq!(behind_http2(&io::Error::other(text.clone())), None);
            assert_eq!(behind_http2(&io::Error::new(io::ErrorKind::InvalidData, format!("{text} "))), None);
        }
    }
}
