//! Performs each step of a connection to a gateway separately, and single requests, for the doctor. Nothing here starts
//! or changes anything.

mod certificate;
pub(super) mod connect_path;
pub(super) mod envelope;
mod form;
mod request;
mod scheme;
pub(super) mod unknown_route;

pub use certificate::Certificate;
pub(super) use connect_path::explained;
pub use connect_path::{ConnectPath, Handshake};
pub use form::StatusForm;
pub use request::{ProbeResult, ProbeTarget};
pub(super) use scheme::explained as explained_directly;

use crate::domain::{Endpoint, Failure};
pub use crate::gateway::advice::{EXPECTS_TLS, trust as trust_advice};
pub use crate::gateway::proxy::{NOT_A_PROXY, ProxyProblem};
use crate::gateway::redact::Redactor;
pub use crate::gateway::response::ApiType;
use crate::gateway::secret::command::CommandLine;
use crate::gateway::{http_builder, proxy, tls};

/// Explains the failure of a plain request to this endpoint if the port expects TLS.
pub async fn plain_on_tls(failure: &Failure, endpoint: &Endpoint) -> Option<Failure> {
    let explained = scheme::explained(failure.clone(), &http_builder::url(endpoint).ok()?, endpoint).await;
    (explained.message == EXPECTS_TLS).then_some(explained)
}

/// Checks the proxy settings of the environment for this endpoint.
pub fn proxy_setting(endpoint: &Endpoint) -> Result<(), Failure> {
    proxy::for_url(endpoint, &http_builder::url(endpoint)?).map(drop)
}

/// Returns what is wrong with the environment's list of hosts that are reached without a proxy.
pub fn no_proxy_error(endpoint: &Endpoint) -> Option<String> {
    proxy::list_error(endpoint)
}

/// Returns a command for display: only its program, unless all of it is certainly harmless.
pub fn shown_command(words: &[String]) -> String {
    CommandLine(words).by_hand(&Redactor::default())
}

/// Reads the client certificate of the endpoint.
pub async fn client_certificate(endpoint: &Endpoint) -> Option<Certificate> {
    let identity = tls::identity(endpoint).await.ok()??;
    certificate::read(identity.leaf()?, "").ok()
}
