//! Broken AWS profiles: what the doctor finds, and that following its advice repairs them. Against STS, an SSO portal
//! and a container's endpoint on loopback, which repeat what they refuse; no secret may appear.
#![cfg(all(unix, feature = "iam"))]

use std::os::unix::fs::PermissionsExt as _;

use crate::support::aws::{self, CONTAINER, IDENTITY, REVOKED, SECRET, SESSION};
use crate::support::cli::{Home, MACHINE};
use crate::support::gateway::{http, replying};
use crate::support::situation::{Setup, Situation};
use sha1::{Digest as _, Sha1};
use tokio::runtime::Runtime;

pub struct World {
    pub runtime: Runtime,
    pub gateway: String,
    pub sts: String,
    pub portal: String,
}

impl World {
    pub fn new() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let keys = ["BASE", "ASIABASE", "ROLE", "WEB", "SSO", "CONTAINER", "PROCESS"];
        let (gateway, sts, portal) =
            runtime.block_on(async { (aws::gateway(&keys).await.0, aws::sts().await, aws::portal().await) });
        Self { runtime, gateway, sts, portal }
    }

    /// A home with this `auth`, and this `~/.aws/config`.
    pub fn setup(&self, auth: &str, config: &str) -> Setup {
        let home = Home::empty();
        let gateway = &self.gateway;
        home.write(
            "config.toml",
            &format!(
                "[endpoints.e]\nurl = \"{gateway}\"\nregion = \"eu-west-1\"\nauth = {{ {auth} }}\n\
                 [machines.m]\narn = \"{MACHINE}PassStateMachine\"\n"
            ),
        );
        std::fs::create_dir_all(home.path().join(".aws/sso/cache")).expect("folders");
        home.write(".aws/config", config);
        let mut setup = Setup::new(home);
        setup.set("PATH", "/usr/local/bin:/usr/bin:/bin");
        setup.set("AWS_EC2_METADATA_DISABLED", "true");
        setup.set("AWS_ENDPOINT_URL_STS", &self.sts);
        setup.set("AWS_ENDPOINT_URL_SSO", &self.portal);
        setup.secrets = [SECRET, SESSION, REVOKED, IDENTITY, CONTAINER].map(str::to_owned).into();
        setup
    }
}

/// Replaces a text in `~/.aws/config`, which must contain it.
pub fn edit(setup: &Setup, old: &str, new: &str) {
    let path = setup.home.path().join(".aws/config");
    let config = std::fs::read_to_string(&path).expect("the configuration");
    assert!(config.contains(old), "{old} in {config}");
    std::fs::write(path, config.replace(old, new)).expect("written");
}

pub fn append(setup: &Setup, text: &str) {
    let path = setup.home.path().join(".aws/config");
    let config = std::fs::read_to_string(&path).expect("the configuration");
    std::fs::write(path, format!("{config}\n{text}")).expect("written");
}

/// Does what `aws sso login` does.
pub fn sign_in(setup: &Setup, identifier: &str, session: &str, expires: &str) {
    let digest = format!("{:x}", Sha1::digest(identifier));
    let json = serde_json::json!({ "accessToken": session, "expiresAt": expires, "region": "eu-west-1" });
    setup.home.write(&format!(".aws/sso/cache/{digest}.json"), &json.to_string());
}

/// A program of the name `aws` that answers as the AWS CLI does to one command.
fn cli(setup: &mut Setup, command: &str) {
    let folder = setup.home.path().join("bin");
    std::fs::create_dir_all(&folder).expect("a folder");
    let json = format!("{{\"Version\": 1, \"AccessKeyId\": \"PROCESS\", \"SecretAccessKey\": \"{SECRET}\"}}");
    let script = format!("#!/bin/sh\ntest \"$*\" = '{command}' || exit 9\necho '{json}'\n");
    let path = folder.join("aws");
    std::fs::write(&path, script).expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("executable");
    setup.set("PATH", &format!("{}:/usr/local/bin:/usr/bin:/bin", folder.display()));
}

pub fn keys(name: &str) -> String {
    format!("[profile {name}]\naws_access_key_id = BASE\naws_secret_access_key = {SECRET}\n")
}

pub const PLAIN: &str = "type = \"iam\"";

pub fn named(profile: &str) -> String {
    format!("type = \"iam\", profile = \"{profile}\"")
}

pub const FUTURE: &str = "2099-01-01T00:00:00Z";

#[test]
fn profiles_that_cannot_be_found() {
    let world = World::new();
    Situation {
        finding: "no-such-profile",
        says: &["the profile `prd` of the endpoint's auth does not exist"],
        advises: &["Did you mean `prod`?", "set profile = \"prod\" in the endpoint's auth"],
        follow: &|setup| setup.edit("profile = \"prd\"", "profile = \"prod\""),
    }
    .check(world.setup(&named("prd"), &keys("prod")));
    let mut misspelt = world.setup(PLAIN, &keys("\"My Pro\""));
    misspelt.set("AWS_PROFILE", "My Prof");
    Situation {
        finding: "no-such-profile",
        says: &["the profile `My Prof` that AWS_PROFILE names does not exist"],
        advises: &["Did you mean `My Pro`?", "set AWS_PROFILE='My Pro'"],
        follow: &|setup| setup.set("AWS_PROFILE", "My Pro"),
    }
    .check(misspelt);
    let mut empty = world.setup(PLAIN, &keys("default"));
    empty.set("AWS_PROFILE", "");
    Situation {
        finding: "empty-profile-name",
        says: &["AWS_PROFILE is set but empty"],
        advises: &["Unset AWS_PROFILE"],
        follow: &|setup| setup.unset("AWS_PROFILE"),
    }
    .check(empty);
    Situation {
        finding: "wrong-profile-section",
        says: &["the profile `ops`", "~/.aws/config, line 1 does not define a profile"],
        advises: &["Write `[profile ops]` in ~/.aws/config, line 1."],
        follow: &|setup| edit(setup, "[ops]", "[profile ops]"),
    }
    .check(world.setup(&named("ops"), &keys("ops").replace("profile ", "")));
    let mut elsewhere = world.setup(&named("dev"), &keys("dev"));
    elsewhere.set("AWS_CONFIG_FILE", "/no/such/file");
    Situation {
        finding: "aws-config-file",
        says: &["AWS_CONFIG_FILE names the file /no/such/file, which does not exist"],
        advises: &["unset it to use ~/.aws/config"],
        follow: &|setup| setup.unset("AWS_CONFIG_FILE"),
    }
    .check(elsewhere);
    Situation {
        finding: "aws-config-file",
        says: &["~/.aws/config, line 3: expected `KEY = VALUE`"],
        advises: &["Correct this line."],
        follow: &|setup| edit(setup, "aws_secret_access_key ", "aws_secret_access_key = "),
    }
    .check(world.setup(&named("dev"), &keys("dev").replace("_access_key = K", "_access_key K")));
    Situation {
        finding: "aws-config-file",
        says: &["~/.aws/config, line 1: expected a section such as `[profile NAME]`"],
        advises: &["Correct this line."],
        // What is odd in other sections does not matter, nor does indentation.
        follow: &|setup| {
            edit(setup, "[profile it's]", "[profile odd's]\nno key\n  [profile \"it's\"]");
            edit(setup, "\naws_", "\n    aws_");
        },
    }
    .check(world.setup(&named("it's"), &keys("it's")));
    Situation {
        finding: "no-credentials",
        says: &["the environment, profile, container and instance have none"],
        advises: &["Choose a profile (`dev`) with AWS_PROFILE or with profile in the endpoint's auth"],
        follow: &|setup| setup.set("AWS_PROFILE", "dev"),
    }
    .check(world.setup(PLAIN, &keys("dev")));
}

#[test]
fn roles_that_cannot_be_assumed() {
    let world = World::new();
    let role = "[profile x]\nrole_arn = arn:aws:iam::1:role/R\nsource_profile = base\n";
    Situation {
        finding: "no-such-source-profile",
        says: &["the profile `base`, which is the source_profile of `x`, does not exist"],
        advises: &["Did you mean `bases`?", "set source_profile = bases in the profile `x`"],
        follow: &|setup| edit(setup, "= base\n", "= bases\n"),
    }
    .check(world.setup(&named("x"), &format!("{role}{}", keys("bases"))));
    Situation {
        finding: "wrong-profile-section",
        says: &["the profile `base`, which is the source_profile of `x`"],
        advises: &["Write `[profile base]` in ~/.aws/config, line 4."],
        follow: &|setup| edit(setup, "[base]", "[profile base]"),
    }
    .check(world.setup(&named("x"), &format!("{role}{}", keys("base").replace("profile ", ""))));
    Situation {
        finding: "mfa-required",
        says: &["the profile `x` assumes its role with an MFA code"],
        advises: &[
            "add `[profile x-cli]` with `credential_process = aws configure export-credentials --profile x` to ~/.aws/config",
            "set profile = \"x-cli\" in the endpoint's auth",
            "`aws sts get-caller-identity --profile x`",
        ],
        follow: &|setup| {
            append(setup, "[profile x-cli]\ncredential_process = aws configure export-credentials --profile x\n");
            setup.edit("profile = \"x\"", "profile = \"x-cli\"");
            cli(setup, "configure export-credentials --profile x");
        },
    }
    .check(world.setup(&named("x"), &format!("{role}mfa_serial = arn:aws:iam::1:mfa/me\n{}", keys("base"))));
    let login = "[profile \"Quoted Pro\"]\nlogin_session = arn:aws:iam::1:user/me\n";
    let mut signed_in = world.setup(PLAIN, login);
    signed_in.set("AWS_PROFILE", "Quoted Pro");
    Situation {
        finding: "login-session",
        says: &["the profile `Quoted Pro` uses a session of `aws login`"],
        advises: &[
            "add `[profile \"Quoted Pro-cli\"]` with `credential_process = aws configure export-credentials --profile \
             'Quoted Pro'`",
            "set AWS_PROFILE='Quoted Pro-cli'",
            "`aws login --profile 'Quoted Pro'`",
        ],
        follow: &|setup| {
            append(
                setup,
                "[profile \"Quoted Pro-cli\"]\ncredential_process = aws configure export-credentials --profile 'Quoted Pro'\n",
            );
            setup.set("AWS_PROFILE", "Quoted Pro-cli");
            cli(setup, "configure export-credentials --profile Quoted Pro");
        },
    }
    .check(signed_in);
    for (key, finding, says, advice) in [
        ("WRONG", "credentials-refused", "SignatureDoesNotMatch", "Check aws_secret_access_key of the profile `base`."),
        ("NOBODY", "credentials-refused", "InvalidClientTokenId", "Check aws_access_key_id"),
    ] {
        Situation {
            finding,
            says: &["127.0.0.1 returned", says],
            advises: &[advice],
            follow: &|setup| edit(setup, &format!("= {key}\n"), "= BASE\n"),
        }
        .check(world.setup(&named("x"), &format!("{role}{}", keys("base").replace("BASE", key))));
    }
    Situation {
        finding: "credentials-refused",
        says: &["AccessDenied: User: x is not authorized"],
        advises: &["Check role_arn and external_id of the profile `x`"],
        follow: &|setup| edit(setup, "role/forbidden", "role/R"),
    }
    .check(world.setup(&named("x"), &format!("{}{}", role.replace("role/R", "role/forbidden"), keys("base"))));
}

#[test]
fn sso_sessions_that_are_over() {
    let world = World::new();
    let sso = "[profile \"My Pro\"]\nsso_session = My Corp\nsso_account_id = 111122223333\nsso_role_name = Dev\n\
               [sso-session \"My Corp\"]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n";
    let legacy = "[profile dev]\nsso_account_id = 111122223333\nsso_role_name = Dev\nsso_region = eu-west-1\n\
                  sso_start_url = https://corp.awsapps.com/start\n";
    let dashed = sso.replace("\"My Pro\"", "dev").replace("\"My Corp\"", "corp").replace("My Corp", "corp");
    let url = "https://corp.awsapps.com/start";
    for (config, profile, identifier, command) in [
        (sso, "My Pro", "My Corp", "Run `aws sso login --profile 'My Pro'`."),
        (&dashed, "dev", "corp", "Run `aws sso login --profile dev`."),
        (legacy, "dev", url, "Run `aws sso login --profile dev`."),
    ] {
        for (session, says) in [
            (None, "does not exist on this computer"),
            (Some((SESSION, "2020-01-01T00:00:00Z")), "has expired"),
            (Some((REVOKED, FUTURE)), "has expired or was revoked"),
        ] {
            let setup = world.setup(&named(profile), config);
            if let Some((session, expires)) = session {
                sign_in(&setup, identifier, session, expires);
            }
            Situation {
                finding: "sso-session-expired",
                says: &[&format!("the SSO session of the profile `{profile}`"), says],
                advises: &[command],
                follow: &|setup| sign_in(setup, identifier, SESSION, FUTURE),
            }
            .check(setup);
        }
    }
    let other_role = world.setup(&named("dev"), &dashed.replace("= Dev", "= Ops"));
    sign_in(&other_role, "corp", SESSION, FUTURE);
    Situation {
        finding: "sso-role-not-assigned",
        says: &["the role `Ops` in account `111122223333`"],
        advises: &["Check sso_role_name and sso_account_id of the profile `dev`"],
        follow: &|setup| edit(setup, "sso_role_name = Ops", "sso_role_name = Dev"),
    }
    .check(other_role);
}

#[test]
fn tokens_in_files() {
    let world = World::new();
    let mut missing = world.setup(PLAIN, "");
    let token = missing.home.path().join("token");
    let path = token.display().to_string();
    missing.set("AWS_WEB_IDENTITY_TOKEN_FILE", &path);
    missing.set("AWS_ROLE_ARN", "arn:aws:iam::1:role/R");
    Situation {
        finding: "web-identity-token-file",
        says: &[&format!(
            "the web identity token file {path} (AWS_WEB_IDENTITY_TOKEN_FILE) cannot be read: No such file"
        )],
        advises: &[&format!("write a token to {path}")],
        follow: &|_| std::fs::write(&token, IDENTITY).expect("written"),
    }
    .check(missing);
    let config = "[profile web]\nrole_arn = arn:aws:iam::1:role/R\nweb_identity_token_file = tokn\n";
    let misspelt = world.setup(&named("web"), config);
    misspelt.home.write("token", IDENTITY);
    Situation {
        finding: "web-identity-token-file",
        says: &["the web identity token file tokn (web_identity_token_file of the profile `web`)"],
        advises: &["Correct web_identity_token_file of the profile `web`"],
        follow: &|setup| edit(setup, "= tokn", "= token"),
    }
    .check(misspelt);
    let mut old = world.setup(&named("web"), &config.replace("tokn", "token"));
    old.home.write("token", "O4unU9rMyJ7dWb3");
    old.secrets.push("O4unU9rMyJ7dWb3".into());
    Situation {
        finding: "web-identity-token-file",
        says: &["the web identity token in token is not accepted", "ExpiredToken"],
        advises: &["Renew the token in token."],
        follow: &|setup| drop(setup.home.write("token", IDENTITY)),
    }
    .check(old);
    let pipe = world.setup(&named("web"), &config.replace("tokn", "pipe"));
    rustix::fs::mknodat(
        rustix::fs::CWD,
        pipe.home.path().join("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    )
    .expect("a pipe");
    pipe.home.write("token", IDENTITY);
    Situation {
        finding: "web-identity-token-file",
        says: &["it is not a regular file"],
        advises: &["Correct web_identity_token_file of the profile `web`"],
        follow: &|setup| edit(setup, "= pipe", "= token"),
    }
    .check(pipe);
    let mut alone = world.setup(PLAIN, "");
    alone.home.write("token", IDENTITY);
    alone.set("AWS_WEB_IDENTITY_TOKEN_FILE", "token");
    Situation {
        finding: "incomplete-keys",
        says: &["AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not"],
        advises: &["Set AWS_ROLE_ARN too"],
        follow: &|setup| setup.set("AWS_ROLE_ARN", "arn:aws:iam::1:role/R"),
    }
    .check(alone);
    let url = world.runtime.block_on(aws::container());
    let mut container = world.setup(PLAIN, "");
    container.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", &format!("{url}/credentials"));
    container.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "A3vpT0sNxK8eVc4");
    container.secrets.push("A3vpT0sNxK8eVc4".into());
    Situation {
        finding: "credentials-refused",
        says: &["127.0.0.1 returned AccessDenied"],
        advises: &["the authorization token"],
        follow: &|setup| setup.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", CONTAINER),
    }
    .check(container);
    let mut container = world.setup(PLAIN, "");
    container.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", &format!("{url}/credentials"));
    container.set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/no/such/token");
    Situation {
        finding: "web-identity-token-file",
        says: &["the file /no/such/token (AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE) cannot be read"],
        advises: &["Correct AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"],
        follow: &|setup| {
            let path = setup.home.write("token", CONTAINER).display().to_string();
            setup.set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", &path);
        },
    }
    .check(container);
}

#[test]
fn keys_that_are_incomplete_or_wrong() {
    let world = World::new();
    let mut half = world.setup(PLAIN, "");
    half.set("AWS_ACCESS_KEY_ID", "BASE");
    Situation {
        finding: "incomplete-keys",
        says: &["AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not"],
        advises: &["Set AWS_SECRET_ACCESS_KEY too"],
        follow: &|setup| setup.set("AWS_SECRET_ACCESS_KEY", SECRET),
    }
    .check(half);
    let mut unknown = world.setup(PLAIN, "");
    unknown.set("AWS_ACCESS_KEY_ID", "NOBODY");
    unknown.set("AWS_SECRET_ACCESS_KEY", SECRET);
    Situation {
        finding: "wrong-credentials",
        says: &["invalid"],
        advises: &["Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN"],
        follow: &|setup| setup.set("AWS_ACCESS_KEY_ID", "BASE"),
    }
    .check(unknown);
    let failing = "[profile p]\ncredential_process = sh -c 'echo please sign in >&2; exit 3'\n";
    Situation {
        finding: "credential-process-failed",
        says: &["the credential_process of the profile `p` failed", "please sign in", "run it by hand"],
        advises: &["Sign in if it asks you to", "~/.aws/config"],
        follow: &|setup| edit(setup, "sh -c 'echo please sign in >&2; exit 3'", "cat json"),
    }
    .check({
        let setup = world.setup(&named("p"), failing);
        let json = format!("{{\"Version\": 1, \"AccessKeyId\": \"PROCESS\", \"SecretAccessKey\": \"{SECRET}\"}}");
        setup.home.write("json", &json);
        setup
    });
    let printing = |setup: &Setup, expiration: &str| {
        let json = format!(
            "{{\"Version\": 1, \"AccessKeyId\": \"PROCESS\", \"SecretAccessKey\": \"{SECRET}\", \"Expiration\": \"{expiration}\"}}"
        );
        setup.home.write("json", &json);
    };
    let old = world.setup(&named("My Pro"), "[profile \"My Pro\"]\ncredential_process = cat json\n");
    printing(&old, "2020-01-01T00:00:00Z");
    Situation {
        finding: "credentials-expired",
        says: &[],
        advises: &["Run the credential_process of the profile `My Pro` by hand: `cat json`."],
        follow: &|setup| printing(setup, FUTURE),
    }
    .check(old);
    let mut temporary = world.setup(PLAIN, "");
    temporary.set("AWS_ACCESS_KEY_ID", "ASIABASE");
    temporary.set("AWS_SECRET_ACCESS_KEY", SECRET);
    Situation {
        finding: "incomplete-keys",
        says: &["the access key is temporary, but AWS_SESSION_TOKEN is missing"],
        advises: &["Set AWS_SESSION_TOKEN too"],
        follow: &|setup| setup.set("AWS_SESSION_TOKEN", "t"),
    }
    .check(temporary);
}

#[test]
fn a_secret_key_that_belongs_to_another_access_key() {
    let world = World::new();
    Situation {
        finding: "wrong-secret-key",
        says: &["does not match"],
        advises: &[
            "The secret key does not match the access key.",
            "Check aws_access_key_id, aws_secret_access_key and aws_session_token of the profile `My Pro`.",
        ],
        follow: &|setup| edit(setup, "= MISMATCH", "= BASE"),
    }
    .check(world.setup(&named("My Pro"), &keys("\"My Pro\"").replace("BASE", "MISMATCH")));
}

#[test]
fn ways_to_sts_that_lead_nowhere() {
    let world = World::new();
    let region = world.runtime.block_on(aws::region());
    let role = format!("[profile x]\nrole_arn = arn:aws:iam::1:role/R\nsource_profile = base\n{}", keys("base"));
    let behind = |proxy: &str| {
        let mut setup = world.setup(&named("x"), &role);
        setup.unset("AWS_ENDPOINT_URL_STS");
        setup.set("HTTPS_PROXY", proxy);
        setup.home.write("ca.pem", &region.authority);
        setup
    };
    for follow in [&(|setup: &mut Setup| setup.set("AWS_CA_BUNDLE", "ca.pem")) as &dyn Fn(&mut Setup), &|setup| {
        setup.edit("region = \"eu-west-1\"", "region = \"eu-west-1\"\nca-file = \"ca.pem\"");
    }] {
        Situation {
            finding: "credentials-host-unreachable",
            says: &["no response from sts.eu-west-1.amazonaws.com", "certificate"],
            advises: &["set AWS_CA_BUNDLE, or ca-file in the endpoint"],
            follow,
        }
        .check(behind(&region.proxy));
    }
    let mut dead = behind("http://127.0.0.1:9");
    dead.set("AWS_CA_BUNDLE", "ca.pem");
    Situation {
        finding: "credentials-host-unreachable",
        says: &["no response from sts.eu-west-1.amazonaws.com", "the proxy 127.0.0.1:9"],
        advises: &["HTTPS_PROXY and NO_PROXY, or proxy in the endpoint"],
        follow: &|setup| setup.set("HTTPS_PROXY", &region.proxy),
    }
    .check(dead);
    let other = crate::support::authority::Authority::new("Other CA");
    let mut without = behind(&region.proxy);
    without.set("AWS_CA_BUNDLE", "other.pem");
    without.home.write("other.pem", &other.pem);
    assert!(ask(&without, 4).contains("add the issuer's certificate to AWS_CA_BUNDLE (other.pem)"));
    Situation {
        finding: "credentials-host-unreachable",
        says: &["no response from sts.eu-west-1.amazonaws.com", "certificate"],
        advises: &["add the issuer's certificate to AWS_CA_BUNDLE (other.pem)"],
        follow: &|setup| drop(setup.home.write("other.pem", &format!("{}{}", other.pem, region.authority))),
    }
    .check(without);
    let mut not_pem = behind(&region.proxy);
    not_pem.set("AWS_CA_BUNDLE", "other.pem");
    not_pem.home.write("other.pem", "hello");
    ask(&not_pem, 2);
    Situation {
        finding: "credentials-host-unreachable",
        says: &["AWS_CA_BUNDLE other.pem is not a certificate"],
        advises: &["Use a file in PEM"],
        follow: &|setup| drop(setup.home.write("other.pem", &region.authority)),
    }
    .check(not_pem);
    let mut missing = behind(&region.proxy);
    missing.set("AWS_CA_BUNDLE", "none.pem");
    Situation {
        finding: "credentials-host-unreachable",
        says: &["AWS_CA_BUNDLE none.pem cannot be read"],
        advises: &["Check the path and its permissions, or unset AWS_CA_BUNDLE."],
        follow: &|setup| setup.set("AWS_CA_BUNDLE", "ca.pem"),
    }
    .check(missing);
}

/// Messages of the AWS SDK and its parsers, which help no user.
const RAW: [&str; 9] = [
    "service error",
    "dispatch failure",
    "unhandled error",
    "an error occurred while loading",
    "provider was not enabled",
    "not enabled",
    "XML",
    "expected value at line",
    "timeout occurred",
];

/// Runs a command that needs credentials and sends nothing without them.
pub fn ask(setup: &Setup, code: i32) -> String {
    let ran = setup.run(&["start", "m"]).expect(code);
    for raw in RAW {
        assert!(!ran.err.contains(raw), "`{raw}` in {ran:?}");
    }
    ran.err
}

pub fn role(name: &str, source: &str) -> String {
    format!("[profile {name}]\nrole_arn = arn:aws:iam::1:role/{name}\nsource_profile = {source}\n")
}

#[test]
fn services_that_answer_with_something_else_are_unavailable() {
    let world = World::new();
    let page = "<!DOCTYPE html><html><head><title>Company login</title></head></html>";
    let assume = format!("{}{}", role("x", "base"), keys("base"));
    let sso = "[profile x]\nsso_session = s\nsso_account_id = 1\nsso_role_name = Dev\n\
               [sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n";
    let web = "[profile x]\nrole_arn = r\nweb_identity_token_file = token\n";
    for (config, variable) in
        [(assume.as_str(), "AWS_ENDPOINT_URL_STS"), (sso, "AWS_ENDPOINT_URL_SSO"), (web, "AWS_ENDPOINT_URL_STS")]
    {
        for (status, body, says) in [
            ("200 OK", page, "returned no credentials: HTTP 200, the web page \"Company login\""),
            ("200 OK", "{}", "returned no credentials: HTTP 200"),
            ("200 OK", "", "returned no credentials: HTTP 200"),
            ("200 OK", "<AssumeRoleResponse><Credentials>", "returned no credentials: HTTP 200"),
            ("302 Found", page, "returned no credentials: HTTP 302"),
            ("403 Forbidden", page, "returned HTTP 403, the web page \"Company login\""),
            ("503 Service Unavailable", "oops", "returned HTTP 503"),
            ("429 Too Many Requests", "", "returned HTTP 429"),
        ] {
            let stranger = world.runtime.block_on(replying({
                let answer = http(status, "content-type: text/html\r\nlocation: http://login.example/\r\n", body);
                move |_| answer.clone()
            }));
            let mut setup = world.setup(&named("x"), config);
            setup.home.write("token", IDENTITY);
            sign_in(&setup, "s", SESSION, FUTURE);
            let good = setup.environment[variable].clone();
            setup.set(variable, stranger.trim_end_matches("/dev"));
            let said = ask(&setup, 4);
            assert!(said.contains(says), "{config} {status} {body}: {said}");
            Situation {
                finding: "credentials-host-unavailable",
                says: &["127.0.0.1", says],
                advises: &["AWS_ENDPOINT_URL"],
                follow: &|setup| setup.set(variable, &good),
            }
            .check(setup);
        }
    }
}

#[test]
fn hosts_that_do_not_answer_leave_the_outcome_open() {
    let world = World::new();
    let sso = "[profile x]\nsso_session = s\nsso_account_id = 1\nsso_role_name = Dev\n\
               [sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n";
    let assume = format!("{}{}", role("x", "base"), keys("base"));
    for (config, variable, url, says) in [
        (assume.as_str(), "AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9", "cannot connect"),
        (sso, "AWS_ENDPOINT_URL_SSO", "http://127.0.0.1:9", "cannot connect"),
        (&assume, "AWS_ENDPOINT_URL_STS", "http://no-such-host.invalid", "cannot resolve the host name"),
    ] {
        let mut setup = world.setup(&named("x"), config);
        sign_in(&setup, "s", SESSION, FUTURE);
        let good = setup.environment[variable].clone();
        setup.set(variable, url);
        let said = ask(&setup, 4);
        assert!(said.contains("no response from") && said.contains(says), "{said}");
        let arn = format!("{}PassStateMachine:x", MACHINE.replace("stateMachine", "execution"));
        setup.run(&["status", &arn]).expect(4);
        Situation {
            finding: "credentials-host-unreachable",
            says: &["no response from", says],
            advises: &["Check the network, and the proxy"],
            follow: &|setup| setup.set(variable, &good),
        }
        .check(setup);
    }
    // Accepts connections and never answers.
    let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let mut setup = world.setup(&named("x"), &assume);
    setup.set("AWS_ENDPOINT_URL_STS", &format!("http://{}", silent.local_addr().expect("an address")));
    let began = std::time::Instant::now();
    let said = ask(&setup, 4);
    assert!(said.contains("no response from 127.0.0.1: timed out waiting for a response"), "{said}");
    assert!(began.elapsed() < std::time::Duration::from_secs(60), "{:?}", began.elapsed());
}

#[test]
fn sources_that_are_not_there_are_named() {
    let world = World::new();
    let container = world.runtime.block_on(aws::container());
    let x = "[profile x]\nrole_arn = arn:aws:iam::1:role/R\ncredential_source = ";
    let both = format!("{x}%\n{}", keys("base"));
    let to_base = |name: &'static str| {
        move |setup: &mut Setup| edit(setup, &format!("credential_source = {name}"), "source_profile = base")
    };
    for (name, variables, says, advice) in [
        ("EcsContainer", &[][..], "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor", "or set source_profile"),
        ("Environment", &[], "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set", "or set source_profile"),
        ("Ec2InstanceMetadata", &[], "AWS_EC2_METADATA_DISABLED is set", "or set source_profile"),
        (
            "EcsContainer",
            &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "nowhere")],
            "is not a URL",
            "Correct AWS_CONTAINER_",
        ),
        (
            "Ec2InstanceMetadata",
            &[("AWS_EC2_METADATA_DISABLED", "false"), ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:9")],
            "no response from 127.0.0.1",
            "Check that this machine is an EC2 instance with a role",
        ),
    ] {
        let mut setup = world.setup(&named("x"), &both.replace('%', name));
        for (name, value) in variables {
            setup.set(name, value);
        }
        let is_unreachable = says.starts_with("no response");
        let is_url = says == "is not a URL";
        let said = ask(&setup, if is_unreachable { 4 } else { 2 });
        assert!(said.contains(says) && said.contains(advice), "{said}");
        let finding = if is_unreachable || is_url { "credentials-host-unreachable" } else { "incomplete-profile" };
        let good = format!("{container}/credentials");
        let by_url = |setup: &mut Setup| {
            setup.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", &good);
            setup.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", CONTAINER);
            edit(
                setup,
                &format!("role_arn = arn:aws:iam::1:role/R\ncredential_source = {name}"),
                "source_profile = base",
            );
            append(setup, "[profile x]\naws_access_key_id = BASE\naws_secret_access_key = K5smV8qLzH6kTx9\n");
        };
        let to_base = to_base(name);
        let follow: &dyn Fn(&mut Setup) = if is_url { &by_url } else { &to_base };
        Situation { finding, says: &[says], advises: &[advice], follow }.check(setup);
    }
    let mut wrong = world.setup(&named("x"), &format!("{}{}", role("x", "base"), keys("base")));
    let good = wrong.environment["AWS_ENDPOINT_URL_STS"].clone();
    wrong.set("AWS_ENDPOINT_URL_STS", "sts.example.com");
    ask(&wrong, 2);
    Situation {
        finding: "credentials-host-unreachable",
        says: &["AWS_ENDPOINT_URL_STS is not a URL such as https://HOST"],
        advises: &["Correct AWS_ENDPOINT_URL_STS, or remove it."],
        follow: &|setup| setup.set("AWS_ENDPOINT_URL_STS", &good),
    }
    .check(wrong);
}

/// A gateway that answers this to signatures of `ROLE` until the file is there, and knows no execution.
fn refusing(world: &World, status: &str, code: &str, message: &str, until: &std::path::Path) -> String {
    let body = serde_json::json!({ "message": message }).to_string();
    let (answer, until) = (http(status, &format!("x-amzn-errortype: {code}\r\n"), &body), until.to_owned());
    world.runtime.block_on(replying(move |text| {
        if text.contains("Credential=ROLE/") && !until.exists() {
            return answer.clone();
        }
        if !text.contains("/execution/status") {
            let missing = "{\"message\":\"Missing Authentication Token\"}";
            return http("403 Forbidden", "x-amzn-errortype: MissingAuthenticationTokenException\r\n", missing);
        }
        let unknown = r#"{"__type":"com.amazonaws.swf.service.v2.model#ExecutionDoesNotExist","message":"x"}"#;
        http("400 Bad Request", "", unknown)
    }))
}

#[test]
fn a_role_session_that_the_gateway_refuses_is_not_blamed_on_the_keys_of_another_profile() {
    let world = World::new();
    let chain = format!("{}{}{}", role("x", "middle"), role("middle", "base"), keys("base"));
    let web = "[profile x]\nrole_arn = arn:aws:iam::1:role/x\nweb_identity_token_file = token\n";
    let expired = "The security token included in the request is expired";
    let invalid = "The security token included in the request is invalid.";
    for (config, status, code, message, finding, advice) in [
        (
            &*chain,
            "403 Forbidden",
            "ExpiredTokenException",
            expired,
            "credentials-expired",
            "the role of the profile `x`",
        ),
        (
            &chain,
            "401 Unauthorized",
            "UnauthorizedException",
            expired,
            "credentials-expired",
            "the role of the profile `x`",
        ),
        (
            &chain,
            "401 Unauthorized",
            "UnauthorizedException",
            "session expired",
            "credentials-expired",
            "the role of the",
        ),
        (
            &chain,
            "403 Forbidden",
            "UnrecognizedClientException",
            invalid,
            "wrong-credentials",
            "role_arn of the profile `x`",
        ),
        (web, "403 Forbidden", "ExpiredTokenException", expired, "credentials-expired", "the role of the profile `x`"),
    ] {
        let mut setup = world.setup(&named("x"), config);
        setup.home.write("token", IDENTITY);
        let until = setup.home.path().join("renewed");
        let url = refusing(&world, status, code, message, &until);
        setup.edit(&world.gateway, &url);
        if config == web {
            let sts = world.runtime.block_on(replying(|text| aws::sts_answer(text).replace(">WEB<", ">ROLE<")));
            setup.set("AWS_ENDPOINT_URL_STS", sts.trim_end_matches("/dev"));
        }
        let said = ask(&setup, 3);
        for blame in ["`base`", "`middle`", "Renew the token", "Get a new token"] {
            assert!(!said.contains(blame), "`{blame}` in {said}");
        }
        let advices = ["Check the credentials", "Check role_arn", "stepgate assumes the role", "Get a new", "Replace"];
        let count = advices.iter().filter(|advice| said.contains(**advice)).count();
        assert_eq!(count, 1, "one advice: {said}");
        let follow = |_: &mut Setup| std::fs::write(&until, "").expect("written");
        Situation { finding, says: &[], advises: &[advice], follow: &follow }.check(setup);
    }
}

#[test]
fn a_route_that_expects_a_token_is_named() {
    let world = World::new();
    let setup = world.setup(&named("base"), &keys("base"));
    let unauthorized = http("401 Unauthorized", "", "{\"message\":\"Unauthorized\"}");
    let url = world.runtime.block_on(replying(move |text| {
        if text.to_lowercase().contains("authorization: bearer") {
            return http("400 Bad Request", "", r#"{"__type":"x#ExecutionDoesNotExist","message":"x"}"#);
        }
        unauthorized.clone()
    }));
    setup.edit(&world.gateway, &url);
    let said = ask(&setup, 3);
    assert!(said.contains("expects a token, not an AWS signature") && !said.contains("Get a new token"), "{said}");
    Situation {
        finding: "token-expected",
        says: &["Unauthorized"],
        advises: &["set auth = { type = \"bearer\""],
        follow: &|setup| {
            setup.set("TOKEN", "opaque-token-4711");
            setup.edit("type = \"iam\", profile = \"base\"", "type = \"bearer\", env = \"TOKEN\"");
        },
    }
    .check(setup);
}

#[test]
fn refusals_of_sts_name_the_step_of_a_chain() {
    let world = World::new();
    for (config, code, advice) in [
        (
            format!("{}{}{}", role("x", "middle"), role("middle", "base"), keys("base"))
                .replace("role/middle", "role/forbidden"),
            "AccessDenied",
            "Check role_arn and external_id of the profile `middle`",
        ),
        (
            format!("{}[profile base]\ncredential_process = cat json\n", role("x", "base")),
            "InvalidClientTokenId",
            "Run the credential_process of the profile `base` by hand: `cat json`.",
        ),
    ] {
        let setup = world.setup(&named("x"), &config);
        let json =
            |key: &str| format!("{{\"Version\": 1, \"AccessKeyId\": \"{key}\", \"SecretAccessKey\": \"{SECRET}\"}}");
        setup.home.write("json", &json("STRANGER"));
        ask(&setup, 2);
        Situation {
            finding: "credentials-refused",
            says: &[code],
            advises: &[advice],
            follow: &|setup| {
                setup.home.write("json", &json("BASE"));
                if config.contains("forbidden") {
                    edit(setup, "role/forbidden", "role/middle");
                }
            },
        }
        .check(setup);
    }
}

#[test]
fn common_mistakes_in_profiles_are_named() {
    let world = World::new();
    let base = keys("base");
    let mut default = world.setup(PLAIN, &base);
    default.set("AWS_DEFAULT_PROFILE", "bse");
    Situation {
        finding: "no-such-profile",
        says: &["the profile `bse` that AWS_DEFAULT_PROFILE names does not exist"],
        advises: &["Did you mean `base`?", "set AWS_DEFAULT_PROFILE=base"],
        follow: &|setup| setup.set("AWS_DEFAULT_PROFILE", "base"),
    }
    .check(default);
    let mut prefixed = world.setup(PLAIN, &base);
    prefixed.set("AWS_PROFILE", "profile base");
    Situation {
        finding: "no-such-profile",
        says: &["`profile base`"],
        advises: &["set AWS_PROFILE=base"],
        follow: &|setup| setup.set("AWS_PROFILE", "base"),
    }
    .check(prefixed);
    Situation {
        finding: "no-such-source-profile",
        says: &["the profile `profile base`, which is the source_profile of `x`, does not exist"],
        advises: &["Did you mean `base`? Then set source_profile = base in the profile `x`."],
        follow: &|setup| edit(setup, "= profile base", "= base"),
    }
    .check(world.setup(&named("x"), &format!("{}{base}", role("x", "profile base"))));
    let sso = "[profile x]\nsso_session = s\nsso_account_id = 1\nsso_role_name = Dev\n\
               [sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n";
    let process = "[profile x]\ncredential_process = cat json\n";
    for (config, right, wrong) in [
        (sso, "sso_session", "sso_sesion"),
        (sso, "sso_region", "sso_regoin"),
        (sso, "sso_account_id", "sso_acount_id"),
        (process, "credential_process", "credentials_process"),
        (&format!("{}{base}", role("x", "base")), "source_profile", "source-profile"),
        (&base.replace("base", "x"), "aws_secret_access_key", "aws_secret_acces_key"),
    ] {
        let setup = world.setup(&named("x"), &config.replace(right, wrong));
        sign_in(&setup, "s", SESSION, FUTURE);
        let json = format!("{{\"Version\": 1, \"AccessKeyId\": \"PROCESS\", \"SecretAccessKey\": \"{SECRET}\"}}");
        setup.home.write("json", &json);
        Situation {
            finding: "incomplete-profile",
            says: &["`x`"],
            advises: &[&format!("Did you mean `{right}`?"), &format!("unknown key `{wrong}`")],
            follow: &|setup| edit(setup, wrong, right),
        }
        .check(setup);
    }
    let forbidden = format!("{}external_idd = e\n{base}", role("x", "base").replace("role/x", "role/forbidden"));
    Situation {
        finding: "credentials-refused",
        says: &["AccessDenied"],
        advises: &["Did you mean `external_id`? `x` has the unknown key `external_idd`"],
        follow: &|setup| {
            edit(setup, "external_idd", "external_id");
            edit(setup, "role/forbidden", "role/R");
        },
    }
    .check(world.setup(&named("x"), &forbidden));
    Situation {
        finding: "incomplete-profile",
        says: &["the sso_session `sso-session s`, which does not exist"],
        advises: &["set sso_session = s in the profile `x`"],
        follow: &|setup| {
            edit(setup, "= sso-session s", "= s");
            sign_in(setup, "s", SESSION, FUTURE);
        },
    }
    .check(world.setup(&named("x"), &sso.replace("= s\n", "= sso-session s\n")));
}

#[test]
fn a_file_that_is_not_utf8_is_named_with_how_to_convert_it() {
    let world = World::new();
    for bytes in [b"# caf\xe9\n".to_vec(), b"\xff\xfe#\0".to_vec()] {
        let setup = world.setup(&named("base"), &keys("base"));
        let path = setup.home.path().join(".aws/config");
        let good = std::fs::read(&path).expect("read");
        std::fs::write(&path, [bytes, good.clone()].concat()).expect("written");
        Situation {
            finding: "aws-config-file",
            says: &["~/.aws/config cannot be read: it is", "UTF-"],
            advises: &["Save ~/.aws/config as UTF-8"],
            follow: &|_| std::fs::write(&path, &good).expect("written"),
        }
        .check(setup);
    }
}
