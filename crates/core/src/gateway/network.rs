//! Failures below HTTP: what kept a request from being answered at all. Told by the types and kinds of the errors, never by
//! their words, which may hold any host's name.

use std::error::Error;
use std::io;

use tokio_rustls::rustls;

use crate::domain::{Failure, FailureKind, Unreachable};
use crate::gateway::causes::{find, innermost, words};
use crate::gateway::tls;
use crate::gateway::tls::alert::{self, Subject};

/// What stands on the way to the gateway.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Connection {
    /// Host and port of the proxy.
    pub(super) proxy: Option<String>,
    /// Whether no certificate of the proxy has been trusted yet, so that a TLS failure concerns the proxy.
    pub(super) is_at_proxy: bool,
    /// Whether the server may still have been in the TLS handshake when it closed the connection.
    pub(super) may_be_in_handshake: bool,
}

/// The host name could not be resolved; wrapped so that it can be told from other errors.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct NoAddress(#[source] pub(super) io::Error);

/// Sorts a transport error by what a person can do about it.
pub(super) fn failure(error: reqwest::Error, way: &Connection) -> Failure {
    let error = error.without_url();
    let phase = match (error.is_connect(), error.is_timeout()) {
        (true, true) => Phase::NoConnection,
        (true, false) => Phase::Connecting,
        // The connection ended before the request was sent.
        _ if find::<hyper::Error>(&error).is_some_and(hyper::Error::is_canceled) => Phase::Unsent,
        (false, true) => Phase::NoAnswer,
        (false, false) => Phase::Connected,
    };
    sorted(&error, phase, way)
}

/// Returns whether the answer was not HTTP.
pub(super) fn is_not_http(error: &reqwest::Error) -> bool {
    find::<hyper::Error>(error).is_some_and(hyper::Error::is_parse)
}

/// Sorts an error of a connection that the doctor makes.
pub(super) fn of_connecting(error: &(dyn Error + 'static), way: &Connection) -> Failure {
    sorted(error, Phase::Connecting, way)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// No connection within the deadline.
    NoConnection,
    Connecting,
    /// Connected, but the connection was closed before the request was sent.
    Unsent,
    Connected,
    /// Connected, and no answer within the deadline.
    NoAnswer,
}

impl Phase {
    fn is_before_request(self) -> bool {
        matches!(self, Self::Connecting | Self::Unsent)
    }
}

fn sorted(error: &(dyn Error + 'static), phase: Phase, way: &Connection) -> Failure {
    let last = words(error);
    let io = innermost(error);
    let (kind, said) = if phase != Phase::Connected && io.is_some_and(is_exhausted) {
        (Unreachable::Local, last)
    } else if phase == Phase::NoAnswer {
        (Unreachable::Deadline, String::new())
    } else if let Some(alert) = alert::received(error) {
        (of_alert(alert, phase, way), tls_at(&alert::words(alert), way))
    } else if let Some(tls) = find::<rustls::Error>(error).filter(|_| phase.is_before_request()) {
        (Unreachable::Tls, tls_at(&tls::cause(tls), way))
    } else if phase == Phase::Connected {
        (Unreachable::Broken, last)
    } else if phase == Phase::NoConnection {
        (Unreachable::NoRoute, at_proxy("no connection in time", way))
    } else if find::<NoAddress>(error).is_some() {
        (Unreachable::Dns, at_proxy(&last, way))
    } else {
        match (io.map(io::Error::kind), &way.proxy) {
            (Some(io::ErrorKind::ConnectionRefused), _) => (Unreachable::Refused, at_proxy(&last, way)),
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
            ) => (Unreachable::NoRoute, at_proxy(&last, way)),
            // It was reached, and then there was no tunnel through it.
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
            // Not even a no: whatever the reason, nothing was sent.
            (_, None) => (Unreachable::Refused, last),
        }
    };
    Failure::without_response(FailureKind::Unreachable(kind), said)
}

/// Returns what an alert means. While connecting, no alert leaves a doubt: nothing was sent.
fn of_alert(alert: rustls::AlertDescription, phase: Phase, way: &Connection) -> Unreachable {
    match alert::subject(alert) {
        _ if !phase.is_before_request() && !way.may_be_in_handshake => Unreachable::Broken,
        Subject::ClientCertificate => Unreachable::ClientCertificate,
        Subject::Handshake => Unreachable::Handshake,
        Subject::Any if phase.is_before_request() => Unreachable::Tls,
        Subject::Any => Unreachable::Broken,
    }
}

fn tls_at(said: &str, way: &Connection) -> String {
    if way.is_at_proxy { at_proxy(said, way) } else { said.to_owned() }
}

fn at_proxy(said: &str, way: &Connection) -> String {
    way.proxy.as_ref().map_or_else(|| said.to_owned(), |proxy| format!("the proxy {proxy}: {said}"))
}

/// Whether this machine has no more of what a connection takes: file descriptors, ports, memory.
#[cfg(unix)]
fn is_exhausted(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let exhausted = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];
    error.raw_os_error().is_some_and(|code| exhausted.iter().any(|errno| errno.raw_os_error() == code))
}

/// Whether this machine has no more of what a connection takes (`WSAEMFILE`, `WSAENOBUFS`).
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
    fn errors_are_sorted_by_kind_and_not_by_their_words() {
        use Unreachable as U;
        use io::ErrorKind as K;
        let (direct, proxied) =
            (Connection::default(), Connection { proxy: Some("proxy:3128".into()), ..Connection::default() });
        let sorted = |error: io::Error, phase, way: &Connection| match sorted(&Outer(error), phase, way).kind {
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
            assert_eq!(sorted(kind.into(), Phase::Connecting, &direct), at_host, "{kind:?}");
            assert_eq!(sorted(kind.into(), Phase::Connecting, &proxied), at_proxy, "{kind:?}");
            assert_eq!(sorted(kind.into(), Phase::Connected, &proxied), U::Broken, "{kind:?}");
            assert_eq!(sorted(kind.into(), Phase::NoAnswer, &direct), U::Deadline, "{kind:?}");
            assert_eq!(sorted(kind.into(), Phase::NoConnection, &direct), U::NoRoute, "{kind:?}");
        }
        let wrapped = io::Error::other(io::Error::new(K::UnexpectedEof, "eof"));
        assert_eq!(sorted(wrapped, Phase::Connecting, &direct), U::Tls);
        let no_address = || io::Error::other(NoAddress(K::Other.into()));
        assert_eq!(sorted(no_address(), Phase::Connecting, &direct), U::Dns);
        let expired = rustls::Error::InvalidCertificate(rustls::CertificateError::Expired);
        let expired = io::Error::new(K::InvalidData, expired);
        assert_eq!(sorted(expired, Phase::Connecting, &proxied), U::Tls);
    }

    #[cfg(unix)]
    #[test]
    fn a_machine_that_has_no_more_of_something_is_not_a_host_that_refuses() {
        use rustix::io::Errno;
        for errno in [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM] {
            for phase in [Phase::Connecting, Phase::NoConnection] {
                let error = Outer(io::Error::from_raw_os_error(errno.raw_os_error()));
                let failure = sorted(&error, phase, &Connection::default());
                assert_eq!(failure.kind, FailureKind::Unreachable(Unreachable::Local), "{errno}");
                assert!(!failure.leaves_outcome_open());
            }
        }
    }
}
