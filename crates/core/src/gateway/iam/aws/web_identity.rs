//! A web identity in the environment. As in botocore, each variable goes before the key of the profile, which may have the
//! rest. Pure.

use crate::gateway::iam::aws::profiles::Keys;
use crate::gateway::iam::aws::variables::Variables;

/// Variables, and the keys of profiles that they go before.
const FILE: (&str, &str) = ("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
const ROLE: (&str, &str) = ("AWS_ROLE_ARN", "role_arn");
const SESSION: (&str, &str) = ("AWS_ROLE_SESSION_NAME", "role_session_name");

/// The variables of a web identity, over a profile.
pub(super) struct WebIdentity<'v> {
    variables: &'v Variables,
    profile: Option<&'v Keys>,
}

impl<'v> WebIdentity<'v> {
    pub(super) fn of(variables: &'v Variables, profile: Option<&'v Keys>) -> Self {
        Self { variables, profile }
    }

    fn setting(&self, (variable, key): (&str, &str)) -> Option<&'v str> {
        self.variables.get(variable).or_else(|| self.profile?.get(key).map(String::as_str))
    }

    /// Returns whether the profile has a web identity, and variables change it.
    pub(super) fn is_of_both(&self) -> bool {
        let is_of_profile = self.profile.is_some_and(|keys| keys.contains_key(FILE.1));
        let is_changed = [FILE, ROLE, SESSION].into_iter().any(|(variable, _)| self.variables.get(variable).is_some());
        is_of_profile && is_changed && self.setting(ROLE).is_some()
    }

    /// Returns whether a variable names the file with the token.
    pub(super) fn has_file_of_variable(&self) -> bool {
        self.variables.get(FILE.0).is_some()
    }

    /// Returns whether a variable names the role.
    pub(super) fn has_role_of_variable(&self) -> bool {
        self.variables.get(ROLE.0).is_some()
    }

    /// The file with the token, and the keys of a profile that assumes the role with it; `None` if there is no role.
    pub(super) fn keys(&self) -> Option<(&'v str, Vec<(&'static str, &'v str)>)> {
        let (file, role) = (self.setting(FILE)?, self.setting(ROLE)?);
        let mut keys = vec![(FILE.1, file), (ROLE.1, role)];
        keys.extend(self.setting(SESSION).map(|name| (SESSION.1, name)));
        Some((file, keys))
    }
}
