//! Parses the output of a `credential_process`: JSON as described in the AWS SDKs and Tools Reference Guide under
//! "Process credential provider". Pure.

use std::time::SystemTime;

use secrecy::{ExposeSecret as _, SecretString};

use crate::bounded;
use crate::gateway::iam::aws::credential_part::{self, Part};
use crate::gateway::iam::aws::credentials::Credentials;
use crate::gateway::secret::expiry;

/// Member names match in any case, as in the AWS SDKs.
#[derive(Default)]
struct Printed {
    version: Option<String>,
    access_key_id: Option<SecretString>,
    secret_access_key: Option<SecretString>,
    session_token: Option<SecretString>,
    expiration: Option<String>,
}

/// Returns the credentials, or what is wrong with the output, without quoting it.
pub(super) fn parse(bytes: Vec<u8>) -> Result<Credentials, String> {
    let text = bounded::text(bytes).map_err(|error| error.to_string())?;
    if text.trim().is_empty() {
        return Err("it is empty".into());
    }
    let members: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&text).map_err(|_| "it is not a JSON object".to_owned())?;
    let mut printed = Printed::default();
    for (name, value) in &members {
        let text = || value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        match name.to_ascii_lowercase().as_str() {
            "version" => printed.version = Some(value.to_string()),
            "accesskeyid" => printed.access_key_id = text().map(Into::into),
            "secretaccesskey" => printed.secret_access_key = text().map(Into::into),
            "sessiontoken" => printed.session_token = text().map(Into::into),
            "expiration" => printed.expiration = text().or_else(|| value.as_f64().map(|number| number.to_string())),
            _ => {}
        }
    }
    match printed.version.as_deref() {
        Some("1") => {}
        Some(_) => return Err("its Version is not 1".into()),
        None => return Err("it has no Version".into()),
    }
    let id = printed.access_key_id.ok_or("it has no AccessKeyId")?;
    let secret = printed.secret_access_key.ok_or("it has no SecretAccessKey")?;
    for (name, part, text) in [
        ("AccessKeyId", Part::AccessKeyId, Some(&id)),
        ("SecretAccessKey", Part::SecretAccessKey, Some(&secret)),
        ("SessionToken", Part::SessionToken, printed.session_token.as_ref()),
    ] {
        if let Some(Err(flaw)) = text.map(|text| credential_part::check(part, text.expose_secret())) {
            return Err(format!("its {name} {}", flaw.what));
        }
    }
    let expiry = match &printed.expiration {
        Some(text) => Some(time(text).ok_or("its Expiration is not a time such as 2026-01-01T00:00:00Z")?),
        None => None,
    };
    let token = printed.session_token.map(|token| token.expose_secret().to_owned());
    Ok(Credentials::new(id, secret, token, expiry))
}

/// Returns whether a word has a meaning to a shell, which does not run it.
pub(super) fn needs_a_shell(words: &[String]) -> bool {
    let is_for_shell =
        |word: &String| word.starts_with('~') || word.contains(['$', '`', '|', '&', '<', '>', ';', '*', '(']);
    words.first().is_some_and(|program| !matches!(program.rsplit('/').next(), Some("sh" | "bash" | "zsh")))
        && words.iter().any(is_for_shell)
}

fn time(text: &str) -> Option<SystemTime> {
    let text = text.trim();
    if let Ok(number) = text.parse() {
        return expiry::since_1970(number);
    }
    // ISO 8601 allows more than RFC 3339: a blank for the `T`, an offset without a colon.
    let zone = [" UTC", " GMT"].into_iter().find_map(|zone| text.strip_suffix(zone));
    let text = zone.map_or_else(|| text.to_owned(), |text| format!("{text}Z"));
    let at = text.parse::<jiff::Timestamp>().ok()?;
    Some(at.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_members_are_read_in_any_case() {
        let text = r#"{"Version": 1, "accesskeyid": "A", "SecretAccessKey": "S", "SessionToken": "T", "Expiration": "2099-01-01T00:00:00+00:00", "AccountId": "1", "More": {}}"#;
        let found = parse(format!("\u{feff}{text}\n").into_bytes()).expect("credentials");
        assert_eq!((found.access_key_id(), found.secret_access_key(), found.session_token()), ("A", "S", Some("T")));
        let expected = "2099-01-01T00:00:00Z".parse::<jiff::Timestamp>().expect("a time");
        assert_eq!(found.expiry(), Some(expected.into()));
        let plain = parse(br#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","SessionToken":null}"#.to_vec());
        let plain = plain.expect("credentials");
        assert_eq!((plain.session_token(), plain.expiry()), (None, None));
    }

    #[test]
    fn an_expiration_is_a_time_in_the_notations_of_usual_programs() {
        for expiration in [
            "\"2036-01-01T00:00:00Z\"",
            "\"2036-01-01T02:00:00+02:00\"",
            "\"2036-01-01 00:00:00 UTC\"",
            "\"2036-01-01 00:00:00+00:00\"",
            "2082758400",
            "2082758400000",
            "\"2082758400\"",
            "\"2082758400000\"",
        ] {
            let text = format!(
                "{{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"S\",\"Expiration\":{expiration}}}"
            );
            let found = parse(text.into_bytes()).expect("credentials").expiry();
            assert_eq!(
                found,
                Some(SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(2_082_758_400)),
                "{expiration}"
            );
        }
    }

    #[test]
    fn other_output_is_refused_with_the_reason_and_without_a_part_of_it() {
        for (text, why) in [
            ("", "it is empty"),
            ("export AWS_SECRET_ACCESS_KEY=canary", "it is not a JSON object"),
            ("[\"canary\"]", "it is not a JSON object"),
            (r#"{"AccessKeyId":"A","SecretAccessKey":"canary"}"#, "it has no Version"),
            (r#"{"Version":2,"AccessKeyId":"A","SecretAccessKey":"canary"}"#, "its Version is not 1"),
            (r#"{"Version":1,"SecretAccessKey":"canary"}"#, "it has no AccessKeyId"),
            (r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":""}"#, "it has no SecretAccessKey"),
            (
                r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"canary\n"}"#,
                "its SecretAccessKey has a line break (character 7)",
            ),
            (
                r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","SessionToken":"can\u00e4ry"}"#,
                "its SessionToken has a character that is not ASCII (character 4)",
            ),
            (
                r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","Expiration":"canary"}"#,
                "its Expiration is not a time",
            ),
        ] {
            let message = parse(text.as_bytes().to_vec()).expect_err(text);
            assert!(message.starts_with(why) && !message.contains("canary"), "{text}: {message}");
        }
    }
}
