//! What messages say about a proxy, and what to try. Pure.

use std::path::Path;

use crate::domain::{Failure, FailureKind, Unreachable};
use crate::gateway::proxy::HttpProxy;

/// A proxy that does not speak HTTP.
pub const NOT_A_PROXY: &str = "what listens there is not an HTTP proxy";

/// Says that something happened at the proxy with this address.
pub(in crate::gateway) fn at_proxy(address: &str, message: &str) -> String {
    format!("the proxy {address}: {message}")
}

fn no_connection(message: String) -> Failure {
    Failure::without_response(FailureKind::Unreachable(Unreachable::Proxy), message)
}

fn unusable(message: String) -> Failure {
    Failure::without_response(FailureKind::Client, message)
}

impl HttpProxy {
    /// Returns how to use another proxy for this host, or none.
    pub(in crate::gateway) fn advice(&self, host: &str) -> String {
        let named_by = &self.named_by;
        if self.is_configured() {
            format!("Correct {named_by}, or set it to \"none\" to connect directly.")
        } else {
            format!("Correct {named_by}, or add {host} to NO_PROXY to connect directly.")
        }
    }

    /// Returns what to try if the proxy's certificate is not trusted.
    pub(in crate::gateway) fn trust_advice(&self, ca_file: Option<&Path>) -> String {
        let trust = match ca_file {
            None => {
                "If the proxy's certificate is from your company's authority, set ca-file to that authority's certificate."
                    .to_owned()
            }
            Some(file) => format!(
                "If the proxy's certificate is from your company's authority, add that authority's certificate to the ca-file {}.",
                file.display()
            ),
        };
        format!("{trust} If the proxy does not speak TLS itself, write its URL with http:// in {}.", self.named_by)
    }

    pub(in crate::gateway) fn not_a_proxy(&self, host: &str) -> Failure {
        no_connection(at_proxy(&self.address(), NOT_A_PROXY)).with_remedy(self.advice(host))
    }

    /// Its URL begins with `http://`.
    pub(in crate::gateway) fn expects_tls(&self) -> Failure {
        let message = "the port expects TLS, but the URL of the proxy begins with http://";
        let remedy = format!("Write its URL with https:// in {}.", self.named_by);
        no_connection(at_proxy(&self.address(), message)).with_remedy(remedy)
    }

    /// The connection to the proxy broke during the request for a tunnel.
    pub(in crate::gateway) fn broken_tunnel(&self, host: &str, message: &str) -> Failure {
        no_connection(at_proxy(&self.address(), message)).with_remedy(self.advice(host))
    }

    /// The response to a request for a tunnel had this status; `line` is its first line.
    pub(in crate::gateway) fn refused_tunnel(&self, host: &str, status: u16, line: &str) -> Failure {
        let failure = no_connection(self.responded(line));
        match status {
            407 => failure,
            405 | 501 => failure.with_remedy(format!(
                "The proxy does not support https:// urls (the method CONNECT); use one that does. {}",
                self.advice(host)
            )),
            502..=504 => failure.with_remedy(self.reach_advice(host)),
            _ => failure.with_remedy(self.permission_advice(host)),
        }
    }

    pub(super) fn responded(&self, response: &str) -> String {
        format!("the proxy {} returned {response}", self.address())
    }

    /// The same if the response may also be from behind the proxy.
    pub(super) fn may_have_responded(&self, response: &str) -> String {
        format!("the proxy {}, or a server behind it, returned {response}", self.address())
    }

    pub(super) fn reach_advice(&self, host: &str) -> String {
        format!("Check that the proxy can reach {host}. {}", self.advice(host))
    }

    pub(super) fn permission_advice(&self, host: &str) -> String {
        format!("Ask the proxy's owner to allow connections to {host}. {}", self.advice(host))
    }

    /// The HTTP library rejects its URL.
    pub(in crate::gateway) fn unusable_url(&self, error: &reqwest::Error) -> Failure {
        unusable(format!("the proxy {} cannot be used: {error}", self.url()))
    }

    /// A header cannot contain its login. The library's error would contain the password.
    pub(in crate::gateway) fn unusable_login(&self) -> Failure {
        unusable(format!("the login for the proxy {} has control characters", self.url()))
    }
}
