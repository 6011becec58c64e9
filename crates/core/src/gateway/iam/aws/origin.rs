//! Describes where credentials come from. Pure.

use crate::domain::CredentialsOrigin;
use crate::domain::shell_quote::word;
use crate::gateway::iam::aws::access_key_pair::TOKENS;
use crate::gateway::iam::aws::chain::{Base, Chain};
use crate::gateway::iam::aws::profiles::Keys;
use crate::gateway::redact::Redactor;
use crate::gateway::secret::command::CommandLine;

/// Credentials from the environment, with this variable for the session token.
pub(super) fn environment(token: &str) -> CredentialsOrigin {
    let keys = format!("AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and {token}");
    let renewal = format!("Set {keys} to new credentials, and run stepgate again; or unset them to use a profile.");
    CredentialsOrigin { keys, renewal }
}

/// Credentials at the end of a chain: those of its base, or the session of the last role. STS has accepted the base
/// then, so renewing it does not help.
pub(super) fn of(chain: &Chain, redactor: &Redactor) -> CredentialsOrigin {
    let last = chain.profiles.first().filter(|(_, keys)| keys.contains_key("role_arn"));
    last.map_or_else(|| of_base(chain, redactor), |(profile, keys)| of_role(chain, profile, keys))
}

/// The session of the role of a profile.
pub(super) fn of_role(chain: &Chain, profile: &str, keys: &Keys) -> CredentialsOrigin {
    let role = keys.get("role_arn").map_or("", String::as_str);
    let (key, whose, option) = if chain.has_role_of_variable {
        ("AWS_ROLE_ARN".to_owned(), format!("`{role}`"), String::new())
    } else {
        let whose = format!("of the profile `{profile}`");
        (format!("role_arn {whose}"), whose, format!(" --profile {}", word(chain.selected())))
    };
    CredentialsOrigin {
        keys: format!("{key} (`{role}`)"),
        renewal: format!(
            "stepgate assumes the role {whose} again by itself. If the gateway refuses each new session, check this machine's \
             clock, and the role with `aws sts get-caller-identity{option}`."
        ),
    }
}

/// Credentials of the base of a chain.
pub(super) fn of_base(chain: &Chain, redactor: &Redactor) -> CredentialsOrigin {
    let source = chain.source();
    let (keys, renewal) = match &chain.base {
        Base::Keys => {
            let token = token_name(chain);
            (
                format!("aws_access_key_id, aws_secret_access_key and {token} of the profile `{source}`"),
                format!("Replace the keys and {token} of the profile `{source}`."),
            )
        }
        Base::Process(words) => (
            format!("what the credential_process of the profile `{source}` prints"),
            format!(
                "Run the credential_process of the profile `{source}` by hand: `{}`.",
                CommandLine(words).by_hand(redactor)
            ),
        ),
        Base::Sso(_) => (
            format!("the SSO session of the profile `{source}`"),
            format!("Run `aws sso login --profile {}`.", word(source)),
        ),
        Base::WebIdentity(file) => (format!("the web identity token in {file}"), format!("Renew the token in {file}.")),
        Base::Named(name) if name == "Environment" => return environment("AWS_SESSION_TOKEN"),
        Base::Named(name) => {
            let name = if name == "EcsContainer" { "container" } else { "instance" };
            (format!("the role of this {name}"), format!("Wait until this {name} has new credentials for its role."))
        }
    };
    CredentialsOrigin { keys, renewal }
}

/// The key of the session token in the profile at the end of a chain, which may have its older name.
pub(super) fn token_name(chain: &Chain) -> &'static str {
    let keys = chain.profiles.last().map(|(_, keys)| keys);
    let found = keys.and_then(|keys| TOKENS.into_iter().find(|name| keys.contains_key(*name)));
    found.unwrap_or("aws_session_token")
}
