//! `NO_PROXY`: the hosts that are reached without a proxy.

use std::net::IpAddr;

use reqwest::Url;

/// Returns the first entry of `NO_PROXY` that matches the host and port of a URL.
///
/// Entries are separated by commas or spaces: `*`, `example.com` and `.example.com` (the domain and its subdomains),
/// `*.example.com` (its subdomains), an IP address, a network such as `10.0.0.0/8`. A port (`example.com:8443`)
/// limits an entry to that port.
pub(super) fn matching<'l>(no_proxy: &'l str, url: &Url) -> Option<&'l str> {
    let host = bare(url.host_str().unwrap_or_default());
    let port = url.port_or_known_default();
    let entries = no_proxy.split(|c: char| c == ',' || c.is_whitespace());
    entries.filter(|entry| !entry.is_empty()).find(|entry| matches(entry, &host, port))
}

fn matches(entry: &str, host: &str, port: Option<u16>) -> bool {
    let entry = entry.split_once("://").map_or(entry, |(_, rest)| rest).trim_end_matches('/');
    let (name, only) = with_port(entry);
    if only.is_some() && only != port {
        return false;
    }
    if name == "*" {
        return true;
    }
    match host.parse::<IpAddr>() {
        Ok(address) => is_in_network(name, address),
        Err(_) => is_in_domain(name, host),
    }
}

/// Splits off the port, which an IPv6 address can only have after brackets.
fn with_port(entry: &str) -> (&str, Option<u16>) {
    let split = match entry.strip_prefix('[') {
        Some(rest) => rest.split_once("]:"),
        None if entry.matches(':').count() == 1 => entry.split_once(':'),
        None => None,
    };
    match split.and_then(|(name, port)| Some((name, port.parse().ok()?))) {
        Some((name, port)) => (name, Some(port)),
        None => (entry, None),
    }
}

fn is_in_domain(name: &str, host: &str) -> bool {
    let (name, has_itself) = match name.strip_prefix("*.") {
        Some(domain) => (bare(domain), false),
        None => (bare(name.trim_start_matches('.')), true),
    };
    let is_below = || host.strip_suffix(&name).is_some_and(|rest| rest.ends_with('.'));
    !name.is_empty() && (has_itself && host == name || is_below())
}

fn is_in_network(name: &str, address: IpAddr) -> bool {
    let (network, length) = match name.split_once('/') {
        Some((network, length)) => (network, length.parse::<u32>().ok()),
        None => (name, Some(u32::MAX)),
    };
    let (Ok(network), Some(length)) = (bare(network).parse::<IpAddr>(), length) else { return false };
    let (network, address, bits) = match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => (network.to_bits().into(), address.to_bits().into(), 32),
        (IpAddr::V6(network), IpAddr::V6(address)) => (network.to_bits(), address.to_bits(), 128),
        _ => return false,
    };
    let (network, address): (u128, u128) = (network, address);
    let shift = if length == u32::MAX { 0 } else { bits - length.min(bits) };
    network.checked_shr(shift) == address.checked_shr(shift)
}

/// A host in the form that URLs have: lower case, without brackets and final dot, non-ASCII labels encoded.
fn bare(host: &str) -> String {
    let host = host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase();
    if host.is_ascii() {
        return host;
    }
    let url = Url::parse(&format!("http://{host}")).ok();
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_match_names_addresses_networks_and_ports() {
        let api = "https://api.example.com/dev";
        for (no_proxy, url, expected) in [
            ("", api, false),
            ("*", api, true),
            ("other.example, *", api, true),
            ("api.example.com", api, true),
            ("API.Example.COM", api, true),
            ("api.example.com.", api, true),
            ("example.com", api, true),
            (".example.com", api, true),
            ("*.example.com", api, true),
            ("*.example.com", "https://a.b.example.com", true),
            ("*.example.com", "https://example.com", false),
            (".example.com", "https://example.com", true),
            ("example.com", "https://notexample.com", false),
            ("*.example.com", "https://notexample.com", false),
            ("pi.example.com", api, false),
            ("a, example.com ,b", api, true),
            ("a example.com\tb", api, true),
            ("api.example.com:443", api, true),
            ("api.example.com:8443", api, false),
            ("api.example.com:8443", "https://api.example.com:8443/dev", true),
            ("*.example.com:443", api, true),
            (".example.com:443", api, true),
            ("*:443", api, true),
            ("*:80", api, false),
            ("https://api.example.com/", api, true),
            ("bücher.example", "https://bücher.example", true),
            (".", api, false),
            (",,", api, false),
            ("10.1.2.3", "http://10.1.2.3:8080", true),
            ("10.1.2.3:8080", "http://10.1.2.3:8080", true),
            ("10.1.2.3:8081", "http://10.1.2.3:8080", false),
            ("10.0.0.0/8", "http://10.1.2.3", true),
            ("10.0.0.0/8", "http://11.1.2.3", false),
            ("0.0.0.0/0", "http://11.1.2.3", true),
            ("10.1.2.2/31", "http://10.1.2.3", true),
            ("10.0.0.0/x", "http://10.1.2.3", false),
            ("2.3", "http://10.1.2.3", false),
            ("10.0.0.0/8", api, false),
            ("fd00::/8", "http://[fd12::1]", true),
            ("fd12::1", "http://[fd12::1]", true),
            ("[fd12::1]", "http://[fd12::1]", true),
            ("[fd12::1]:80", "http://[fd12::1]", true),
            ("[fd12::1]:81", "http://[fd12::1]", false),
            ("::/0", "http://10.1.2.3", false),
        ] {
            assert_eq!(matching(no_proxy, &Url::parse(url).expect("a URL")).is_some(), expected, "{no_proxy} {url}");
        }
    }
}
