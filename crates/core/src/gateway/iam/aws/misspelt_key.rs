//! Finds misspelt keys in profiles. The AWS tools ignore a key that they do not know, so the error is elsewhere. Pure.

use crate::gateway::iam::aws::profiles::Keys;

/// Keys that say where credentials come from (AWS SDKs and Tools Reference Guide, "Settings reference").
const OF_CREDENTIALS: [&str; 19] = [
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "credential_process",
    "credential_source",
    "duration_seconds",
    "external_id",
    "login_session",
    "mfa_serial",
    "role_arn",
    "role_session_name",
    "services",
    "source_profile",
    "sso_account_id",
    "sso_region",
    "sso_role_name",
    "sso_session",
    "sso_start_url",
    "web_identity_token_file",
];
/// Other keys that are similar to one of these, and mean something.
const OTHERS: [&str; 6] = [
    "aws_account_id",
    "aws_security_token",
    "sso_account_name",
    "sso_registration_scopes",
    "sso_auto_populated",
    "region",
];
/// A key that is more similar than this is probably the other one.
const LIKENESS: f64 = 0.75;

/// Returns what to correct if a key of one of these profiles or sections is probably misspelt.
pub(super) fn advice<'k>(sections: impl IntoIterator<Item = (&'k str, &'k Keys)>) -> Option<String> {
    sections.into_iter().find_map(|(name, keys)| {
        let (wrong, right) = first(keys)?;
        Some(format!("Did you mean `{right}`? `{name}` has the unknown key `{wrong}`; correct it."))
    })
}

/// Returns the first unknown key, and the one that was probably meant.
fn first(keys: &Keys) -> Option<(&str, &'static str)> {
    let unknown = keys.keys().filter(|key| !OF_CREDENTIALS.contains(&key.as_str()) && !OTHERS.contains(&key.as_str()));
    unknown.into_iter().find_map(|key| {
        let bare = without_shell(key).replace('-', "_");
        let likeness = |known: &&'static str| strsim::normalized_damerau_levenshtein(&bare, known);
        let near = OF_CREDENTIALS.into_iter().filter(|known| !keys.contains_key(*known));
        let near = near.max_by(|a, b| likeness(a).total_cmp(&likeness(b))).filter(|near| likeness(near) > LIKENESS);
        Some((key.as_str(), near?))
    })
}

/// A key without the word in front of it in a shell: `export AWS_ACCESS_KEY_ID=..` is often copied into the files.
fn without_shell(key: &str) -> &str {
    let bare = ["export ", "set ", "setx ", "$env:"].into_iter().find_map(|word| key.strip_prefix(word));
    bare.map_or(key, str::trim_start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_misspelt_if_a_similar_one_is_missing() {
        for (keys, expected) in [
            (&["sso_sesion", "sso_account_id"][..], Some(("sso_sesion", "sso_session"))),
            (&["role-arn"], Some(("role-arn", "role_arn"))),
            (&["sourceprofile"], Some(("sourceprofile", "source_profile"))),
            (&["credentials_process"], Some(("credentials_process", "credential_process"))),
            (&["aws_access_key"], Some(("aws_access_key", "aws_access_key_id"))),
            (&["export aws_access_key_id"], Some(("export aws_access_key_id", "aws_access_key_id"))),
            (&["set  aws_session_token"], Some(("set  aws_session_token", "aws_session_token"))),
            (&["$env:aws_secret_access_key"], Some(("$env:aws_secret_access_key", "aws_secret_access_key"))),
            (&["external_id", "extern_id"], None),
            (&["region", "output", "cli_pager", "s3", "retry_mode", "max_attempts", "sso_registration_scopes"], None),
            (&["granted_sso_start_url", "granted_sso_region", "aws_account_id", "sso_account_name"], None),
        ] {
            let keys: Keys = keys.iter().map(|key| ((*key).to_owned(), "x".to_owned())).collect();
            assert_eq!(first(&keys), expected, "{keys:?}");
        }
    }
}
