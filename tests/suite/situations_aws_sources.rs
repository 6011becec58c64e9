//! AWS settings that select another source than in the AWS CLI, or none: what the doctor finds, and that following
//! its advice repairs them; and profiles that the AWS CLI accepts.
#![cfg(all(unix, feature = "iam"))]

use crate::situations_aws::{FUTURE, PLAIN, World, append, ask, edit, keys, named, role, sign_in};
use crate::support::aws::{self, IDENTITY, SECRET, SESSION};
use crate::support::cli::MACHINE;
use crate::support::gateway::{http, replying};
use crate::support::situation::{Setup, Situation};

pub const SSO: &str = "[profile x]\nsso_session = s\nsso_account_id = 1\nsso_role_name = Dev\n\
                   [sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n";

/// The doctor is content, and the gateway sees a signature with this access key.
pub fn accepted(world: &World, setup: &Setup, key: &str) {
    let (url, seen) = world.runtime.block_on(aws::gateway(&[key]));
    setup.edit(&world.gateway, &url);
    setup.run(&["doctor"]).expect(0);
    let seen = seen.lock().expect("the keys");
    // The question whether the gateway is there has no signature.
    let mut signed = seen.iter().filter(|seen| !seen.is_empty()).peekable();
    assert!(signed.peek().is_some() && signed.all(|seen| seen == key), "{seen:?}, not {key}");
}

fn process(key: &str) -> String {
    let json = format!("{{\"Version\": 1, \"AccessKeyId\": \"{key}\", \"SecretAccessKey\": \"{SECRET}\"}}");
    format!("credential_process = echo '{json}'\n")
}

pub fn pair(key: &str) -> String {
    format!("aws_access_key_id = {key}\naws_secret_access_key = {SECRET}\n")
}

#[test]
fn profiles_that_the_aws_cli_accepts() {
    let world = World::new();
    let (login, session) = ("login_session = arn:aws:iam::1:user/me\n", "sso_session = s\nsso_region = eu-west-1\n");
    let old_name = format!("{}aws_security_token = t\n", pair("ASIABASE"));
    let role_of_base = format!("[base]\n{}[x]\n{}", pair("BASE"), pair("OTHER"));
    for (config, credentials, key) in [
        // Access keys of the credentials file besides other sources.
        (format!("[profile x]\n{session}"), format!("[x]\n{}", pair("BASE")), "BASE"),
        (format!("[profile x]\n{login}"), format!("[x]\n{}", pair("BASE")), "BASE"),
        (format!("[profile x]\n{login}{}", process("PROCESS")), format!("[x]\n{}", pair("BASE")), "BASE"),
        (format!("[profile x]\n{session}{}", pair("BASE")), String::new(), "BASE"),
        // Those of the configuration file come last.
        (format!("[profile x]\n{}{}", pair("BASE"), process("PROCESS")), String::new(), "PROCESS"),
        // A role comes before keys, and SSO too.
        (role("x", "base"), role_of_base, "ROLE"),
        (SSO.to_owned(), format!("[x]\n{}", pair("BASE")), "SSO"),
        // The older name of the session token.
        (format!("[profile x]\n{old_name}"), String::new(), "ASIABASE"),
        (String::new(), format!("[x]\n{old_name}"), "ASIABASE"),
    ] {
        let setup = world.setup(&named("x"), &config);
        setup.home.write(".aws/credentials", &credentials);
        sign_in(&setup, "s", SESSION, FUTURE);
        accepted(&world, &setup, key);
    }
    let mut variables = world.setup(PLAIN, "");
    variables.set("AWS_ACCESS_KEY_ID", "ASIABASE");
    variables.set("AWS_SECRET_ACCESS_KEY", SECRET);
    variables.set("AWS_SECURITY_TOKEN", "t");
    accepted(&world, &variables, "ASIABASE");
    let mut web_first = world.setup(PLAIN, &keys("default"));
    web_first.home.write("token", IDENTITY);
    web_first.set("AWS_WEB_IDENTITY_TOKEN_FILE", "token");
    web_first.set("AWS_ROLE_ARN", "arn:aws:iam::1:role/R");
    accepted(&world, &web_first, "WEB");
}

#[test]
fn addresses_in_profiles_count_as_in_the_aws_cli() {
    let world = World::new();
    let assume = |more: &str| format!("{}{more}{}", role("x", "base"), keys("base"));
    let in_services = |service: &str, url: &str| format!("[services l]\n{service} =\n  endpoint_url = {url}\n");
    let (sts, portal) = (world.sts.as_str(), world.portal.as_str());
    let (nowhere, ignore) = ("http://127.0.0.1:9", ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"));
    for (config, set, key) in [
        (assume(&format!("endpoint_url = {sts}\n")), vec![], "ROLE"),
        (format!("{}{}", assume("services = l\n"), in_services("sts", sts)), vec![], "ROLE"),
        (
            format!("{}{}", assume(&format!("services = l\nendpoint_url = {nowhere}\n")), in_services("sts", sts)),
            vec![],
            "ROLE",
        ),
        (assume(&format!("endpoint_url = {nowhere}\n")), vec![("AWS_ENDPOINT_URL_STS", sts)], "ROLE"),
        (assume(&format!("endpoint_url = {nowhere}\n")), vec![("AWS_ENDPOINT_URL", sts)], "ROLE"),
        (assume(""), vec![("AWS_ENDPOINT_URL", nowhere), ("AWS_ENDPOINT_URL_STS", sts)], "ROLE"),
        (SSO.replace("Dev\n", "Dev\nservices = l\n") + &in_services("sso", portal), vec![], "SSO"),
        // Access keys need none of them.
        (keys("x"), vec![("AWS_ENDPOINT_URL_STS", "nonsense"), ignore], "BASE"),
    ] {
        let mut setup = world.setup(&named("x"), &config);
        setup.unset("AWS_ENDPOINT_URL_STS");
        setup.unset("AWS_ENDPOINT_URL_SSO");
        for (name, value) in set {
            setup.set(name, value);
        }
        sign_in(&setup, "s", SESSION, FUTURE);
        accepted(&world, &setup, key);
    }
}

#[test]
fn addresses_that_lead_nowhere_are_named() {
    let world = World::new();
    let assume = |more: &str| format!("{}{more}{}", role("x", "base"), keys("base"));
    let services = format!("{}[services l]\nsts =\n  endpoint_url = http://127.0.0.1:9\n", assume("services = l\n"));
    let own = assume("endpoint_url = http://127.0.0.1:9\n");
    let web = "[profile x]\nrole_arn = arn:aws:iam::1:role/R\nweb_identity_token_file = token\n";
    let (sts, sso) = ("AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_SSO");
    for (config, variable, service, name) in [
        (assume(""), Some(sts), sts, sts),
        (assume(""), Some("AWS_ENDPOINT_URL"), sts, "AWS_ENDPOINT_URL"),
        (web.to_owned(), Some(sts), sts, sts),
        (SSO.to_owned(), Some(sso), sso, sso),
        (services, None, sts, "endpoint_url of sts in the services `l` (~/.aws/config, line 9)"),
        (own, None, sts, "endpoint_url of the profile `x` (~/.aws/config, line 4)"),
    ] {
        let mut setup = world.setup(&named("x"), &config);
        setup.home.write("token", IDENTITY);
        sign_in(&setup, "s", SESSION, FUTURE);
        let good = setup.environment[service].clone();
        setup.unset(service);
        if let Some(variable) = variable {
            setup.set(variable, "http://127.0.0.1:9");
        }
        let advice = format!("Check {name}, which sets this address.");
        assert!(ask(&setup, 4).contains(&advice), "{name}");
        Situation {
            finding: "credentials-host-unreachable",
            says: &["no response from 127.0.0.1"],
            advises: &[&advice, "Check the network, and the proxy"],
            follow: &|setup| match variable {
                Some(variable) => setup.set(variable, &good),
                None => edit(setup, "http://127.0.0.1:9", &good),
            },
        }
        .check(setup);
    }
    for (variable, value, more, says, advice) in [
        (sts, "", "", "AWS_ENDPOINT_URL_STS is set but empty", "Unset AWS_ENDPOINT_URL_STS."),
        (
            sts,
            "http://127.0.0.1:9",
            "ignored",
            "stepgate cannot ignore AWS_ENDPOINT_URL_STS",
            "Unset AWS_ENDPOINT_URL_STS.",
        ),
        ("AWS_ENDPOINT_URL", "ftp://x", "", "AWS_ENDPOINT_URL is not a URL", "Correct AWS_ENDPOINT_URL, or remove it."),
    ] {
        let own = format!("endpoint_url = {}\n", world.sts);
        let mut setup = world.setup(&named("x"), &assume(&own));
        setup.unset(sts);
        setup.set(variable, value);
        if more == "ignored" {
            setup.set("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
        }
        assert!(ask(&setup, 2).contains(says), "{says}");
        Situation {
            finding: "credentials-host-unreachable",
            says: &[says],
            advises: &[advice],
            follow: &|setup| {
                setup.unset(variable);
                setup.unset("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
            },
        }
        .check(setup);
    }
    let mut unknown = world.setup(&named("x"), &services_of("none"));
    unknown.unset(sts);
    Situation {
        finding: "incomplete-profile",
        says: &["the profile `x` has services = none, which does not exist"],
        advises: &["Add [services none] to ~/.aws/config, or remove services."],
        follow: &|setup| append(setup, &format!("[services none]\nsts =\n  endpoint_url = {}\n", world.sts)),
    }
    .check(unknown);
}

fn services_of(name: &str) -> String {
    format!("{}services = {name}\n{}", role("x", "base"), keys("base"))
}

#[test]
fn sso_settings_that_the_aws_sdk_refuses_without_a_reason() {
    let world = World::new();
    for expires in ["2099-01-01T00:00:00UTC", "2099-01-01 00:00:00", "never", ""] {
        let setup = world.setup(&named("x"), SSO);
        sign_in(&setup, "s", SESSION, expires);
        Situation {
            finding: "sso-session-expired",
            says: &["the SSO session of the profile `x` is unusable: expiresAt in", "is not a time such as"],
            advises: &["Run `aws sso login --profile x`."],
            follow: &|setup| sign_in(setup, "s", SESSION, FUTURE),
        }
        .check(setup);
    }
    for region in ["eu west 1", "euwest1!", "\"eu-west-1\"", "https://x"] {
        let setup = world.setup(&named("x"), &SSO.replace("= eu-west-1", &format!("= {region}")));
        sign_in(&setup, "s", SESSION, FUTURE);
        Situation {
            finding: "incomplete-profile",
            says: &[&format!("the sso_region `{region}`, which is not the name of a region")],
            advises: &["Correct it in the sso-session `s` in ~/.aws/config."],
            follow: &|setup| edit(setup, &format!("= {region}\n"), "= eu-west-1\n"),
        }
        .check(setup);
    }
    let setup = world.setup(&named("x"), &SSO.replace("sso_region = eu-west-1\n", ""));
    sign_in(&setup, "s", SESSION, FUTURE);
    Situation {
        finding: "incomplete-profile",
        says: &["no sso_region for SSO"],
        advises: &["Add it to the sso-session `s` in ~/.aws/config."],
        follow: &|setup| append(setup, "sso_region = eu-west-1\n"),
    }
    .check(setup);
    let only_session = "[profile x]\nsso_session = s\n[sso-session s]\nsso_region = r\nsso_start_url = https://x\n";
    Situation {
        finding: "incomplete-profile",
        says: &["no sso_account_id for SSO"],
        advises: &["Add it to the profile `x`"],
        follow: &|setup| {
            sign_in(setup, "s", SESSION, FUTURE);
            edit(setup, "sso_session = s\n", "sso_session = s\nsso_account_id = 1\nsso_role_name = Dev\n");
        },
    }
    .check(world.setup(&named("x"), only_session));
    Situation {
        finding: "incomplete-profile",
        says: &["the sso_session `s`, which does not exist"],
        advises: &["Write `[sso-session s]` in ~/.aws/config, line 5."],
        follow: &|setup| {
            sign_in(setup, "s", SESSION, FUTURE);
            edit(setup, "[sso_session s]", "[sso-session s]");
        },
    }
    .check(world.setup(&named("x"), &SSO.replace("[sso-session s]", "[sso_session s]")));
}

#[test]
fn keys_of_the_environment_that_sts_refuses() {
    let world = World::new();
    let config = "[profile x]\nrole_arn = arn:aws:iam::1:role/R\ncredential_source = Environment\n";
    for (id, says, advice) in [
        ("WRONG", "SignatureDoesNotMatch", "Check AWS_SECRET_ACCESS_KEY."),
        ("NOBODY", "InvalidClientTokenId", "Check AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN (or AWS_SECURITY_TOKEN)."),
    ] {
        let mut setup = world.setup(&named("x"), config);
        setup.set("AWS_ACCESS_KEY_ID", id);
        setup.set("AWS_SECRET_ACCESS_KEY", SECRET);
        assert!(ask(&setup, 2).contains(advice), "{advice}");
        Situation {
            finding: "credentials-refused",
            says: &["127.0.0.1 returned", says],
            advises: &[advice],
            follow: &|setup| setup.set("AWS_ACCESS_KEY_ID", "BASE"),
        }
        .check(setup);
    }
}

#[test]
fn a_command_advises_what_the_doctor_advises() {
    let world = World::new();
    for (key, part) in [
        ("MISMATCH", "The secret key does not match the access key. Check "),
        ("NOBODY", "AWS does not know the access key. Check "),
    ] {
        let mut variables = world.setup(PLAIN, "");
        variables.set("AWS_ACCESS_KEY_ID", key);
        variables.set("AWS_SECRET_ACCESS_KEY", SECRET);
        let profile = world.setup(&named("x"), &keys("x").replace("BASE", key));
        for (setup, names) in
            [(variables, ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]), (profile, ["aws_access_key_id", "`x`"])]
        {
            let doctor = setup.run(&["doctor", "--output", "json"]);
            let failed =
                doctor.objects().into_iter().find(|finding| finding["verdict"] == "failed").expect("a failure");
            let advice = failed["advice"].as_str().expect("a text");
            assert!(advice.starts_with(part) && names.iter().all(|name| advice.contains(name)), "{advice}");
            let arn = format!("{}PassStateMachine:x", MACHINE.replace("stateMachine", "execution"));
            for command in [vec!["start", "m"], vec!["status", &arn]] {
                let said = setup.run(&command).expect(3).err;
                assert!(said.contains(advice), "`{advice}` in {said}");
            }
        }
    }
}

#[test]
fn the_older_name_of_a_session_token_is_named() {
    let world = World::new();
    let mut setup = world.setup(PLAIN, "");
    setup.set("AWS_ACCESS_KEY_ID", "BASE");
    setup.set("AWS_SECRET_ACCESS_KEY", SECRET);
    setup.set("AWS_SESSION_TOKEN", "new");
    setup.set("AWS_SECURITY_TOKEN", "old");
    let answer = |text: &str| {
        let text = text.to_lowercase();
        if text.contains("x-amz-security-token: old") {
            let body = "{\"message\":\"The security token included in the request is expired\"}";
            return http("403 Forbidden", "x-amzn-errortype: ExpiredTokenException\r\n", body);
        }
        if !text.contains("/execution/status") {
            let missing = "{\"message\":\"Missing Authentication Token\"}";
            return http("403 Forbidden", "x-amzn-errortype: MissingAuthenticationTokenException\r\n", missing);
        }
        http("400 Bad Request", "", r#"{"__type":"x#ExecutionDoesNotExist","message":"x"}"#)
    };
    setup.edit(&world.gateway, &world.runtime.block_on(replying(answer)));
    Situation {
        finding: "credentials-expired",
        says: &["expired"],
        advises: &["Set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SECURITY_TOKEN to new credentials"],
        follow: &|setup| setup.set("AWS_SECURITY_TOKEN", "new"),
    }
    .check(setup);
}

#[test]
fn a_role_of_a_web_identity_has_no_external_id() {
    let world = World::new();
    let denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>Not authorized to perform \
                  sts:AssumeRoleWithWebIdentity</Message></Error></ErrorResponse>";
    let denied = http("403 Forbidden", "content-type: text/xml\r\n", denied);
    let sts = replying(move |text| if text.contains("wrong") { denied.clone() } else { aws::sts_answer(text) });
    let sts = world.runtime.block_on(sts).trim_end_matches("/dev").to_owned();
    let config = "[profile x]\nrole_arn = arn:aws:iam::1:role/wrong\nweb_identity_token_file = token\n";
    let of_profile = world.setup(&named("x"), config);
    let mut of_variables = world.setup(PLAIN, "");
    of_variables.set("AWS_WEB_IDENTITY_TOKEN_FILE", "token");
    of_variables.set("AWS_ROLE_ARN", "arn:aws:iam::1:role/wrong");
    for (mut setup, key) in [(of_profile, "role_arn of the profile `x`"), (of_variables, "AWS_ROLE_ARN")] {
        setup.home.write("token", IDENTITY);
        setup.set("AWS_ENDPOINT_URL_STS", &sts);
        assert!(!ask(&setup, 2).contains("external_id"));
        let is_variable = key == "AWS_ROLE_ARN";
        Situation {
            finding: "credentials-refused",
            says: &["AccessDenied"],
            advises: &[&format!("Check {key}; the role's trust policy must allow the issuer")],
            follow: &|setup| {
                if is_variable {
                    setup.set("AWS_ROLE_ARN", "arn:aws:iam::1:role/R");
                } else {
                    edit(setup, "role/wrong", "role/R");
                }
            },
        }
        .check(setup);
    }
}

#[test]
fn sources_that_lead_in_a_circle_or_nowhere() {
    let world = World::new();
    Situation {
        finding: "incomplete-profile",
        says: &["the profile `x` has source_profile = x, which is itself, but no access keys"],
        advises: &["Add aws_access_key_id and aws_secret_access_key to it"],
        follow: &|setup| append(setup, &pair("BASE")),
    }
    .check(world.setup(&named("x"), &role("x", "x")));
    Situation {
        finding: "incomplete-profile",
        says: &["these profiles are each other's source_profile: x, y"],
        advises: &["Give one of them its own credentials."],
        follow: &|setup| append(setup, &pair("BASE")),
    }
    .check(world.setup(&named("x"), &format!("{}{}", role("x", "y"), role("y", "x"))));
    Situation {
        finding: "incomplete-profile",
        says: &["the profile `x` has source_profile without role_arn"],
        advises: &["to use the credentials of `base` as they are, set profile = \"base\" in the endpoint's auth."],
        follow: &|setup| setup.edit("profile = \"x\"", "profile = \"base\""),
    }
    .check(world.setup(&named("x"), &format!("[profile x]\nsource_profile = base\n{}", keys("base"))));
}

#[test]
fn headers_and_names_that_are_nearly_right() {
    let world = World::new();
    for (wrong, right) in [
        ("[Profile x]", "[profile x]"),
        ("[profile: x]", "[profile x]"),
        ("[profile-x]", "[profile x]"),
        ("[x]", "[profile x]"),
    ] {
        Situation {
            finding: "wrong-profile-section",
            says: &["the profile `x`", "~/.aws/config, line 1 does not define a profile"],
            advises: &["Write `[profile x]` in ~/.aws/config, line 1."],
            follow: &|setup| edit(setup, wrong, right),
        }
        .check(world.setup(&named("x"), &keys("x").replace("[profile x]", wrong)));
    }
    for wrong in ["[DEFAULT]", "[Default]"] {
        Situation {
            finding: "wrong-profile-section",
            says: &["the profile `default`"],
            advises: &["Write `[default]` in ~/.aws/config, line 1."],
            follow: &|setup| edit(setup, wrong, "[default]"),
        }
        .check(world.setup(PLAIN, &keys("x").replace("[profile x]", wrong)));
        let setup = world.setup(PLAIN, "");
        setup.home.write(".aws/credentials", &format!("{wrong}\n{}", pair("BASE")));
        Situation {
            finding: "wrong-profile-section",
            says: &["the profile `default`"],
            advises: &["Write `[default]` in ~/.aws/credentials, line 1."],
            follow: &|setup| drop(setup.home.write(".aws/credentials", &format!("[default]\n{}", pair("BASE")))),
        }
        .check(setup);
    }
    for name in [" x", "x ", "\"x\"", "'x'", "profile x", "x\n"] {
        let mut setup = world.setup(PLAIN, &keys("x"));
        setup.set("AWS_PROFILE", name);
        Situation {
            finding: "no-such-profile",
            says: &["that AWS_PROFILE names does not exist"],
            advises: &["Did you mean `x`? Then set AWS_PROFILE=x."],
            follow: &|setup| setup.set("AWS_PROFILE", "x"),
        }
        .check(setup);
    }
    Situation {
        finding: "no-such-source-profile",
        says: &["the profile `\"base\"`, which is the source_profile of `x`"],
        advises: &["set source_profile = base in the profile `x`"],
        follow: &|setup| edit(setup, "= \"base\"", "= base"),
    }
    .check(world.setup(&named("x"), &format!("{}{}", role("x", "\"base\""), keys("base"))));
    let both = format!("[default]\n{}[profile default]\nregion = eu-west-1\n", pair("BASE"));
    Situation {
        finding: "wrong-profile-section",
        says: &["only the later one counts, not ~/.aws/config, line 1"],
        advises: &["Move the keys of both sections into `[default]`, and remove `[profile default]`."],
        follow: &|setup| edit(setup, "[profile default]\n", ""),
    }
    .check(world.setup(PLAIN, &both));
}

#[test]
fn shared_files_that_are_not_there() {
    let world = World::new();
    for (variable, file) in [("AWS_CONFIG_FILE", "config"), ("AWS_SHARED_CREDENTIALS_FILE", "credentials")] {
        for (value, says) in [
            ("/no/such/file", "names the file /no/such/file, which does not exist"),
            ("/", "names the folder /, not a file"),
        ] {
            for (profile, config) in [("x", keys("x")), ("y", format!("{}{}", role("y", "x"), keys("x")))] {
                let mut setup = world.setup(&named(profile), &config);
                if file == "credentials" {
                    // Only the role, if any, is in the configuration file.
                    setup.home.write(
                        ".aws/config",
                        if profile == "y" { &config[..config.find("[profile x]").expect("it")] } else { "" },
                    );
                    setup.home.write(".aws/credentials", &keys("x").replace("[profile x]", "[x]"));
                }
                setup.set(variable, value);
                Situation {
                    finding: "aws-config-file",
                    says: &[variable, says],
                    advises: &[&format!("unset it to use ~/.aws/{file}")],
                    follow: &|setup| setup.unset(variable),
                }
                .check(setup);
            }
        }
    }
    let setup = world.setup(&named("x"), "");
    let path = setup.home.path().join(".aws/config");
    std::fs::remove_file(&path).expect("removed");
    std::fs::create_dir(&path).expect("a folder");
    Situation {
        finding: "aws-config-file",
        says: &["~/.aws/config is a folder, not a file"],
        advises: &["Replace ~/.aws/config by a file."],
        follow: &|setup| {
            std::fs::remove_dir(&path).expect("removed");
            setup.home.write(".aws/config", &keys("x"));
        },
    }
    .check(setup);
}
