//! A deployed gateway: where it is, which routes it has, what it wants to see.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::access::{Auth, ClientCertificate, HeaderValue, Proxy};
use crate::domain::gateway_facts::NameHandling;
use crate::domain::route::{OptionalRoutes, Route};

/// Whether a host, as it stands in a URL, is this machine itself.
pub fn is_loopback(host: &str) -> bool {
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let name = host.strip_suffix('.').unwrap_or(host);
    name.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A text without the user and password of URLs in it: they are for no screen and no log.
pub fn without_login(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        let quoted = after.find(|end: char| "`\"'<>\n".contains(end)).unwrap_or(after.len());
        let end = after.find("://").map_or(quoted, |next| next.min(quoted));
        // Also behind a slash or a space: a password that is not percent-encoded may have them.
        let login = after[..end].rfind('@').map_or(0, |at| at + 1);
        shown.push_str(before);
        shown.push_str(if login > 0 { "://•••@" } else { "://" });
        rest = &after[login..];
    }
    shown.push_str(rest);
    shown
}

/// The name of an endpoint in the configuration.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EndpointName(Arc<str>);

impl EndpointName {
    /// Takes any text.
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EndpointName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for EndpointName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What tells a gateway from all others, over restarts and over edits of the configuration: its URL,
/// whatever the configuration calls it. Executions belong to the place that they were started at.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GatewayId(Arc<str>);

impl GatewayId {
    /// Takes any text.
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GatewayId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for GatewayId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which of these endpoints is the one at a place: of several with one URL the one of this name, else the
/// first.
pub fn at_gateway<'e>(
    known: impl Iterator<Item = (&'e EndpointName, &'e GatewayId)> + Clone,
    gateway: &GatewayId,
    name: &EndpointName,
) -> Option<&'e EndpointName> {
    let mut here = known.filter(|(_, at)| *at == gateway).map(|(known, _)| known);
    here.clone().find(|known| *known == name).or_else(|| here.next())
}

/// What the watcher may spend on an endpoint.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WatchLimits {
    /// The budget: status requests a second.
    pub requests_per_second: f64,
    /// No execution is left unasked for longer, while the budget allows.
    pub max_interval: Duration,
}

impl Default for WatchLimits {
    /// Half of the slowest refill of `DescribeExecution` (10 a second for a whole account and region).
    fn default() -> Self {
        Self { requests_per_second: 5.0, max_interval: Duration::from_secs(60) }
    }
}

/// What many starts from one file may spend.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StartLimits {
    /// Start requests a second.
    pub requests_per_second: f64,
}

impl Default for StartLimits {
    /// A third of the slowest refill of `StartExecution` (150 a second for a whole account and region).
    fn default() -> Self {
        Self { requests_per_second: 50.0 }
    }
}

/// A gateway as the configuration describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    /// Its name in the configuration.
    pub name: EndpointName,
    /// The whole URL in front of the routes, without a slash at its end.
    pub url: String,
    /// Set where the URL does not tell the gateway: the one in this process has another port each time.
    pub fixed_gateway: Option<GatewayId>,
    /// The AWS region, from the configuration or the host name.
    pub region: Option<String>,
    /// Headers that every request carries.
    pub headers: Vec<(String, HeaderValue)>,
    /// How the gateway knows us.
    pub auth: Auth,
    /// Certificates (PEM or DER) to trust in addition to the system's.
    pub ca_file: Option<PathBuf>,
    /// What we show of ourselves in the TLS handshake.
    pub client_certificate: Option<ClientCertificate>,
    /// What stands in between.
    pub proxy: Proxy,
    /// The path of `StartExecution`.
    pub start_route: String,
    /// The path of `DescribeExecution`.
    pub status_route: String,
    /// Paths of the others.
    pub optional_routes: OptionalRoutes,
    /// What the gateway does with names, if the configuration says so.
    pub names: Option<NameHandling>,
    /// What the watcher may spend.
    pub watch: WatchLimits,
    /// What many starts from one file may spend.
    pub start: StartLimits,
}

impl Endpoint {
    /// An endpoint with the two routes of every gateway and no auth.
    pub fn plain(name: &str, url: &str) -> Self {
        Self {
            name: EndpointName::new(name),
            url: url.trim_end_matches('/').to_owned(),
            fixed_gateway: None,
            region: None,
            headers: Vec::new(),
            auth: Auth::None,
            ca_file: None,
            client_certificate: None,
            proxy: Proxy::Environment,
            start_route: Route::Start.usual_path().into(),
            status_route: Route::Status.usual_path().into(),
            optional_routes: OptionalRoutes::default(),
            names: None,
            watch: WatchLimits::default(),
            start: StartLimits::default(),
        }
    }

    /// The path of a route, if the endpoint has it.
    pub fn route(&self, route: Route) -> Option<&str> {
        match route {
            Route::Start => Some(&self.start_route),
            Route::Status => Some(&self.status_route),
            Route::Stop => self.optional_routes.stop.as_deref(),
            Route::Redrive => self.optional_routes.redrive.as_deref(),
            Route::History => self.optional_routes.history.as_deref(),
            Route::List => self.optional_routes.list.as_deref(),
            Route::Definition => self.optional_routes.definition.as_deref(),
        }
    }

    /// What the store knows it by.
    pub fn gateway(&self) -> GatewayId {
        self.fixed_gateway.clone().unwrap_or_else(|| GatewayId::new(&self.url))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_are_taken_out_of_urls_wherever_they_stand() {
        for (text, expected) in [
            ("not a URL: `http://u:secret@x.example/dev`", "not a URL: `http://•••@x.example/dev`"),
            ("http://secret@x", "http://•••@x"),
            ("http://u:se/cret@x:1 and socks5://u:secret@y", "http://•••@x:1 and socks5://•••@y"),
            ("http://u:sec@ret@x", "http://•••@x"),
            ("`http://u:sec ret@x`, me@example.com", "`http://•••@x`, me@example.com"),
            ("plain", "plain"),
        ] {
            assert_eq!(without_login(text), expected);
        }
    }

    #[test]
    fn this_machine_has_several_names() {
        for (host, expected) in [
            ("localhost", true),
            ("LOCALHOST", true),
            ("localhost.", true),
            ("127.0.0.1", true),
            ("127.9.9.9", true),
            ("[::1]", true),
            ("::1", true),
            ("localhost.example", false),
            ("10.0.0.1", false),
            ("[::]", false),
            ("", false),
        ] {
            assert_eq!(is_loopback(host), expected, "{host}");
        }
    }
}
