//! Access keys, with the variable or the line of a file that each part comes from. Pure.

use crate::domain::MissingReason;
use crate::gateway::iam::aws::access_key_pair::TOKENS;
use crate::gateway::iam::aws::chain::Chain;
use crate::gateway::iam::aws::credential_part::{self, Part};
use crate::gateway::iam::aws::credentials::Credentials;
use crate::gateway::iam::aws::look_up_error::LookUpError;
use crate::gateway::iam::aws::profiles::Profiles;

/// The prefix of temporary keys (IAM user guide, "IAM identifiers").
const TEMPORARY: &str = "ASIA";

/// A part with what sets it, as the object of "correct".
pub(super) struct Sourced<'k> {
    pub(super) text: &'k str,
    pub(super) what: String,
}

/// Access keys that belong together.
pub(super) struct AccessKeys<'k> {
    pub(super) id: Sourced<'k>,
    pub(super) secret: Sourced<'k>,
    pub(super) token: Option<Sourced<'k>>,
    /// What sets the token, or would set it.
    pub(super) token_name: &'static str,
}

impl<'k> AccessKeys<'k> {
    /// Returns the keys of the profile at the end of a chain.
    pub(super) fn of_profile(chain: &'k Chain, profiles: &Profiles) -> Option<Self> {
        let (name, keys) = chain.profiles.last()?;
        let part = |key: &str| Some(Sourced { text: keys.get(key)?, what: profiles.described(name, key) });
        let token = TOKENS.into_iter().find_map(part);
        let (id, secret) = (part("aws_access_key_id")?, part("aws_secret_access_key")?);
        Some(Self { id, secret, token, token_name: "aws_session_token" })
    }

    /// Checks each part, and that temporary keys have their token.
    pub(super) fn credentials(&self) -> Result<Credentials, LookUpError> {
        let parts = [
            (Part::AccessKeyId, Some(&self.id)),
            (Part::SecretAccessKey, Some(&self.secret)),
            (Part::SessionToken, self.token.as_ref()),
        ];
        for (part, sourced) in parts {
            if let Some(Sourced { text, what }) = sourced {
                check(part, text, what)?;
            }
        }
        let token = self.token.as_ref().map(|token| token.text.to_owned());
        let found = Credentials::new(self.id.text, self.secret.text, token, None);
        complete(&found, self.token_name)?;
        Ok(found)
    }
}

/// Fails if no part of this kind has this text. `what` sets it.
pub(super) fn check(part: Part, text: &str, what: &str) -> Result<(), LookUpError> {
    credential_part::check(part, text).map_err(|flaw| {
        let advice = format!("Correct {what}. {}", flaw.advice);
        LookUpError::new(MissingReason::Unusable, format!("{what} {}", flaw.what), advice)
    })
}

/// Checks credentials that another program or a service has issued. `source` is where they come from; `renewal` how to
/// get others.
pub(super) fn check_issued(credentials: &Credentials, source: &str, renewal: &str) -> Result<(), LookUpError> {
    let parts = [
        (Part::AccessKeyId, "access key ID", Some(credentials.access_key_id())),
        (Part::SecretAccessKey, "secret access key", Some(credentials.secret_access_key())),
        (Part::SessionToken, "session token", credentials.session_token()),
    ];
    for (part, name, text) in parts {
        if let Some(Err(flaw)) = text.map(|text| credential_part::check(part, text)) {
            let message = format!("the credentials are unusable: the {name} {} ({source})", flaw.what);
            return Err(LookUpError::new(MissingReason::Unusable, message, renewal));
        }
    }
    if is_without_token(credentials) {
        let message = format!("the access key is temporary, but the session token is missing ({source})");
        return Err(LookUpError::new(MissingReason::IncompleteKeys, message, renewal));
    }
    Ok(())
}

fn is_without_token(credentials: &Credentials) -> bool {
    credentials.access_key_id().starts_with(TEMPORARY) && credentials.session_token().is_none()
}

fn complete(credentials: &Credentials, token: &str) -> Result<(), LookUpError> {
    if is_without_token(credentials) {
        let message = format!("the access key is temporary, but {token} is missing");
        let advice = format!("Set {token} too; it is issued together with the keys.");
        return Err(LookUpError::new(MissingReason::IncompleteKeys, message, advice));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys<'k>(id: &'k str, secret: &'k str, token: Option<&'k str>) -> AccessKeys<'k> {
        let part = |text, what: &str| Sourced { text, what: what.to_owned() };
        AccessKeys {
            id: part(id, "AWS_ACCESS_KEY_ID"),
            secret: part(secret, "aws_secret_access_key of the profile `x` (~/.aws/credentials, line 3)"),
            token: token.map(|token| part(token, "AWS_SESSION_TOKEN")),
            token_name: "AWS_SESSION_TOKEN",
        }
    }

    #[test]
    fn the_unusable_part_is_named_with_its_source() {
        assert!(keys("AKIA", "canary/+=", Some("t")).credentials().is_ok());
        for (id, secret, token, says) in [
            ("AKIA\n", "canary", None, "AWS_ACCESS_KEY_ID has a line break"),
            (
                "AKIA",
                "can ary",
                None,
                "aws_secret_access_key of the profile `x` (~/.aws/credentials, line 3) has a space",
            ),
            ("AKIA", "canary", Some("can\nary"), "AWS_SESSION_TOKEN has a line break"),
            ("ASIA", "canary", None, "AWS_SESSION_TOKEN is missing"),
        ] {
            let error = keys(id, secret, token).credentials().expect_err(says);
            assert!(error.message.contains(says), "{error:?}");
            assert!(!format!("{error:?}").contains("canary") && !error.advice.is_empty(), "{error:?}");
        }
        let issued = Credentials::new("AKIA", "canary", Some("can\nary".into()), None);
        let error = check_issued(&issued, "the role of this container", "Wait.").expect_err("a line break");
        assert!(error.message.contains("the session token has a line break") && error.advice == "Wait.", "{error:?}");
    }
}
