//! Signatures of the real program, checked by a server that uses botocore instead of stepgate's code
//! (`tests/sigv4/verify.py`). Without a test harness, so that it can say plainly when botocore is missing: then
//! nothing was checked. `tests/localstack/run` installs botocore, and makes this a failure.

mod support;

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;
use support::cli::Home;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const REGION: &str = "eu-central-1";
/// The program has ended by then; its request is only to be printed.
const PATIENCE: Duration = Duration::from_secs(30);
const ARN: &str = "arn:aws:states:us-east-1:111122223333:execution:M:run-1";

/// A signed request.
struct Case {
    name: &'static str,
    /// Behind the host.
    path: &'static str,
    method: &'static str,
    route: &'static str,
    /// More keys of the endpoint.
    keys: &'static str,
    input: Option<&'static str>,
    token: Option<&'static str>,
}

const PLAIN: Case =
    Case { name: "plain", path: "/dev", method: "POST", route: "/execution", keys: "", input: None, token: None };

const CASES: [Case; 15] = [
    PLAIN,
    Case { name: "no stage", path: "", ..PLAIN },
    Case { name: "session token", token: Some("FwoGZXIvYXdzE//+=="), ..PLAIN },
    Case { name: "encoded path", route: "/executions/arn%3Aaws%3Astates", ..PLAIN },
    Case { name: "encoded space and percent", route: "/a%20b/100%25", ..PLAIN },
    Case { name: "unreserved and reserved", route: "/~a-b_c.d/e+f=g@h,i;j:k!$'()*", ..PLAIN },
    Case { name: "Unicode path", path: "/段階", route: "/実行", ..PLAIN },
    Case { name: "slashes", route: "//execution//status/", ..PLAIN },
    Case { name: "query", route: "/execution?b=2&a=1&a=%20x&empty=&flag", ..PLAIN },
    Case { name: "GET", method: "GET", route: "/status/{executionArn}/{name}", ..PLAIN },
    Case { name: "GET with a query", method: "GET", route: "/status?b=%20&arn={executionArn}&a=1", ..PLAIN },
    Case { name: "GET with a token", method: "GET", route: "/status?arn={executionArn}", token: Some("t/+="), ..PLAIN },
    Case { name: "Unicode body", input: Some("{\"city\": \"東京 \\\"😀\\\"\", \"n\": 1.0}"), ..PLAIN },
    Case { name: "custom domain", keys: "headers = { Host = \"api.example.com\" }\n", token: Some("token"), ..PLAIN },
    Case { name: "other headers", keys: "headers = { x-apigw-api-id = \"abc123\", X-Odd = \"a  b\" }\n", ..PLAIN },
];

fn main() {
    if !cfg!(feature = "iam") {
        println!("SigV4 against botocore: NOT RUN: built without the feature `iam`");
        return;
    }
    let Some(python) = python() else {
        println!("SigV4 against botocore: NOT RUN: botocore is missing (tests/localstack/run installs it)");
        assert!(std::env::var_os("STEPGATE_WANTS_BOTOCORE").is_none(), "botocore is required but missing");
        return;
    };
    let verifier = Verifier::begin(&python, SECRET);
    for case in &CASES {
        verifier.check(case);
    }
    verifier.refuses_a_wrong_secret();
    let sources = credentials_of_each_source(&python);
    println!("SigV4 against botocore: {} requests, all signatures right", CASES.len() + sources);
}

/// Signs with the credentials that STS, SSO, a container and a process give. Returns how many.
#[cfg(feature = "iam")]
fn credentials_of_each_source(python: &Path) -> usize {
    use support::aws;
    let verifier = Verifier::begin(python, aws::SECRET);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (sts, portal, container) =
        runtime.block_on(async { (aws::sts().await, aws::portal().await, aws::container().await) });
    let keys = format!("aws_access_key_id = BASE\naws_secret_access_key = {}\n", aws::SECRET);
    let role =
        format!("[profile \"Quoted Pro\"]\nrole_arn = r\nsource_profile = My base\n[profile \"My base\"]\n{keys}");
    let sso = "[profile s]\nsso_start_url = u\nsso_region = r\nsso_account_id = 1\nsso_role_name = Dev\n";
    let container = format!("{container}/credentials");
    let cases = [
        ("role", role.as_str(), vec![("AWS_PROFILE", "Quoted Pro")]),
        ("SSO", sso, vec![("AWS_PROFILE", "s")]),
        ("web identity", "", vec![("AWS_WEB_IDENTITY_TOKEN_FILE", "token"), ("AWS_ROLE_ARN", "r")]),
        (
            "container",
            "",
            vec![
                ("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.as_str()),
                ("AWS_CONTAINER_AUTHORIZATION_TOKEN", aws::CONTAINER),
            ],
        ),
        ("process", "[profile p]\ncredential_process = cat json\n", vec![("AWS_PROFILE", "p")]),
    ];
    for (name, config, environment) in &cases {
        let home = Home::empty();
        let port = verifier.port;
        home.write(
            "config.toml",
            &format!(
                "[endpoints.e]\nurl = \"http://127.0.0.1:{port}\"\nregion = \"{REGION}\"\nauth = {{ type = \"iam\" }}\n\
                 [machines.m]\narn = \"arn:aws:states:us-east-1:111122223333:stateMachine:M\"\n"
            ),
        );
        std::fs::create_dir_all(home.path().join(".aws/sso/cache")).expect("folders");
        home.write(".aws/config", config);
        home.write("token", aws::IDENTITY);
        let json = serde_json::json!({ "Version": 1, "AccessKeyId": "P", "SecretAccessKey": aws::SECRET, "SessionToken": "t" });
        home.write("json", &json.to_string());
        let session = serde_json::json!({ "accessToken": aws::SESSION, "expiresAt": "2099-01-01T00:00:00Z" });
        let file = format!("{:x}.json", <sha1::Sha1 as sha1::Digest>::digest("u"));
        home.write(&format!(".aws/sso/cache/{file}"), &session.to_string());
        let mut command = home.command(&["status", ARN]);
        command.env("PATH", "/usr/local/bin:/usr/bin:/bin").env("AWS_EC2_METADATA_DISABLED", "true");
        command.env("AWS_ENDPOINT_URL_STS", &sts).env("AWS_ENDPOINT_URL_SSO", &portal);
        let ran = support::cli::ran(command.envs(environment.iter().copied()));
        let line = verifier.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("{name}: no request came: {ran:?}"));
        let seen: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!((&seen["right"], ran.code), (&true.into(), Some(0)), "{name}: {seen}: {ran:?}");
        println!("credentials of {name}: the signature is right");
    }
    cases.len()
}

#[cfg(not(feature = "iam"))]
fn credentials_of_each_source(_: &Path) -> usize {
    0
}

/// A Python that has botocore.
fn python() -> Option<PathBuf> {
    let venv = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/localstack/venv/bin/python");
    let has_botocore = |python: &PathBuf| {
        let mut command = Command::new(python);
        let status = command.args(["-c", "import botocore.auth"]).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    [venv, "python3".into()].into_iter().find(has_botocore)
}

struct Verifier {
    child: Child,
    port: u16,
    lines: Receiver<String>,
}

impl Verifier {
    fn begin(python: &Path, secret: &str) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sigv4/verify.py");
        let mut child = Command::new(python)
            .args([script.as_os_str(), REGION.as_ref(), secret.as_ref()])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the verifier runs");
        let (sender, lines) = channel();
        let out = BufReader::new(child.stdout.take().expect("standard output"));
        std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let port = lines.recv().expect("a port").parse().expect("a number");
        Self { child, port, lines }
    }

    /// Runs one start, or one question.
    fn run(&self, case: &Case, secret: &str) -> (support::cli::Ran, Value) {
        let home = Home::empty();
        let Case { path, method, route, keys, .. } = case;
        let start = if *method == "GET" { "/execution" } else { route };
        let port = self.port;
        home.write(
            "config.toml",
            &format!(
                "[endpoints.e]\nurl = \"http://127.0.0.1:{port}{path}\"\nregion = \"{REGION}\"\nauth = {{ type = \"iam\" }}\n\
                 {keys}[endpoints.e.routes]\nstart = \"{start}\"\nstatus = {{ path = \"{route}\", method = \"{method}\" }}\n\
                 [machines.m]\narn = \"arn:aws:states:us-east-1:111122223333:stateMachine:M\"\n"
            ),
        );
        let arguments = match case.input {
            Some(input) => vec!["start", "m", "--name", "run-1", "--input", input],
            None => vec!["status", ARN],
        };
        let mut command = home.command(&arguments);
        command.env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE").env("AWS_SECRET_ACCESS_KEY", secret);
        command.envs(case.token.map(|token| ("AWS_SESSION_TOKEN", token)));
        let ran = support::cli::ran(&mut command);
        let line = self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no request came: {ran:?}"));
        (ran, serde_json::from_str(&line).expect("JSON"))
    }

    fn check(&self, case: &Case) {
        let (ran, seen) = self.run(case, SECRET);
        assert_eq!(seen["right"], true, "{}: {seen}: {ran:?}", case.name);
        assert_eq!(ran.code, Some(0), "{}: {ran:?}", case.name);
        let signed: Vec<&str> = seen["signed"].as_array().expect("names").iter().filter_map(Value::as_str).collect();
        assert_eq!(signed.contains(&"x-amz-security-token"), case.token.is_some(), "{}: {signed:?}", case.name);
        println!("{}: {} is right", case.name, seen["path"]);
    }

    fn refuses_a_wrong_secret(&self) {
        let (ran, seen) = self.run(&PLAIN, "another-secret-canary");
        assert_eq!((&seen["right"], ran.code), (&false.into(), Some(3)), "{ran:?}");
        assert!(ran.err.contains("the gateway refuses the signature"), "{ran:?}");
        assert!(!ran.err.contains("canary"), "{ran:?}");
    }
}

impl Drop for Verifier {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
