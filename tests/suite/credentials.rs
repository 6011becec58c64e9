//! AWS credentials of the real program: their sources, their renewal, and the messages when it fails. `sigv4` checks
//! the signatures.
#![cfg(all(unix, feature = "iam"))]

use std::sync::{Arc, Mutex};

use crate::support::cli::{Home, Ran, ran};
use crate::support::gateway::{http, scripted};
use tokio::runtime::Runtime;

const ARN: &str = "arn:aws:states:us-east-1:111122223333:execution:M:run-1";

/// A home with an endpoint that wants signatures, and the files of AWS's tools.
fn home(url: &str, auth: &str, aws_config: &str) -> Home {
    let home = Home::empty();
    home.write(
        "config.toml",
        &format!(
            "[endpoints.e]\nurl = \"{url}\"\nregion = \"eu-west-1\"\nauth = {{ {auth} }}\n\
             [machines.m]\narn = \"arn:aws:states:us-east-1:111122223333:stateMachine:M\"\n"
        ),
    );
    home.write("aws-config", aws_config);
    home
}

fn ask(home: &Home, environment: &[(&str, &str)]) -> Ran {
    let mut command = home.command(&["status", ARN]);
    command.env("PATH", "/usr/local/bin:/usr/bin:/bin").env("AWS_CONFIG_FILE", "aws-config");
    // No request finds out whether this machine is one of Amazon's.
    command.env("AWS_EC2_METADATA_DISABLED", "true").envs(environment.iter().copied());
    ran(&mut command)
}

fn good() -> String {
    http("200 OK", "", "{\"status\":\"RUNNING\",\"startDate\":1.7E9}")
}

fn expired() -> String {
    let headers = "x-amzn-errortype: ExpiredTokenException\r\n";
    http("403 Forbidden", headers, "{\"message\":\"The security token included in the request is expired\"}")
}

/// The access keys of the requests so far.
fn keys(requests: &Arc<Mutex<Vec<String>>>) -> Vec<String> {
    let key = |request: &String| {
        let after = request.split("Credential=").nth(1).unwrap_or_default();
        after.split('/').next().unwrap_or_default().to_owned()
    };
    requests.lock().expect("the requests").iter().map(key).collect()
}

#[test]
fn they_come_from_the_environment_or_the_profile_that_is_named() {
    let runtime = Runtime::new().expect("a runtime");
    let (url, requests) = runtime.block_on(scripted(vec![good(); 4]));
    let profiles = "[default]\naws_access_key_id = DEFAULT\naws_secret_access_key = s\n\
                    [profile dev]\naws_access_key_id = DEV\naws_secret_access_key = s\n\
                    [profile process]\ncredential_process = cat process.json\n";
    let environment = [("AWS_ACCESS_KEY_ID", "ENVIRONMENT"), ("AWS_SECRET_ACCESS_KEY", "s")];
    let plain = home(&url, "type = \"iam\"", profiles);
    ask(&plain, &environment).expect(0);
    ask(&plain, &[]).expect(0);
    // A profile that the configuration names goes before the environment.
    ask(&home(&url, "type = \"iam\", profile = \"dev\"", profiles), &environment).expect(0);
    let process = home(&url, "type = \"iam\", profile = \"process\"", profiles);
    process.write("process.json", r#"{"Version": 1, "AccessKeyId": "PROCESS", "SecretAccessKey": "s"}"#);
    ask(&process, &environment).expect(0);
    assert_eq!(keys(&requests), ["ENVIRONMENT", "DEFAULT", "DEV", "PROCESS"]);
}

#[test]
fn expired_credentials_are_looked_up_again_and_the_request_is_retried() {
    let runtime = Runtime::new().expect("a runtime");
    let (url, requests) = runtime.block_on(scripted(vec![expired(), good()]));
    let home = home(&url, "type = \"iam\", profile = \"p\"", "[profile p]\ncredential_process = sh process.sh\n");
    let first = r#"{"Version": 1, "AccessKeyId": "FIRST", "SecretAccessKey": "s", "SessionToken": "t"}"#;
    let script = format!("cat out; echo '{}' > out", first.replace("FIRST", "SECOND"));
    home.write("process.sh", &script);
    home.write("out", first);
    ask(&home, &[]).expect(0);
    assert_eq!(keys(&requests), ["FIRST", "SECOND"]);
}

#[test]
fn ones_that_cannot_be_renewed_say_which_profile_and_which_command() {
    let runtime = Runtime::new().expect("a runtime");
    let (url, requests) = runtime.block_on(scripted(vec![expired()]));
    let environment = [("AWS_ACCESS_KEY_ID", "K"), ("AWS_SECRET_ACCESS_KEY", "s"), ("AWS_SESSION_TOKEN", "token")];
    let refused = ask(&home(&url, "type = \"iam\"", ""), &environment).expect(3);
    assert!(refused.err.contains("Set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN"), "{refused:?}");
    let sso = "[profile dev]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Dev\n\
               [sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n";
    let refused = ask(&home(&url, "type = \"iam\", profile = \"dev\"", sso), &[]).expect(2);
    assert!(refused.err.contains("no AWS credentials: the SSO session of the profile `dev`"), "{refused:?}");
    assert!(refused.err.contains("Run `aws sso login --profile dev`."), "{refused:?}");
    let refused = ask(&home(&url, "type = \"iam\", profile = \"nobody\"", ""), &[]).expect(2);
    assert!(refused.err.contains("the profile `nobody` of the endpoint's auth does not exist"), "{refused:?}");
    assert!(!refused.err.contains("Check the endpoint in the configuration"), "{refused:?}");
    let refused = ask(&home(&url, "type = \"iam\"", ""), &[]).expect(2);
    assert!(refused.err.contains("the environment, profile, container and instance have none"), "{refused:?}");
    assert_eq!(requests.lock().expect("the requests").len(), 1, "nothing was sent without credentials");
}

#[test]
fn a_session_that_ends_while_the_program_runs_is_named_with_the_command_that_renews_it() {
    let runtime = Runtime::new().expect("a runtime");
    let (url, _) = runtime.block_on(scripted(vec![expired()]));
    let (portal, _) = runtime.block_on(scripted(vec![
        http(
            "200 OK",
            "",
            "{\"roleCredentials\":{\"accessKeyId\":\"K\",\"secretAccessKey\":\"s\",\"sessionToken\":\"t\",\"expiration\":4070908800000}}",
        ),
        http("401 Unauthorized", "x-amzn-errortype: UnauthorizedException\r\n", "{\"message\":\"Session token not found\"}"),
    ]));
    let sso = "[profile \"My Pro\"]\nsso_start_url = u\nsso_region = r\nsso_account_id = 1\nsso_role_name = R\n";
    let home = home(&url, "type = \"iam\", profile = \"My Pro\"", sso);
    std::fs::create_dir_all(home.path().join(".aws/sso/cache")).expect("folders");
    let file = format!("{:x}.json", <sha1::Sha1 as sha1::Digest>::digest("u"));
    home.write(
        &format!(".aws/sso/cache/{file}"),
        "{\"accessToken\":\"canary-4711\",\"expiresAt\":\"2099-01-01T00:00:00Z\"}",
    );
    let refused = ask(&home, &[("AWS_ENDPOINT_URL_SSO", &portal)]).expect(3);
    assert!(refused.err.contains("the SSO session of the profile `My Pro` has expired or was revoked"), "{refused:?}");
    assert!(refused.err.contains("Run `aws sso login --profile 'My Pro'`."), "{refused:?}");
    assert!(!refused.err.contains("4711"), "{refused:?}");
}
