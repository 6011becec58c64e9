//! How requests for AWS credentials connect: through proxies, with private authorities, directly, within limits, and
//! without leaving a process running.
#![cfg(all(unix, feature = "iam"))]

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::aws::{self, CONTAINER, IDENTITY, INSTANCE, REFRESH, SECRET, SESSION};
use crate::support::cli::{Home, Ran, ran};
use crate::support::gateway::read_request;
use crate::support::proxy;
use crate::support::terminal::Terminal;
use rustix::process::{Pid, Signal, test_kill_process};
use sha1::{Digest as _, Sha1};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

const ARN: &str = "arn:aws:states:us-east-1:111122223333:execution:M:run-1";
/// Far more than anything here takes, and less than the longest deadline of the program.
const SOON: Duration = Duration::from_secs(25);

/// A home with this `auth`, more keys of the endpoint, and this `~/.aws/config`.
fn home(gateway: &str, auth: &str, keys: &str, config: &str) -> Home {
    let home = Home::empty();
    home.write(
        "config.toml",
        &format!(
            "[endpoints.e]\nurl = \"{gateway}\"\nregion = \"eu-west-1\"\nauth = {{ {auth} }}\n{keys}\n\
             [machines.m]\narn = \"arn:aws:states:us-east-1:111122223333:stateMachine:M\"\n"
        ),
    );
    std::fs::create_dir_all(home.path().join(".aws/sso/cache")).expect("folders");
    home.write(".aws/config", config);
    home
}

/// Asks about an execution, which no gateway here knows; exit code 3 says that the credentials were taken.
fn ask(home: &Home, environment: &[(&str, &str)]) -> Ran {
    let ran = ran(in_environment(&mut home.command(&["status", ARN]), environment));
    for secret in [SECRET, SESSION, IDENTITY, CONTAINER, INSTANCE, REFRESH] {
        assert!(!ran.out.contains(secret) && !ran.err.contains(secret), "{secret} in {ran:?}");
    }
    ran
}

fn in_environment<'c>(
    command: &'c mut std::process::Command,
    environment: &[(&str, &str)],
) -> &'c mut std::process::Command {
    command.env("PATH", "/usr/local/bin:/usr/bin:/bin").env("AWS_EC2_METADATA_DISABLED", "true");
    command.stdout(Stdio::null()).stderr(Stdio::null()).envs(environment.iter().copied())
}

fn role() -> String {
    format!(
        "[profile x]\nrole_arn = arn:aws:iam::1:role/R\nsource_profile = base\n\
         [profile base]\naws_access_key_id = BASE\naws_secret_access_key = {SECRET}\n"
    )
}

fn fifo(path: &Path) {
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, mode, 0).expect("a pipe");
}

const X: &str = "type = \"iam\", profile = \"x\"";
const PLAIN: &str = "type = \"iam\"";

#[test]
fn requests_for_credentials_take_the_proxy_and_trust_the_authorities_of_endpoint_and_environment() {
    let runtime = Runtime::new().expect("a runtime");
    let (region, (gateway, keys)) =
        runtime.block_on(async { (aws::region().await, aws::gateway(&["ROLE", "SSO"]).await) });
    let proxy = format!("proxy = \"{}\"", region.proxy);
    let direct_gateway = |home: &Home| home.write("ca.pem", &region.authority);
    let sso = "[profile x]\nsso_session = s\nsso_account_id = 1\nsso_role_name = Dev\n\
               [sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n";
    let bundle = format!("ca_bundle = ca.pem\n{}", role().replace("[profile x]\n", ""));
    let bundle = format!("[profile x]\n{bundle}");
    let https: &[(&str, &str)] = &[("HTTPS_PROXY", &region.proxy)];
    let with = |more: &[(&'static str, &'static str)]| {
        let mut environment: Vec<(&str, &str)> = https.to_vec();
        environment.extend(more);
        environment
    };
    let role = role();
    for (what, keys_of_endpoint, config, environment, key) in [
        ("ca-file", "ca-file = \"ca.pem\"", role.as_str(), with(&[]), "ROLE"),
        ("AWS_CA_BUNDLE", "", &role, with(&[("AWS_CA_BUNDLE", "ca.pem")]), "ROLE"),
        ("ca_bundle", "", &bundle, with(&[]), "ROLE"),
        ("both", "ca-file = \"ca.pem\"", &role, with(&[("AWS_CA_BUNDLE", "ca.pem")]), "ROLE"),
        ("sso", "ca-file = \"ca.pem\"", sso, with(&[]), "SSO"),
    ] {
        let home = home(&gateway, X, keys_of_endpoint, config);
        direct_gateway(&home);
        let digest = format!("{:x}", Sha1::digest("s"));
        let session = serde_json::json!({ "accessToken": SESSION, "expiresAt": "2099-01-01T00:00:00Z" });
        home.write(&format!(".aws/sso/cache/{digest}.json"), &session.to_string());
        let ran = ask(&home, &environment);
        assert_eq!(ran.code, Some(3), "{what}: {ran:?}");
        assert_eq!(keys.lock().expect("the keys").pop().as_deref(), Some(key), "{what}: {ran:?}");
        let host = region.hosts.lock().expect("the hosts").pop();
        assert!(host.is_some_and(|host| host.ends_with(".eu-west-1.amazonaws.com")), "{what}");
    }
    // The endpoint's own proxy, which leads to STS here and knows no gateway.
    let through = home(&gateway, X, &format!("{proxy}\nca-file = \"ca.pem\""), &role);
    direct_gateway(&through);
    let ran = ask(&through, &[]);
    assert!(region.hosts.lock().expect("the hosts").contains(&"sts.eu-west-1.amazonaws.com".to_owned()), "{ran:?}");
    // An authority that is not trusted is named, with what helps.
    let ran = ask(&home(&gateway, X, "", &role), https).expect(4);
    for part in
        ["no response from sts.eu-west-1.amazonaws.com", "certificate", "AWS_CA_BUNDLE, or ca-file in the endpoint"]
    {
        assert!(ran.err.contains(part), "{part}: {ran:?}");
    }
    let ran = ask(&home(&gateway, X, "", &role), &with(&[("AWS_CA_BUNDLE", "/no/such.pem")])).expect(2);
    assert!(ran.err.contains("AWS_CA_BUNDLE /no/such.pem cannot be read"), "{ran:?}");
    // So is a proxy that is not there.
    let ran = ask(&home(&gateway, X, "", &role), &[("HTTPS_PROXY", "http://127.0.0.1:9")]).expect(4);
    for part in ["no response from sts.eu-west-1.amazonaws.com", "127.0.0.1:9", "HTTPS_PROXY and NO_PROXY"] {
        assert!(ran.err.contains(part), "{part}: {ran:?}");
    }
}

#[test]
fn an_sso_session_is_renewed_if_it_can_be() {
    let runtime = Runtime::new().expect("a runtime");
    let ((gateway, keys), portal, oidc) =
        runtime.block_on(async { (aws::gateway(&["SSO"]).await, aws::portal().await, aws::oidc().await) });
    let sso = "[profile x]\nsso_session = s\nsso_account_id = 1\nsso_role_name = Dev\n\
               [sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n";
    let environment = [("AWS_ENDPOINT_URL_SSO", portal.as_str()), ("AWS_ENDPOINT_URL_SSO_OIDC", oidc.as_str())];
    for (refresh, code) in [(REFRESH, 3), ("a-wrong-token", 2)] {
        let home = home(&gateway, X, "", sso);
        let file = format!(".aws/sso/cache/{:x}.json", Sha1::digest("s"));
        let session = serde_json::json!({
            "accessToken": "an-old-session", "expiresAt": "2020-01-01T00:00:00Z", "refreshToken": refresh,
            "clientId": "c", "clientSecret": "a-client-secret", "registrationExpiresAt": "2099-01-01T00:00:00Z",
        });
        home.write(&file, &session.to_string());
        let ran = ask(&home, &environment).expect(code);
        for secret in ["an-old-session", "a-client-secret", "a-wrong-token"] {
            assert!(!ran.err.contains(secret), "{ran:?}");
        }
        let kept = std::fs::read_to_string(home.path().join(&file)).expect("a file");
        assert_eq!(kept.contains(SESSION), code == 3, "the AWS CLI uses the same file");
        if code == 2 {
            assert!(ran.err.contains("Run `aws sso login --profile x`."), "{ran:?}");
        }
    }
    assert_eq!(keys.lock().expect("the keys").as_slice(), ["SSO"]);
}

#[test]
fn no_proxy_stands_between_a_container_and_its_credentials() {
    let runtime = Runtime::new().expect("a runtime");
    let (container, (gateway, keys), proxy) = runtime
        .block_on(async { (aws::container().await, aws::gateway(&["CONTAINER"]).await, proxy::serve(None).await) });
    let full = format!("{container}/credentials");
    let environment =
        [("AWS_CONTAINER_CREDENTIALS_FULL_URI", full.as_str()), ("AWS_CONTAINER_AUTHORIZATION_TOKEN", CONTAINER)];
    let home = home(&gateway, PLAIN, &format!("proxy = \"{}\"", proxy.url()), "");
    ask(&home, &environment).expect(3);
    assert_eq!(keys.lock().expect("the keys").as_slice(), ["CONTAINER"]);
    assert_eq!(proxy.counted().plain, 1, "only the request to the gateway");
}

#[test]
fn an_instance_gives_credentials_without_a_proxy_and_something_else_at_its_address_is_no_instance() {
    let runtime = Runtime::new().expect("a runtime");
    let (instance, (gateway, keys), proxy) = runtime
        .block_on(async { (aws::instance().await, aws::gateway(&["INSTANCE"]).await, proxy::serve(None).await) });
    let at = |url: &'static str| [("AWS_EC2_METADATA_DISABLED", "false"), ("AWS_EC2_METADATA_SERVICE_ENDPOINT", url)];
    let through = format!("proxy = \"{}\"", proxy.url());
    ask(&home(&gateway, PLAIN, &through, ""), &at(instance.leak())).expect(3);
    assert_eq!(keys.lock().expect("the keys").as_slice(), ["INSTANCE"]);
    assert_eq!(proxy.counted().plain, 1, "only the request to the gateway");
    let stranger = runtime.block_on(aws::container()).leak();
    let ran = ask(&home(&gateway, PLAIN, "", "[default]\nregion = r\n"), &at(stranger)).expect(2);
    assert!(ran.err.contains("the profile `default` has no credentials (instance: 127.0.0.1 returned"), "{ran:?}");
}

/// A server that never ends its answer.
async fn endless() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                read_request(&mut stream).await;
                let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"AccessKeyId\":\"";
                if stream.write_all(head).await.is_ok() {
                    while stream.write_all(&[b'x'; 8192]).await.is_ok() {}
                }
            });
        }
    });
    url
}

#[test]
fn sources_without_an_end_are_given_up() {
    let runtime = Runtime::new().expect("a runtime");
    let ((gateway, _), endless) = runtime.block_on(async { (aws::gateway(&[]).await, endless().await) });
    let folder = tempfile::tempdir().expect("a folder");
    let pipe = folder.path().join("pipe");
    fifo(&pipe);
    // A process that has it open, and never writes.
    let _held = OpenOptions::new().read(true).write(true).open(&pipe).expect("opened");
    let pipe = pipe.display().to_string();
    let zero = "/dev/zero";
    let web =
        |file: &'static str| vec![("AWS_WEB_IDENTITY_TOKEN_FILE", file), ("AWS_ROLE_ARN", "arn:aws:iam::1:role/R")];
    let pipe: &'static str = pipe.leak();
    let container: &'static str = format!("{endless}/credentials").leak();
    let mut cases = vec![
        ("credential_process", vec![("AWS_PROFILE", "yes")], "64 KiB"),
        ("container", vec![("AWS_CONTAINER_CREDENTIALS_FULL_URI", container)], "is too large: more than 1 MiB"),
        ("web identity", web(pipe), "it is not a regular file"),
        ("web identity", web(zero), "it is not a regular file"),
        (
            "container token",
            vec![("AWS_CONTAINER_CREDENTIALS_FULL_URI", container), ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", pipe)],
            "it is not a regular file",
        ),
        (
            "credentials",
            vec![("AWS_SHARED_CREDENTIALS_FILE", zero)],
            "/dev/zero cannot be read: it has more than 4 MiB",
        ),
        ("config", vec![("AWS_CONFIG_FILE", zero)], "/dev/zero cannot be read: it has more than 4 MiB"),
        ("config", vec![("AWS_CONFIG_FILE", pipe)], "it did not end within 10 s"),
    ];
    cases.push(("credentials", vec![("AWS_SHARED_CREDENTIALS_FILE", pipe)], "it did not end within 10 s"));
    let running: Vec<_> = cases
        .into_iter()
        .map(|(what, environment, says)| {
            let home = home(&gateway, PLAIN, "", "[profile yes]\ncredential_process = yes\n");
            std::thread::spawn(move || {
                let began = Instant::now();
                let ran = ask(&home, &environment);
                assert_eq!(ran.code, Some(2), "{what}: {ran:?}");
                assert!(ran.err.contains(says), "{what}: `{says}` in {ran:?}");
                assert!(began.elapsed() < SOON, "{what}: {:?}", began.elapsed());
            })
        })
        .collect();
    for case in running {
        case.join().expect("as it should be");
    }
}

#[test]
fn a_configuration_from_a_pipe_is_read_and_a_pipe_that_does_not_end_does_not_hold_the_program() {
    let runtime = Runtime::new().expect("a runtime");
    let (gateway, keys) = runtime.block_on(aws::gateway(&["BASE"]));
    let home = home(&gateway, "type = \"iam\", profile = \"base\"", "", "");
    let pipe = home.path().join("pipe");
    fifo(&pipe);
    let writer = std::thread::spawn({
        let pipe = pipe.clone();
        // Opened as soon as the program reads.
        move || OpenOptions::new().write(true).open(pipe).and_then(|mut pipe| pipe.write_all(role().as_bytes()))
    });
    let path = pipe.display().to_string();
    ask(&home, &[("AWS_CONFIG_FILE", &path)]).expect(3);
    writer.join().expect("ended").expect("written");
    assert_eq!(keys.lock().expect("the keys").as_slice(), ["BASE"]);
    for signal in [Signal::TERM, Signal::INT] {
        let mut command = home.command(&["start", "m", "--wait", "--input", "{}"]);
        let mut child = in_environment(&mut command, &[("AWS_CONFIG_FILE", &path)]).spawn().expect("the program runs");
        let _held = OpenOptions::new().write(true).open(&pipe).expect("the program has opened it");
        let pid = Pid::from_raw(i32::try_from(child.id()).expect("a number")).expect("a process");
        let began = Instant::now();
        rustix::process::kill_process(pid, signal).expect("it is there");
        child.wait().expect("it ends");
        assert!(began.elapsed() < Duration::from_secs(5), "{signal:?}: {:?}", began.elapsed());
    }
    let began = Instant::now();
    let mut command = home.command(&["start", "m", "--wait", "--input", "{}", "--timeout", "1s"]);
    let mut child = in_environment(&mut command, &[("AWS_CONFIG_FILE", &path)]).spawn().expect("the program runs");
    let _held = OpenOptions::new().write(true).open(&pipe).expect("the program has opened it");
    child.wait().expect("it ends");
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
}

#[test]
fn a_credential_process_ends_with_the_program_and_finds_no_input() {
    let runtime = Runtime::new().expect("a runtime");
    let (gateway, keys) = runtime.block_on(aws::gateway(&["PROCESS"]));
    let json = format!("{{\"Version\": 1, \"AccessKeyId\": \"PROCESS\", \"SecretAccessKey\": \"{SECRET}\"}}");
    // Standard input is empty.
    let config = "[profile x]\ncredential_process = sh -c 'test -z \"$(cat)\" && cat \"the json\"'\n";
    let quick = home(&gateway, X, "", config);
    quick.write("the json", &json);
    ask(&quick, &[]).expect(3);
    assert_eq!(keys.lock().expect("the keys").as_slice(), ["PROCESS"]);
    let slow = home(
        &gateway,
        X,
        "",
        "[profile x]\ncredential_process = sh -c 'echo $$ > pid.new; mv pid.new pid; sleep 600; echo'\n",
    );
    let pid_file = slow.path().join("pid");
    let mut command = slow.command(&["status", ARN]);
    let mut child = in_environment(&mut command, &[]).spawn().expect("the program runs");
    let process = wait_for(&pid_file);
    let pid = Pid::from_raw(i32::try_from(child.id()).expect("a number")).expect("a process");
    rustix::process::kill_process(pid, Signal::TERM).expect("it is there");
    child.wait().expect("it ends");
    let end = Instant::now() + SOON;
    while test_kill_process(process).is_ok() {
        assert!(Instant::now() < end, "the process has outlived the program");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_credential_process_that_prompts_takes_no_keys_from_the_ui_and_its_last_words_are_shown() {
    let mut terminal = Terminal::open(110, 30, &[("STEPGATE_CONFIG", "c.toml")]);
    terminal.write(
        "c.toml",
        "[endpoints.e]\nurl = \"http://127.0.0.1:9/dev\"\nregion = \"eu-west-1\"\n\
         auth = { type = \"iam\", profile = \"My Pro\" }\n\
         [machines.m]\narn = \"arn:aws:states:us-east-1:111122223333:stateMachine:M\"\n",
    );
    std::fs::create_dir_all(terminal.folder().join(".aws")).expect("a folder");
    terminal.write(".aws/config", "[profile \"My Pro\"]\ncredential_process = sh ./ask.sh\n");
    let asks =
        "(printf 'Passphrase: ' >/dev/tty && read secret </dev/tty) 2>/dev/null || echo please sign in >&2; exit 3\n";
    terminal.write("ask.sh", asks);
    terminal.send(&format!("{}; echo code=$?\r", Terminal::program()));
    terminal.wait_for_text("No executions yet");
    terminal.send("\r");
    terminal.wait_for_text("Start m");
    terminal.send("\x13");
    terminal.wait_for_text("please sign in");
    assert!(!terminal.text().contains("Passphrase"), "{}", terminal.text());
    // Every key is the UI's.
    terminal.send("abcdefghijklmnopqrstuvwxyz");
    terminal.wait_for_text("abcdefghijklmnopqrstuvwxyz");
    terminal.send("\x03\x03");
    terminal.wait_for_text("code=0");
}

/// The process whose number this file holds, as soon as it is there.
fn wait_for(file: &PathBuf) -> Pid {
    let end = Instant::now() + SOON;
    loop {
        if let Some(pid) = std::fs::read_to_string(file).ok().and_then(|text| Pid::from_raw(text.trim().parse().ok()?))
        {
            return pid;
        }
        assert!(Instant::now() < end, "the process did not begin");
        std::thread::sleep(Duration::from_millis(5));
    }
}
