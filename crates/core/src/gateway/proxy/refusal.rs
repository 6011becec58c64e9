//! Explains what a proxy refuses, in the same words for commands and the doctor. Pure.

use crate::domain::{Failure, FailureKind, Unreachable};
use crate::gateway::answer::Head;
use crate::gateway::proxy::HttpProxy;

/// Why a proxy does not connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyFault {
    /// It does not speak HTTP.
    NotAProxy,
    /// It expects TLS, and its URL begins with `http://`.
    ExpectsTls,
    /// It requires a login, and was sent none.
    LoginMissing,
    /// It does not accept the login.
    LoginRefused,
    /// It refuses for another reason.
    Refused,
}

/// What is said of a proxy that answers with something other than HTTP.
pub const NOT_A_PROXY: &str = "what listens there is not an HTTP proxy";

/// The words of `hyper_util` for a tunnel that needs a login, which it keeps only as text.
const LOGIN_REQUIRED: &str = "tunnel error: proxy authorization required";

impl HttpProxy {
    /// Returns the failure of a tunnel that needs a login. Asking the proxy again to learn why could lock the user out.
    pub(in crate::gateway) fn login_required(&self, host: &str, failure: &Failure) -> Option<Failure> {
        (failure.message == LOGIN_REQUIRED).then(|| self.refuses_tunnel(host, 407, "HTTP 407"))
    }

    /// Returns how to use another proxy for this host, or none.
    pub(in crate::gateway) fn advice(&self, host: &str) -> String {
        let named_by = &self.named_by;
        if self.is_configured() {
            format!("Correct {named_by}, or set it to \"none\" to connect directly.")
        } else {
            format!("Correct {named_by}, or add {host} to NO_PROXY to connect directly.")
        }
    }

    /// Returns whether the configuration names it.
    pub(in crate::gateway) fn is_configured(&self) -> bool {
        self.named_by.starts_with("proxy in")
    }

    /// What listens at its address does not speak HTTP.
    pub(in crate::gateway) fn not_a_proxy(&self, host: &str) -> Failure {
        let said = format!("the proxy {}: {NOT_A_PROXY}", self.address());
        Failure::without_response(FailureKind::Unreachable(Unreachable::Proxy), said).with_remedy(self.advice(host))
    }

    /// Its port expects TLS, and its URL begins with `http://`.
    pub(in crate::gateway) fn expects_tls(&self) -> Failure {
        let said =
            format!("the proxy {}: the port expects TLS, but the URL of the proxy begins with http://", self.address());
        let remedy = format!("Write its URL with https:// in {}.", self.named_by);
        Failure::without_response(FailureKind::Unreachable(Unreachable::Proxy), said).with_remedy(remedy)
    }

    /// Returns why it refuses with this HTTP status.
    pub(in crate::gateway) fn fault(&self, status: u16) -> ProxyFault {
        match (status, &self.login) {
            (407, None) => ProxyFault::LoginMissing,
            (407, Some(_)) => ProxyFault::LoginRefused,
            _ => ProxyFault::Refused,
        }
    }

    /// It has answered a request for a tunnel with another status.
    pub(in crate::gateway) fn refuses_tunnel(&self, host: &str, status: u16, line: &str) -> Failure {
        let said = format!("the proxy {} answers {line}", self.address());
        let failure = Failure::without_response(FailureKind::Unreachable(Unreachable::Proxy), said);
        match status {
            407 => failure,
            405 | 501 => failure.with_remedy(format!(
                "The proxy does not support https:// urls (the method CONNECT); use one that does. {}",
                self.advice(host)
            )),
            502..=504 => failure.with_remedy(self.reach(host)),
            _ => failure.with_remedy(self.permission(host)),
        }
    }

    /// Attributes the failure in a response to a plain request: a proxy answers by itself what it does not forward.
    /// Responses of gateways have an id or are JSON.
    pub(in crate::gateway) fn answered(&self, host: &str, head: &Head, is_json: bool, failure: Failure) -> Failure {
        let is_of_gateway = is_json || head.request_id.is_some() || head.error_type.is_some();
        let said = if failure.message.is_empty() { format!("HTTP {}", head.status) } else { failure.message.clone() };
        let (address, kind) = (self.address(), FailureKind::Unreachable(Unreachable::Proxy));
        match head.status {
            407 => Failure { kind, message: format!("the proxy {address} answers {said}"), ..failure },
            403 if !is_of_gateway => {
                let said = format!("the proxy {address}, or a server behind it, answers {said}");
                Failure { kind, message: said, ..failure }.with_remedy(self.permission(host))
            }
            // The request may have been carried out.
            502..=504 if !is_of_gateway => {
                let said = format!("the proxy {address}, or a server behind it, answers {said}");
                Failure { message: said, ..failure }.with_remedy(self.reach(host))
            }
            _ => failure,
        }
    }

    fn reach(&self, host: &str) -> String {
        format!("Check that the proxy can reach {host}. {}", self.advice(host))
    }

    fn permission(&self, host: &str) -> String {
        format!("Ask the proxy's owner to allow connections to {host}. {}", self.advice(host))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_gateway_does_not_say_is_attributed_to_the_proxy() {
        let proxy = HttpProxy {
            is_encrypted: false,
            host: "proxy.example".into(),
            port: 3128,
            login: None,
            named_by: "HTTP_PROXY".into(),
        };
        let is_of_proxy = |status: u16, is_json: bool, request_id: Option<&str>| {
            let head = Head { status, request_id: request_id.map(str::to_owned), ..Head::default() };
            let failure = Failure::without_response(FailureKind::Forbidden, format!("HTTP {status}"));
            let attributed = proxy.answered("gateway.example", &head, is_json, failure.clone());
            assert_eq!(attributed != failure, attributed.to_string().contains("proxy.example:3128"), "{attributed}");
            attributed != failure
        };
        for status in [403, 502, 503, 504] {
            assert!(is_of_proxy(status, false, None), "{status}");
            assert!(!is_of_proxy(status, true, None) && !is_of_proxy(status, false, Some("r-1")), "{status}");
        }
        assert!(is_of_proxy(407, true, Some("r-1")));
        for status in [400, 401, 404, 429, 500] {
            assert!(!is_of_proxy(status, false, None), "{status}");
        }
    }
}
