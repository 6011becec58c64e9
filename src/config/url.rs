//! What the URLs of gateways and proxies may look like.

use url::{ParseError, Url};

use stepgate_core::domain::endpoint::without_login;

/// What is wrong with a URL, and perhaps the right one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) message: String,
    pub(super) suggestion: Option<String>,
}

impl From<&str> for Wrong {
    fn from(message: &str) -> Self {
        Self { message: message.to_owned(), suggestion: None }
    }
}

const IPV6: &str = "an IPv6 address stands in brackets, such as [::1]";
const PORT: &str = "a port is a number from 1 to 65535";

/// Checks a gateway's URL: the routes are appended to it, and its text tells one gateway from another, so it has to be
/// in the one form that programs agree on.
pub(super) fn check_gateway(text: &str) -> Result<(), Wrong> {
    let (scheme, rest) = text.split_once("://").unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
        return Err("it should begin with https:// (or http:// for a gateway on this machine)".into());
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
        return Err("it should end before `?` and `#`: the routes are appended to it".into());
    }
    if rest.trim_end_matches('/').ends_with("/execution") {
        return Err("it should end before /execution: the routes are appended to it".into());
    }
    let normal = parsed(text, authority)?;
    // A host that is not ASCII is written in another way on the network only.
    if authority.is_ascii() && !is_same(&encoded(text), &normal) {
        return Err(Wrong { message: "not a valid URL".into(), suggestion: Some(shown(&normal)) });
    }
    Ok(())
}

/// Checks a proxy's URL.
pub(super) fn check_proxy(text: &str) -> Result<(), Wrong> {
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

/// A wrong URL as a message may quote it: in whatever form it is, there may be a password before an `@`.
pub(super) fn quotable(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((_, rest)) if !text.contains("://") => format!("•••@{rest}"),
        _ => without_login(text),
    }
}

/// The region in the hosts of API Gateway, such as `ID.execute-api.REGION.amazonaws.com`.
pub(super) fn region(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let mut labels = url.host_str()?.split('.').skip_while(|label| *label != "execute-api");
    labels.next()?;
    let region = labels.next()?;
    labels.any(|label| label == "amazonaws").then(|| region.to_owned())
}

fn parsed(text: &str, authority: &str) -> Result<Url, Wrong> {
    if !authority.starts_with('[') && authority.matches(':').count() > 1 {
        return Err(IPV6.into());
    }
    let url = Url::parse(text).map_err(|error| match error {
        ParseError::InvalidPort => Wrong::from(PORT),
        ParseError::EmptyHost => "the host is missing".into(),
        ParseError::InvalidIpv6Address => IPV6.into(),
        ParseError::InvalidIpv4Address => "the host is not an IPv4 address: four numbers from 0 to 255".into(),
        error => Wrong { message: format!("the host is not one: {error}"), suggestion: None },
    })?;
    let is_without_number = authority.ends_with(':');
    if url.port() == Some(0) || is_without_number {
        return Err(PORT.into());
    }
    if url.host_str().unwrap_or_default().len() > 253 {
        return Err("the host is not one: a name has at most 253 characters".into());
    }
    Ok(url)
}

/// The text with its characters that are not ASCII as the network has them.
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

/// Without the slash at the end, which does not matter.
fn shown(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

/// Whether a text is the normal form of its URL; a port that goes without saying may be there.
fn is_same(text: &str, url: &Url) -> bool {
    let port = url.port_or_known_default().map(|port| format!(":{port}")).unwrap_or_default();
    let (host, normal) = (url.host_str().unwrap_or_default(), shown(url));
    let text = text.trim_end_matches('/');
    text == normal || text == normal.replacen(host, &format!("{host}{port}"), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateways_url_is_written_in_one_way() {
        let says = |text: &str| check_gateway(text).map_err(|wrong| (wrong.message, wrong.suggestion));
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
            assert_eq!(says(good), Ok(()), "{good}");
        }
        for port in ["0", "65536", "99999", "-1", "80a", "", "٣"] {
            assert_eq!(says(&format!("https://x.example:{port}/dev")), Err((PORT.into(), None)), "{port}");
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
            assert_eq!(says(text), Err(("not a valid URL".into(), Some(normal.into()))), "{text}");
        }
        for (text, words) in [
            ("ftp://x.example", "it should begin with https://"),
            ("x.example/dev", "it should begin with https://"),
            ("https:/x.example", "it should begin"),
            ("https://", "the host is missing"),
            ("https:///dev", "the host is missing"),
            ("https://:80/dev", "the host is missing"),
            ("https://u:secret@x.example/dev", "a user or password in the URL"),
            ("https://x.example/dev ", "white space"),
            ("https://x.example/dev?a=b", "before `?` and `#`"),
            ("https://x.example/dev#a", "before `?` and `#`"),
            ("https://x.example/dev/execution/", "before /execution"),
            ("https://256.1.1.1/dev", "not an IPv4 address"),
            ("http://[::1/dev", "IPv6"),
            ("http://::1/dev", "IPv6"),
            ("http://[::g]/dev", "IPv6"),
            ("https://a b/dev", "white space"),
            ("https://a<b/dev", "the host is not one"),
        ] {
            assert!(says(text).expect_err(text).0.contains(words), "{text}: {:?}", says(text));
        }
    }

    #[test]
    fn no_password_is_quoted_whatever_the_form() {
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
    fn a_proxys_url_is_http_with_host_and_port() {
        let says = |text: &str| check_proxy(text).map_err(|wrong| wrong.message);
        for good in ["http://proxy:3128", "https://proxy.example:443/", "http://[::1]:3128", "http://10.0.0.1"] {
            assert_eq!(says(good), Ok(()), "{good}");
        }
        for (text, words) in [
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
            let said = says(text).expect_err(text);
            assert!(said.contains(words) && !said.contains("secret"), "{text}: {said}");
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
