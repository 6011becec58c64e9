//! The proxy variables of the environment, by the rules of curl: lower case before upper case, an empty variable counts as
//! unset, and `ALL_PROXY` is for URLs without a variable of their own.

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;
use secrecy::SecretString;

use crate::gateway::proxy::{HttpProxy, exempt};

/// What the environment says about the proxy for a URL.
#[derive(Debug)]
pub(super) enum Named {
    Nothing,
    /// `NO_PROXY` matches the host.
    Exempt,
    Proxy(HttpProxy),
    /// An unusable variable: its name, what is wrong, what to do. Never a part of its value.
    Wrong(String),
}

pub(super) fn named(url: &Url, variable: impl Fn(&str) -> Option<String>) -> Named {
    let set = |name: &'static str| variable(name).filter(|value| !value.is_empty()).map(|value| (name, value));
    let is_blank = |(_, value): &(&str, String)| value.trim().is_empty();
    let no_proxy = ["no_proxy", "NO_PROXY"].into_iter().filter_map(set).find(|found| !is_blank(found));
    if no_proxy.is_some_and(|(_, list)| exempt::is_exempt(&list, url)) {
        return Named::Exempt;
    }
    let own = match url.scheme() {
        "https" => set("https_proxy").or_else(|| set("HTTPS_PROXY")),
        // In a CGI script, HTTP_PROXY holds the `Proxy` header of the request.
        _ => set("http_proxy").or_else(|| set("HTTP_PROXY").filter(|_| variable("REQUEST_METHOD").is_none())),
    };
    match own.or_else(|| set("all_proxy")).or_else(|| set("ALL_PROXY")) {
        None => Named::Nothing,
        // Curl refuses it too. To ignore it would send the request on another path than the one that was meant.
        Some(found @ (name, _)) if is_blank(&found) => {
            Named::Wrong(format!("{name} is blank; unset it to connect directly, or set it to the URL of a proxy"))
        }
        Some((name, value)) => match parsed(name, value.trim(), url) {
            Ok(proxy) => Named::Proxy(proxy),
            Err(why) => Named::Wrong(format!("{name} {why}")),
        },
    }
}

/// Returns the proxy of the operating system's settings.
pub(super) fn of_system(url: &Url) -> Option<HttpProxy> {
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
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn said(url: &str, variables: &[(&str, &str)]) -> String {
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        match named(&Url::parse(url).expect("a URL"), variable) {
            Named::Nothing => "nothing".into(),
            Named::Exempt => "exempt".into(),
            Named::Proxy(proxy) => {
                let login = proxy.login.as_ref().map(|login| format!(" {}", login.expose_secret()));
                format!("{}{}", proxy.url(), login.unwrap_or_default())
            }
            Named::Wrong(said) => said,
        }
    }

    #[test]
    fn variables_count_by_the_rules_of_curl() {
        let https = "https://x.example/dev";
        for (variables, expected) in [
            (&[][..], "nothing"),
            (&[("HTTPS_PROXY", "")], "nothing"),
            (
                &[("HTTPS_PROXY", " ")],
                "HTTPS_PROXY is blank; unset it to connect directly, or set it to the URL of a proxy",
            ),
            (&[("HTTPS_PROXY", " "), ("NO_PROXY", "x.example")], "exempt"),
            (&[("HTTPS_PROXY", " "), ("https_proxy", "lower:1")], "http://lower:1"),
            (&[("HTTP_PROXY", "socks5://elsewhere")], "nothing"),
            (&[("http_proxy", "http://elsewhere")], "nothing"),
            (&[("https_proxy", "p.example:3128")], "http://p.example:3128"),
            (&[("HTTPS_PROXY", "p.example")], "http://p.example:80"),
            (&[("HTTPS_PROXY", "upper:1"), ("https_proxy", "lower:1")], "http://lower:1"),
            (&[("HTTPS_PROXY", ""), ("https_proxy", "lower:1")], "http://lower:1"),
            (&[("HTTPS_PROXY", "upper:1"), ("https_proxy", "")], "http://upper:1"),
            (&[("HTTPS_PROXY", ""), ("ALL_PROXY", "http://p.example")], "http://p.example:80"),
            (&[("ALL_PROXY", "upper:1"), ("all_proxy", "lower:1")], "http://lower:1"),
            (&[("HTTPS_PROXY", "own:1"), ("all_proxy", "all:1")], "http://own:1"),
            (&[("HTTPS_PROXY", "https://socks.proxy.example")], "https://socks.proxy.example:443"),
            (&[("HTTPS_PROXY", "http://[::1]:3128")], "http://[::1]:3128"),
            (&[("HTTPS_PROXY", "p:1"), ("REQUEST_METHOD", "GET")], "http://p:1"),
            (&[("HTTPS_PROXY", "socks5://p:1080"), ("NO_PROXY", "x.example")], "exempt"),
            (&[("HTTPS_PROXY", "socks5://p:1080"), ("NO_PROXY", "*")], "exempt"),
            (&[("HTTPS_PROXY", "p:1"), ("NO_PROXY", ""), ("no_proxy", "x.example")], "exempt"),
            (&[("HTTPS_PROXY", "p:1"), ("NO_PROXY", "x.example"), ("no_proxy", "")], "exempt"),
            (&[("HTTPS_PROXY", "p:1"), ("NO_PROXY", "x.example"), ("no_proxy", "y.example")], "http://p:1"),
            (&[("HTTPS_PROXY", "p:1"), ("NO_PROXY", "*.example")], "exempt"),
            (&[("HTTPS_PROXY", "p:1"), ("NO_PROXY", "x.example:443")], "exempt"),
            (&[("HTTPS_PROXY", "p:1"), ("NO_PROXY", "x.example:80")], "http://p:1"),
        ] {
            assert_eq!(said(https, variables), expected, "{variables:?}");
        }
        let http = "http://x.example/dev";
        assert_eq!(said(http, &[("HTTP_PROXY", "p:1")]), "http://p:1");
        assert_eq!(said(http, &[("HTTP_PROXY", "p:1"), ("REQUEST_METHOD", "GET")]), "nothing");
        assert_eq!(said(http, &[("http_proxy", "p:1"), ("REQUEST_METHOD", "GET")]), "http://p:1");
        assert!(said(http, &[("all_proxy", "socks5://p")]).starts_with("all_proxy names a SOCKS proxy"));
    }

    #[test]
    fn a_login_is_percent_decoded() {
        for (value, login) in [
            ("http://u:secret@p:1", "u:secret"),
            ("u:secret@p:1", "u:secret"),
            ("http://u:a%40b%3Ac%2Fd%23e%3Ff%25g@p:1", "u:a@b:c/d#e?f%g"),
            ("http://u:a:b@p:1", "u:a:b"),
            ("http://dom%5Cu:s3!$&'()*+,;=-._~@p:1", "dom\\u:s3!$&'()*+,;=-._~"),
            ("http://token@p:1", "token:"),
        ] {
            use base64::Engine as _;
            let encoded = base64::engine::general_purpose::STANDARD.encode(login);
            assert_eq!(said("https://x.example", &[("HTTPS_PROXY", value)]), format!("http://p:1 Basic {encoded}"));
        }
    }

    #[test]
    fn what_is_wrong_is_told_without_the_value() {
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
            ("http://p q:1", "HTTPS_PROXY is not the URL of a proxy"),
            ("\"http://p:1\"", "HTTPS_PROXY is not the URL of a"),
            (":::", "HTTPS_PROXY is not the URL of a proxy"),
        ] {
            let found = said("https://x.example", &[("HTTPS_PROXY", value)]);
            assert!(found.starts_with(words), "{value}: {found}");
            assert!(!found.contains("secret"), "{value}: {found}");
        }
        // A password with one special character, wherever it stands, with and without a scheme, and with digits before it,
        // which look like a port.
        for special in ["@", "/", "?", "#", "%", "\\", " ", "%4g", "%zz", "\"", "[", "@/", "/@", "é"] {
            for password in [format!("{special}cret"), format!("12{special}zz"), format!("se{special}cret")] {
                for scheme in ["http://", "https://", ""] {
                    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
                        let value = format!("{scheme}me:{password}@proxy.example:3128");
                        let found = said("https://x.example", &[(name, &value)]);
                        assert!(found.starts_with(&format!("{name} is not the URL of a proxy")), "{value}: {found}");
                        assert!(found.contains("%40") && found.contains("%25"), "{value}: {found}");
                        assert!(!found.contains("cret") && !found.contains("zz"), "{value}: {found}");
                    }
                }
            }
        }
    }
}
