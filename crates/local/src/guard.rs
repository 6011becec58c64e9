//! Who may ask the local gateway: programs on this machine, and no web page. A page could reach it by a host name that
//! leads to 127.0.0.1 (DNS rebinding), but not without its own name in `Host`, and no POST without `Origin`.

use std::net::IpAddr;

use axum::http::header::{HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::uri::Authority;

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It is for another host, or for none.
    Host,
    /// A browser has sent it.
    Browser,
}

impl Refused {
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::Host => "The local gateway takes requests for 127.0.0.1, [::1] and localhost only",
            Self::Browser => "The local gateway takes no requests from web executions",
        }
    }
}

/// Checks the head of a request. Every place that may name the host must name this machine: one `Host` header, and the
/// authority of the target, which HTTP/2 and the absolute form have.
pub(crate) fn check(head: &Parts) -> Result<(), Refused> {
    let from_page = |value: &axum::http::HeaderValue| !matches!(value.as_bytes(), b"none" | b"same-origin");
    if head.headers.contains_key(ORIGIN) || head.headers.get_all("sec-fetch-site").iter().any(from_page) {
        return Err(Refused::Browser);
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
    if is_here { Ok(()) } else { Err(Refused::Host) }
}

fn is_of_this_machine(authority: &Authority) -> bool {
    let has_login = authority.as_str().contains('@');
    // `port()` is none for a port that is no number, too.
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

    fn checked(target: &str, headers: &[(&str, &str)]) -> Result<(), Refused> {
        let mut request = Request::builder().uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        check(&request.body(()).expect("a request").into_parts().0)
    }

    #[test]
    fn only_requests_for_this_machine_are_taken() {
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
            assert_eq!(checked("/dev/execution", &[("host", host)]), Err(Refused::Host), "{host}");
        }
        assert_eq!(checked("/dev", &[]), Err(Refused::Host));
        assert_eq!(checked("/dev", &[("host", "127.0.0.1"), ("host", "127.0.0.1")]), Err(Refused::Host));
        assert_eq!(checked("/dev", &[("host", "127.0.0.1"), ("host", "evil")]), Err(Refused::Host));
        assert_eq!(checked("http://evil/dev", &[("host", "127.0.0.1")]), Err(Refused::Host));
        assert_eq!(checked("http://127.0.0.1/dev", &[("host", "evil")]), Err(Refused::Host));
    }

    #[test]
    fn no_web_page_is_answered() {
        for origin in ["null", "http://127.0.0.1:8080", "https://evil.example", ""] {
            assert_eq!(
                checked("/dev", &[("host", "localhost"), ("origin", origin)]),
                Err(Refused::Browser),
                "{origin}"
            );
        }
        for (site, expected) in [
            ("cross-site", Err(Refused::Browser)),
            ("same-site", Err(Refused::Browser)),
            ("?", Err(Refused::Browser)),
            ("none", Ok(())),
            ("same-origin", Ok(())),
        ] {
            assert_eq!(checked("/dev", &[("host", "localhost"), ("sec-fetch-site", site)]), expected, "{site}");
        }
    }
}
