//! Looking at each step of the way to a gateway by itself, for the doctor: name, connection, proxy and certificate. Nothing
//! here starts or changes anything.

mod certificate;
pub(super) mod connect_path;
pub(super) mod nowhere;
mod scheme;

pub use certificate::Certificate;
pub(super) use connect_path::explained;
pub use connect_path::{ConnectPath, Handshake};
pub(super) use scheme::explained as explained_directly;

use crate::domain::{Endpoint, Failure};
pub use crate::gateway::advice::{EXPECTS_TLS, trust as trust_advice};
pub use crate::gateway::proxy::{NOT_A_PROXY, ProxyFault};
use crate::gateway::redact::Redactor;
use crate::gateway::secret::command::CommandLine;
use crate::gateway::{proxy, tls, transport};

/// Explains the failure of a plain request to this endpoint if the port expects TLS.
pub async fn plain_on_tls(failure: &Failure, endpoint: &Endpoint) -> Option<Failure> {
    let explained = scheme::explained(failure.clone(), &transport::url(endpoint).ok()?, endpoint).await;
    (explained.message == EXPECTS_TLS).then_some(explained)
}

/// Checks what the environment says of proxies for this endpoint.
pub fn proxy_setting(endpoint: &Endpoint) -> Result<(), Failure> {
    proxy::for_url(endpoint, &transport::url(endpoint)?).map(drop)
}

/// Returns what is wrong with the environment's list of hosts that are reached without a proxy.
pub fn no_proxy_fault(endpoint: &Endpoint) -> Option<String> {
    proxy::faulty_list(endpoint)
}

/// Returns a command as a person may see it: only its program, unless all of it is certainly harmless.
pub fn shown_command(words: &[String]) -> String {
    CommandLine(words).by_hand(&Redactor::default())
}

/// Reads the client certificate of the endpoint.
pub async fn client_certificate(endpoint: &Endpoint) -> Option<Certificate> {
    let identity = tls::identity(endpoint).await.ok()??;
    certificate::read(identity.leaf()?, "").ok()
}
