//! Which identity signs: the one that the AWS CLI takes from the same files and variables, or none, with the reason.
//! Never the base of a role instead of the role, nor halves of two key pairs.
#![cfg(all(unix, feature = "iam"))]

use std::os::unix::fs::PermissionsExt as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use crate::situations_aws::{FUTURE, PLAIN, World, append, ask, edit, keys, named, role, sign_in};
use crate::situations_aws_sources::{SSO, accepted, pair};
use crate::support::aws::{self, IDENTITY, SECRET, SESSION};
use crate::support::cli::Running;
use crate::support::gateway::{http, replying};
use crate::support::situation::{Setup, Situation};
use rustix::process::Signal;

const EXECUTION: &str = "arn:aws:states:us-east-1:111122223333:execution:M:run-1";
const ROLE: &str = "role_arn = arn:aws:iam::1:role/R\n";
const DENIED: &str =
    "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized</Message></Error></ErrorResponse>";

/// A server at `http://HOST`, without a path.
fn server(world: &World, answer: impl Fn(&str) -> String + Send + Sync + 'static) -> String {
    world.runtime.block_on(replying(answer)).trim_end_matches("/dev").to_owned()
}

/// A gateway that takes every signature, with the access keys so far.
fn any_signature(world: &World) -> (String, Arc<Mutex<Vec<String>>>) {
    let keys = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&keys);
    let url = world.runtime.block_on(replying(move |text| {
        if let Some(key) = text.split("Credential=").nth(1).and_then(|rest| rest.split('/').next()) {
            seen.lock().expect("the keys").push(key.to_owned());
        }
        http("200 OK", "", "{\"status\":\"RUNNING\",\"startDate\":1.7E9}")
    }));
    (url, keys)
}

/// The `auth` of the endpoint, variables of the environment, and what is selected.
type Selection = (String, Vec<(&'static str, String)>, &'static str);

/// The same profile, selected in each way.
fn selections(profile: &str) -> Vec<Selection> {
    let mut ways = vec![
        (PLAIN.to_owned(), vec![("AWS_PROFILE", profile.to_owned())], " that AWS_PROFILE names"),
        (PLAIN.to_owned(), vec![("AWS_DEFAULT_PROFILE", profile.to_owned())], " that AWS_DEFAULT_PROFILE names"),
        (named(profile), Vec::new(), " of the endpoint's auth"),
    ];
    if profile == "default" {
        ways.push((PLAIN.to_owned(), Vec::new(), ""));
    }
    ways
}

#[test]
fn a_role_that_cannot_be_assumed_is_not_replaced_by_its_base() {
    let world = World::new();
    let instance = world.runtime.block_on(aws::instance());
    let container = server(&world, |_| http("404 Not Found", "", "no"));
    let of_instance = format!("{ROLE}credential_source = Ec2InstanceMetadata\n");
    let of_other = format!("{ROLE}source_profile = other\n[profile other]\ncredential_source = Ec2InstanceMetadata\n");
    let of_container = format!("{ROLE}credential_source = EcsContainer\n");
    let sts = |status: &'static str, body: &'static str| {
        server(&world, move |_| http(status, "content-type: text/xml\r\n", body))
    };
    let denies = sts("403 Forbidden", DENIED);
    for (config, environment, says) in [
        (&of_instance, vec![("AWS_ENDPOINT_URL_STS", denies.clone())], "AccessDenied"),
        (&of_instance, vec![("AWS_ENDPOINT_URL_STS", sts("500 Internal Server Error", "oops"))], "HTTP 500"),
        (&of_instance, vec![("AWS_ENDPOINT_URL_STS", sts("200 OK", "<html><title>Login</title></html>"))], "127.0.0.1"),
        (&of_instance, vec![("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9".into())], "no response from 127.0.0.1"),
        (&of_instance, vec![("AWS_ENDPOINT_URL_STS", "nowhere".into())], "AWS_ENDPOINT_URL_STS is not a URL"),
        (&of_other, vec![("AWS_ENDPOINT_URL_STS", denies.clone())], "AccessDenied"),
        (&of_instance, vec![("AWS_EC2_METADATA_DISABLED", "true".into())], "AWS_EC2_METADATA_DISABLED is set"),
        (&of_instance, vec![("AWS_EC2_METADATA_SERVICE_ENDPOINT", "nowhere".into())], "ENDPOINT is not a URL"),
        (&of_instance, vec![("AWS_EC2_METADATA_SERVICE_ENDPOINT", container.clone())], "127.0.0.1"),
        (&of_container, vec![], "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor"),
        (&of_container, vec![("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{container}/c"))], "127.0.0.1"),
    ] {
        let mut all = Vec::new();
        for (auth, selected, _) in selections("default") {
            let (url, keys) = any_signature(&world);
            let mut setup = world.setup(&auth, &format!("[default]\n{config}"));
            setup.edit(&world.gateway, &url);
            setup.set("AWS_EC2_METADATA_DISABLED", "false");
            setup.set("AWS_EC2_METADATA_SERVICE_ENDPOINT", &instance);
            for (name, value) in environment.iter().chain(&selected) {
                setup.set(name, value);
            }
            let ran = setup.run(&["status", EXECUTION]);
            assert!(matches!(ran.code, Some(2 | 4)) && ran.err.contains(says), "{config}{environment:?}: {ran:?}");
            assert_eq!(keys.lock().expect("the keys").as_slice(), [""; 0], "{config}{environment:?}");
            all.push(ran.err);
        }
        all.dedup();
        assert_eq!(all.len(), 1, "one profile, one cause: {all:#?}");
    }
}

#[test]
fn nor_is_it_replaced_when_its_session_is_renewed() {
    let world = World::new();
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let sts = server(&world, move |text| {
        if counter.fetch_add(1, Ordering::SeqCst) > 0 {
            return http("403 Forbidden", "content-type: text/xml\r\n", DENIED);
        }
        let body = text.replace("Credential=INSTANCE", "Credential=BASE");
        let soon = jiff::Timestamp::try_from(SystemTime::now() + Duration::from_secs(2)).expect("a time");
        let soon = format!("{soon:.0}");
        aws::sts_answer(&body).replace("2099-01-01T00:00:00Z", &soon)
    });
    let (url, keys) = any_signature(&world);
    let mut setup = world.setup(PLAIN, &format!("[default]\n{ROLE}credential_source = Ec2InstanceMetadata\n"));
    setup.edit(&world.gateway, &url);
    setup.set("AWS_EC2_METADATA_DISABLED", "false");
    setup.set("AWS_EC2_METADATA_SERVICE_ENDPOINT", &world.runtime.block_on(aws::instance()));
    setup.set("AWS_ENDPOINT_URL_STS", &sts);
    let running = Running::of(setup.home.command(&["watch", EXECUTION]).envs(&setup.environment));
    running.wait_until("three look-ups", |_| asked.load(Ordering::SeqCst) > 2);
    running.signal(Signal::TERM);
    running.end();
    let keys = keys.lock().expect("the keys");
    assert!(!keys.is_empty() && keys.iter().all(|key| key == "ROLE"), "{keys:?}");
}

#[test]
fn a_pair_of_keys_is_of_one_file() {
    let world = World::new();
    let (id, secret) = ("aws_access_key_id = BASE\n", format!("aws_secret_access_key = {SECRET}\n"));
    for (config, credentials, key) in [
        // A secret, or a token, without an ID is no pair, and does not change that of the other file.
        (pair("BASE"), secret.replace(SECRET, "X9zQvW4tYp"), "BASE"),
        (pair("BASE"), "aws_session_token = X9zQvW4tYp\n".into(), "BASE"),
        (format!("{id}aws_secret_access_key = X9zQvW4tYp\n"), pair("BASE"), "BASE"),
        (secret.replace(SECRET, "X9zQvW4tYp"), pair("BASE"), "BASE"),
    ] {
        let setup = world.setup(PLAIN, &format!("[default]\n{config}"));
        setup.home.write(".aws/credentials", &format!("[default]\n{credentials}"));
        accepted(&world, &setup, key);
    }
    for (config, credentials, file, line, missing) in [
        (pair("OTHER"), id.to_owned(), "~/.aws/credentials", 2, "aws_secret_access_key"),
        (secret.clone(), id.to_owned(), "~/.aws/credentials", 2, "aws_secret_access_key"),
        (format!("region = r\n{id}"), secret.clone(), "~/.aws/config", 3, "aws_secret_access_key"),
        (id.to_owned(), String::new(), "~/.aws/config", 2, "aws_secret_access_key"),
        (String::new(), id.to_owned(), "~/.aws/credentials", 2, "aws_secret_access_key"),
        (String::new(), secret.clone(), "~/.aws/credentials", 2, "aws_access_key_id"),
        (secret.clone(), String::new(), "~/.aws/config", 2, "aws_access_key_id"),
    ] {
        for is_source in [false, true] {
            let name = if is_source { "base" } else { "default" };
            let header = if is_source { "[profile base]" } else { "[default]" };
            let mut text = format!("{header}\n{config}");
            if is_source {
                text += &role("x", "base");
            }
            let auth = if is_source { named("x") } else { PLAIN.to_owned() };
            let mut setup = world.setup(&auth, &text);
            setup.secrets.push("X9zQvW4tYp".into());
            setup.home.write(".aws/credentials", &format!("[{name}]\n{credentials}"));
            let there = if missing == "aws_access_key_id" { "aws_secret_access_key" } else { "aws_access_key_id" };
            let says = format!("the profile `{name}` has {there} ({file}, line {line}) without {missing}");
            let advice = format!("Add {missing} to the profile `{name}` in {file}");
            let given = if missing == "aws_access_key_id" { id.to_owned() } else { secret.clone() };
            let follow = |setup: &mut Setup| {
                let path = setup.home.path().join(file.replace("~/", ""));
                let old = std::fs::read_to_string(&path).expect("the file");
                let header = if file.ends_with("config") { header.to_owned() } else { format!("[{name}]") };
                std::fs::write(path, old.replace(&header, &format!("{header}\n{}", given.trim_end())))
                    .expect("written");
            };
            Situation { finding: "incomplete-profile", says: &[&says], advises: &[&advice], follow: &follow }
                .check(setup);
        }
    }
    // What the advice offers instead.
    let setup = world.setup(PLAIN, &format!("[default]\n{}", pair("BASE")));
    setup.home.write(".aws/credentials", "[default]\naws_access_key_id = OTHER\n");
    Situation {
        finding: "incomplete-profile",
        says: &["~/.aws/credentials, line 2"],
        advises: &["or remove aws_access_key_id there to use the pair in ~/.aws/config"],
        follow: &|setup| drop(setup.home.write(".aws/credentials", "")),
    }
    .check(setup);
}

#[test]
fn a_credential_process_gets_the_words_that_the_aws_cli_gives_it() {
    let world = World::new();
    for (value, words) in [
        ("a 'b c' \"d e\"", &["a", "b c", "d e"][..]),
        ("a ; b # c ;d #e", &["a", ";", "b", "#", "c", ";d", "#e"]),
        ("--url https://x.example/app?a=1&b=2#c;d", &["--url", "https://x.example/app?a=1&b=2#c;d"]),
        (
            "--user a&b --name Admin(prod) a|b <x> a$b role=* ~ `x` && y || z > out",
            &[
                "--user",
                "a&b",
                "--name",
                "Admin(prod)",
                "a|b",
                "<x>",
                "a$b",
                "role=*",
                "~",
                "`x`",
                "&&",
                "y",
                "||",
                "z",
                ">",
                "out",
            ],
        ),
        ("a\n    b\n\n  # no\n    ; no\n\tc", &["a", "b", "c"]),
        ("\n    a = b\n", &["a", "=", "b"]),
        ("a\\ b \"c\\d\\\"\\\\\" 'e\\f' '' \"\" g''h", &["a b", "c\\d\"\\", "e\\f", "", "", "gh"]),
        ("$HOME \"$HOME\" '$(id)' \"two\n    lines\"", &["$HOME", "$HOME", "$(id)", "two\nlines"]),
    ] {
        let setup = world.setup(&named("x"), &format!("[profile x]\ncredential_process = ./p {value}\n"));
        let json = format!("{{\"Version\": 1, \"AccessKeyId\": \"PROCESS\", \"SecretAccessKey\": \"{SECRET}\"}}");
        let script =
            format!("#!/bin/sh\n: >words\nfor word; do printf '%s\\0' \"$word\" >>words; done\necho '{json}'\n");
        setup.home.write("p", &script);
        let program = setup.home.path().join("p");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("executable");
        accepted(&world, &setup, "PROCESS");
        let found = std::fs::read_to_string(setup.home.path().join("words")).expect("words");
        let found: Vec<&str> = found.split_terminator('\0').collect();
        assert_eq!(found, words, "{value}");
        assert!(!setup.home.path().join("out").exists());
    }
}

#[test]
fn a_credential_process_that_needs_a_shell_says_so() {
    let world = World::new();
    for (value, says) in [
        ("cat $FOLDER/json", "the credential_process of the profile `x` failed"),
        ("~/program", "the credential_process of the profile `x` failed"),
        ("cat no 2>/dev/null || cat json", "the credential_process of the profile `x` failed"),
        ("true && cat json", "the credential_process of the profile `x` failed"),
    ] {
        let mut setup = world.setup(&named("x"), &format!("[profile x]\ncredential_process = {value}\n"));
        let json = format!("{{\"Version\": 1, \"AccessKeyId\": \"PROCESS\", \"SecretAccessKey\": \"{SECRET}\"}}");
        setup.home.write("json", &json);
        let program = setup.home.write("program", &format!("#!/bin/sh\necho '{json}'\n"));
        std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o755)).expect("executable");
        setup.set("FOLDER", ".");
        Situation {
            finding: "credential-process-failed",
            says: &[says],
            advises: &["it runs without a shell, as in the AWS CLI", "`sh -c 'COMMAND'`"],
            follow: &|setup| edit(setup, value, &format!("sh -c '{value}'")),
        }
        .check(setup);
    }
    for value in ["cat 'json", "cat \"json", "cat json\\"] {
        let setup = world.setup(&named("x"), &format!("[profile x]\ncredential_process = {value}\n"));
        setup.home.write(
            "json",
            &format!("{{\"Version\": 1, \"AccessKeyId\": \"PROCESS\", \"SecretAccessKey\": \"{SECRET}\"}}"),
        );
        Situation {
            finding: "incomplete-profile",
            says: &["credential_process of the profile `x` (~/.aws/config, line 2)"],
            advises: &["Correct it"],
            follow: &|setup| edit(setup, value, "cat json"),
        }
        .check(setup);
    }
}

#[test]
fn values_have_no_comments_behind_them() {
    let world = World::new();
    // Names of profiles and sessions with such characters.
    for name in ["a #b", "a ;b", "a]b", "a#b", "a;b"] {
        let header = format!("[profile \"{name}\"]\n");
        accepted(&world, &world.setup(&named(name), &format!("{header}{}", pair("BASE"))), "BASE");
        let config = format!("[profile x]\n{ROLE}source_profile = {name}\n");
        let setup = world.setup(&named("x"), &config);
        setup.home.write(".aws/credentials", &format!("[{name}]\n{}", pair("BASE")));
        accepted(&world, &setup, "ROLE");
    }
    // No service has names with a blank and such a character; the AWS CLI sends them, and is refused.
    let base = keys("base");
    for (config, key, line) in [
        (format!("[profile x]\n{ROLE}source_profile = base\nexternal_id = a #b\n{base}"), "external_id", 4),
        (format!("[profile x]\n{ROLE}source_profile = base\nrole_session_name = a ;b\n{base}"), "role_session_name", 4),
        (format!("[profile x]\nrole_arn = arn:aws:iam::1:role/R # b\nsource_profile = base\n{base}"), "role_arn", 2),
        (SSO.replace("= Dev\n", "= Dev ; b\n"), "sso_role_name", 4),
    ] {
        let setup = world.setup(&named("x"), &config);
        sign_in(&setup, "s", SESSION, FUTURE);
        let says = format!("{key} of the profile `x` (~/.aws/config, line {line})");
        let value = config.lines().nth(line - 1).expect("the line").to_owned();
        let cut = value.split([';', '#']).next().expect("a part").trim_end().to_owned();
        Situation {
            finding: "incomplete-profile",
            says: &[&says, "has a blank before a `"],
            advises: &["Write the comment on a line of its own"],
            follow: &|setup| edit(setup, &value, &cut),
        }
        .check(setup);
    }
    // A misspelt name of the same kind.
    let setup = world.setup(&named("x"), &format!("[profile x]\n{ROLE}source_profile = base # keys\n{base}"));
    Situation {
        finding: "no-such-source-profile",
        says: &["`base # keys`"],
        advises: &["set source_profile = base in the profile `x`"],
        follow: &|setup| edit(setup, "= base # keys", "= base"),
    }
    .check(setup);
}

#[test]
fn the_later_section_of_the_default_profile_counts() {
    let world = World::new();
    let (plain, prefixed) = ("[default]\n", "[profile default]\n");
    for (first, second) in [(plain, prefixed), (prefixed, plain), ("[profile \"default\"]\n", plain)] {
        let config = format!("{first}{}{second}{}", pair("OTHER"), pair("BASE"));
        accepted(&world, &world.setup(PLAIN, &config), "BASE");
    }
}

#[test]
fn a_web_identity_may_be_of_profile_and_variables_together() {
    let world = World::new();
    let (file, arn) = ("web_identity_token_file = token\n", ROLE);
    let (role_variable, file_variable) =
        (("AWS_ROLE_ARN", "arn:aws:iam::1:role/R"), ("AWS_WEB_IDENTITY_TOKEN_FILE", "token"));
    for (config, environment) in [
        (file.to_owned(), vec![role_variable]),
        (format!("{file}{arn}"), vec![]),
        (format!("{}{arn}", file.replace("token\n", "nowhere\n")), vec![file_variable]),
        (format!("{}{arn}", file.replace("token\n", "nowhere\n")), vec![file_variable, role_variable]),
        (String::new(), vec![file_variable, role_variable]),
    ] {
        for profile in ["default", "x"] {
            let header = if profile == "x" { "[profile x]" } else { "[default]" };
            let mut setup = world.setup(PLAIN, &format!("{header}\n{config}"));
            setup.home.write("token", IDENTITY);
            for (name, value) in &environment {
                setup.set(name, value);
            }
            setup.set("AWS_PROFILE", profile);
            accepted(&world, &setup, "WEB");
        }
    }
    // For a profile that the configuration names, variables do not count.
    let mut setup = world.setup(&named("x"), &format!("[profile x]\n{file}"));
    setup.home.write("token", IDENTITY);
    setup.set(role_variable.0, role_variable.1);
    Situation {
        finding: "incomplete-profile",
        says: &["web_identity_token_file without role_arn"],
        advises: &["Add role_arn in ~/.aws/config."],
        follow: &|setup| append(setup, &format!("[profile x]\n{arn}")),
    }
    .check(setup);
    // A token file without a role is incomplete, whatever else there is.
    for config in [String::new(), keys("default"), "[default]\nregion = r\n".into()] {
        let mut setup = world.setup(PLAIN, &config);
        setup.home.write("token", IDENTITY);
        setup.set(file_variable.0, file_variable.1);
        assert!(ask(&setup, 2).contains("AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not"));
        Situation {
            finding: "incomplete-keys",
            says: &["AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not"],
            advises: &["Set AWS_ROLE_ARN too, or unset AWS_WEB_IDENTITY_TOKEN_FILE."],
            follow: &|setup| setup.set(role_variable.0, role_variable.1),
        }
        .check(setup);
    }
}
