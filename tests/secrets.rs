//! Planted secrets: after sessions with every kind of auth, at the most verbose level, against a gateway that
//! repeats in its error texts all that it was sent, none of them is in a log, the store, an output or a screen.
#![cfg(unix)]

mod support;

use std::path::{Path, PathBuf};

use base64::Engine as _;
use support::cli::{Home, MACHINE, Ran, ran};
use support::gateway::repeating;
use support::proxy;
use support::terminal::Terminal;
use support::tls::{Clients, serve, written};
use tokio::runtime::Runtime;

/// Every planted secret contains it.
const CANARY: &str = "canary";

/// Keys of the endpoint, and the environment that they speak of.
struct Kind {
    name: &'static str,
    keys: &'static str,
    environment: &'static [(&'static str, &'static str)],
}

const KINDS: [Kind; 11] = [
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
    // Where nobody answers, these are patient.
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
        let cannot = ["a command that fails", "iam from a credential_process that prints", "a header that cannot"];
        assert_eq!(was_sent, !cannot.iter().any(|start| name.starts_with(start)), "{name}");
    }
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
        "[endpoints.e]\nurl = \"{url}\"\nauth = {{ type = \"bearer\", env = \"TOKEN\" }}\n[machines.pass]\n\
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
