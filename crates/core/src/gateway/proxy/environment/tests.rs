use secrecy::ExposeSecret as _;

use super::*;

fn proxy_for(url: &str, variables: &[(&str, &str)]) -> String {
    let variable =
        |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    match lookup(&Url::parse(url).expect("a URL"), variable) {
        ProxyVariable::Unset => "nothing".into(),
        ProxyVariable::Exempt => "exempt".into(),
        ProxyVariable::Proxy(proxy) => {
            let login = proxy.login.as_ref().map(|login| format!(" {}", login.expose_secret()));
            format!("{}{}", proxy.url(), login.unwrap_or_default())
        }
        ProxyVariable::Unusable(message) => message,
    }
}

#[test]
fn variables_follow_the_rules_of_curl() {
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
        assert_eq!(proxy_for(https, variables), expected, "{variables:?}");
    }
    let http = "http://x.example/dev";
    assert_eq!(proxy_for(http, &[("HTTP_PROXY", "p:1")]), "http://p:1");
    assert_eq!(proxy_for(http, &[("HTTP_PROXY", "p:1"), ("REQUEST_METHOD", "GET")]), "nothing");
    assert_eq!(proxy_for(http, &[("http_proxy", "p:1"), ("REQUEST_METHOD", "GET")]), "http://p:1");
    assert!(proxy_for(http, &[("all_proxy", "socks5://p")]).starts_with("all_proxy names a SOCKS proxy"));
}

#[test]
fn a_proxy_that_is_not_used_is_named_with_the_variable_and_entry() {
    let about = |url: &str, variables: &[(&str, &str)]| {
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let url = Url::parse(url).expect("a URL");
        (unused(&url, variable).unwrap_or_default(), list_error(&url, variable).unwrap_or_default())
    };
    let https = "https://x.example/dev";
    for (url, variables, parts) in [
        (
            https,
            &[("HTTPS_PROXY", "p:1"), ("NO_PROXY", "a, *.example")][..],
            &["HTTPS_PROXY", "`*.example` of NO_PROXY"][..],
        ),
        (https, &[("ALL_PROXY", "p:1"), ("no_proxy", "x.example:443")], &["ALL_PROXY", "`x.example:443` of no_proxy"]),
        (
            "http://10.1.2.3",
            &[("http_proxy", "p:1"), ("NO_PROXY", "10.0.0.0/8")],
            &["http_proxy", "`10.0.0.0/8` of NO_PROXY"],
        ),
        ("http://x.example", &[("HTTPS_PROXY", "p:1")], &["HTTPS_PROXY is only for https:// urls", "set http_proxy"]),
        (https, &[("HTTP_PROXY", "p:1")], &["HTTP_PROXY is only for http:// urls", "set HTTPS_PROXY"]),
        (https, &[("NO_PROXY", "*")], &[]),
        (https, &[("HTTPS_PROXY", "p:1"), ("NO_PROXY", "other")], &[]),
        (https, &[("HTTPS_PROXY", "p:1"), ("HTTP_PROXY", "q:1")], &[]),
        (https, &[], &[]),
    ] {
        let (unused, _) = about(url, variables);
        assert_eq!(unused.is_empty(), parts.is_empty(), "{variables:?}: {unused}");
        assert!(parts.iter().all(|part| unused.contains(part)), "{variables:?}: {unused}");
    }
    let listed = |list: &str, proxy: &str| about(https, &[("HTTPS_PROXY", proxy), ("NO_PROXY", list)]).1;
    assert_eq!(listed("a;x.example", "p:1"), "NO_PROXY contains `;`, which does not separate its entries");
    assert_eq!((listed("a,x.example", "p:1"), listed("a;b", "")), (String::new(), String::new()));
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
        assert_eq!(proxy_for("https://x.example", &[("HTTPS_PROXY", value)]), format!("http://p:1 Basic {encoded}"));
    }
}

#[test]
fn an_unusable_variable_is_reported_without_its_value() {
    for (value, message) in [
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
        let found = proxy_for("https://x.example", &[("HTTPS_PROXY", value)]);
        assert!(found.starts_with(message), "{value}: {found}");
        assert!(!found.contains("secret"), "{value}: {found}");
    }
    // A password with one special character, in any position, with and without a scheme, and with digits before it,
    // which look like a port.
    for special in ["@", "/", "?", "#", "%", "\\", " ", "%4g", "%zz", "\"", "[", "@/", "/@", "é"] {
        for password in [format!("{special}cret"), format!("12{special}zz"), format!("se{special}cret")] {
            for scheme in ["http://", "https://", ""] {
                for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
                    let value = format!("{scheme}me:{password}@proxy.example:3128");
                    let found = proxy_for("https://x.example", &[(name, &value)]);
                    assert!(found.starts_with(&format!("{name} is not the URL of a proxy")), "{value}: {found}");
                    assert!(found.contains("%40") && found.contains("%25"), "{value}: {found}");
                    assert!(!found.contains("cret") && !found.contains("zz"), "{value}: {found}");
                }
            }
        }
    }
}
