//! Finds values with what is probably meant as a comment behind them. To the AWS CLI, what follows a value belongs to it,
//! and no service has names with such characters. Pure.

use crate::domain::MissingReason;
use crate::gateway::iam::aws::chain::{Base, Chain};
use crate::gateway::iam::aws::look_up_error::LookUpError;
use crate::gateway::iam::aws::profiles::Profiles;
use crate::gateway::iam::aws::section_header::Kind;

/// The keys whose values define whose credentials they are.
const KEYS: [&str; 7] = [
    "role_arn",
    "external_id",
    "role_session_name",
    "duration_seconds",
    "web_identity_token_file",
    "sso_account_id",
    "sso_role_name",
];

/// Fails if a value has what looks like a comment behind it.
pub(super) fn check(chain: &Chain, profiles: &Profiles) -> Result<(), LookUpError> {
    for (name, keys) in &chain.profiles {
        for (key, value) in KEYS.iter().filter_map(|key| Some((key, keys.get(*key)?))) {
            checked(value, || profiles.described(name, key))?;
        }
    }
    let Base::Sso(sso) = &chain.base else { return Ok(()) };
    for (key, value) in [("sso_start_url", &sso.start_url), ("sso_region", &sso.region)] {
        checked(value, || match &sso.session {
            Some(session) => {
                let place = profiles.place(Kind::SsoSession, session, key).map(|place| format!(" ({place})"));
                format!("{key} of the sso-session `{session}`{}", place.unwrap_or_default())
            }
            None => profiles.described(chain.source(), key),
        })?;
    }
    Ok(())
}

fn checked(value: &str, described: impl Fn() -> String) -> Result<(), LookUpError> {
    let mut pairs = value.chars().zip(value.chars().skip(1));
    let Some((_, mark)) = pairs.find(|(first, second)| first.is_whitespace() && matches!(second, '#' | ';')) else {
        return Ok(());
    };
    let message =
        format!("{} has a blank before a `{mark}`: what follows a value belongs to it, as in the AWS CLI", described());
    Err(LookUpError::new(MissingReason::IncompleteProfile, message, "Write the comment on a line of its own."))
}
