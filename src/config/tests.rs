//! The example file, the defaults, and invalid files.

use std::path::Path;
use std::time::Duration;

use super::*;
use stepgate_core::domain::access::MemberPath;
use stepgate_core::domain::{
    Auth, Bearer, ClientCertificate, HeaderValue, MachineType, OptionalRoutes, Proxy, SecretSource, WatchLimits,
};

mod access;
mod routes;
mod several_endpoints;

/// The keymap's check is tested with the keymap.
fn no_check(_: &Settings) -> Vec<ConfigError> {
    Vec::new()
}

fn errors(text: &str) -> Vec<String> {
    match parse(Path::new("c.toml"), text, &no_check) {
        Ok(settings) => panic!("no error found: {settings:?}"),
        Err(errors) => errors.lines().collect(),
    }
}

fn example() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/config.example.toml")).expect("the example")
}

/// The example with its commented keys enabled, except alternatives.
fn example_uncommented() -> String {
    let alternatives = [
        "auth = { type = \"api-key\"",
        "auth = { type = \"bearer\"",
        "auth = { type = \"iam\"",
        "client-",
        "proxy = ",
        "input-file",
        "headers = ",
        "presets = ",
        "start = {",
        "status = {",
        "names = ",
        "confirm = ",
        "type = ",
        "arn = ",
        "color = ",
    ];
    let mut uncommented = String::new();
    for line in example().lines() {
        let body = line.strip_prefix("# ").unwrap_or(line);
        let is_key =
            body.split_once(" = ").is_some_and(|(key, _)| key.chars().all(|c| c.is_ascii_lowercase() || c == '-'));
        let open = is_key && !alternatives.iter().any(|start| body.starts_with(start)) && !body.contains("corp-ca");
        uncommented.push_str(if open { body } else { line });
        uncommented.push('\n');
    }
    uncommented
}

#[test]
fn the_example_parses_and_shows_the_defaults() {
    let path = Path::new("config.example.toml");
    let plain = parse(path, &example(), &no_check).expect("the example parses");
    let mut uncommented = parse(path, &example_uncommented(), &no_check).expect("the uncommented example parses");
    assert_ne!(example(), example_uncommented());
    assert_eq!(uncommented.keys.len(), 2);
    uncommented.keys.clear();
    assert!(uncommented.endpoints[0].optional_routes.list.is_some());
    uncommented.endpoints[0].optional_routes = OptionalRoutes::default();
    assert_eq!(uncommented, plain);
    assert_eq!(plain.endpoints[0].region.as_deref(), Some("ap-northeast-1"));
    assert_eq!(
        plain.endpoints[0].watch,
        WatchLimits { requests_per_second: 5.0, max_interval: Duration::from_secs(60) }
    );
    assert_eq!(plain.machines[0].input.as_str(), "{}");
}

#[test]
fn every_key_is_read() {
    let text = r#"
        read-only = true
        [endpoints.b]
        url = "https://api.example.com/orders/"
        region = "eu-west-1"
        headers = { x-apigw-api-id = "abc", Authorization = { env = "T" } }
        auth = { type = "api-key", command = ["pass", "key"] }
        ca-file = "ca.pem"
        routes = { start = "/s", status = "/q", list = "/l" }
        watch = { requests-per-second = 0.5, max-interval = "2m" }
        [machines.m]
        arn = "arn:aws:states:eu-west-1:111122223333:stateMachine:M:PROD"
        type = "express"
        input = "[1.0]"
        presets = { z = "1", a = "2" }
        [ui]
        theme = "light"
        notify = "desktop"
        [keys]
        start = "s"
        [store]
        payloads = false
        retain = "1w"
    "#;
    let settings = parse(Path::new("/etc/stepgate/c.toml"), text, &no_check).expect("no error");
    let endpoint = &settings.endpoints[0];
    assert!(settings.read_only);
    assert_eq!(endpoint.url, "https://api.example.com/orders");
    assert_eq!(endpoint.region.as_deref(), Some("eu-west-1"));
    assert_eq!(endpoint.headers[1], ("Authorization".into(), HeaderValue::Secret(SecretSource::Env("T".into()))));
    assert_eq!(endpoint.auth, Auth::ApiKey(SecretSource::Command(vec!["pass".into(), "key".into()])));
    assert_eq!(endpoint.ca_file.as_deref(), Some(Path::new("/etc/stepgate/ca.pem")));
    assert_eq!((&*endpoint.start_route.path, &*endpoint.status_route.path), ("/s", "/q"));
    assert_eq!(endpoint.watch, WatchLimits { requests_per_second: 0.5, max_interval: Duration::from_secs(120) });
    let machine = &settings.machines[0];
    assert_eq!((machine.endpoint.as_str(), machine.machine_type), ("b", MachineType::Express));
    assert_eq!(machine.presets.iter().map(|p| &*p.name).collect::<Vec<_>>(), ["z", "a"]);
    assert_eq!(settings.ui, UiSettings { theme: ThemeChoice::Light, notify: Notify::Desktop, ..UiSettings::default() });
    assert_eq!(settings.store, StoreSettings { payloads: false, retain: Duration::from_secs(7 * 24 * 3600) });
}

#[test]
fn names_have_something_to_see() {
    for (name, key) in [("", ""), (" ", " "), ("\\t\\n", "\\t\\n"), ("\\u200b\\u00a0\\u0007", "\u{200b}\u{a0}\\u0007")]
    {
        let text = format!(
            "default-endpoint = \"e\"\n[endpoints.e]\nurl = \"https://x.example\"\n\
             [endpoints.\"{name}\"]\nurl = \"https://x.example\"\n\
             [machines.\"{name}\"]\narn = \"arn:aws:states:eu-west-1:111122223333:stateMachine:M\"\n\
             presets.\"{name}\" = \"1\"\n"
        );
        let message = "a name needs at least one visible character";
        let machine = format!("machines.\"{key}\"");
        let expected = [
            format!("c.toml:4: endpoints.\"{key}\": {message}"),
            format!("c.toml:6: {machine}: {message}"),
            format!("c.toml:8: {machine}.presets.\"{key}\": {message}"),
        ];
        assert_eq!(errors(&text), expected);
    }
}

#[test]
fn all_errors_are_reported_with_line_key_and_suggestion() {
    let text = r#"defualt-endpoint = "dev"
read-only = "yes"
[endpoints.dev]
ulr = "https://x/dev"
auth = { type = "api_key" }
[endpoints.prod]
url = "ftp://example.com"
headers = { a = { envy = "T" } }
auth = { type = "api-key", env = "A", file = "b" }
routes = { start = "execution" }
watch = { requests-per-second = 0, max-interval = "often" }
[machines.a]
endpoint = "pord"
arn = "arn:aws:lambda:eu-west-1:111122223333:function:f"
input = "{'a': 1}"
[machines.b]
type = "expres"
input-file = "no-such-file.json"
[ui]
theme = "drak"
"#;
    insta::assert_snapshot!(errors(text).join("\n"));
}

#[test]
fn broken_syntax_has_its_line() {
    let found = errors("read-only = false\n[endpoints.dev\nurl = \"https://x\"\n");
    assert!(found[0].starts_with("c.toml:2: "), "{found:?}");
    let found = errors("a = 1\na = 2\n");
    assert!(found[0].starts_with("c.toml:2: "), "{found:?}");
    let machine = "[machines.m]\narn = \"arn:aws:states:eu-west-1:111122223333:stateMachine:M\"\n";
    assert_eq!(errors(machine), ["c.toml: endpoints: no endpoint: add a table `[endpoints.NAME]` with a `url`"]);
    for text in ["# nothing\n", "[ui]\ntheme = \"light\"\n", "[endpoints]\n"] {
        assert_eq!(parse(Path::new("c.toml"), text, &no_check).expect(text).endpoints, []);
    }
}

#[test]
fn invalid_urls_are_refused() {
    for (url, word) in [
        ("example.com", "https://"),
        ("https:///dev", "host"),
        ("https://u:p@example.com", "password"),
        ("https://example.com/dev?x=1", "`?`"),
        ("https://example.com/dev/execution", "/execution"),
        ("https://exa mple.com", "white space"),
    ] {
        let found = errors(&format!("[endpoints.a]\nurl = \"{url}\"\n"));
        assert!(found.len() == 1 && found[0].contains(word), "{url}: {found:?}");
    }
}

#[test]
fn urls_not_in_normal_form_are_refused_with_a_suggestion() {
    for (url, message) in [
        ("https://x.example:65536/dev", "a port must be a number from 1 to 65535: `https://x.example:65536/dev`"),
        ("https://x.example:0/dev", "a port must be a number from 1 to 65535: `https://x.example:0/dev`"),
        ("HTTP://127.0.0.1:80/dev", "not a valid URL: `HTTP://127.0.0.1:80/dev`; did you mean `http://127.0.0.1/dev`?"),
        (
            "http://LOCALHOST:8080/dev",
            "not a valid URL: `http://LOCALHOST:8080/dev`; did you mean `http://localhost:8080/dev`?",
        ),
    ] {
        let expected = format!("c.toml:2: endpoints.a.url: {message}");
        assert_eq!(errors(&format!("[endpoints.a]\nurl = \"{url}\"\n")), [expected]);
    }
    let secret = errors(
        "[endpoints.a]\nurl = \"https://me:canary@x.example/dev\"\nroutes = { start = \"https://me:canary@x\" }",
    )
    .join("\n");
    assert!(!secret.contains("canary") && secret.contains("https://•••@x.example/dev"), "{secret}");
    // The scheme is case-insensitive.
    let open = errors("[endpoints.a]\nurl = \"HTTP://x.example/dev\"\nauth = { type = \"api-key\", env = \"K\" }\n")
        .join("\n");
    assert!(open.contains("unencrypted"), "{open}");
}

#[test]
fn a_machine_is_in_the_region_of_its_gateway() {
    let file = |endpoint: &str, region: &str| {
        let host = "https://x.execute-api.eu-west-1.amazonaws.com/dev";
        let arn = format!("arn:aws:states:{region}:111122223333:stateMachine:M");
        format!("[endpoints.a]\nurl = \"{host}\"\n{endpoint}[machines.m]\narn = \"{arn}\"\n")
    };
    let is_good = |text: &str| parse(Path::new("c.toml"), text, &no_check).is_ok();
    assert!(is_good(&file("", "eu-west-1")));
    assert!(is_good(&file("region = \"eu-west-1\"\n", "us-east-1")), "the region is explicit");
    assert_eq!(
        errors(&file("", "us-east-1")),
        [
            "c.toml:4: machines.m.arn: this state machine is in `us-east-1`, and the url of its endpoint in `eu-west-1`; if \
             that gateway calls another region, set region = \"eu-west-1\" in [endpoints.a]"
        ]
    );
    assert_eq!(
        errors(&file("region = \"us-east-1\"\n", "us-east-1")),
        ["c.toml:3: endpoints.a.region: `us-east-1` is not the region of the url, which is in `eu-west-1`"]
    );
    let custom = file("", "us-east-1").replace("x.execute-api.eu-west-1.amazonaws.com", "api.example.com");
    assert!(is_good(&custom), "a custom domain has no region");
}

#[test]
fn invisible_characters_are_named() {
    let arn = "arn:aws:states:eu-west-1:111122223333:stateMachine:M";
    for (text, message) in [
        (
            "[endpoints.a]\nurl = \"https://x.example\u{200b}/dev\"",
            "c.toml:2: endpoints.a.url: character 18 is the invisible U+200B (zero width space)",
        ),
        (
            "[endpoints.a]\nurl = \"https://x.example/dev\"\nheaders = { a = \"b\u{a0}c\" }",
            "c.toml:3: endpoints.a.headers.a: character 2 is the invisible U+00A0 (no-break space)",
        ),
        ("[endpoints.a]\nurl\u{a0}= \"https://x.example/dev\"", "c.toml:2: U+00A0 (no-break space) is invisible"),
        ("[endpoints.a]\nurl = \u{feff}\"https://x.example/dev\"", "c.toml:2: U+FEFF (byte order mark) is invisible"),
    ] {
        let found = errors(text).join("\n");
        assert!(found.contains(message), "{text:?}: {found}");
    }
    let hidden =
        errors(&format!("[endpoints.a]\nurl = \"https://x.example\"\n[machines.m]\narn = \"{arn}\u{202e}\"\n"))
            .join("\n");
    assert!(hidden.contains("c.toml:4: machines.m.arn: ") && hidden.contains("U+202E (text direction)"), "{hidden}");
    // Inputs are JSON, whose strings may contain anything.
    let input = format!(
        "[endpoints.a]\nurl = \"https://x.example\"\n[machines.m]\narn = \"{arn}\"\ninput = '{{\"a\": \"\u{200b}\"}}'\n"
    );
    assert!(parse(Path::new("c.toml"), &input, &no_check).is_ok());
    assert!(parse(Path::new("c.toml"), "[endpoints.\"👩\u{200d}🚀\"]\nurl = \"https://x.example\"", &no_check).is_ok());
}

#[test]
fn names_may_contain_dots() {
    let text = r#"
        default-endpoint = "api.example.com"
        [endpoints."api.example.com"]
        url = "https://api.example.com"
        [endpoints."eu.example.com"]
        url = "https://eu.example.com"
    "#;
    let settings = parse(Path::new("c.toml"), text, &no_check).expect("no error");
    let names: Vec<_> = settings.endpoints.iter().map(|endpoint| endpoint.name.as_str()).collect();
    assert_eq!(names, ["api.example.com", "eu.example.com"]);
}

#[test]
fn key_errors_are_reported_with_the_others() {
    let check = |settings: &Settings| {
        let error = |key: &KeyChoice| ConfigError {
            line: Some(key.line),
            key: format!("keys.{}", key.action),
            message: "no".into(),
            suggestion: None,
        };
        settings.keys.iter().map(error).collect()
    };
    let text = "[endpoints.a]\nulr = \"https://x\"\n[keys]\nstrat = \"n\"\n";
    let found = parse(Path::new("c.toml"), text, &check).expect_err("errors");
    assert_eq!(found.errors.len(), 3, "{found}");
    assert_eq!(found.errors[2].line, Some(4));
}
