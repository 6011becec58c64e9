//! `[endpoints.NAME]`: URL, routes and limits of a gateway. `access` reads its authentication.

use std::path::Path;

use crate::config::access;
use crate::config::error::nearest;
use crate::config::path;
use crate::config::routes;
use crate::config::section::{Located, Section};
use crate::config::url;
use stepgate_core::domain::arn::is_region;
use stepgate_core::domain::{
    Confirmation, Endpoint, EndpointName, NameHandling, StartLimits, WatchLimits, toml_header,
};

/// `color` of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointColor {
    /// The endpoint.
    pub endpoint: EndpointName,
    /// The colour, such as `red` or `#ff8700`.
    pub color: String,
    /// The line in the file.
    pub line: usize,
}

pub(super) fn color(section: &Section<'_>) -> Option<EndpointColor> {
    let color = section.text("color")?;
    Some(EndpointColor { endpoint: EndpointName::new(section.name()), color: color.value, line: color.line })
}

pub(super) fn read(section: &Section<'_>, folder: &Path) -> Endpoint {
    let url = url(section);
    let region = region(section, &url);
    let endpoint = Endpoint {
        region,
        headers: access::headers(section, folder),
        auth: access::auth(section, folder),
        ca_file: path::path(section, "ca-file", folder),
        client_certificate: access::client_certificate(section, folder),
        proxy: access::proxy(section, folder),
        names: names(section),
        confirm: section.choice("confirm", &[("name", Confirmation::Name)]),
        watch: watch(section),
        start: start(section),
        ..Endpoint::plain(section.name(), &url)
    };
    let endpoint = routes::read(section, endpoint);
    access::check(section, &endpoint);
    section.finish();
    endpoint
}

/// Checks that a referenced endpoint exists.
pub(super) fn must_exist(section: &Section<'_>, key: &str, chosen: &Located<String>, names: &[&str]) -> bool {
    let exists = names.contains(&chosen.value.as_str());
    if !exists {
        let message = format!("there is no `{}`", toml_header(&["endpoints", &chosen.value]));
        section.error(key, chosen.line, message, nearest(&chosen.value, names.iter().copied()));
    }
    exists
}

fn url(section: &Section<'_>) -> String {
    let Some(url) = section.text("url") else {
        if !section.has("url") {
            section.table_error("url", "missing: the gateway's full URL, with its stage if it has one");
        }
        return String::new();
    };
    if let Err(error) = url::check_gateway(&url.value) {
        section.error("url", url.line, format!("{}: `{}`", error.message, url::quotable(&url.value)), error.suggestion);
    }
    url.value
}

/// Returns the region from the file, or from hosts such as `ID.execute-api.REGION.amazonaws.com`.
fn region(section: &Section<'_>, url: &str) -> Option<String> {
    let in_url = url::region(url);
    let Some(configured) = section.text("region") else { return in_url };
    if !is_region(&configured.value) {
        let message = format!("expected a region such as eu-west-1, found `{}`", configured.value);
        section.error("region", configured.line, message, None);
    } else if let Some(in_url) = in_url.filter(|in_url| *in_url != configured.value) {
        let message = format!("`{}` is not the region of the url, which is in `{in_url}`", configured.value);
        section.error("region", configured.line, message, None);
    }
    Some(configured.value)
}

/// Returns the region in a gateway's URL. With an explicit region, machines may be in another one.
pub(super) fn url_region(section: &Section<'_>, endpoint: &Endpoint) -> Option<String> {
    if section.has("region") { None } else { endpoint.region.clone() }
}

/// Returns what the gateway does with the name of a start request.
fn names(section: &Section<'_>) -> Option<NameHandling> {
    section.choice("names", &[("passed-on", NameHandling::PassedOn), ("ignored", NameHandling::Ignored)])
}

fn watch(section: &Section<'_>) -> WatchLimits {
    let mut limits = WatchLimits::default();
    let Some(watch) = section.table("watch") else { return limits };
    if let Some(rate) = watch.number("requests-per-second") {
        if rate.value > 0.0 && rate.value <= 1000.0 {
            limits.requests_per_second = rate.value;
        } else {
            watch.error("requests-per-second", rate.line, "expected more than 0 and at most 1000", None);
        }
    }
    if let Some(interval) = watch.duration("max-interval") {
        limits.max_interval = interval.max(std::time::Duration::from_secs(1));
    }
    watch.finish();
    limits
}

fn start(section: &Section<'_>) -> StartLimits {
    let mut limits = StartLimits::default();
    let Some(start) = section.table("start") else { return limits };
    if let Some(rate) = start.number("requests-per-second") {
        if rate.value > 0.0 && rate.value <= 6000.0 {
            limits.requests_per_second = rate.value;
        } else {
            start.error("requests-per-second", rate.line, "expected more than 0 and at most 6000", None);
        }
    }
    start.finish();
    limits
}

/// Returns the name of a machine's endpoint.
pub(super) fn for_machine(
    section: &Section<'_>,
    default: Option<&EndpointName>,
    names: &[&str],
) -> Option<EndpointName> {
    match section.text("endpoint") {
        Some(chosen) => must_exist(section, "endpoint", &chosen, names).then(|| EndpointName::new(&chosen.value)),
        None if default.is_none() && !section.has("endpoint") && !names.is_empty() => {
            section.table_error("endpoint", "missing, and there is no `default-endpoint`");
            None
        }
        None => default.cloned(),
    }
}
