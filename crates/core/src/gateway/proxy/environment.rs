//! The proxy variables of the environment, by the rules of curl: lower case before upper case, an empty variable counts as
//! unset, and `ALL_PROXY` is for URLs without a variable of their own.

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;
use secrecy::SecretString;

use crate::gateway::proxy::{HttpProxy, exempt};

/// What the environment says about the proxy for a URL.
#[derive(Debug)]
pub(super) enum ProxyVariable {
    Unset,
    /// `NO_PROXY` matches the host.
    Exempt,
    Proxy(HttpProxy),
    /// An unusable variable: its name, what is wrong, what to do. Never a part of its value.
    Unusable(String),
}

pub(super) fn lookup(url: &Url, variable: impl Fn(&str) -> Option<String>) -> ProxyVariable {
    if exemption(url, &variable).is_some() {
        return ProxyVariable::Exempt;
    }
    match for_scheme(url.scheme(), &variable) {
        None => ProxyVariable::Unset,
        // Curl refuses it too. To ignore it would send the request on another path than the one that was meant.
        Some((name, value)) if value.trim().is_empty() => ProxyVariable::Unusable(format!(
            "{name} is blank; unset it to connect directly, or set it to the URL of a proxy"
        )),
        Some((name, value)) => match parsed(name, value.trim(), url) {
            Ok(proxy) => ProxyVariable::Proxy(proxy),
            Err(why) => ProxyVariable::Unusable(format!("{name} {why}")),
        },
    }
}

/// Returns why a proxy that the environment names is not used for a URL, with what to change.
pub(super) fn unused(url: &Url, variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let host = url.host_str().unwrap_or_default();
    if let Some((list, entry)) = exemption(url, &variable) {
        let (proxy, _) = for_scheme(url.scheme(), &variable)?;
        let is_plain = |c: char| c.is_alphanumeric() || "-._:/*[]".contains(c);
        let entry =
            if entry.chars().all(is_plain) { format!("the entry `{entry}` of {list}") } else { list.to_owned() };
        return Some(format!(
            "The proxy in {proxy} is not used for {host}, because of {entry}. To use the proxy, remove that entry."
        ));
    }
    let other = if url.scheme() == "https" { "http" } else { "https" };
    let (proxy, _) = for_scheme(other, &variable).filter(|_| for_scheme(url.scheme(), &variable).is_none())?;
    let own = if url.scheme() == "https" { "HTTPS_PROXY" } else { "http_proxy" };
    Some(format!(
        "The proxy in {proxy} is only for {other}:// urls, and this one begins with {}://. To use the proxy, set {own}.",
        url.scheme()
    ))
}

/// Returns what is wrong with the list of hosts without a proxy, if there is a proxy for the URL.
pub(super) fn list_error(url: &Url, variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let (name, list) = no_proxy(&variable)?;
    (list.contains(';') && for_scheme(url.scheme(), &variable).is_some())
        .then(|| format!("{name} contains `;`, which does not separate its entries"))
}

fn set(variable: &impl Fn(&str) -> Option<String>, name: &'static str) -> Option<(&'static str, String)> {
    variable(name).filter(|value| !value.is_empty()).map(|value| (name, value))
}

/// Returns the variable that lists hosts without a proxy, and the list.
fn no_proxy(variable: &impl Fn(&str) -> Option<String>) -> Option<(&'static str, String)> {
    let mut found = ["no_proxy", "NO_PROXY"].into_iter().filter_map(|name| set(variable, name));
    found.find(|(_, list)| !list.trim().is_empty())
}

/// Returns the variable and its entry that exclude a URL from the proxy.
fn exemption(url: &Url, variable: &impl Fn(&str) -> Option<String>) -> Option<(&'static str, String)> {
    let (name, list) = no_proxy(variable)?;
    exempt::matching(&list, url).map(|entry| (name, entry.to_owned()))
}

/// Returns the variable for URLs with this scheme, and its value.
fn for_scheme(scheme: &str, variable: &impl Fn(&str) -> Option<String>) -> Option<(&'static str, String)> {
    let set = |name: &'static str| set(variable, name);
    let own = match scheme {
        "https" => set("https_proxy").or_else(|| set("HTTPS_PROXY")),
        // In a CGI script, HTTP_PROXY holds the `Proxy` header of the request.
        _ => set("http_proxy").or_else(|| set("HTTP_PROXY").filter(|_| variable("REQUEST_METHOD").is_none())),
    };
    own.or_else(|| set("all_proxy")).or_else(|| set("ALL_PROXY"))
}

/// Returns the proxy of the operating system's settings.
pub(super) fn from_system(url: &Url) -> Option<HttpProxy> {
    intercepted(&Matcher::from_system(), url, "the system's settings")
}

const ENCODE: &str = "is not the URL of a proxy; expected http://USER:PASSWORD@HOST:PORT. In the user and password, write \
                      `@` as %40, `:` as %3A, `/` as %2F, `#` as %23, `?` as %3F and `%` as %25";
const EXPECTED: &str = "expected a URL such as http://HOST:PORT";

/// Parses a proxy's URL, or returns what is wrong with it.
fn parsed(name: &str, value: &str, target: &Url) -> Result<HttpProxy, String> {
    let scheme = value.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    match scheme.as_deref() {
        Some("http" | "https") | None => {}
        Some("socks" | "socks4" | "socks4a" | "socks5" | "socks5h") => {
            let host = target.host_str().unwrap_or_default();
            return Err(format!(
                "names a SOCKS proxy, which is not supported; set it to an HTTP proxy (http://HOST:PORT), or add {host} to NO_PROXY to connect directly"
            ));
        }
        Some(_) => return Err(format!("is not the URL of an HTTP proxy; {EXPECTED}")),
    }
    let whole = if scheme.is_some() { value.to_owned() } else { format!("http://{value}") };
    let rest = whole.split_once("://").map(|(_, rest)| rest).unwrap_or_default();
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let login = authority.rsplit_once('@').map(|(login, _)| login);
    // The only valid `@` precedes the host; any other belongs to a password that is not percent-encoded.
    let has_more = rest.matches('@').count() > usize::from(login.is_some());
    if has_more || login.is_some_and(|login| !is_encoded(login)) {
        return Err(ENCODE.to_owned());
    }
    let url = Url::parse(&whole).map_err(|error| format!("is not the URL of a proxy: {error}; {EXPECTED}"))?;
    if url.port() == Some(0) {
        return Err("is not the URL of a proxy: a port is a number from 1 to 65535".to_owned());
    }
    let Some(host) = url.host_str().filter(|host| !host.is_empty()) else {
        return Err(format!("is not the URL of a proxy: it has no host; {EXPECTED}"));
    };
    let proxy = intercepted(&Matcher::builder().all(whole.as_str()).build(), target, name);
    // Both parsers agree on the host, or the URL has characters that only one of them accepts.
    let bare = host.trim_matches(['[', ']']);
    proxy.filter(|proxy| proxy.host.eq_ignore_ascii_case(bare)).ok_or_else(|| ENCODE.to_owned())
}

/// Returns whether a user and password contain only characters that a URL allows there (RFC 3986, section 3.2.1).
fn is_encoded(login: &str) -> bool {
    let mut bytes = login.bytes();
    while let Some(byte) = bytes.next() {
        let is_allowed = match byte {
            b'%' => [bytes.next(), bytes.next()].iter().all(|digit| digit.is_some_and(|byte| byte.is_ascii_hexdigit())),
            _ => byte.is_ascii_graphic() && !b"\"<>\\^`{|}[]".contains(&byte),
        };
        if !is_allowed {
            return false;
        }
    }
    true
}

fn intercepted(matcher: &Matcher, url: &Url, named_by: &str) -> Option<HttpProxy> {
    let found = matcher.intercept(&url.as_str().parse::<http::Uri>().ok()?)?;
    let uri = found.uri();
    let is_encrypted = uri.scheme_str() == Some("https");
    let port = uri.port_u16().unwrap_or(if is_encrypted { 443 } else { 80 });
    let login = found.basic_auth().and_then(|value| value.to_str().ok()).map(SecretString::from);
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    Some(HttpProxy { is_encrypted, host, port, login, named_by: named_by.to_owned() })
}

#[cfg(test)]
mod tests;
