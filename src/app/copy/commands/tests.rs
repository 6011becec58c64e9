//! The copied commands, and what curl and stepgate receive when a shell runs them.
#![cfg(unix)]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::*;
use stepgate_core::domain::access::MemberPath;
use stepgate_core::domain::{Bearer, ClientCertificate, EndpointName, RouteSettings};

const ARN: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:Orders";

fn machine() -> StateMachineArn {
    StateMachineArn::parse(ARN).expect("an ARN")
}

/// A program with this name that records its arguments, each followed by a NUL, and its input.
fn spy(folder: &Path, name: &str) {
    let script = format!(
        "#!/bin/sh\nfor word; do printf '%s\\000' \"$word\"; done >'{0}/arguments'\n\
         case \" $* \" in *' @- '*|*' --input-file - '*) cat >'{0}/input';; *) : >'{0}/input';; esac\n",
        folder.display()
    );
    let path = folder.join(name);
    std::fs::write(&path, script).expect("a script");
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("it can be run");
}

/// The arguments and the input that a program receives when a command is pasted into a shell.
fn pasted(command: &str, program: &str, variables: &[(&str, &str)]) -> (Vec<String>, Vec<u8>) {
    let folder = tempfile::tempdir().expect("a folder");
    spy(folder.path(), program);
    let mut child = Command::new("sh")
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", folder.path().display()))
        .envs(variables.iter().copied())
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a shell");
    child.stdin.take().expect("its input").write_all(format!("{command}\n").as_bytes()).expect("pasted");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{command}");
    let arguments = std::fs::read_to_string(folder.path().join("arguments")).expect("the arguments");
    let input = std::fs::read(folder.path().join("input")).expect("the input");
    (arguments.split_terminator('\0').map(str::to_owned).collect(), input)
}

/// The values of an option.
fn values<'a>(arguments: &'a [String], name: &str) -> Vec<&'a str> {
    arguments.windows(2).filter(|pair| pair[0] == name).map(|pair| pair[1].as_str()).collect()
}

fn inputs() -> Vec<String> {
    vec![
        "{\"a\":1.0,\"who\":\"it's me\"}".into(),
        "{\n\t\"a\": \"$(id) `id` !! %s \\\\ \\u0000\"\r\n}".into(),
        "x\nEOF\ntouch pwned\n".into(),
        format!("\"{}\nEOF\n\"", "あ'\\%😀".repeat(20_000)),
        "\u{1b}[201~\rid\u{0}\u{202e}".into(),
        "-5".into(),
        "@/etc/passwd".into(),
    ]
}

#[test]
fn the_input_arrives_byte_for_byte() {
    let endpoint = Endpoint::plain("dev", "https://gate.example.com/dev");
    for text in inputs() {
        let input = Payload::received(text.as_str());
        let (arguments, piped) = pasted(&curl(&endpoint, &machine(), &input), "curl", &[]);
        let data = values(&arguments, "--data-binary");
        let body = if data == ["@-"] { String::from_utf8(piped).expect("UTF-8") } else { data.concat() };
        let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(body, serde_json::json!({ "stateMachineArn": ARN, "input": text }));

        let info = EndpointInfo::from(&endpoint);
        let (arguments, piped) = pasted(&stepgate(&info, &machine(), &input), "stepgate", &[]);
        assert_eq!(arguments[..4], ["--endpoint", "dev", "start", ARN]);
        let (option, last) = (arguments[4].as_str(), arguments.last().expect("the input"));
        let given = match option.strip_prefix("--input=") {
            Some(given) => given.as_bytes(),
            None if option == "--input" => last.as_bytes(),
            None => &piped,
        };
        assert_eq!(given, text.as_bytes());
    }
}

#[test]
fn a_curl_command_is_readable_and_has_placeholders_for_secrets() {
    let mut endpoint = Endpoint::plain("dev", "https://gate.example.com/dev");
    endpoint.headers = vec![
        ("x-apigw-api-id".into(), HeaderValue::Text("s8l41c37mk".into())),
        ("x-own".into(), HeaderValue::Secret(SecretSource::File("/run/secrets/own key".into()))),
    ];
    endpoint.auth = Auth::ApiKey(SecretSource::Env("STEPGATE_API_KEY".into()));
    let script = "'s/^[[:space:]]+//; s/[[:space:]]+$//; s/^\"[[:space:]]*([^\"]*[^\"[:space:]])[[:space:]]*\"$/\\1/; \
                  s/^'\\''[[:space:]]*([^'\\'']*[^'\\''[:space:]])[[:space:]]*'\\''$/\\1/'";
    assert_eq!(
        curl(&endpoint, &machine(), &Payload::received("{\"a\":1.0}")).replace(script, "SCRIPT"),
        ": \"${STEPGATE_API_KEY:?}\" && curl -sS -X POST https://gate.example.com/dev/execution \\\n  \
         --connect-timeout 10 --max-time 32 \\\n  \
         -H 'Content-Type: application/json' \\\n  -H 'x-apigw-api-id: s8l41c37mk' \\\n  \
         -H 'x-own: '\"$(LC_ALL=C tr -d '\\r\\n\\357\\273\\277' <'/run/secrets/own key' | sed -E SCRIPT)\" \\\n  \
         -H 'x-api-key: '\"$(printf %s \"$STEPGATE_API_KEY\" | LC_ALL=C tr -d '\\r\\n\\357\\273\\277' | sed -E SCRIPT)\" \\\n  \
         --data-binary '{\"stateMachineArn\":\"arn:aws:states:us-east-1:000000000000:stateMachine:Orders\",\
         \"input\":\"{\\\"a\\\":1.0}\"}'"
    );
    assert_eq!(EndpointName::new("dev").as_str(), "dev");
}

#[test]
fn a_curl_command_has_the_method_and_the_path_of_the_route() {
    let with =
        |start_route: RouteSettings| Endpoint { start_route, ..Endpoint::plain("dev", "https://gate.example.com/dev") };
    let get = RouteSettings { method: Method::Get, ..RouteSettings::from("/start?arn={stateMachineArn}&b=[1]") };
    let (arguments, piped) = pasted(&curl(&with(get.clone()), &machine(), &Payload::empty_object()), "curl", &[]);
    let url = format!("https://gate.example.com/dev/start?arn={}&b=[1]", ARN.replace(':', "%3A"));
    assert_eq!(arguments[..4], ["-sS", "-X", "GET", &url]);
    assert!(arguments.contains(&"--globoff".to_owned()) && piped.is_empty());
    assert!(!arguments.iter().any(|word| word.contains("data") || word.contains("Content-Type")), "{arguments:?}");
    let filtered = RouteSettings { request: Some(".input".into()), ..RouteSettings::from("/x") };
    for (route, is_refused) in
        [(get, false), (RouteSettings::from("/x"), false), (filtered, true), (RouteSettings::from("/x/{name}"), true)]
    {
        assert_eq!(curl_objection(&with(route.clone())).is_some(), is_refused, "{route:?}");
    }
}

/// The header that curl receives for a secret from this source, as each shell runs the command.
fn sent(auth: impl Fn(SecretSource) -> Auth, text: &str, member: Option<&str>) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("a token");
    std::fs::write(&file, text).expect("a token");
    let command = ["cat".to_owned(), file.display().to_string()].to_vec();
    let sources = [SecretSource::Env("TOKEN".into()), SecretSource::File(file), SecretSource::Command(command)];
    let headers = sources.into_iter().map(|source| {
        let source = match member.map(|path| MemberPath::parse(path).expect("a path")) {
            Some(path) => SecretSource::Member(Box::new(source), path),
            None => source,
        };
        let endpoint = Endpoint { auth: auth(source), ..Endpoint::plain("dev", "https://gate.example.com/dev") };
        let command = curl(&endpoint, &machine(), &Payload::empty_object());
        assert!(!command.contains("canary"), "{command}");
        let (arguments, _) = pasted(&command, "curl", &[("TOKEN", text)]);
        values(&arguments, "-H").last().expect("a header").to_string()
    });
    headers.collect()
}

#[test]
fn a_secret_is_sent_as_the_client_sends_it() {
    let bearer = |scheme: &'static str| {
        move |token| Auth::Bearer(Bearer { token, header: "Authorization".into(), scheme: scheme.into() })
    };
    for text in [
        "canary.1/+=",
        "canary.1/+=\r\n",
        "\u{feff} canary.1/+= \n\n",
        "\"canary.1/+=\"\n",
        "' canary.1/+= '",
        "Bearer canary.1/+=",
        "bearer   canary.1/+=\n",
        "\"Bearer canary.1/+=\"",
        "Authorization: Bearer canary.1/+=",
        "{\"access_token\": \"canary.1/+=\", \"token_type\": \"Bearer\"}",
        "\u{feff}{\r\n  \"tokenType\" : \"Bearer\",\r\n  \"accessToken\" : \"canary.1/+=\",\r\n  \"n\": {}\r\n}\r\n",
        "{\"id_token\":\"canary.1\\/+\\u003d\"}",
        "{\"kind\": \"ExecCredential\", \"status\": {\"token\": \"Bearer canary.1/+=\"}}",
    ] {
        assert_eq!(sent(bearer("Bearer"), text, None), ["Authorization: Bearer canary.1/+="; 3], "{text}");
    }
    for (scheme, text, expected) in [
        ("", "canary", "Authorization: canary"),
        ("", "Authorization: canary", "Authorization: canary"),
        ("Api.Key/1", "api.key/1 canary", "Authorization: Api.Key/1 canary"),
        ("Bearer", "bearercanary", "Authorization: Bearer bearercanary"),
    ] {
        assert_eq!(sent(bearer(scheme), text, None), [expected; 3], "{text}");
    }
    for text in ["canary", "canary\r\n", "\u{feff}\"canary\"", " 'canary' \n"] {
        assert_eq!(sent(Auth::ApiKey, text, None), ["x-api-key: canary"; 3], "{text}");
    }
    if Command::new("jq").arg("--version").output().is_err() {
        eprintln!("NOT RUN: there is no jq");
        return;
    }
    let json = "\u{feff}{\"data\": {\r\n\"access token\": \"Bearer canary\"}}\n";
    assert_eq!(sent(bearer("Bearer"), json, Some(".data.access token")), ["Authorization: Bearer canary"; 3]);
}

#[test]
fn nothing_is_sent_without_the_variable_of_a_secret() {
    let mut endpoint = Endpoint::plain("dev", "https://gate.example.com/dev");
    endpoint.auth = Auth::ApiKey(SecretSource::Env("STEPGATE_API_KEY".into()));
    let command = curl(&endpoint, &machine(), &Payload::empty_object());
    let folder = tempfile::tempdir().expect("a folder");
    spy(folder.path(), "curl");
    let path = format!("{}:/usr/bin:/bin", folder.path().display());
    let ran = Command::new("sh").args(["-c", &command]).env_clear().env("PATH", path).output().expect("a shell");
    assert!(!ran.status.success() && String::from_utf8_lossy(&ran.stderr).contains("STEPGATE_API_KEY"), "{ran:?}");
    assert!(!folder.path().join("arguments").exists());
}

#[test]
fn a_curl_command_has_all_settings_of_the_endpoint() {
    let folder = tempfile::tempdir().expect("a folder");
    let token = folder.path().join("a token");
    std::fs::write(&token, "from-file\r\n").expect("a token");
    let login = ("user".to_owned(), SecretSource::Env("PROXY PASSWORD".into()));
    let endpoint = Endpoint {
        headers: vec![
            ("x-empty".into(), HeaderValue::Text(String::new())),
            ("Host".into(), HeaderValue::Text("it's; $HOME".into())),
            ("x-token".into(), HeaderValue::Secret(SecretSource::File(token))),
        ],
        auth: Auth::Bearer(Bearer {
            token: SecretSource::Command(vec!["printf".into(), "%s".into(), "it's a token".into()]),
            header: "Authorization".into(),
            scheme: "Bearer".into(),
        }),
        ca_file: Some("/etc/my ca's.pem".into()),
        client_certificate: Some(ClientCertificate { file: "/c:d.pem".into(), key: Some("/k e.pem".into()) }),
        proxy: Proxy::At { url: "http://proxy:3128".into(), login: Some(login) },
        ..Endpoint::plain("dev", "https://[2001:db8::1]/dev")
    };
    let command = curl(&endpoint, &machine(), &Payload::empty_object());
    let (arguments, _) = pasted(&command, "curl", &[("PROXY PASSWORD", "p:w")]);
    assert_eq!(values(&arguments, "POST"), ["https://[2001:db8::1]/dev/execution"]);
    assert_eq!(
        values(&arguments, "-H"),
        [
            "Content-Type: application/json",
            "x-empty;",
            "Host: it's; $HOME",
            "x-token: from-file",
            "Authorization: Bearer it's a token"
        ]
    );
    assert_eq!(values(&arguments, "--cacert"), ["/etc/my ca's.pem"]);
    assert_eq!(values(&arguments, "--cert"), ["/c\\:d.pem"]);
    assert_eq!(values(&arguments, "--key"), ["/k e.pem"]);
    assert_eq!((values(&arguments, "--proxy"), values(&arguments, "--noproxy")), (vec!["http://proxy:3128"], vec![""]));
    let user = values(&arguments, "--proxy-user");
    // dash does not pass on variables with invalid names.
    assert!(user == ["user:p:w"] || user == ["user:"], "{user:?}");
    assert_eq!(values(&arguments, "--connect-timeout"), ["10"]);
    for option in ["--globoff", "--http1.1"] {
        assert!(arguments.iter().any(|word| word == option), "{option}");
    }
    assert!(!command.contains("from-file") && !command.contains("p:w"), "{command}");
}

#[test]
fn the_loopback_address_is_never_behind_a_proxy() {
    let none = |url: &str| {
        let (arguments, _) =
            pasted(&curl(&Endpoint::plain("e", url), &machine(), &Payload::empty_object()), "curl", &[]);
        values(&arguments, "--noproxy") == ["*"]
    };
    assert!(none("http://127.0.0.1:8080/dev") && none("http://localhost/dev") && none("http://[::1]:80"));
    assert!(!none("https://gate.example.com/dev"));
}

#[test]
fn signatures_are_made_with_the_credentials_of_the_profile() {
    let endpoint = |profile: Option<&str>| Endpoint {
        region: Some("us-east-1".into()),
        auth: Auth::Iam { profile: profile.map(str::to_owned) },
        ..Endpoint::plain("dev", "https://gate.example.com/dev")
    };
    let keys = [("AWS_ACCESS_KEY_ID", "AK"), ("AWS_SECRET_ACCESS_KEY", "S'K"), ("AWS_SESSION_TOKEN", "T")];
    let command = curl(&endpoint(None), &machine(), &Payload::empty_object());
    let (arguments, _) = pasted(&command, "curl", &keys);
    assert_eq!(values(&arguments, "--aws-sigv4"), ["aws:amz:us-east-1:execute-api"]);
    assert_eq!(values(&arguments, "--user"), ["AK:S'K"]);
    assert!(values(&arguments, "-H").contains(&"x-amz-security-token: T"));
    let command = curl(&endpoint(Some("my role")), &machine(), &Payload::empty_object());
    assert!(
        command.starts_with("(eval \"$(aws configure export-credentials --profile 'my role' --format env)\" && curl")
    );
}
