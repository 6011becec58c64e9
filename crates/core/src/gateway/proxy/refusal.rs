//! Why a proxy does not connect, and which failures are the proxy's and not the gateway's. Pure.

use crate::domain::{Failure, FailureKind, Unreachable};
use crate::gateway::proxy::HttpProxy;
use crate::gateway::response::Head;

/// Why a proxy does not connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyProblem {
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

/// The error of `hyper_util` for a tunnel that needs a login, which it keeps only as text.
const LOGIN_REQUIRED: &str = "tunnel error: proxy authorization required";

impl HttpProxy {
    /// Returns the failure of a tunnel that needs a login. Asking the proxy again to learn why could lock the user out.
    pub(in crate::gateway) fn login_required(&self, host: &str, failure: &Failure) -> Option<Failure> {
        (failure.message == LOGIN_REQUIRED).then(|| self.refused_tunnel(host, 407, "HTTP 407"))
    }

    /// Returns whether the configuration names it.
    pub(in crate::gateway) fn is_configured(&self) -> bool {
        self.named_by.starts_with("proxy in")
    }

    /// Returns why it refuses with this HTTP status.
    pub(in crate::gateway) fn problem(&self, status: u16) -> ProxyProblem {
        match (status, &self.login) {
            (407, None) => ProxyProblem::LoginMissing,
            (407, Some(_)) => ProxyProblem::LoginRefused,
            _ => ProxyProblem::Refused,
        }
    }

    /// Attributes the failure in a response to a plain request: a proxy answers by itself what it does not forward.
    /// Responses of gateways have an id or are JSON.
    pub(in crate::gateway) fn attribute(&self, host: &str, head: &Head, is_json: bool, failure: Failure) -> Failure {
        let is_of_gateway = is_json || head.is_of_gateway();
        let response =
            if failure.message.is_empty() { format!("HTTP {}", head.status) } else { failure.message.clone() };
        let kind = FailureKind::Unreachable(Unreachable::Proxy);
        match head.status {
            407 => Failure { kind, message: self.responded(&response), ..failure },
            403 if !is_of_gateway => Failure { kind, message: self.may_have_responded(&response), ..failure }
                .with_remedy(self.permission_advice(host)),
            // The request may have been carried out.
            502..=504 if !is_of_gateway => {
                Failure { message: self.may_have_responded(&response), ..failure }.with_remedy(self.reach_advice(host))
            }
            _ => failure,
        }
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
            let attributed = proxy.attribute("gateway.example", &head, is_json, failure.clone());
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
