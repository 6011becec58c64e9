//! AWS credentials with characters that none can have: what the doctor finds, and that following its advice repairs
//! them. The message always names their source, never the endpoint.
#![cfg(all(unix, feature = "iam"))]

use crate::situations_aws::{FUTURE, PLAIN, World, ask, edit, keys, named, role, sign_in};
use crate::support::aws::{self, CONTAINER, IDENTITY, SECRET, SESSION};
use crate::support::gateway::{http, replying};
use crate::support::situation::{Setup, Situation};

/// A token that no output may contain.
const TOKEN: &str = "T4xkQ7mWzR9pLc2";

/// What may be wrong with a text, and the words for it.
fn spoilt(text: &str) -> Vec<(String, &'static str)> {
    let half = text.len() / 2;
    let with = |between: &str| format!("{}{between}{}", &text[..half], &text[half..]);
    vec![
        (with("\n"), "has a line break"),
        (with("\r\n"), "has a line break"),
        (with(" "), "has a space or tab"),
        (with("\u{200b}"), "U+200B (zero width space)"),
        (with("\u{7}"), "U+0007"),
        (with("ü"), "is not ASCII"),
        (format!("\"{text}\""), "is in quotes"),
        (format!("'{text}'"), "is in quotes"),
    ]
}

/// Fails as doctor and `start` should, and works when the advice was followed.
fn check(setup: Setup, finding: &str, says: &[&str], advises: &[&str], follow: &dyn Fn(&mut Setup)) {
    let said = ask(&setup, 2);
    for part in says.iter().chain(advises) {
        assert!(said.contains(part), "`{part}` in {said}");
    }
    assert!(!said.contains("Check the endpoint in the configuration"), "{said}");
    Situation { finding, says, advises, follow }.check(setup);
}

#[test]
fn in_variables() {
    let world = World::new();
    let good = [("AWS_ACCESS_KEY_ID", "BASE"), ("AWS_SECRET_ACCESS_KEY", SECRET), ("AWS_SESSION_TOKEN", TOKEN)];
    for (name, value) in good {
        for (bad, says) in spoilt(value) {
            for source in ["", "role_arn = arn:aws:iam::1:role/R\ncredential_source = Environment\n"] {
                let config = format!("[profile x]\n{source}");
                let mut setup =
                    world.setup(if source.is_empty() { PLAIN } else { "type = \"iam\", profile = \"x\"" }, &config);
                setup.secrets.push(TOKEN.into());
                for (name, value) in good {
                    setup.set(name, value);
                }
                setup.set(name, &bad);
                let advice = format!("Correct {name}.");
                check(setup, "unusable-credentials", &[name, says], &[&advice], &|setup| setup.set(name, value));
            }
        }
    }
    let mut interchanged = world.setup(PLAIN, "");
    interchanged.secrets.push("K5smV8/LzH6kTx9".into());
    interchanged.set("AWS_ACCESS_KEY_ID", "K5smV8/LzH6kTx9");
    interchanged.set("AWS_SECRET_ACCESS_KEY", "BASE");
    let follow = |setup: &mut Setup| {
        setup.set("AWS_ACCESS_KEY_ID", "BASE");
        setup.set("AWS_SECRET_ACCESS_KEY", "K5smV8/LzH6kTx9");
    };
    check(interchanged, "unusable-credentials", &["AWS_ACCESS_KEY_ID"], &["may be interchanged"], &follow);
}

#[test]
fn in_the_files_also_of_a_source_profile() {
    let world = World::new();
    for (profile, source) in [("base", "base"), ("x", "base")] {
        let config = role("x", "base");
        for (key, good) in [("aws_secret_access_key", SECRET), ("aws_session_token", TOKEN)] {
            // A line break continues the value if the next line is indented.
            for (bad, says) in spoilt(good).into_iter().map(|(bad, says)| (bad.replace('\n', "\n    "), says)) {
                let mut setup = world.setup(&named(profile), &config);
                setup.secrets.push(TOKEN.into());
                let credentials = format!(
                    "[other]\nregion = r\n[{source}]\naws_access_key_id = BASE\naws_secret_access_key = {SECRET}\n\
                     aws_session_token = {TOKEN}\n"
                );
                setup.home.write(".aws/credentials", &credentials.replace(good, &bad));
                let line = if key == "aws_secret_access_key" { 5 } else { 6 };
                let gateway = format!("{key} of the profile `base` (~/.aws/credentials, line {line})");
                check(setup, "unusable-credentials", &[&gateway, says], &[&format!("Correct {gateway}.")], &|setup| {
                    setup.home.write(".aws/credentials", &credentials);
                });
            }
        }
    }
}

#[test]
fn in_the_output_of_a_credential_process() {
    let world = World::new();
    let config = format!("{}[profile base]\ncredential_process = cat json\n", role("x", "base"));
    let json = |token: &str| {
        serde_json::json!({
            "Version": 1, "AccessKeyId": "BASE", "SecretAccessKey": SECRET, "SessionToken": token,
        })
        .to_string()
    };
    for profile in ["base", "x"] {
        for (bad, says) in spoilt(TOKEN) {
            let mut setup = world.setup(&named(profile), &config);
            setup.secrets.push(TOKEN.into());
            setup.home.write("json", &json(&bad));
            let says = ["the credential_process of the profile `base` failed", "its SessionToken", says, "`cat json`"];
            check(setup, "credential-process-failed", &says, &["correct the command"], &|setup| {
                setup.home.write("json", &json(TOKEN));
            });
        }
    }
}

#[test]
fn in_token_files_and_sessions() {
    let world = World::new();
    let web = "[profile x]\nrole_arn = arn:aws:iam::1:role/R\nweb_identity_token_file = token\n";
    let json = (format!("{{\"id_token\":\"{IDENTITY}\"}}"), "is JSON");
    for (bad, says) in spoilt(IDENTITY).into_iter().chain([json, (String::new(), "is empty")]) {
        let setup = world.setup(&named("x"), web);
        setup.home.write("token", &bad);
        let says = ["the web identity token in token (web_identity_token_file of the profile `x`)", says];
        check(setup, "web-identity-token-file", &says, &["Write a token to token."], &|setup| {
            setup.home.write("token", IDENTITY);
        });
    }
    let sso = "[profile x]\nsso_session = s\nsso_account_id = 1\nsso_role_name = Dev\n\
               [sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n";
    for (bad, says) in spoilt(SESSION) {
        let setup = world.setup(&named("x"), sso);
        sign_in(&setup, "s", &bad, FUTURE);
        let says = ["the SSO session of the profile `x`", "its accessToken", says];
        check(setup, "sso-session-expired", &says, &["Run `aws sso login --profile x`."], &|setup| {
            sign_in(setup, "s", SESSION, FUTURE);
        });
    }
    let container = world.runtime.block_on(aws::container());
    let setup = |name: &str, value: &str| {
        let mut setup = world.setup(PLAIN, "");
        setup.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", &format!("{container}/credentials"));
        setup.set(name, value);
        setup
    };
    let (name, bad) = ("AWS_CONTAINER_AUTHORIZATION_TOKEN", format!("{CONTAINER}\n"));
    let says = ["AWS_CONTAINER_AUTHORIZATION_TOKEN has a line break"];
    check(
        setup(name, &bad),
        "unusable-credentials",
        &says,
        &["Correct AWS_CONTAINER_AUTHORIZATION_TOKEN."],
        &|setup| {
            setup.set(name, CONTAINER);
        },
    );
    let in_file = setup("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "token");
    in_file.home.write("token", &bad);
    let says = ["the token in the file token (AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE) has a line break"];
    check(in_file, "web-identity-token-file", &says, &["Write a token without a line break to token."], &|setup| {
        setup.home.write("token", CONTAINER);
    });
}

#[test]
fn in_what_services_issue() {
    let world = World::new();
    let sso = "sso_session = s\nsso_account_id = 1\nsso_role_name = Dev\n\
               [sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n";
    let bad = format!("{TOKEN}\n{TOKEN}");
    let json = |member: serde_json::Value| {
        let answer = http("200 OK", "content-type: application/json\r\n", &member.to_string());
        world.runtime.block_on(replying(move |_| answer.clone())).trim_end_matches("/dev").to_owned()
    };
    let portal = json(serde_json::json!({ "roleCredentials": {
        "accessKeyId": "SSO", "secretAccessKey": SECRET, "sessionToken": bad, "expiration": 4_070_908_800_000_u64,
    } }));
    let container = json(serde_json::json!({
        "AccessKeyId": "CONTAINER", "SecretAccessKey": SECRET, "Token": bad, "Expiration": FUTURE,
    }));
    let sts = replying(|text| aws::sts_answer(text).replace("<SessionToken>t<", "<SessionToken>tü<"));
    let sts = world.runtime.block_on(sts).trim_end_matches("/dev").to_owned();
    let of_container = "role_arn = arn:aws:iam::1:role/R\ncredential_source = EcsContainer\n";
    let full = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
    for (config, variable, url, source) in [
        (format!("[profile x]\n{sso}"), "AWS_ENDPOINT_URL_SSO", &portal, "the SSO session of the profile `x`"),
        (
            format!("{}[profile base]\n{sso}", role("x", "base")),
            "AWS_ENDPOINT_URL_SSO",
            &portal,
            "the SSO session of the profile `base`",
        ),
        (format!("[profile x]\n{of_container}"), full, &container, "the role of this container"),
        (format!("{}{}", role("x", "base"), keys("base")), "AWS_ENDPOINT_URL_STS", &sts, "role_arn of the profile `x`"),
    ] {
        let mut setup = world.setup(&named("x"), &config);
        setup.secrets.push(TOKEN.into());
        sign_in(&setup, "s", SESSION, FUTURE);
        setup.set(variable, url);
        let says = ["the credentials are unusable: the session token has a", source];
        let said = ask(&setup, 2);
        assert!(says.iter().all(|part| said.contains(part)), "{config}: {said}");
        assert!(!said.contains("Check the endpoint in the configuration"), "{said}");
    }
}

#[test]
fn in_a_key_that_is_missing_a_section() {
    let world = World::new();
    let good = format!("aws_access_key_id = BASE\naws_secret_access_key = {SECRET}\n");
    let shell = good.replace("aws_access_key_id = ", "export AWS_ACCESS_KEY_ID=");
    let setup = world.setup(PLAIN, "");
    setup.home.write(".aws/credentials", &shell);
    check(
        setup,
        "aws-config-file",
        &["~/.aws/credentials, line 1: expected a section before the first key"],
        &["Add `[default]` above this line", "`aws_access_key_id = VALUE`"],
        &|setup| drop(setup.home.write(".aws/credentials", &format!("[default]\n{good}"))),
    );
    let setup = world.setup(&named("x"), &format!("[profile x]\n{shell}"));
    check(
        setup,
        "incomplete-profile",
        &["the profile `x` has aws_secret_access_key (~/.aws/config, line 3) without aws_access_key_id"],
        &["Did you mean `aws_access_key_id`?", "unknown key `export aws_access_key_id`"],
        &|setup| edit(setup, "export AWS_ACCESS_KEY_ID=", "aws_access_key_id = "),
    );
}
