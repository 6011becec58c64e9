//! Classifies failures below HTTP, by the types and kinds of the errors, never by their text, which may contain any host
//! name.

use std::error::Error;
use std::io;

use tokio_rustls::rustls;

use crate::domain::{Failure, FailureKind, Unreachable};
use crate::gateway::error_chain::{find, innermost_io, root_message};
use crate::gateway::proxy;
use crate::gateway::tls;
use crate::gateway::tls::alert::{self, Subject};

/// The state of the connection that failed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Connection {
    /// Host and port of the proxy.
    pub(super) proxy: Option<String>,
    /// Whether no certificate of the proxy has been trusted yet, so that a TLS failure concerns the proxy.
    pub(super) is_at_proxy: bool,
    /// Whether the server may still have been in the TLS handshake when it closed the connection.
    pub(super) may_be_in_handshake: bool,
}

/// The host name could not be resolved; wrapped to distinguish it from other errors.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct HostNotFound(#[source] pub(super) io::Error);

/// Classifies an error of the HTTP client by what a person can do about it.
pub(super) fn failure(error: reqwest::Error, connection: &Connection) -> Failure {
    let error = error.without_url();
    let phase = match (error.is_connect(), error.is_timeout()) {
        (true, true) => Phase::NoConnection,
        (true, false) => Phase::Connecting,
        // The connection ended before the request was sent.
        _ if find::<hyper::Error>(&error).is_some_and(hyper::Error::is_canceled) => Phase::Unsent,
        (false, true) => Phase::NoResponse,
        (false, false) => Phase::Connected,
    };
    classify(&error, phase, connection)
}

/// Returns whether the response was not HTTP.
pub(super) fn is_not_http(error: &reqwest::Error) -> bool {
    find::<hyper::Error>(error).is_some_and(hyper::Error::is_parse)
}

/// Classifies an error of a connection that the doctor opens.
pub(super) fn while_connecting(error: &(dyn Error + 'static), connection: &Connection) -> Failure {
    classify(error, Phase::Connecting, connection)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// No connection within the deadline.
    NoConnection,
    Connecting,
    /// Connected, but the connection was closed before the request was sent.
    Unsent,
    Connected,
    /// Connected, but no response within the deadline.
    NoResponse,
}

impl Phase {
    fn is_before_request(self) -> bool {
        matches!(self, Self::Connecting | Self::Unsent)
    }
}

fn classify(error: &(dyn Error + 'static), phase: Phase, connection: &Connection) -> Failure {
    let last = root_message(error);
    let io = innermost_io(error);
    let (kind, message) = if phase != Phase::Connected && io.is_some_and(is_exhausted) {
        (Unreachable::Local, last)
    } else if phase == Phase::NoResponse {
        (Unreachable::Deadline, String::new())
    } else if let Some(alert) = alert::received(error) {
        (from_alert(alert, phase, connection), tls_message(&alert::description(alert), connection))
    } else if let Some(tls) = find::<rustls::Error>(error).filter(|_| phase.is_before_request()) {
        (Unreachable::Tls, tls_message(&tls::description(tls), connection))
    } else if phase == Phase::Connected {
        (Unreachable::Broken, last)
    } else if phase == Phase::NoConnection {
        (Unreachable::NoRoute, at_proxy("no connection in time", connection))
    } else if find::<HostNotFound>(error).is_some() {
        (Unreachable::Dns, at_proxy(&last, connection))
    } else {
        match (io.map(io::Error::kind), &connection.proxy) {
            (Some(io::ErrorKind::ConnectionRefused), _) => (Unreachable::Refused, at_proxy(&last, connection)),
            (
                Some(
                    io::ErrorKind::HostUnreachable
                    | io::ErrorKind::NetworkUnreachable
                    | io::ErrorKind::NetworkDown
                    | io::ErrorKind::TimedOut
                    | io::ErrorKind::PermissionDenied
                    | io::ErrorKind::AddrNotAvailable,
                ),
                _,
            ) => (Unreachable::NoRoute, at_proxy(&last, connection)),
            // The proxy was reached, but opened no tunnel.
            (_, Some(_)) => (Unreachable::Proxy, last),
            (
                Some(
                    io::ErrorKind::UnexpectedEof
                    | io::ErrorKind::ConnectionReset
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::BrokenPipe,
                ),
                None,
            ) => (Unreachable::Tls, "the other side ended the handshake".to_owned()),
            (None, None) if phase == Phase::Unsent => {
                (Unreachable::NoRoute, "it closed the connection before the request was sent".to_owned())
            }
            // Nothing was sent, whatever the reason.
            (_, None) => (Unreachable::Refused, last),
        }
    };
    Failure::without_response(FailureKind::Unreachable(kind), message)
}

/// Returns what an alert means. While connecting, nothing has been sent, so any alert is certain.
fn from_alert(alert: rustls::AlertDescription, phase: Phase, connection: &Connection) -> Unreachable {
    match alert::subject(alert) {
        _ if !phase.is_before_request() && !connection.may_be_in_handshake => Unreachable::Broken,
        Subject::ClientCertificate => Unreachable::ClientCertificate,
        Subject::Handshake => Unreachable::Handshake,
        Subject::Any if phase.is_before_request() => Unreachable::Tls,
        Subject::Any => Unreachable::Broken,
    }
}

fn tls_message(message: &str, connection: &Connection) -> String {
    if connection.is_at_proxy { at_proxy(message, connection) } else { message.to_owned() }
}

fn at_proxy(message: &str, connection: &Connection) -> String {
    connection.proxy.as_ref().map_or_else(|| message.to_owned(), |address| proxy::at_proxy(address, message))
}

/// Returns whether this machine has run out of file descriptors, ports or memory.
#[cfg(unix)]
fn is_exhausted(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let exhausted = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];
    error.raw_os_error().is_some_and(|code| exhausted.iter().any(|errno| errno.raw_os_error() == code))
}

/// Returns whether this machine has run out of descriptors or buffers (`WSAEMFILE`, `WSAENOBUFS`).
#[cfg(not(unix))]
fn is_exhausted(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(10024 | 10055))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("proxy tunnel dns error certificate")]
    struct Outer(#[source] io::Error);

    #[test]
    fn errors_are_classified_by_kind_and_not_by_text() {
        use Unreachable as U;
        use io::ErrorKind as K;
        let (direct, proxied) =
            (Connection::default(), Connection { proxy: Some("proxy:3128".into()), ..Connection::default() });
        let classify =
            |error: io::Error, phase, connection: &Connection| match classify(&Outer(error), phase, connection).kind {
                FailureKind::Unreachable(kind) => kind,
                other => panic!("{other:?}"),
            };
        for (kind, at_host, at_proxy) in [
            (K::ConnectionRefused, U::Refused, U::Refused),
            (K::HostUnreachable, U::NoRoute, U::NoRoute),
            (K::NetworkUnreachable, U::NoRoute, U::NoRoute),
            (K::TimedOut, U::NoRoute, U::NoRoute),
            (K::UnexpectedEof, U::Tls, U::Proxy),
            (K::ConnectionReset, U::Tls, U::Proxy),
            (K::Other, U::Refused, U::Proxy),
        ] {
            assert_eq!(classify(kind.into(), Phase::Connecting, &direct), at_host, "{kind:?}");
            assert_eq!(classify(kind.into(), Phase::Connecting, &proxied), at_proxy, "{kind:?}");
            assert_eq!(classify(kind.into(), Phase::Connected, &proxied), U::Broken, "{kind:?}");
            assert_eq!(classify(kind.into(), Phase::NoResponse, &direct), U::Deadline, "{kind:?}");
            assert_eq!(classify(kind.into(), Phase::NoConnection, &direct), U::NoRoute, "{kind:?}");
        }
        let wrapped = io::Error::other(io::Error::new(K::UnexpectedEof, "eof"));
        assert_eq!(classify(wrapped, Phase::Connecting, &direct), U::Tls);
        let host_not_found = || io::Error::other(HostNotFound(K::Other.into()));
        assert_eq!(classify(host_not_found(), Phase::Connecting, &direct), U::Dns);
        let expired = rustls::Error::InvalidCertificate(rustls::CertificateError::Expired);
        let expired = io::Error::new(K::InvalidData, expired);
        assert_eq!(classify(expired, Phase::Connecting, &proxied), U::Tls);
    }

    #[cfg(unix)]
    #[test]
    fn exhausted_resources_are_not_a_refused_connection() {
        use rustix::io::Errno;
        for errno in [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM] {
            for phase in [Phase::Connecting, Phase::NoConnection] {
                let error = Outer(io::Error::from_raw_os_error(errno.raw_os_error()));
                let failure = classify(&error, phase, &Connection::default());
                assert_eq!(failure.kind, FailureKind::Unreachable(Unreachable::Local), "{errno}");
                assert!(!failure.leaves_outcome_open());
            }
        }
    }
}
