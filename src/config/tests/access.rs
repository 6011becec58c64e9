//! Access to gateways: auth, certificates, proxies, sources of secrets.

use super::*;

#[test]
fn every_kind_of_access_is_read() {
    let endpoint = |keys: &str| {
        let text = format!("[endpoints.e]\nurl = \"https://x.execute-api.eu-west-1.amazonaws.com/dev\"\n{keys}");
        parse(Path::new("/c/c.toml"), &text, &no_check).expect("no error").endpoints.remove(0)
    };
    let bearer = |header: &str, scheme: &str| {
        let token = SecretSource::Env("T".into());
        Auth::Bearer(Bearer { token, header: header.into(), scheme: scheme.into() })
    };
    let member = |path: &str| MemberPath::parse(path).expect("a path");
    let json = Auth::Bearer(Bearer {
        token: SecretSource::Member(Box::new(SecretSource::File("/c/t".into())), member(".data.access_token")),
        header: "Authorization".into(),
        scheme: "Bearer".into(),
    });
    for (keys, auth) in [
        ("auth = { type = \"bearer\", file = \"t\", json = \".data.access_token\" }", json),
        ("auth = { type = \"none\" }", Auth::None),
        ("auth = { type = \"bearer\", env = \"T\" }", bearer("Authorization", "Bearer")),
        ("auth = { type = \"bearer\", env = \"T\", header = \"X-T\", scheme = \"\" }", bearer("X-T", "")),
        ("auth = { type = \"iam\" }", Auth::Iam { profile: None }),
        ("auth = { type = \"iam\", profile = \"p\" }", Auth::Iam { profile: Some("p".into()) }),
    ] {
        assert_eq!(endpoint(keys).auth, auth);
    }
    let at = |login| Proxy::At { url: "http://p:1".into(), login };
    for (keys, proxy) in [
        ("", Proxy::Environment),
        ("proxy = \"none\"", Proxy::Direct),
        ("proxy = \"http://p:1\"", at(None)),
        ("proxy = { url = \"http://p:1\" }", at(None)),
        (
            "proxy = { url = \"http://p:1\", user = \"me\", password = { file = \"pw\" } }",
            at(Some(("me".into(), SecretSource::File("/c/pw".into())))),
        ),
    ] {
        assert_eq!(endpoint(keys).proxy, proxy);
    }
    let certificate = endpoint("client-certificate = \"me.pem\"\nclient-key = \"k.pem\"").client_certificate;
    assert_eq!(certificate, Some(ClientCertificate { file: "/c/me.pem".into(), key: Some("/c/k.pem".into()) }));
}

#[test]
fn unusable_or_insecure_access_is_refused() {
    for (keys, message) in [
        ("url = \"https://x/d\"\nauth = { type = \"iam\" }", "region: missing: a signature is for one region"),
        ("url = \"https://x/d\"\nproxy = \"socks5://x\"", "a proxy is http://HOST:PORT"),
        ("url = \"https://x/d\"\nproxy = \"http://me:canary@x\"", "a password in the URL would be shown"),
        ("url = \"https://x/d\"\nproxy = { url = \"http://x\", user = \"me\" }", "require each other"),
        ("url = \"https://x/d\"\nclient-key = \"k.pem\"", "`client-key` requires `client-certificate`"),
        ("url = \"https://x/d\"\nregion = \"r\"\nauth = { type = \"iam\", profile = \"\" }", "profile: it is empty"),
        ("url = \"https://x/d\"\nregion = \"r\"\nauth = { type = \"iam\", profile = \"  \" }", "profile: it is empty"),
        (
            "url = \"https://x/d\"\nregion = \"r\"\nauth = { type = \"iam\" }\nheaders = { Authorization = { env = \"T\" } }",
            "Authorization: auth = { type = \"iam\" } sets this header itself",
        ),
        (
            "url = \"https://x/d\"\nregion = \"r\"\nauth = { type = \"iam\" }\n[endpoints.e.headers]\naUTHORIZATION = { file = \"t\" }",
            "aUTHORIZATION: auth = { type = \"iam\" } sets this header itself",
        ),
        ("url = \"http://x/d\"\nauth = { type = \"bearer\", env = \"T\" }", "a secret would be sent unencrypted"),
    ] {
        let errors = errors(&format!("[endpoints.e]\n{keys}")).join("\n");
        assert!(errors.contains(message) && !errors.contains("canary"), "{keys}: {errors}");
    }
    let allowed =
        "[endpoints.e]\nurl = \"http://x/d\"\nallow-plain-http = true\nauth = { type = \"api-key\", env = \"T\" }";
    assert!(parse(Path::new("c.toml"), allowed, &no_check).is_ok());
}

#[test]
fn secrets_in_the_file_or_over_plain_http_are_refused() {
    let found = errors("[endpoints.a]\nurl = \"https://x\"\nheaders = { Authorization = \"Bearer canary\" }\n");
    assert!(found.len() == 1 && found[0].starts_with("c.toml:3: endpoints.a.headers.Authorization"), "{found:?}");
    assert!(!found[0].contains("canary"), "{found:?}");
    let key = "auth = { type = \"api-key\", env = \"K\" }";
    let found = errors(&format!("[endpoints.a]\nurl = \"http://example.com/dev\"\n{key}\n"));
    assert!(found.len() == 1 && found[0].contains("unencrypted"), "{found:?}");
    for host in ["127.0.0.1:4566", "localhost:80", "[::1]:80"] {
        let text = format!("[endpoints.a]\nurl = \"http://{host}/dev\"\n{key}\n");
        assert!(parse(Path::new("c.toml"), &text, &no_check).is_ok(), "{host}");
    }
}

#[test]
fn a_member_of_json_is_a_path_of_names() {
    for path in ["access_token", ".", ".a.", ".a..b", ".a[0]", ".a | .b", ""] {
        let auth = format!("auth = {{ type = \"bearer\", env = \"T\", json = \"{path}\" }}");
        let found = errors(&format!("[endpoints.a]\nurl = \"https://x\"\n{auth}\n"));
        assert!(found.len() == 1 && found[0].starts_with("c.toml:3: endpoints.a.auth.json"), "{path}: {found:?}");
        assert!(found[0].contains("such as `.access_token`"), "{path}: {found:?}");
    }
    let both = "headers = { X-A = { env = \"T\", json = \".a\" } }\nauth = { type = \"api-key\", file = \"k\", json = \".b.c\" }";
    assert!(parse(Path::new("c.toml"), &format!("[endpoints.a]\nurl = \"https://x\"\n{both}\n"), &no_check).is_ok());
}

#[test]
fn unusable_secrets_are_refused_and_never_quoted() {
    let expected = "expected the name of a variable";
    for (keys, key, message) in [
        ("auth = { type = \"bearer\", env = \"eyJcanary.x\" }", "auth.env", expected),
        ("auth = { type = \"bearer\", env = \"eyJcanary.\u{a0}\" }", "auth.env", expected),
        ("auth = { type = \"api-key\", env = \"\" }", "auth.env", expected),
        ("auth = { type = \"api-key\", env = \"CANARY=canary\" }", "auth.env", expected),
        ("auth = { type = \"api-key\", env = \"1canary\" }", "auth.env", expected),
        ("headers = { x-a = { env = \"canary!\" } }", "headers.x-a.env", expected),
        ("auth = { type = \"api-key\", file = \"\" }", "auth.file", "empty: expected the path of a file"),
        ("auth = { type = \"api-key\", command = [] }", "auth.command", "a program's name"),
        ("auth = { type = \"api-key\", command = [\"\"] }", "auth.command", "a program's name"),
        ("auth = { type = \"bearer\", env = \"T\", header = \"\" }", "auth.header", "expected the name of a header"),
        ("auth = { type = \"bearer\", env = \"T\", header = \"a b\" }", "auth.header", "expected the name of a header"),
        ("auth = { type = \"bearer\", env = \"T\", header = \"hOST\" }", "auth.header", "this header is reserved"),
        (
            "auth = { type = \"bearer\", env = \"T\", header = \"Content-Length\" }",
            "auth.header",
            "this header is reserved",
        ),
        (
            "auth = { type = \"bearer\", env = \"T\", header = \"transfer-encoding\" }",
            "auth.header",
            "this header is reserved",
        ),
        (
            "auth = { type = \"bearer\", env = \"T\", header = \"Connection\" }",
            "auth.header",
            "this header is reserved",
        ),
        ("auth = { type = \"bearer\", env = \"T\", scheme = \"Be\\nar\" }", "auth.scheme", "visible ASCII"),
        (
            "auth = { type = \"bearer\", env = \"T\" }, headers = { authorization = { env = \"A\" } }",
            "headers.authorization",
            "auth = { type = \"bearer\" } sets this header itself",
        ),
        (
            "auth = { type = \"bearer\", env = \"T\", header = \"X-T\" }, headers = { x-t = \"b\" }",
            "headers.x-t",
            "auth = { type = \"bearer\" } sets this header itself",
        ),
        (
            "auth = { type = \"api-key\", env = \"T\" }, headers = { X-Api-Key = { env = \"A\" } }",
            "headers.X-Api-Key",
            "auth = { type = \"api-key\" } sets this header itself",
        ),
        (
            "proxy = { url = \"http://p:1\", user = \"me:canary\", password = { env = \"P\" } }",
            "proxy.user",
            "cannot contain `:`",
        ),
    ] {
        let found = errors(&format!("[endpoints]\na = {{ url = \"https://x\", {keys} }}\n"));
        assert!(
            found.len() == 1 && found[0].starts_with(&format!("c.toml:2: endpoints.a.{key}: ")),
            "{keys}: {found:?}"
        );
        assert!(found[0].contains(message) && !found[0].contains("canary"), "{keys}: {found:?}");
    }
    for keys in [
        "auth = { type = \"bearer\", env = \"_t1\", header = \"X-T\" }, headers = { Authorization = { env = \"A\" } }",
        "auth = { type = \"api-key\", env = \"T\" }, headers = { Authorization = { env = \"A\" }, Host = \"h\" }",
        "auth = { type = \"bearer\", env = \"T\", scheme = \"Token v1\" }",
    ] {
        let text = format!("[endpoints]\na = {{ url = \"https://x\", {keys} }}\n");
        assert!(parse(Path::new("c.toml"), &text, &no_check).is_ok(), "{keys}");
    }
}
