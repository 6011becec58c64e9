//! Planted secrets: after sessions with every kind of auth, at the most verbose level, against a gateway that repeats
//! everything it receives in its error texts, none of them is in a log, the store, an output or a screen.
#![cfg(unix)]

use std::path::{Path, PathBuf};

use crate::support::cli::{Home, MACHINE, Ran, ran};
use crate::support::gateway::{answering, http, repeating, replying};
use crate::support::proxy;
use crate::support::terminal::Terminal;
use crate::support::tls::{Clients, serve, written};
use base64::Engine as _;
use serde_json::json;
use tokio::runtime::Runtime;

/// Every planted secret contains it.
const CANARY: &str = "canary";

/// Keys of the endpoint, and the environment that they speak of.
struct Kind {
    name: &'static str,
    keys: &'static str,
    environment: &'static [(&'static str, &'static str)],
}

const KINDS: [Kind; 15] = [
    Kind {
        name: "api-key from the environment",
        keys: "auth = { type = \"api-key\", env = \"KEY\" }",
        environment: &[("KEY", "canary-api-key")],
    },
    Kind {
        name: "api-key from a file",
        keys: "auth = { type = \"api-key\", file = \"secrets/plain\" }",
        environment: &[],
    },
    Kind {
        name: "api-key from a command",
        keys: "auth = { type = \"api-key\", command = [\"cat\", \"secrets/plain\"] }",
        environment: &[],
    },
    Kind {
        name: "bearer from the environment",
        keys: "auth = { type = \"bearer\", env = \"TOKEN\" }",
        environment: &[("TOKEN", "canary.bearer.token")],
    },
    Kind {
        name: "bearer from a command, bare, in another header",
        keys: "auth = { type = \"bearer\", command = [\"cat\", \"secrets/plain\"], header = \"X-Token\", scheme = \"\" }",
        environment: &[],
    },
    Kind {
        name: "a command that fails and says too much",
        keys: "auth = { type = \"bearer\", command = [\"sh\", \"-c\", \"cat secrets/plain; cat secrets/plain >&2; false\"] }",
        environment: &[],
    },
    Kind {
        name: "a command whose error holds a secret that it has not printed",
        keys: "auth = { type = \"bearer\", command = [\"sh\", \"secrets/says\"] }",
        environment: &[],
    },
    Kind {
        name: "a token in JSON of an unknown kind",
        keys: "auth = { type = \"bearer\", file = \"secrets/process\" }",
        environment: &[],
    },
    Kind {
        name: "a member that is not there",
        keys: "auth = { type = \"api-key\", file = \"secrets/process\", json = \".SecretAccessKey.x\" }",
        environment: &[],
    },
    Kind {
        name: "a member that is there",
        keys: "auth = { type = \"api-key\", file = \"secrets/process\", json = \".SecretAccessKey\" }",
        environment: &[],
    },
    Kind {
        name: "headers for an authorizer",
        keys: "headers = { X-One = { file = \"secrets/plain\" }, Authorization = { env = \"TWO\" } }",
        environment: &[("TWO", "Custom canary-two")],
    },
    Kind {
        name: "iam from the environment",
        keys: "region = \"eu-west-1\"\nauth = { type = \"iam\" }",
        environment: &[
            ("AWS_ACCESS_KEY_ID", "canary-id"),
            ("AWS_SECRET_ACCESS_KEY", "canary-iam-secret"),
            ("AWS_SESSION_TOKEN", "canary-iam-token"),
        ],
    },
    Kind {
        name: "iam from a profile's credential_process",
        keys: "region = \"eu-west-1\"\nauth = { type = \"iam\", profile = \"good\" }",
        environment: &[("AWS_CONFIG_FILE", "secrets/aws")],
    },
    Kind {
        name: "iam from a credential_process that prints something else",
        keys: "region = \"eu-west-1\"\nauth = { type = \"iam\", profile = \"odd\" }",
        environment: &[("AWS_CONFIG_FILE", "secrets/aws")],
    },
    Kind {
        name: "a header that cannot be sent",
        keys: "auth = { type = \"api-key\", env = \"KEY\" }",
        environment: &[("KEY", "canary\u{7}\u{2028}")],
    },
];

/// A home with the files that hold the secrets, which are not looked into.
fn home(keys: &str, url: &str) -> Home {
    let home = Home::empty();
    std::fs::create_dir(home.path().join("secrets")).expect("a folder");
    home.write("secrets/plain", "canary-plain\n");
    home.write("secrets/says", "echo password=canary >&2; echo 'token: canary-1' >&2; exit 7");
    home.write(
        "secrets/process",
        r#"{"Version": 1, "AccessKeyId": "canary-id", "SecretAccessKey": "canary-secret", "SessionToken": "canary-token"}"#,
    );
    home.write(
        "secrets/aws",
        "[profile good]\ncredential_process = cat secrets/process\n[profile odd]\ncredential_process = cat secrets/plain\n",
    );
    home.write(
        "config.toml",
        &format!(
            "[endpoints.e]\nurl = \"{url}\"\n{keys}\n[endpoints.e.routes]\nstop = \"/execution/stop\"\n\
             history = \"/execution/history\"\nlist = \"/executions\"\n[machines.pass]\narn = \"{MACHINE}PassStateMachine\"\n"
        ),
    );
    home
}

/// Whether there is an answer at all.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    Answers,
    Nobody,
}

/// Everything that is written below a folder, but for what holds the secrets.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            if !path.ends_with("secrets") {
                files(&path, found);
            }
        } else {
            found.push(path);
        }
    }
}

fn holds(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

/// Runs what asks the gateway, and looks for canaries in everything that there is then.
fn session(home: &Home, name: &str, environment: &[(&str, &str)], words: &[&str], reach: Reach) {
    let run = |arguments: &[&str]| -> Ran {
        let verbose = ["-vvv", "--log", "log"];
        let mut command = home.command(&[arguments, &verbose].concat());
        command.env("PATH", "/usr/local/bin:/usr/bin:/bin").envs(environment.iter().copied());
        let ran = ran(&mut command);
        for word in words {
            assert!(!ran.out.contains(word) && !ran.err.contains(word), "{name}: {arguments:?}: {ran:?}");
        }
        ran
    };
    let arn = format!("{}run-1", MACHINE.replace("stateMachine:", "execution:PassStateMachine:"));
    let started = run(&["start", "pass", "--name", "run-1"]);
    assert_ne!(started.code, Some(0), "{name}: {started:?}");
    assert_ne!(run(&["status", &arn]).code, Some(0), "{name}");
    // Without a response, these retry for long.
    if reach == Reach::Answers {
        for command in
            [&["watch", &arn][..], &["stop", &arn], &["history", &arn], &["timeline", &arn], &["list", "--remote"]]
        {
            assert_ne!(run(command).code, Some(0), "{name}: {command:?}");
        }
    }
    assert!(run(&["doctor"]).out.contains("✖"), "{name}");
    run(&["doctor", "--output", "json"]);
    run(&["list"]);
    run(&["config", "check"]);
    let mut written = Vec::new();
    files(home.path(), &mut written);
    for file in ["log", "data/stepgate/stepgate.db"] {
        assert!(written.contains(&home.path().join(file)), "{name}: {file} is looked into: {written:?}");
    }
    for path in written {
        let bytes = std::fs::read(&path).expect("a file");
        for word in words {
            assert!(!holds(&bytes, word), "{name}: `{word}` is in {}", path.display());
        }
    }
}

#[test]
fn no_secret_is_anywhere_but_in_its_request() {
    let runtime = Runtime::new().expect("a runtime");
    for Kind { name, keys, environment } in KINDS {
        if !cfg!(feature = "iam") && name.starts_with("iam") {
            continue;
        }
        let (url, requests) = runtime.block_on(repeating());
        let home = home(keys, &url);
        session(&home, name, environment, &[CANARY], Reach::Answers);
        let was_sent = requests.lock().expect("the requests").iter().any(|request| request.contains(CANARY));
        let cannot = [
            "a command that fails",
            "a command whose error",
            "a token in JSON of an unknown",
            "a member that is not",
            "iam from a credential_process that prints",
            "a header that cannot",
        ];
        assert_eq!(was_sent, !cannot.iter().any(|start| name.starts_with(start)), "{name}");
    }
}

#[test]
fn a_key_in_the_query_of_a_route_is_only_in_its_request() {
    let runtime = Runtime::new().expect("a runtime");
    let requests = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let received = std::sync::Arc::clone(&requests);
    let refusal = http("403 Forbidden", "", "{\"message\":\"Forbidden\"}");
    let ended = http("200 OK", "", "{\"status\":\"SUCCEEDED\",\"output\":\"{}\"}");
    let url = runtime.block_on(replying(move |request| {
        received.lock().expect("the requests").push_str(request);
        if request.starts_with("GET /dev/status") { ended.clone() } else { refusal.clone() }
    }));
    for url in [&*url, "http://127.0.0.1:1"] {
        let home = Home::empty();
        home.write(
            "config.toml",
            &format!(
                "[endpoints.e]\nurl = \"{url}\"\n[endpoints.e.routes]\nstart = \"/execution?code=canary-1\"\n\
                 status = {{ method = \"GET\", path = \"/status?canary-2&arn={{executionArn}}\" }}\n\
                 list = \"/executions?key=canary-3\"\nstop = {{ method = \"GET\", path = \"/{{name}}?k=canary-4\" }}\n\
                 [machines.pass]\narn = \"{MACHINE}PassStateMachine\"\n"
            ),
        );
        let dots = format!("{}..", MACHINE.replace("stateMachine:", "execution:PassStateMachine:"));
        let mut shown = String::new();
        for command in [
            &["start", "pass"][..],
            &["status", EXECUTION],
            &["list", "--remote"],
            &["stop", &dots],
            &["doctor"],
            &["doctor", "--output", "json"],
            &["template", "--check-config"],
            &["template", "--check-config", "--output", "json"],
        ] {
            let ran = home.run(&[command, &["-vvv", "--log", "log"]].concat());
            shown.extend([ran.out, ran.err]);
        }
        shown.push_str(&std::fs::read_to_string(home.path().join("log")).expect("a log"));
        assert!(!shown.contains(CANARY), "{shown}");
        assert!(shown.contains("/execution?code=•••") && shown.contains("GET /status?•••&arn=•••"), "{shown}");
        assert!(shown.contains("/status?•••&arn={executionArn}"), "{shown}");
    }
    let requests = requests.lock().expect("the requests");
    assert!((1..=3).all(|number| requests.contains(&format!("canary-{number}"))), "{requests}");
}

#[cfg(feature = "iam")]
#[test]
fn no_signature_of_a_request_comes_back() {
    let runtime = Runtime::new().expect("a runtime");
    let (url, requests) = runtime.block_on(repeating());
    let home = home("region = \"eu-west-1\"\nauth = { type = \"iam\" }", &url);
    let mut shown = String::new();
    for words in [
        &["start", "pass", "--log", "log"][..],
        &["-v", "status", EXECUTION],
        &["status", EXECUTION, "--output", "json"],
        &["doctor"],
        &["doctor", "--output", "json"],
    ] {
        let mut command = home.command(words);
        command.env("AWS_ACCESS_KEY_ID", "canary-id").env("AWS_SECRET_ACCESS_KEY", "canary-secret");
        let ran = ran(&mut command);
        assert_ne!(ran.code, Some(0), "{ran:?}");
        shown.extend([ran.out, ran.err]);
    }
    shown.push_str(&std::fs::read_to_string(home.path().join("log")).expect("a log"));
    let requests = requests.lock().expect("the requests");
    let signatures: Vec<&str> = requests
        .iter()
        .filter_map(|request| Some(request.split_once("Signature=")?.1.split(['\r', '\n', ',']).next()?.trim()))
        .collect();
    assert!(signatures.len() > 5 && signatures.iter().all(|signature| signature.len() == 64), "{signatures:?}");
    assert!(shown.contains("Signature=•••"), "{shown}");
    for signature in signatures {
        assert!(!shown.contains(signature) && !shown.contains(&signature[..12]), "{signature} in {shown}");
    }
}

/// With what is special in JSON, in URLs and in HTML.
const SPECIAL: &str = "Canary/k\"e%y+&<9>=42";
const EXECUTION: &str = "arn:aws:states:us-east-1:000000000000:execution:PassStateMachine:run-1";

/// A secret as gateways, proxies and services may repeat it.
fn disguises() -> Vec<(&'static str, String)> {
    let percent: String = SPECIAL
        .bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    let quoted = serde_json::to_string(SPECIAL).expect("a text");
    let unicode = SPECIAL.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect::<Vec<_>>().concat();
    let base64 = &base64::engine::general_purpose::STANDARD;
    vec![
        ("as it is", SPECIAL.to_owned()),
        ("in capitals", SPECIAL.to_uppercase()),
        ("percent-encoded", percent),
        ("as in JSON", quoted[1..quoted.len() - 1].to_owned()),
        ("as code points", unicode),
        ("in Base64", base64.encode(SPECIAL)),
        ("in Base64 with others", base64.encode(format!("u:{SPECIAL}!"))),
        (
            "in a JSON Web Token",
            format!("eyJhbGciOiJub25lIn0.{}.c2ln", base64.encode(format!("{{\"k\":\"{SPECIAL}\"}}"))),
        ),
        ("in a URL", format!("https://example.com/?key={}", SPECIAL.replace('"', "%22").replace('<', "%3c"))),
    ]
}

/// Every place of every response in which a text can stand.
fn plantings(hidden: &str) -> Vec<(&'static str, String)> {
    let body = |body: serde_json::Value| http("200 OK", "", &body.to_string());
    let refused = |headers: &str, body: serde_json::Value| http("403 Forbidden", headers, &body.to_string());
    // It stands across the place where a text of this kind is cut.
    let far = |most: usize| format!("{} {hidden} behind", "x".repeat(most - 4));
    let machine = format!("{MACHINE}PassStateMachine");
    let status = json!({
        "executionArn": EXECUTION, "stateMachineArn": machine, "name": "run-1", "status": "FAILED", "startDate": 1.7e9,
        "stopDate": 1.7e9, "error": far(256), "cause": json!({ "errorMessage": hidden }).to_string(),
        "redriveStatus": hidden, "redriveStatusReason": far(1_000), "traceHeader": format!("Root={hidden}"),
        "mapRunArn": hidden, "stateMachineAliasArn": hidden, "inputDetails": { "included": true, "x": hidden },
        "unknown": [{ "nested": hidden, hidden: 1 }],
    });
    let event = json!({
        "timestamp": 1.7e9, "type": hidden, "id": 1, "previousEventId": 0,
        "taskFailedEventDetails": { "error": hidden, "cause": far(256), "resource": hidden },
    });
    let with = |member: &str, value: serde_json::Value| {
        let mut status = status.clone();
        status[member] = value;
        status
    };
    let mut all = with("events", json!([event]));
    all["executions"] = json!([with("status", json!("RUNNING"))]);
    vec![
        ("a request id", refused(&format!("x-amzn-requestid: {hidden}\r\n"), json!({ "message": "Forbidden" }))),
        (
            "a request id that is cut",
            refused(&format!("apigw-requestid: {}\r\n", far(128)), json!({ "message": "no" })),
        ),
        ("an error type", refused(&format!("x-amzn-errortype: {hidden}\r\n"), json!({ "message": "no" }))),
        ("a location", http("301 Moved", &format!("location: https://example.com/{}\r\n", far(200)), "")),
        ("a message", refused("", json!({ "message": format!("'{hidden}' not a valid key=value pair") }))),
        ("a message that is cut", refused("", json!({ "Message": far(1_000) }))),
        (
            "a code",
            http("400 Bad Request", "", &json!({ "__type": format!("a#{hidden}"), "message": "m" }).to_string()),
        ),
        (
            "an error with a cause",
            http("400 Bad Request", "", &json!({ "error": hidden, "cause": far(200) }).to_string()),
        ),
        ("a page", http("400 Bad Request", "", &format!("<html><title>{}</title></html>", far(200)))),
        ("a text", http("400 Bad Request", "", &far(200))),
        ("an object without a status", body(json!({ "x": hidden, "executions": 7, "events": 7 }))),
        ("another value", body(json!([hidden]))),
        ("a word for the status", body(with("status", json!(hidden)))),
        ("a name", body(with("name", json!(hidden)))),
        ("another execution", body(with("executionArn", json!(format!("{EXECUTION}-{hidden}"))))),
        (
            "another machine",
            body(with("executionArn", json!(format!("{}-x:{hidden}", MACHINE.replace("stateMachine:", "execution:"))))),
        ),
        ("dates", body(with("startDate", json!(hidden)))),
        ("every other member", body(all)),
    ]
}

#[test]
fn no_place_of_a_response_brings_a_secret_back() {
    let runtime = Runtime::new().expect("a runtime");
    for (number, (disguise, hidden)) in disguises().into_iter().enumerate() {
        for (gateway, answer) in plantings(&hidden) {
            let name = format!("{gateway}, {disguise}");
            // One place of each kind will do for a disguise.
            let is_first = number == 0;
            if !is_first
                && !["a request id", "a message that is cut", "a text", "every other member"].contains(&gateway)
            {
                continue;
            }
            let url = runtime.block_on(replying(move |_| answer.clone()));
            let home = home("auth = { type = \"bearer\", file = \"secrets/special\", scheme = \"\" }", &url);
            home.write("secrets/special", SPECIAL);
            let mut everything = Vec::new();
            for command in [
                &["start", "pass", "--name", "run-1"][..],
                &["status", EXECUTION],
                &["status", EXECUTION, "--output", "json"],
                &["history", EXECUTION, "--limit", "1"],
                &["list", "--remote", "--output", "json", "--limit", "1"],
                &["list", "--output", "json"],
            ] {
                // These are patient where an answer may come.
                let is_patient = command[0] == "history" || command.contains(&"--remote");
                if is_patient && !(is_first && gateway.starts_with("every")) {
                    continue;
                }
                let ran = ran(home.command(&[command, &["-vv", "--log", "log"]].concat()).env("PATH", "/usr/bin:/bin"));
                everything.push((command.join(" "), format!("{}{}", ran.out, ran.err).into_bytes()));
            }
            let mut written = Vec::new();
            files(home.path(), &mut written);
            everything
                .extend(written.iter().map(|path| (path.display().to_string(), std::fs::read(path).expect("a file"))));
            for (what, bytes) in everything {
                let text = String::from_utf8_lossy(&bytes).to_lowercase();
                // Also a part of it, which is left when it is cut before it is found.
                for word in ["canary", &hidden.to_lowercase()[..12.min(hidden.len())]] {
                    let is_public = "https://example.com/".starts_with(word) || "eyjhbgcioijub25lin0".starts_with(word);
                    assert!(is_public || !text.contains(word), "{name}: `{word}` is in {what}: {text}");
                }
            }
        }
    }
}

#[test]
fn a_payload_is_the_user_s_and_stays_as_it_is() {
    let runtime = Runtime::new().expect("a runtime");
    let payload = json!({ "token": SPECIAL }).to_string();
    let status = json!({
        "executionArn": EXECUTION, "status": "SUCCEEDED", "startDate": 1.7e9, "stopDate": 1.7e9, "input": payload,
        "output": payload, "traceHeader": SPECIAL,
    });
    let url = runtime.block_on(answering(move |_| http("200 OK", "", &status.to_string())));
    let home = home("auth = { type = \"bearer\", file = \"secrets/special\", scheme = \"\" }", &url);
    home.write("secrets/special", SPECIAL);
    let object = home.run(&["status", EXECUTION, "--output", "json"]).expect(0).object();
    assert_eq!((&object["input"], &object["output"]), (&json!(payload), &json!(payload)));
    assert_eq!(object["traceHeader"], json!("•••"));
}

#[test]
fn secrets_as_short_as_words_are_not_redacted() {
    let runtime = Runtime::new().expect("a runtime");
    let url = runtime.block_on(answering(move |_| http("403 Forbidden", "", "{\"message\":\"a plain message\"}")));
    for secret in ["a", "plain"] {
        let home = home("auth = { type = \"api-key\", file = \"secrets/short\" }", &url);
        home.write("secrets/short", secret);
        let refused = home.run(&["status", EXECUTION]).expect(3);
        assert!(refused.err.contains("a plain message"), "{refused:?}");
    }
}

#[test]
fn a_renewed_secret_and_the_one_before_it_are_nowhere() {
    let runtime = Runtime::new().expect("a runtime");
    // Both are repeated, whichever was sent.
    let url = runtime.block_on(answering(move |_| {
        http(
            "401 Unauthorized",
            "x-amzn-requestid: canary-number-1\r\n",
            "{\"message\":\"canary-number-1, canary-number-2\"}",
        )
    }));
    let home = home("auth = { type = \"bearer\", command = [\"sh\", \"secrets/next\"] }", &url);
    home.write("secrets/next", "echo >> secrets/count; echo canary-number-$(wc -l < secrets/count)");
    let mut command = home.command(&["status", EXECUTION, "-vv", "--log", "log"]);
    let refused = ran(command.env("PATH", "/usr/bin:/bin")).expect(3);
    assert!(refused.err.contains("•••, •••"), "{refused:?}");
    let log = std::fs::read_to_string(home.path().join("log")).expect("a log");
    assert!(!format!("{refused:?}{log}").contains("canary"), "{refused:?}{log}");
    let count = std::fs::read_to_string(home.path().join("secrets/count")).expect("a file").lines().count();
    assert_eq!(count, 2, "it was renewed");
}

#[test]
fn no_password_of_a_proxy_is_anywhere() {
    let runtime = Runtime::new().expect("a runtime");
    let server = runtime.block_on(serve(Clients::MustShow));
    let proxy = runtime.block_on(proxy::serve(Some("me:another")));
    let encoded = base64::engine::general_purpose::STANDARD.encode("me:canary-pw");
    let private = server.client.1.lines().nth(1).expect("a line of the key").to_owned();
    let words = [CANARY, &encoded, &private];
    let url = proxy.url();
    let keys = format!(
        "client-certificate = \"secrets/me.pem\"\nproxy = {{ url = \"{url}\", user = \"me\", password = {{ env = \"PW\" }} }}"
    );
    let home = home(&keys, &server.url);
    let key = format!("{}{}", server.client.0, server.client.1);
    written(home.path(), "secrets/me.pem", &key);
    session(&home, "a proxy with a login", &[("PW", "canary-pw")], &words, Reach::Nobody);
    // The same by the environment. A proxy for this machine is not asked, so the gateway is elsewhere.
    let home = self::home("", "https://gateway.invalid/dev");
    let proxy = url.replace("http://", "http://me:canary-pw@");
    session(&home, "a proxy of the environment", &[("HTTPS_PROXY", &proxy)], &words, Reach::Nobody);
}

#[test]
fn no_secret_is_on_the_screen() {
    let runtime = Runtime::new().expect("a runtime");
    let (url, requests) = runtime.block_on(repeating());
    let mut terminal = Terminal::open(120, 30, &[("TOKEN", "canary.bearer.token")]);
    let config = format!(
        "[endpoints.e]\nurl = \"{url}\"\nauth = {{ type = \"bearer\", env = \"TOKEN\", scheme = \"\" }}\n[machines.pass]\n\
         arn = \"{MACHINE}PassStateMachine\"\n[ui]\ntheme = \"dark\"\n"
    );
    terminal.write("config.toml", &config);
    terminal.send(&format!("{} --config config.toml\r", Terminal::program()));
    terminal.wait_for_text("pass");
    terminal.send("n");
    terminal.wait_for_text("Start pass");
    terminal.send("\x13");
    terminal.wait_for_text("the gateway refuses the signature");
    assert!(requests.lock().expect("the requests").iter().any(|request| request.contains(CANARY)));
    assert!(!terminal.text().contains(CANARY), "{}", terminal.text());
    terminal.send("\x1b");
    terminal.wait_for("the form to close", |screen| !screen.contents().contains("Input (JSON)"));
    terminal.send("m");
    terminal.wait_for_text("Messages");
    assert!(!terminal.text().contains(CANARY), "{}", terminal.text());
}

#[test]
fn no_member_of_a_response_shows_a_secret_on_the_screen() {
    let runtime = Runtime::new().expect("a runtime");
    let machine = format!("{MACHINE}PassStateMachine");
    let far = format!("{} {SPECIAL} behind", "x".repeat(252));
    let url = runtime.block_on(replying(move |request| {
        let name = request.split("\"name\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        let asked = request.split("\"executionArn\":\"").nth(1).and_then(|rest| rest.split('"').next());
        let arn =
            asked.map_or_else(|| format!("{}:{name}", machine.replace("stateMachine", "execution")), str::to_owned);
        let body = match asked {
            None => json!({ "executionArn": arn, "startDate": 1.7e9 }),
            Some(_) => json!({
                "executionArn": arn, "status": "FAILED", "startDate": 1.7e9, "stopDate": 1.7e9, "error": SPECIAL,
                "cause": far, "redriveStatus": SPECIAL, "traceHeader": SPECIAL,
            }),
        };
        http("200 OK", &format!("x-amzn-requestid: {SPECIAL}\r\n"), &body.to_string())
    }));
    let mut terminal = Terminal::open(150, 40, &[("TOKEN", SPECIAL)]);
    let config = format!(
        "[endpoints.e]\nurl = \"{url}\"\nauth = {{ type = \"bearer\", env = \"TOKEN\", scheme = \"\" }}\n[machines.pass]\n\
         arn = \"{MACHINE}PassStateMachine\"\n[ui]\ntheme = \"dark\"\n"
    );
    terminal.write("config.toml", &config);
    terminal.send(&format!("{} --config config.toml\r", Terminal::program()));
    terminal.wait_for_text("pass");
    terminal.send("n");
    terminal.wait_for_text("Start pass");
    terminal.send("\x13");
    terminal.wait_for_text("FAILED");
    terminal.wait_for_text("•••");
    assert!(!terminal.text().to_lowercase().contains(CANARY), "{}", terminal.text());
}
