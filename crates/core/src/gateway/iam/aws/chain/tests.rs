//! Profiles, right and wrong, and what comes of them.

use super::*;
use crate::domain::MissingReason as R;
use crate::gateway::iam::aws::access_key_pair::TOKENS;
use crate::gateway::iam::aws::profiles::SharedFile;

fn profiles(config: &str) -> Profiles {
    let config = SharedFile { path: "~/.aws/config".into(), text: config.into() };
    Profiles::parse(&config, &SharedFile::default()).expect("profiles")
}

const KEYS: &str = "aws_access_key_id = A\naws_secret_access_key = canary\n";
const SSO: &str = "sso_account_id = 1\nsso_role_name = R\n";

#[test]
fn each_source_is_found_and_the_roles_on_the_way() {
    let sso = |session: Option<&str>| {
        Base::Sso(Sso {
            session: session.map(str::to_owned),
            start_url: "u".into(),
            region: "r".into(),
            account: "1".into(),
            role: "R".into(),
        })
    };
    for (text, names, base) in [
        (format!("[profile x]\n{KEYS}"), vec!["x"], Base::Keys),
        // What only concerns other sections, and indentation.
        (format!("[profile it's]\n[profile y]\nno key\n[]\n[profile x]\n{KEYS}[services s\n"), vec!["x"], Base::Keys),
        (format!("  [profile x]\n  {}", KEYS.replace("\naws", "\n  aws")), vec!["x"], Base::Keys),
        (format!("[profile x]\nrole_arn = r\nsource_profile = b\n[profile b]\n{KEYS}"), vec!["x", "b"], Base::Keys),
        (format!("[profile x]\nrole_arn = r\nsource_profile = x\n{KEYS}"), vec!["x"], Base::Keys),
        (
            "[profile x]\nrole_arn = r\nsource_profile = m m\n[profile \"m m\"]\nrole_arn = s\nsource_profile = b\n\
                 [profile b]\ncredential_process = run me\n"
                .into(),
            vec!["x", "m m", "b"],
            Base::Process(vec!["run".into(), "me".into()]),
        ),
        // Keys of a source profile go before the role that it assumes.
        (
            format!(
                "[profile x]\nrole_arn = r\nsource_profile = b\n[profile b]\nrole_arn = s\nsource_profile = x\n{KEYS}"
            ),
            vec!["x", "b"],
            Base::Keys,
        ),
        ("[profile x]\ncredential_source = environment\n".into(), vec!["x"], Base::Named("Environment".into())),
        (
            "[profile x]\nrole_arn = r\ncredential_source = EcsContainer\n".into(),
            vec!["x"],
            Base::Named("EcsContainer".into()),
        ),
        (
            "[profile x]\nrole_arn = r\nweb_identity_token_file = /t\nmfa_serial = unused\n".into(),
            vec!["x"],
            Base::WebIdentity("/t".into()),
        ),
        (format!("[profile x]\n{SSO}sso_start_url = u\nsso_region = r\n"), vec!["x"], sso(None)),
        (
            format!(
                "[profile x]\n{SSO}sso_session = My S\n[sso-session \"My S\"]\nsso_start_url = u\nsso_region = r\n"
            ),
            vec!["x"],
            sso(Some("My S")),
        ),
    ] {
        let chain = resolve(&profiles(&text), "x", NamedBy::Endpoint).expect("no error").expect("credentials");
        let found: Vec<&str> = chain.profiles.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!((found, &chain.base), (names, &base), "{text}");
    }
    let none = resolve(&profiles("[profile x]\nregion = r\n"), "x", NamedBy::Variable("AWS_PROFILE"));
    assert_eq!(none, Ok(None), "another source may have some");
}

#[test]
fn each_error_has_its_reason_and_advice_that_can_be_followed() {
    let role = "[profile x]\nrole_arn = r\n";
    for (text, reason, says, advises) in [
        (
            "[profile dev]\n".into(),
            R::NoProfile,
            "`x` that AWS_PROFILE names does not exist",
            "To use another profile (`dev`), set AWS_PROFILE=NAME.",
        ),
        (String::new(), R::NoProfile, "does not exist", "`aws configure --profile x`"),
        ("[profile X]\n".into(), R::NoProfile, "`x`", "Did you mean `X`? Then set AWS_PROFILE=X."),
        ("\n[x]\n".into(), R::WrongSection, "~/.aws/config, line 2", "Write `[profile x]` in ~/.aws/config, line 2."),
        (
            format!("{role}source_profile = bse\n[profile base]\n"),
            R::NoSourceProfile,
            "`bse`, which is the source_profile of `x`",
            "Then set source_profile = base in the profile `x`",
        ),
        (
            format!("{role}source_profile = base\n[base]\n{KEYS}"),
            R::WrongSection,
            "`base`, which is the source_profile of `x`",
            "Write `[profile base]` in ~/.aws/config, line 4.",
        ),
        (
            format!("{role}source_profile = y\n[profile y]\nrole_arn = s\nsource_profile = x\n"),
            R::IncompleteProfile,
            "x, y",
            "its own credentials",
        ),
        (role.into(), R::IncompleteProfile, "`x` has role_arn without source_profile", "Add one of them"),
        (
            format!("{role}source_profile = x\ncredential_source = Environment\n"),
            R::IncompleteProfile,
            "both",
            "Remove one of them",
        ),
        (format!("{role}credential_source = Cloud\n"), R::IncompleteProfile, "`Cloud`", "EcsContainer"),
        (
            format!("{role}source_profile = b\n[profile b]\n"),
            R::IncompleteProfile,
            "`b` has no credentials",
            "profile b`",
        ),
        (
            format!("{role}source_profile = b\nmfa_serial = m\n[profile b]\n{KEYS}"),
            R::Mfa,
            "mfa_serial",
            "credential_process = aws configure export-credentials --profile x",
        ),
        (
            "[profile x]\nlogin_session = arn:aws:iam::1:user/u\n".into(),
            R::LoginSession,
            "aws login",
            "credential_process = aws configure export-credentials --profile x",
        ),
        (
            "[profile x]\nweb_identity_token_file = /t\n".into(),
            R::IncompleteProfile,
            "without role_arn",
            "Add role_arn",
        ),
        (
            format!("[profile x]\n{SSO}sso_session = s\n"),
            R::IncompleteProfile,
            "sso_session `s`",
            "aws configure sso-session",
        ),
        (
            format!("[profile x]\n{SSO}sso_session = s\n[sso-session s]\nsso_region = r\n"),
            R::IncompleteProfile,
            "no sso_start_url",
            "sso-session `s`",
        ),
        ("[profile x]\nsso_start_url = u\n".into(), R::IncompleteProfile, "no sso_region", "profile `x`"),
        (
            "[profile x]\naws_access_key_id = A\n".into(),
            R::IncompleteProfile,
            "aws_access_key_id (~/.aws/config, line 2) without aws_secret_access_key",
            "Add aws_secret_access_key to the profile `x` in ~/.aws/config.",
        ),
        (
            "[profile x]\naws_secret_access_key = canary\n".into(),
            R::IncompleteProfile,
            "aws_secret_access_key (~/.aws/config, line 2) without aws_access_key_id",
            "Add aws_access_key_id to the profile `x` in ~/.aws/config.",
        ),
    ] {
        check(&text, reason, says, advises);
    }
}

/// Fails unless the profile `x` of this text has this error.
fn check(text: &str, reason: R, says: &str, advises: &str) {
    let error = resolve(&profiles(text), "x", NamedBy::Variable("AWS_PROFILE")).expect_err(text);
    assert_eq!(error.reason, reason, "{text}: {error:?}");
    assert!(error.message.contains(says), "`{says}` in {error:?}");
    assert!(error.advice.contains(advises), "`{advises}` in {error:?}");
    assert!(!format!("{error:?}").contains("canary"), "{error:?}");
}

#[test]
fn near_misses_are_named() {
    let role = "[profile x]\nrole_arn = r\n";
    for (text, reason, says, advises) in [
        (
            format!("{role}source_profile = x\n"),
            R::IncompleteProfile,
            "source_profile = x, which is itself",
            "Add aws_access_key_id and aws_secret_access_key to it, or name another profile in ~/.aws/config.",
        ),
        (
            format!("[profile x]\nsource_profile = b\n[profile b]\n{KEYS}"),
            R::IncompleteProfile,
            "`x` has source_profile without role_arn",
            "to use the credentials of `b` as they are, set AWS_PROFILE=b.",
        ),
        (
            format!("{role}source_profile = m\n[profile m]\nsource_profile = b\n[profile b]\n{KEYS}"),
            R::IncompleteProfile,
            "`m` has source_profile without role_arn",
            "Add role_arn in ~/.aws/config.",
        ),
        ("[Profile x]\n".into(), R::WrongSection, "~/.aws/config, line 1", "Write `[profile x]`"),
        (
            format!("[profile x]\n{SSO}sso_session = s\n[sso_session s]\n"),
            R::IncompleteProfile,
            "sso_session `s`, which does not exist",
            "Write `[sso-session s]` in ~/.aws/config, line 5.",
        ),
        (
            format!("[profile x]\nexport {KEYS}"),
            R::IncompleteProfile,
            "without aws_access_key_id",
            "Did you mean `aws_access_key_id`? `x` has the unknown key `export aws_access_key_id`",
        ),
    ] {
        check(&text, reason, says, advises);
    }
}

#[test]
fn names_are_quoted_for_where_they_go() {
    let text = "[profile \"My Pro\"]\nlogin_session = arn\n[sso-session s]\n";
    let error = resolve(&profiles(text), "My Pro", NamedBy::Endpoint).expect_err("an error");
    for part in [
        "`[profile \"My Pro-cli\"]`",
        "export-credentials --profile 'My Pro'`",
        "set profile = \"My Pro-cli\"",
        "`aws login --profile 'My Pro'`",
    ] {
        assert!(error.advice.contains(part), "`{part}` in {error:?}");
    }
    let error = resolve(&profiles(text), "My Prö", NamedBy::Variable("AWS_PROFILE")).expect_err("an error");
    assert!(error.advice.contains("set AWS_PROFILE='My Pro'"), "{error:?}");
}

#[test]
fn a_section_that_cannot_be_parsed_is_an_error_of_those_who_use_it() {
    for (text, says) in [
        (format!("[profile x]\ncanary\n{KEYS}"), "line 2: expected `KEY = VALUE`"),
        ("[profile x]\nrole_arn = r\nsource_profile = b\n[profile b]\ncanary\n".into(), "line 5: expected `KEY"),
        (format!("[profile x]\n{SSO}sso_session = s\n[sso-session s]\ncanary\n"), "line 6: expected `KEY"),
        (format!("[profile x]\nservices = s\n{KEYS}[services s\n"), "line 5: expected a section such as"),
    ] {
        let error = resolve(&profiles(&text), "x", NamedBy::Variable("AWS_PROFILE")).expect_err(&text);
        assert!(error.reason == R::ConfigFile && error.message.contains(says), "`{says}` in {error:?}");
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }
}

#[test]
fn sources_of_a_profile_are_in_the_order_of_the_aws_cli() {
    let file = |path: &str, text: String| SharedFile { path: path.into(), text };
    let web = "role_arn = r\nweb_identity_token_file = /t\n";
    let sso = format!("{SSO}sso_start_url = u\nsso_region = r\n");
    let (process, login) = ("credential_process = run\n", "login_session = arn\n");
    let session = "sso_session = s\nsso_region = r\n";
    for (config, credentials, expected) in [
        (format!("{web}{sso}{process}"), KEYS, "WebIdentity"),
        (format!("{sso}{process}{login}"), KEYS, "Sso"),
        (format!("{session}{login}{process}"), KEYS, "Keys"),
        (format!("{session}{process}{KEYS}"), "", "Process"),
        (format!("{session}{KEYS}"), "", "Keys"),
        (format!("sso_start_url = u\n{KEYS}"), "", "Keys"),
        (format!("credential_source = Environment\n{KEYS}"), "", "Keys"),
        (format!("{login}{process}{KEYS}"), "", "login-session"),
        (process.to_owned(), "aws_session_token = t\n", "Process"),
        (process.to_owned(), "aws_access_key_id = A\n", "incomplete-profile"),
    ] {
        let (config, credentials) = (format!("[profile x]\n{config}"), format!("[x]\n{credentials}"));
        let (config, credentials) = (file("config", config), file("credentials", credentials));
        let profiles = Profiles::parse(&config, &credentials).expect("profiles");
        let found = match resolve(&profiles, "x", NamedBy::Endpoint) {
            Ok(chain) => format!("{:?}", chain.expect("credentials").base),
            Err(error) => error.reason.as_str().to_owned(),
        };
        assert!(found.starts_with(expected), "{}{}: {found}", config.text, credentials.text);
    }
}

#[test]
fn a_session_token_belongs_to_the_access_keys_of_its_file() {
    let file = |path: &str, text: &str| SharedFile { path: path.into(), text: text.into() };
    for (config, credentials, expected) in [
        (format!("{KEYS}aws_session_token = t\n"), String::new(), Some("aws_session_token")),
        (format!("{KEYS}aws_security_token = t\n"), String::new(), Some("aws_security_token")),
        (format!("{KEYS}aws_session_token = t\naws_security_token = u\n"), String::new(), Some("aws_security_token")),
        ("aws_session_token = old\n".into(), format!("[x]\n{KEYS}"), None),
        (format!("{KEYS}aws_session_token = old\n"), format!("[x]\n{KEYS}"), None),
        (KEYS.into(), "[x]\naws_session_token = other\n".into(), None),
        (KEYS.into(), "[x]\naws_secret_access_key = S\naws_session_token = t\n".into(), None),
    ] {
        let config = file("config", &format!("[profile x]\n{config}"));
        let profiles = Profiles::parse(&config, &file("credentials", &credentials)).expect("profiles");
        let chain = resolve(&profiles, "x", NamedBy::Endpoint).expect("no error").expect("credentials");
        let tokens: Vec<&str> = TOKENS.into_iter().filter(|key| chain.profiles[0].1.contains_key(*key)).collect();
        assert_eq!(tokens.first().copied(), expected, "{}{credentials}", config.text);
        assert!(tokens.len() < 2);
    }
}
