//! Which proxy stands in between: what the configuration says, or `HTTPS_PROXY` and the others by the rules of the HTTP
//! client. A variable that the client would ignore is an error: then requests would leave on a way that nobody wants.

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;
use secrecy::SecretString;

use crate::domain::endpoint::is_loopback;
use crate::domain::{Endpoint, Failure, FailureKind, Proxy};

/// A proxy of the environment.
#[derive(Debug)]
pub(super) struct Between {
    pub(super) host: String,
    pub(super) port: u16,
    /// What it wants to see, `Basic ..`.
    pub(super) login: Option<SecretString>,
}

/// Host and port of the proxy that requests of this endpoint go through.
pub(super) fn address(endpoint: &Endpoint, url: &Url) -> Result<Option<String>, Failure> {
    let shown = |host: &str, port: u16| format!("{host}:{port}");
    match &endpoint.proxy {
        Proxy::Direct => Ok(None),
        Proxy::At { url, .. } => Ok(Url::parse(url)
            .ok()
            .and_then(|url| Some(shown(url.host_str()?, url.port_or_known_default().unwrap_or(443))))),
        Proxy::Environment => Ok(of_environment(url)?.map(|between| shown(&between.host, between.port))),
    }
}

/// The login that the environment has for the proxy of this endpoint; an error where its variables cannot be used.
pub(super) fn login(endpoint: &Endpoint, url: &Url) -> Result<Option<SecretString>, Failure> {
    match &endpoint.proxy {
        Proxy::Environment => Ok(of_environment(url)?.and_then(|between| between.login)),
        Proxy::Direct | Proxy::At { .. } => Ok(None),
    }
}

/// The proxy that the environment, or the system, names for this URL.
pub(super) fn of_environment(url: &Url) -> Result<Option<Between>, Failure> {
    // A proxy cannot reach this machine's own loopback.
    if is_loopback(url.host_str().unwrap_or_default()) {
        return Ok(None);
    }
    let variable = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    match named(url, variable) {
        Named::Nothing => Ok(intercepted(&Matcher::from_system(), url)),
        Named::Excepted => Ok(None),
        Named::Proxy(between) => Ok(Some(between)),
        Named::Wrong(said) => Err(Failure::without_answer(FailureKind::Client, said)),
    }
}

#[derive(Debug)]
enum Named {
    /// No variable names one.
    Nothing,
    /// `NO_PROXY` excepts the host.
    Excepted,
    Proxy(Between),
    Wrong(String),
}

fn named(url: &Url, variable: impl Fn(&str) -> Option<String>) -> Named {
    if variable("REQUEST_METHOD").is_some() {
        // A CGI script: `HTTP_PROXY` may be a header of its request.
        return Named::Nothing;
    }
    let first = |names: [&'static str; 2]| names.into_iter().find_map(|name| variable(name).map(|value| (name, value)));
    let own = if url.scheme() == "https" { ["HTTPS_PROXY", "https_proxy"] } else { ["HTTP_PROXY", "http_proxy"] };
    let set = [first(own), first(["ALL_PROXY", "all_proxy"])];
    let Some((name, value)) = set.into_iter().flatten().find(|(_, value)| !value.trim().is_empty()) else {
        return Named::Nothing;
    };
    let no = first(["NO_PROXY", "no_proxy"]).map(|(_, no)| no).unwrap_or_default();
    if intercepted(&Matcher::builder().all("http://proxy").no(no.clone()).build(), url).is_none() {
        return Named::Excepted;
    }
    match checked(&value) {
        Err(why) => Named::Wrong(format!("{name} {why}")),
        Ok(host) => match intercepted(&Matcher::builder().all(value).no(no).build(), url) {
            Some(between) if between.host.eq_ignore_ascii_case(&host) => Named::Proxy(between),
            _ => Named::Wrong(format!(
                "{name} is not the URL of a proxy; percent-encode what is special in its user or password"
            )),
        },
    }
}

/// The host of a proxy's URL, or what is wrong with the value; never with a part of it that may be a password.
fn checked(value: &str) -> Result<String, String> {
    let scheme = value.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    match scheme.as_deref() {
        Some("http" | "https") | None => {}
        Some("socks" | "socks4" | "socks4a" | "socks5" | "socks5h") => {
            return Err(
                "names a SOCKS proxy, which is not supported; name an HTTP proxy, or except the host with NO_PROXY"
                    .into(),
            );
        }
        Some(_) => return Err("is not the URL of an HTTP proxy, such as http://HOST:PORT".into()),
    }
    let whole = if scheme.is_some() { value.to_owned() } else { format!("http://{value}") };
    let authority = whole.split("://").nth(1).and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    if authority.matches('@').count() > 1 {
        return Err("is not the URL of a proxy: percent-encode the `@` of its password as %40".into());
    }
    let url = Url::parse(&whole)
        .map_err(|error| format!("is not the URL of a proxy: {error}; it should look like http://HOST:PORT"))?;
    match url.host_str() {
        _ if url.port() == Some(0) => Err("is not the URL of a proxy: a port is a number from 1 to 65535".into()),
        Some(host) if !host.is_empty() => Ok(host.to_owned()),
        _ => Err("is not the URL of a proxy: it has no host; it should look like http://HOST:PORT".into()),
    }
}

fn intercepted(matcher: &Matcher, url: &Url) -> Option<Between> {
    let found = matcher.intercept(&url.as_str().parse::<http::Uri>().ok()?)?;
    let uri = found.uri();
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
    let login = found.basic_auth().and_then(|value| value.to_str().ok()).map(SecretString::from);
    Some(Between { host: uri.host().unwrap_or_default().to_owned(), port, login })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(url: &str, variables: &[(&str, &str)]) -> String {
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        match named(&Url::parse(url).expect("a URL"), variable) {
            Named::Nothing => "nothing".into(),
            Named::Excepted => "excepted".into(),
            Named::Proxy(between) => format!("{}:{}", between.host, between.port),
            Named::Wrong(said) => said,
        }
    }

    #[test]
    fn the_environment_names_a_proxy_or_it_is_said_what_is_wrong() {
        let https = "https://x.example/dev";
        for (variables, expected) in [
            (&[][..], "nothing"),
            (&[("HTTPS_PROXY", "")], "nothing"),
            (&[("HTTP_PROXY", "socks5://elsewhere")], "nothing"),
            (&[("HTTPS_PROXY", "http://u:secret@p.example:3128")], "p.example:3128"),
            (&[("https_proxy", "p.example:3128")], "p.example:3128"),
            (&[("HTTPS_PROXY", ""), ("ALL_PROXY", "http://p.example")], "p.example:80"),
            (&[("HTTPS_PROXY", "https://socks.proxy.example")], "socks.proxy.example:443"),
            (&[("HTTPS_PROXY", "socks5://p:1080"), ("NO_PROXY", "x.example")], "excepted"),
            (&[("HTTPS_PROXY", "socks5://p:1080"), ("NO_PROXY", "*")], "excepted"),
            (&[("HTTPS_PROXY", "socks5://p:1080"), ("REQUEST_METHOD", "GET")], "nothing"),
        ] {
            assert_eq!(said(https, variables), expected, "{variables:?}");
        }
        for (value, words) in [
            ("socks5://u:secret@p:1080", "HTTPS_PROXY names a SOCKS proxy"),
            ("SOCKS5H://p:1080", "HTTPS_PROXY names a SOCKS proxy"),
            ("socks4://p", "HTTPS_PROXY names a SOCKS proxy"),
            ("ftp://u:secret@p", "HTTPS_PROXY is not the URL of an HTTP proxy"),
            ("http://", "HTTPS_PROXY is not the URL of a proxy"),
            ("http://u:secret@", "HTTPS_PROXY is not the URL of a proxy"),
            ("http://:3128", "HTTPS_PROXY is not the URL of a proxy"),
            ("http://p:99999", "HTTPS_PROXY is not the URL of a proxy: invalid port number"),
            ("http://p:0", "HTTPS_PROXY is not the URL of a proxy: a port"),
            ("http://u:se/cret@p:3128", "HTTPS_PROXY is not the URL of a proxy"),
            ("http://u:sec@ret@p:3128", "HTTPS_PROXY is not the URL of a proxy"),
            ("http://p q:1", "HTTPS_PROXY is not the URL of a proxy"),
            (":::", "HTTPS_PROXY is not the URL of a proxy"),
        ] {
            let found = said(https, &[("HTTPS_PROXY", value)]);
            assert!(found.starts_with(words), "{value}: {found}");
            assert!(!found.contains("secret") && !found.contains("cret"), "{value}: {found}");
        }
        assert!(said("http://x.example", &[("all_proxy", "socks5://p")]).starts_with("all_proxy names a SOCKS proxy"));
    }
}
