//! Protects the local gateway from web pages; only programs on this machine may use it. A page could reach it through a host
//! name that resolves to 127.0.0.1 (DNS rebinding), but only with that name in `Host`, and with `Origin` in a POST.

use std::net::IpAddr;

use axum::http::header::{HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::uri::Authority;

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The request is for another host, or for none.
    Host,
    /// The request is from a browser.
    Browser,
}

impl Refusal {
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::Host => "The local gateway only accepts requests for 127.0.0.1, [::1] and localhost",
            Self::Browser => "The local gateway accepts no requests from web pages",
        }
    }
}

/// Checks the head of a request. The single `Host` header, and the authority of the target in HTTP/2 and in absolute form,
/// must name this machine.
pub(crate) fn check(head: &Parts) -> Result<(), Refusal> {
    let from_page = |value: &axum::http::HeaderValue| !matches!(value.as_bytes(), b"none" | b"same-origin");
    if head.headers.contains_key(ORIGIN) || head.headers.get_all("sec-fetch-site").iter().any(from_page) {
        return Err(Refusal::Browser);
    }
    let mut hosts = head.headers.get_all(HOST).iter();
    let named = (hosts.next(), hosts.next(), head.uri.authority());
    let is_here = match named {
        (_, Some(_), _) | (None, None, None) => false,
        (host, None, target) => {
            host.is_none_or(|host| Authority::try_from(host.as_bytes()).is_ok_and(|host| is_of_this_machine(&host)))
                && target.is_none_or(is_of_this_machine)
        }
    };
    if is_here { Ok(()) } else { Err(Refusal::Host) }
}

fn is_of_this_machine(authority: &Authority) -> bool {
    let has_login = authority.as_str().contains('@');
    // `port()` is also `None` for an invalid port.
    let has_bad_port = authority.port().is_none() && authority.as_str().len() != authority.host().len();
    !has_login && !has_bad_port && is_loopback(authority.host())
}

fn is_loopback(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let name = host.strip_suffix('.').unwrap_or(host);
    name.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn checked(target: &str, headers: &[(&str, &str)]) -> Result<(), Refusal> {
        let mut request = Request::builder().uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        check(&request.body(()).expect("a request").into_parts().0)
    }

    #[test]
    fn only_requests_for_this_machine_are_accepted() {
        for host in [
            "127.0.0.1",
            "127.0.0.1:8080",
            "127.8.9.1:1",
            "localhost",
            "LOCALHOST:80",
            "localhost.:80",
            "[::1]",
            "[::1]:8080",
        ] {
            assert_eq!(checked("/dev/execution", &[("host", host)]), Ok(()), "{host}");
            assert_eq!(checked(&format!("http://{host}/dev"), &[("host", host)]), Ok(()), "absolute form: {host}");
            assert_eq!(checked(&format!("http://{host}/dev"), &[]), Ok(()), "HTTP/2: {host}");
        }
        for host in [
            "example.com",
            "evil.example:8080",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "evillocalhost",
            "",
            "192.168.0.1:80",
            "0.0.0.0",
            "[::]",
            "[::ffff:1.2.3.4]",
            "evil@127.0.0.1",
            "127.0.0.1@evil",
            "127.0.0.1:port",
            "127.0.0.1:99999",
            "127.0.0.1, evil",
            "2130706433",
            "0x7f.1",
            "127.1",
            "[::1",
            "::1",
        ] {
            assert_eq!(checked("/dev/execution", &[("host", host)]), Err(Refusal::Host), "{host}");
        }
        assert_eq!(checked("/dev", &[]), Err(Refusal::Host));
        assert_eq!(checked("/dev", &[("host", "127.0.0.1"), ("host", "127.0.0.1")]), Err(Refusal::Host));
        assert_eq!(checked("/dev", &[("host", "127.0.0.1"), ("host", "evil")]), Err(Refusal::Host));
        assert_eq!(checked("http://evil/dev", &[("host", "127.0.0.1")]), Err(Refusal::Host));
        assert_eq!(checked("http://127.0.0.1/dev", &[("host", "evil")]), Err(Refusal::Host));
    }

    #[test]
    fn requests_from_web_pages_are_refused() {
        for origin in ["null", "http://127.0.0.1:8080", "https://evil.example", ""] {
            assert_eq!(
                checked("/dev", &[("host", "localhost"), ("origin", origin)]),
                Err(Refusal::Browser),
                "{origin}"
            );
        }
        for (site, expected) in [
            ("cross-site", Err(Refusal::Browser)),
            ("same-site", Err(Refusal::Browser)),
            ("?", Err(Refusal::Browser)),
            ("none", Ok(())),
            ("same-origin", Ok(())),
        ] {
            assert_eq!(checked("/dev", &[("host", "localhost"), ("sec-fetch-site", site)]), expected, "{site}");
        }
    }
}
