//! Broken AWS profiles: what the doctor finds, and that its advice works when it is followed. Against STS, an SSO portal
//! and a container's endpoint on loopback, which repeat what they refuse; no secret may come out again.
#![cfg(all(unix, feature = "iam"))]

use std::os::unix::fs::PermissionsExt as _;

use crate::support::aws::{self, CONTAINER, IDENTITY, REVOKED, SECRET, SESSION};
use crate::support::cli::{Home, MACHINE};
use crate::support::situation::{Setup, Situation};
use sha1::{Digest as _, Sha1};
use tokio::runtime::Runtime;

struct World {
    runtime: Runtime,
    gateway: String,
    sts: String,
    portal: String,
}

impl World {
    fn new() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let keys = ["BASE", "ASIABASE", "ROLE", "WEB", "SSO", "CONTAINER", "PROCESS"];
        let (gateway, sts, portal) =
            runtime.block_on(async { (aws::gateway(&keys).await.0, aws::sts().await, aws::portal().await) });
        Self { runtime, gateway, sts, portal }
    }

    /// A home with this `auth`, and this `~/.aws/config`.
    fn setup(&self, auth: &str, config: &str) -> Setup {
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
fn edit(setup: &Setup, old: &str, new: &str) {
    let path = setup.home.path().join(".aws/config");
    let config = std::fs::read_to_string(&path).expect("the configuration");
    assert!(config.contains(old), "{old} in {config}");
    std::fs::write(path, config.replace(old, new)).expect("written");
}

fn append(setup: &Setup, text: &str) {
    let path = setup.home.path().join(".aws/config");
    let config = std::fs::read_to_string(&path).expect("the configuration");
    std::fs::write(path, format!("{config}\n{text}")).expect("written");
}

/// Does what `aws sso login` does.
fn sign_in(setup: &Setup, identifier: &str, session: &str, expires: &str) {
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

fn keys(name: &str) -> String {
    format!("[profile {name}]\naws_access_key_id = BASE\naws_secret_access_key = {SECRET}\n")
}

const PLAIN: &str = "type = \"iam\"";

fn named(profile: &str) -> String {
    format!("type = \"iam\", profile = \"{profile}\"")
}

const FUTURE: &str = "2099-01-01T00:00:00Z";

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
            says: &["127.0.0.1 answers", says],
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
        says: &["127.0.0.1 answers AccessDenied"],
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
    let failing = "[profile p]\ncredential_process = echo please sign in >&2; exit 3\n";
    Situation {
        finding: "credential-process-failed",
        says: &["the credential_process of the profile `p` failed", "please sign in", "run it by hand"],
        advises: &["Sign in if it asks you to", "~/.aws/config"],
        follow: &|setup| edit(setup, "echo please sign in >&2; exit 3", "cat json"),
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
    let mut missing = behind(&region.proxy);
    missing.set("AWS_CA_BUNDLE", "none.pem");
    Situation {
        finding: "credentials-host-unreachable",
        says: &["AWS_CA_BUNDLE none.pem cannot be read"],
        advises: &["Correct this setting."],
        follow: &|setup| setup.set("AWS_CA_BUNDLE", "ca.pem"),
    }
    .check(missing);
}
