//! Resolves a profile to the steps that provide its credentials: a base, and the roles to assume one after the other.
//! Finds every error that is visible in the files. Pure.

mod base;
mod profile_source;

use crate::gateway::iam::aws::access_key_pair::ACCESS_KEYS;
use crate::gateway::iam::aws::look_up_error::{LookUpError, NamedBy};
use crate::gateway::iam::aws::profiles::{Keys, Profiles};
use crate::gateway::iam::aws::section_header::Kind;
use base::is_role;
pub(super) use base::{Base, Sso};
use profile_source::{Current, Source};

/// The steps to the credentials of one profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chain {
    /// The profiles from the selected one to the one with the base, which may be the same.
    pub(super) profiles: Vec<(String, Keys)>,
    pub(super) base: Base,
    pub(super) by: NamedBy,
    /// Whether the base is set by environment variables, not by a profile.
    pub(super) is_of_variables: bool,
    /// Whether `AWS_ROLE_ARN` sets the role of a web identity.
    pub(super) has_role_of_variable: bool,
}

impl Chain {
    /// The selected profile.
    pub(super) fn selected(&self) -> &str {
        self.profiles.first().map_or("", |(name, _)| name)
    }

    /// The profile with the base.
    pub(super) fn source(&self) -> &str {
        self.profiles.last().map_or("", |(name, _)| name)
    }

    /// Returns whether it is only tried because nothing is configured: the instance without a profile that names it.
    pub(super) fn is_guess(&self) -> bool {
        self.is_of_variables && self.base == Base::Named("Ec2InstanceMetadata".into())
    }

    /// Returns whether a profile of it assumes a role with the credentials of another source.
    pub(super) fn assumes_a_role(&self) -> bool {
        self.roles().next().is_some()
    }

    /// The profiles whose roles are assumed, the last one first.
    pub(super) fn roles(&self) -> impl Iterator<Item = &(String, Keys)> {
        self.profiles.iter().filter(|(_, keys)| is_role(keys))
    }

    /// The profile that assumes this role, and the profile whose credentials it is assumed with.
    pub(super) fn step(&self, role: Option<&str>) -> (&str, &str) {
        let is_it = |(_, keys): &(String, Keys)| role.is_some() && keys.get("role_arn").map(String::as_str) == role;
        let at = self.profiles.iter().position(is_it).unwrap_or_default();
        let name = |at: usize| self.profiles.get(at).map(|(name, _)| name.as_str());
        (name(at).unwrap_or_default(), name(at + 1).unwrap_or_else(|| self.source()))
    }

    /// The value of a key of the selected profile.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.profiles.first()?.1.get(key).map(String::as_str)
    }
}

/// Returns the steps for the profile of this name; `None` if it has no credentials.
pub(super) fn resolve(profiles: &Profiles, name: &str, by: NamedBy) -> Result<Option<Chain>, LookUpError> {
    let mut visited: Vec<(String, Keys)> = Vec::new();
    let mut next = name.to_owned();
    let base = loop {
        profiles.check(Kind::Profile, &next)?;
        let keys = match (profiles.get(&next), visited.last()) {
            (Some(keys), _) => keys,
            (None, None) => return Err(LookUpError::no_profile(name, by, profiles)),
            (None, Some((of, _))) => return Err(LookUpError::no_source_profile(&next, of, profiles)),
        };
        if visited.iter().any(|(known, _)| *known == next) {
            let names: Vec<&str> = visited.iter().map(|(name, _)| name.as_str()).collect();
            return Err(LookUpError::circular(&names));
        }
        let keys = own_keys(keys, !visited.is_empty());
        visited.push((next.clone(), keys.clone()));
        let current = Current { name: &next, keys: &keys, selected: name, by, profiles };
        let named = |error: LookUpError| error.or_misspelt(current.sections());
        match current.source().map_err(named)? {
            Source::Itself => {
                let base = current.base().map_err(named)?;
                if let (Some(Base::Keys), Some((_, last))) = (&base, visited.last_mut()) {
                    *last = current.keys_with_one_token();
                }
                break base;
            }
            Source::Profile(source) => next = source,
        }
    };
    if let Some(services) = visited.first().and_then(|(_, keys)| keys.get("services")) {
        profiles.check(Kind::Services, services)?;
    }
    let by_itself = if visited.len() == 1 { by } else { NamedBy::Default };
    match base {
        Some(base) => {
            Ok(Some(Chain { profiles: visited, base, by, is_of_variables: false, has_role_of_variable: false }))
        }
        None if visited.len() == 1 && !is_role(&visited[0].1) => Ok(None),
        None => Err(LookUpError::without_credentials(&next, by_itself, profiles)),
    }
}

/// Returns the keys of a profile that count. As in botocore, a source profile with access keys does not assume its role.
fn own_keys(keys: &Keys, is_source: bool) -> Keys {
    let mut keys = keys.clone();
    if is_source && is_role(&keys) && ACCESS_KEYS.iter().any(|key| keys.contains_key(*key)) {
        keys.retain(|key, _| {
            !matches!(key.as_str(), "role_arn" | "source_profile" | "credential_source" | "mfa_serial")
        });
    }
    keys
}

#[cfg(test)]
mod tests;
