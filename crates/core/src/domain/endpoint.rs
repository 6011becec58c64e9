//! A deployed gateway: its URL, routes and authentication.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::domain::access::{Auth, ClientCertificate, HeaderValue, Proxy};
use crate::domain::arn::ExecutionArn;
use crate::domain::gateway_facts::NameHandling;
use crate::domain::machine_type::MachineType;
use crate::domain::route::{OptionalRoutes, Route, RouteSettings};
use crate::domain::toml_key::toml_header;

/// Returns whether a URL's host is this computer.
pub fn is_loopback(host: &str) -> bool {
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let name = host.strip_suffix('.').unwrap_or(host);
    name.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Masks user and password of the URLs in a text, for screens and logs.
pub fn without_login(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        let quoted = after.find(|end: char| "`\"'<>\n".contains(end)).unwrap_or(after.len());
        let end = after.find("://").map_or(quoted, |next| next.min(quoted));
        // Also behind a slash or a space: a password that is not percent-encoded may contain them.
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
    /// Accepts any text.
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the header of its table in the configuration.
    pub fn header(&self) -> String {
        toml_header(&["endpoints", &self.0])
    }

    /// Returns the header of a table in its table.
    pub fn header_of(&self, table: &str) -> String {
        toml_header(&["endpoints", &self.0, table])
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

/// Identifies a gateway across restarts and configuration changes: its URL. Executions belong to the gateway that
/// started them.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GatewayId(Arc<str>);

impl GatewayId {
    /// Accepts any text.
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// Returns the text.
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

/// Returns the endpoint with this gateway: among several with the same URL the one with this name, or else the first.
pub fn at_gateway<'e>(
    known: impl Iterator<Item = (&'e EndpointName, &'e GatewayId)> + Clone,
    gateway: &GatewayId,
    name: &EndpointName,
) -> Option<&'e EndpointName> {
    let mut here = known.filter(|(_, at)| *at == gateway).map(|(known, _)| known);
    here.clone().find(|known| *known == name).or_else(|| here.next())
}

/// Limits of the watcher for an endpoint.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WatchLimits {
    /// Status requests per second.
    pub requests_per_second: f64,
    /// The longest time between two status requests for an execution, if the budget allows.
    pub max_interval: Duration,
}

impl Default for WatchLimits {
    /// Half of the smallest refill rate of `DescribeExecution` (10 per second for an account and region).
    fn default() -> Self {
        Self { requests_per_second: 5.0, max_interval: Duration::from_secs(60) }
    }
}

/// Limits of batches for an endpoint.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StartLimits {
    /// Start requests per second.
    pub requests_per_second: f64,
}

impl Default for StartLimits {
    /// A third of the smallest refill rate of `StartExecution` (150 per second for an account and region).
    fn default() -> Self {
        Self { requests_per_second: 50.0 }
    }
}

/// What must be typed before an execution is started, stopped or redriven at an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// The endpoint's name.
    Name,
}

/// A gateway as configured.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    /// The name in the configuration.
    pub name: EndpointName,
    /// The base URL of the routes, without a trailing slash.
    pub url: String,
    /// Set where the URL does not identify the gateway: the local gateway has another port each time.
    pub fixed_gateway: Option<GatewayId>,
    /// The AWS region, from the configuration or the host name.
    pub region: Option<String>,
    /// Sent with every request.
    pub headers: Vec<(String, HeaderValue)>,
    /// How requests authenticate.
    pub auth: Auth,
    /// Certificates (PEM or DER) to trust in addition to the system's.
    pub ca_file: Option<PathBuf>,
    /// Client certificate for mutual TLS.
    pub client_certificate: Option<ClientCertificate>,
    /// How connections reach the gateway.
    pub proxy: Proxy,
    /// The route of `StartExecution`.
    pub start_route: RouteSettings,
    /// The route of `DescribeExecution`.
    pub status_route: RouteSettings,
    /// The other routes.
    pub optional_routes: OptionalRoutes,
    /// How the gateway treats execution names, if configured.
    pub names: Option<NameHandling>,
    /// What must be typed before an execution is started, stopped or redriven there.
    pub confirm: Option<Confirmation>,
    /// Limits of the watcher.
    pub watch: WatchLimits,
    /// Limits of batches.
    pub start: StartLimits,
}

impl Endpoint {
    /// Returns an endpoint with the two mandatory routes and no authentication.
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
            start_route: Route::Start.default_path().into(),
            status_route: Route::Status.default_path().into(),
            optional_routes: OptionalRoutes::default(),
            names: None,
            confirm: None,
            watch: WatchLimits::default(),
            start: StartLimits::default(),
        }
    }

    /// Returns a route, if configured.
    pub fn route(&self, route: Route) -> Option<&RouteSettings> {
        match route {
            Route::Start => Some(&self.start_route),
            Route::Status => Some(&self.status_route),
            Route::Stop => self.optional_routes.stop.as_ref(),
            Route::Redrive => self.optional_routes.redrive.as_ref(),
            Route::History => self.optional_routes.history.as_ref(),
            Route::List => self.optional_routes.list.as_ref(),
            Route::Definition => self.optional_routes.definition.as_ref(),
            Route::Sync => self.optional_routes.sync.as_ref(),
            Route::Logs => self.optional_routes.logs.as_ref(),
            Route::Machines => self.optional_routes.machines.as_ref(),
        }
    }

    /// Returns whether the outcome of an execution can be requested: by status requests or, for EXPRESS, from its log group.
    pub fn can_follow(&self, execution: &ExecutionArn) -> bool {
        execution.is_describable() || self.optional_routes.logs.is_some()
    }

    /// Returns the route that starts machines of this type.
    pub fn route_to_start(&self, machine_type: MachineType) -> Route {
        match machine_type {
            MachineType::Express if self.optional_routes.sync.is_some() => Route::Sync,
            MachineType::Express | MachineType::Standard | MachineType::Unknown => Route::Start,
        }
    }

    /// Returns the id under which the store knows the gateway.
    pub fn gateway(&self) -> GatewayId {
        self.fixed_gateway.clone().unwrap_or_else(|| GatewayId::new(&self.url))
    }

    /// Returns the key under which the store keeps what responses of the gateway have shown. What one route does with names
    /// proves nothing about another one, so other routes than the default ones are part of it.
    pub fn facts_key(&self) -> GatewayId {
        let routes = [(Route::Start, &self.start_route), (Route::Status, &self.status_route)];
        if routes.iter().all(|(route, settings)| **settings == RouteSettings::from(route.default_path())) {
            return self.gateway();
        }
        // Only a digest, since a query may contain a key of the gateway.
        let mut digest = Sha256::new();
        for (route, settings) in routes {
            let filters = [&settings.request, &settings.answer].map(|filter| filter.as_deref().unwrap_or_default());
            for text in [route.key(), settings.method.as_str(), &settings.path, filters[0], filters[1]] {
                digest.update(text);
                digest.update([0]);
            }
        }
        GatewayId::new(&format!("{} {:x}", self.gateway(), digest.finalize()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_route_has_shown_is_not_known_of_another() {
        let plain = Endpoint::plain("e", "https://h.example/dev");
        assert_eq!(plain.facts_key(), plain.gateway());
        let start = |settings: RouteSettings| Endpoint { start_route: settings, ..plain.clone() };
        let status = |settings: RouteSettings| Endpoint { status_route: settings, ..plain.clone() };
        let filter = |filter: &str| RouteSettings { request: Some(filter.into()), ..plain.start_route.clone() };
        let get = RouteSettings { method: crate::domain::Method::Get, ..plain.status_route.clone() };
        let answer = RouteSettings { answer: Some(".a".into()), ..plain.status_route.clone() };
        let others = [
            start("/a".into()),
            start("/b".into()),
            start(filter(".a")),
            start(filter(".b")),
            status(get),
            status(answer),
        ];
        let keys: std::collections::BTreeSet<_> = others.iter().chain([&plain]).map(Endpoint::facts_key).collect();
        assert_eq!(keys.len(), others.len() + 1);
        assert!(others.iter().all(|other| other.gateway() == plain.gateway()));
    }

    #[test]
    fn logins_are_removed_from_urls_anywhere_in_a_text() {
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
    fn loopback_hosts_are_recognized() {
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
