//! Checks the URLs of gateways and proxies.

use url::{ParseError, Url};

use stepgate_core::domain::endpoint::without_login;

/// Why a URL is invalid, and perhaps the correct one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UrlError {
    pub(super) message: String,
    pub(super) suggestion: Option<String>,
}

impl From<&str> for UrlError {
    fn from(message: &str) -> Self {
        Self { message: message.to_owned(), suggestion: None }
    }
}

const IPV6: &str = "an IPv6 address must be in brackets, such as [::1]";
const PORT: &str = "a port must be a number from 1 to 65535";

/// Checks a gateway's URL. Routes are appended to it, and its text identifies the gateway, so it must be in its normal
/// form.
pub(super) fn check_gateway(text: &str) -> Result<(), UrlError> {
    let (scheme, rest) = text.split_once("://").unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
        return Err("expected a URL that begins with https:// (or http:// for a gateway on this machine)".into());
    }
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err("a user or password in the URL would be shown and logged; use `auth` or `headers`".into());
    }
    if authority.is_empty() {
        return Err("the host is missing".into());
    }
    if text.contains(char::is_whitespace) {
        return Err("it contains white space".into());
    }
    if rest.contains(['?', '#']) {
        return Err("the URL must not contain `?` or `#`: routes are appended to it".into());
    }
    if rest.trim_end_matches('/').ends_with("/execution") {
        return Err("the URL must not end with /execution: routes are appended to it".into());
    }
    let normal = parsed(text, authority)?;
    // The normal form of a host that is not ASCII is only used on the network.
    if authority.is_ascii() && !is_same(&encoded(text), &normal) {
        return Err(UrlError { message: "not a valid URL".into(), suggestion: Some(trimmed(&normal)) });
    }
    Ok(())
}

/// Checks a proxy's URL.
pub(super) fn check_proxy(text: &str) -> Result<(), UrlError> {
    let (scheme, rest) = text.split_once("://").unwrap_or_default();
    if scheme.to_ascii_lowercase().starts_with("socks") {
        return Err(
            "SOCKS proxies are not supported; a proxy is http://HOST:PORT or https://HOST:PORT, or \"none\"".into()
        );
    }
    if !matches!(scheme, "http" | "https") {
        return Err("a proxy is http://HOST:PORT or https://HOST:PORT, or \"none\"".into());
    }
    if rest.contains('@') {
        let message = "a password in the URL would be shown and logged: { url = \"..\", user = \"..\", password = { env = \"..\" } }";
        return Err(message.into());
    }
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let url = parsed(text, authority)?;
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err("a proxy's URL ends with its port: http://HOST:PORT".into());
    }
    Ok(())
}

/// Hides what may be a password before an `@` in an invalid URL.
pub(super) fn quotable(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((_, rest)) if !text.contains("://") => format!("•••@{rest}"),
        _ => without_login(text),
    }
}

/// Returns the region in hosts of API Gateway, such as `ID.execute-api.REGION.amazonaws.com`.
pub(crate) fn region(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let mut labels = url.host_str()?.split('.').skip_while(|label| *label != "execute-api");
    labels.next()?;
    let region = labels.next()?;
    labels.any(|label| label == "amazonaws").then(|| region.to_owned())
}

fn parsed(text: &str, authority: &str) -> Result<Url, UrlError> {
    if !authority.starts_with('[') && authority.matches(':').count() > 1 {
        return Err(IPV6.into());
    }
    let url = Url::parse(text).map_err(|error| match error {
        ParseError::InvalidPort => UrlError::from(PORT),
        ParseError::EmptyHost => "the host is missing".into(),
        ParseError::InvalidIpv6Address => IPV6.into(),
        ParseError::InvalidIpv4Address => "the host is not an IPv4 address: four numbers from 0 to 255".into(),
        error => UrlError { message: format!("invalid host: {error}"), suggestion: None },
    })?;
    let has_empty_port = authority.ends_with(':');
    if url.port() == Some(0) || has_empty_port {
        return Err(PORT.into());
    }
    if url.host_str().unwrap_or_default().len() > 253 {
        return Err("invalid host: a name has at most 253 characters".into());
    }
    Ok(url)
}

/// Percent-encodes characters that are not ASCII.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for c in text.chars() {
        if c.is_ascii() {
            encoded.push(c);
        } else {
            encoded.extend(c.encode_utf8(&mut [0; 4]).bytes().map(|byte| format!("%{byte:02X}")));
        }
    }
    encoded
}

/// Returns the URL without its final slash.
fn trimmed(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

/// Whether a text is the normal form of its URL; the default port may be explicit.
fn is_same(text: &str, url: &Url) -> bool {
    let port = url.port_or_known_default().map(|port| format!(":{port}")).unwrap_or_default();
    let (host, normal) = (url.host_str().unwrap_or_default(), trimmed(url));
    let text = text.trim_end_matches('/');
    text == normal || text == normal.replacen(host, &format!("{host}{port}"), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_url_must_be_in_normal_form() {
        let check = |text: &str| check_gateway(text).map_err(|error| (error.message, error.suggestion));
        for good in [
            "https://x.execute-api.eu-west-1.amazonaws.com/dev",
            "https://x.example",
            "https://x.example/",
            "https://x.example:443/a",
            "http://127.0.0.1:8080/dev",
            "http://localhost:1/dev",
            "http://[::1]:65535/dev",
            "https://bücher.example/dev",
            "https://x.example/段階/é",
            "https://x.example/a%20b",
            "http://x.example:80/",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for port in ["0", "65536", "99999", "-1", "80a", "", "٣"] {
            assert_eq!(check(&format!("https://x.example:{port}/dev")), Err((PORT.into(), None)), "{port}");
        }
        for (text, normal) in [
            ("HTTP://x.example/dev", "http://x.example/dev"),
            ("Https://x.example", "https://x.example"),
            ("http://LOCALHOST:8080/dev", "http://localhost:8080/dev"),
            ("https://X.Example/Dev", "https://x.example/Dev"),
            ("http://127.1/dev", "http://127.0.0.1/dev"),
            ("http://0x7f000001/", "http://127.0.0.1"),
            ("https://x.example:0443/dev", "https://x.example/dev"),
            ("HTTPS://x.example/é", "https://x.example/%C3%A9"),
            ("https://x.example/a/../b", "https://x.example/b"),
            ("https://x.example\\dev", "https://x.example/dev"),
            ("http://[0:0::1]/dev", "http://[::1]/dev"),
        ] {
            assert_eq!(check(text), Err(("not a valid URL".into(), Some(normal.into()))), "{text}");
        }
        for (text, expected) in [
            ("ftp://x.example", "a URL that begins with https://"),
            ("x.example/dev", "a URL that begins with https://"),
            ("https:/x.example", "a URL that begins with"),
            ("https://", "the host is missing"),
            ("https:///dev", "the host is missing"),
            ("https://:80/dev", "the host is missing"),
            ("https://u:secret@x.example/dev", "a user or password in the URL"),
            ("https://x.example/dev ", "white space"),
            ("https://x.example/dev?a=b", "must not contain `?` or `#`"),
            ("https://x.example/dev#a", "must not contain `?` or `#`"),
            ("https://x.example/dev/execution/", "must not end with /execution"),
            ("https://256.1.1.1/dev", "not an IPv4 address"),
            ("http://[::1/dev", "IPv6"),
            ("http://::1/dev", "IPv6"),
            ("http://[::g]/dev", "IPv6"),
            ("https://a b/dev", "white space"),
            ("https://a<b/dev", "invalid host"),
        ] {
            assert!(check(text).expect_err(text).0.contains(expected), "{text}: {:?}", check(text));
        }
    }

    #[test]
    fn passwords_are_never_quoted() {
        for (text, expected) in [
            ("user:secret@host/dev", "•••@host/dev"),
            ("https:/user:secret@host", "•••@host"),
            ("user:sec@ret@host", "•••@host"),
            ("https://user:secret@host/dev", "https://•••@host/dev"),
            ("host/dev", "host/dev"),
        ] {
            assert_eq!(quotable(text), expected);
        }
    }

    #[test]
    fn a_proxy_url_is_http_with_host_and_port() {
        let check = |text: &str| check_proxy(text).map_err(|error| error.message);
        for good in ["http://proxy:3128", "https://proxy.example:443/", "http://[::1]:3128", "http://10.0.0.1"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (text, expected) in [
            ("socks5://proxy:1080", "SOCKS"),
            ("socks5h://proxy:1080", "SOCKS"),
            ("SOCKS4://proxy", "SOCKS"),
            ("proxy:3128", "a proxy is http://"),
            ("ftp://proxy", "a proxy is http://"),
            ("http://", "the host is missing"),
            ("http://:3128", "the host is missing"),
            ("http://proxy:0", PORT),
            ("http://proxy:65536", PORT),
            ("http://proxy:x", PORT),
            ("http://u:secret@proxy:3128", "a password in the URL"),
            ("http://proxy:3128/path", "ends with its port"),
            ("http://proxy:3128?x", "ends with its port"),
        ] {
            let message = check(text).expect_err(text);
            assert!(message.contains(expected) && !message.contains("secret"), "{text}: {message}");
        }
    }

    #[test]
    fn the_region_is_in_the_host() {
        for (text, expected) in [
            ("https://x.execute-api.eu-west-1.amazonaws.com/dev", Some("eu-west-1")),
            ("https://x.execute-api.cn-north-1.amazonaws.com.cn/dev", Some("cn-north-1")),
            ("https://vpce-1.execute-api.us-east-1.vpce.amazonaws.com/dev", Some("us-east-1")),
            ("https://X.EXECUTE-API.EU-WEST-1.AMAZONAWS.COM", Some("eu-west-1")),
            ("https://execute-api.eu-west-1.example.com", None),
            ("https://api.example.com", None),
        ] {
            assert_eq!(region(text).as_deref(), expected, "{text}");
        }
    }
}
