use std::time::Duration;

use secrecy::ExposeSecret as _;

use super::*;

fn provided() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000)
}

fn found(text: &str, purpose: Purpose<'_>, json: Option<&str>) -> Result<String, Mistake> {
    let path = json.map(|path| MemberPath::parse(path).expect("a path"));
    read(text, purpose, path.as_ref(), provided()).map(|secret| secret.text.expose_secret().to_owned())
}

#[test]
fn text_around_a_token_is_removed() {
    for text in [
        "canary.1",
        "\u{feff}canary.1\r\n",
        "\"canary.1\"",
        "'canary.1'\n",
        "\" canary.1 \"",
        "Bearer canary.1",
        "bearer  canary.1",
        "BEARER canary.1\n",
        "\"Bearer canary.1\"",
        "Authorization: Bearer canary.1",
        "authorization:bearer canary.1",
        "{\"access_token\": \"canary.1\", \"token_type\": \"Bearer\"}",
        "\u{feff}{\n  \"accessToken\": \"canary.1\",\n  \"expiresOn\": \"2023-11-14 22:13:20.000000\"\n}\n",
        "{\"id_token\": \"canary.1\"}",
        "{\"token\": \"Bearer canary.1\"}",
        "{\"kind\": \"ExecCredential\", \"status\": {\"token\": \"canary.1\"}}",
    ] {
        assert_eq!(found(text, Purpose::Token("Bearer"), None), Ok("canary.1".into()), "{text}");
    }
    assert_eq!(found("Token canary", Purpose::Token("Token"), None), Ok("canary".into()));
    assert_eq!(found("Bearer canary", Purpose::Token("Custom"), None), Ok("Bearer canary".into()));
    // A token may begin with the letters of the scheme.
    assert_eq!(found("bearercanary", Purpose::Token("Bearer"), None), Ok("bearercanary".into()));
    assert_eq!(found("\"canary\"", Purpose::Key, None), Ok("canary".into()));
    assert_eq!(found("'Custom canary'", Purpose::Header, None), Ok("Custom canary".into()));
    // Whatever it is, it may be one.
    for text in ["\"canary\"", "{\"token\": \"canary\"}", "null", "Bearer canary"] {
        assert_eq!(found(text, Purpose::Password, None), Ok(text.into()));
    }
    assert_eq!(found("{\"token\": \"canary\"}", Purpose::Header, None), Ok("{\"token\": \"canary\"}".into()));
}

#[test]
fn what_cannot_be_a_secret_is_named_with_a_way_out_and_without_a_part_of_it() {
    let token = Purpose::Token("Bearer");
    for (text, purpose, expected) in [
        ("", token, "it is empty"),
        ("\u{feff}\"\"\n", token, "it is empty"),
        ("one-canary\ntwo-canary", token, "it has more than one line; the source must provide only the secret"),
        ("canary\u{200b}", token, "its character 7 is the invisible U+200B (zero width space); copy it again"),
        ("null", token, "it is the word `null`, which some programs print for a missing value"),
        ("None\n", Purpose::Key, "it is the word `none`"),
        ("Bearer", token, "it is only the word `bearer`, without a token after it"),
        ("Bearer $TOKEN", token, "it is the name of a variable"),
        ("Bearer ${TOKEN}", Purpose::Header, "it is the name of a variable"),
        ("<token>", Purpose::Key, "it is a placeholder"),
        ("<!DOCTYPE html>\n<html><title>Sign in</title></html>", token, "it is a web page, \"Sign in\""),
        (
            "{\"error\":\"invalid_grant\",\"error_description\":\"The refresh token has expired\"}",
            token,
            "it is an error message: invalid_grant: The refresh token has expired",
        ),
        ("ERROR: canary run az login", token, "it contains a space, so it is not a token; it may be an error message"),
        (
            "{\"access_token\": \"canary\", \"id_token\": \"canary\"}",
            token,
            "choose one: `json = \".access_token\"` or `json = \".id_token\"`",
        ),
        ("{\"value\": \"canary\"}", token, "such as `json = \".access_token\"`; it has the members value"),
        ("{\"canary token of mine\": \"x\"}", token, "such as `json = \".access_token\"`"),
        ("{\"access_token\": null}", token, "it is JSON; name the member"),
        ("[\"canary\"]", token, "it is JSON; name the member"),
        ("{'access_token': 'canary'}", token, "it is broken JSON (key must be a string at line 1 column 2)"),
        ("{\"access_token\": \"canary\",}", token, "it is broken JSON"),
        ("{\"access_token\": \"canary\"", token, "it is broken JSON"),
        ("{\"access_token\": \"canary\"}}", token, "it is broken JSON (trailing characters at line 1"),
        ("{\"access_token\": \"canary\"}\n{\"x\": 1}", token, "it is broken JSON (trailing characters at line 2"),
        ("{access_token: canary}", Purpose::Key, "it is broken JSON"),
        ("access_token=canary&expires_in=3600", token, "it has the form NAME=VALUE"),
        ("Bearer TOKEN=canary", token, "it has the form NAME=VALUE"),
        ("API_KEY=canary", Purpose::Key, "it has the form NAME=VALUE"),
        ("token: canary", token, "it has the form NAME: VALUE"),
        ("x-api-key: canary", Purpose::Key, "it has the form NAME: VALUE"),
        ("“canary”", Purpose::Key, "backticks or typographic quotes"),
        ("op://canary/item/token", Purpose::Key, "it names a secret"),
        ("/run/secrets/canary", token, "it is the path of a file"),
        ("{\"access_token\": \"op://canary/item/token\"}", token, "it names a secret"),
        ("canary!", token, "its character 7 cannot be in a bearer token"),
        ("Unauthorized", Purpose::Key, "its source has failed"),
        ("{\"api_key\": \"canary\"}", Purpose::Key, "it has the members api_key"),
        ("{\"token\": \"canary\"}", Purpose::Key, "it has the members token"),
        (
            "{\"Version\": 1, \"AccessKeyId\": \"canary\", \"SecretAccessKey\": \"canary\"}",
            token,
            "use `auth = { type = \"iam\" }`",
        ),
    ] {
        let words = found(text, purpose, None).expect_err(text).to_string();
        assert!(words.contains(expected), "{text}: {words}");
        assert!(!words.contains("canary"), "{words}");
    }
}

#[test]
fn a_member_is_read_where_the_configuration_names_it_for_every_purpose() {
    let json = "{\"data\": {\"apiKey\": \"canary\", \"expires_in\": 60, \"n\": 1}, \"odd name\": \"canary-2\"}";
    for purpose in [Purpose::Token("Bearer"), Purpose::Key, Purpose::Header, Purpose::Password] {
        assert_eq!(found(json, purpose, Some(".data.apiKey")), Ok("canary".into()));
        assert_eq!(found(json, purpose, Some(".odd name")), Ok("canary-2".into()));
        let words = |path| found(json, purpose, Some(path)).expect_err(path).to_string();
        assert_eq!(
            words(".data.key"),
            "its JSON has no string at `.data.key`; it has the members apiKey, expires_in, n"
        );
        assert_eq!(words(".data.n"), "its JSON has no string at `.data.n`");
        assert_eq!(words(".data.apiKey.x"), "its JSON has no string at `.data.apiKey.x`");
        assert_eq!(found("canary", purpose, Some(".x")), Err(Mistake::NotJson));
        assert_eq!(found("", purpose, Some(".x")), Err(Mistake::Empty));
        let path = MemberPath::parse(".data.apiKey").expect("a path");
        let secret = read(json, purpose, Some(&path), provided()).expect("a secret");
        assert_eq!(secret.expires, Some(provided() + Duration::from_secs(60)));
    }
}
