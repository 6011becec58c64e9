//! Resolves a profile to the steps that provide its credentials: a base, and the roles to assume one after the other.
//! Finds every fault that is visible in the files. Pure.

use std::collections::BTreeMap;

use crate::gateway::iam::aws::fault::{Fault, NamedBy};
use crate::gateway::iam::aws::misspelt;
use crate::gateway::iam::aws::profiles::{Keys, Kind, Profiles};

/// Where the first credentials come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Base {
    /// Access keys in the files.
    Keys,
    /// `credential_process`: a line for the shell.
    Process(String),
    /// A session of `aws sso login`.
    Sso(Sso),
    /// A role that is assumed with the token in a file.
    WebIdentity(String),
    /// `credential_source`: the environment, the container or the instance.
    Named(String),
}

/// A session of `aws sso login`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sso {
    /// The name of the `sso-session` section, if there is one.
    pub(super) session: Option<String>,
    pub(super) start_url: String,
    pub(super) region: String,
    pub(super) account: String,
    pub(super) role: String,
}

impl Sso {
    /// What the session's file name is derived from.
    pub(super) fn identifier(&self) -> &str {
        self.session.as_deref().unwrap_or(&self.start_url)
    }
}

/// The steps to the credentials of one profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chain {
    /// The profiles from the selected one to the one with the base, which may be the same.
    pub(super) profiles: Vec<(String, Keys)>,
    pub(super) base: Base,
    pub(super) by: NamedBy,
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

    /// Returns whether it is only tried because there is nothing else.
    pub(super) fn is_guess(&self) -> bool {
        self.by == NamedBy::Nobody && self.base == Base::Named("Ec2InstanceMetadata".into())
    }

    /// The profile whose role is assumed last, and the role; `None` if the credentials are those of the base.
    pub(super) fn last_role(&self) -> Option<(&str, &str)> {
        let (name, keys) = self.profiles.first()?;
        Some((name, keys.get("role_arn")?))
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
pub(super) fn resolve(profiles: &Profiles, name: &str, by: NamedBy) -> Result<Option<Chain>, Fault> {
    let mut visited: Vec<(String, Keys)> = Vec::new();
    let mut next = name.to_owned();
    let base = loop {
        profiles.check(Kind::Profile, &next)?;
        let keys = match (profiles.get(&next), visited.last()) {
            (Some(keys), _) => keys,
            (None, None) => return Err(Fault::no_profile(name, by, profiles)),
            (None, Some((of, _))) => return Err(Fault::no_source_profile(&next, of, profiles)),
        };
        if visited.iter().any(|(known, _)| *known == next) {
            let names: Vec<&str> = visited.iter().map(|(name, _)| name.as_str()).collect();
            return Err(Fault::circular(&names));
        }
        let is_source = !visited.is_empty();
        visited.push((next.clone(), keys.clone()));
        let current = Current { name: &next, keys, selected: name, by, profiles };
        // A source profile's own keys take precedence over the role that it assumes.
        if is_source && current.has("aws_access_key_id") && current.has("aws_secret_access_key") {
            // Only keys are used then.
            if let Some((_, last)) = visited.last_mut() {
                last.retain(|key, _| !matches!(key.as_str(), "role_arn" | "source_profile" | "credential_source"));
            }
            break Some(Base::Keys);
        }
        let named = |fault| misspelt::named(fault, current.sections());
        match current.source().map_err(named)? {
            Source::Itself => break current.base().map_err(named)?,
            Source::Profile(source) => next = source,
        }
    };
    if let Some(services) = visited.first().and_then(|(_, keys)| keys.get("services")) {
        profiles.check(Kind::Services, services)?;
    }
    let by_itself = if visited.len() == 1 { by } else { NamedBy::Nobody };
    match base {
        Some(base) => Ok(Some(Chain { profiles: visited, base, by })),
        None if visited.len() == 1 && !is_role(&visited[0].1) => Ok(None),
        None => Err(Fault::without_credentials(&next, by_itself, profiles)),
    }
}

/// A web identity is a base, not a role that is assumed with the credentials of another profile.
fn is_role(keys: &Keys) -> bool {
    keys.contains_key("role_arn") && !keys.contains_key("web_identity_token_file")
}

enum Source {
    Itself,
    Profile(String),
}

struct Current<'p> {
    name: &'p str,
    keys: &'p BTreeMap<String, String>,
    selected: &'p str,
    by: NamedBy,
    profiles: &'p Profiles,
}

impl Current<'_> {
    fn has(&self, key: &str) -> bool {
        self.keys.contains_key(key)
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.keys.get(key).map(String::as_str)
    }

    /// The sections that its credentials depend on.
    fn sections(&self) -> impl Iterator<Item = (&str, &Keys)> {
        let session = self.get("sso_session").and_then(|name| Some((name, self.profiles.sso_session(name)?)));
        std::iter::once((self.name, self.keys)).chain(session)
    }

    fn incomplete(&self, what: &str, advice: &str) -> Fault {
        Fault::incomplete(self.name, what, format!("{advice} in {}.", self.profiles.config_path))
    }

    /// The profile whose credentials assume the role.
    fn source(&self) -> Result<Source, Fault> {
        if !is_role(self.keys) {
            return Ok(Source::Itself);
        }
        if self.has("mfa_serial") {
            return Err(Fault::mfa(self.name, self.selected, self.by, self.profiles));
        }
        match (self.get("source_profile"), self.has("credential_source")) {
            (Some(_), true) => Err(self.incomplete("both source_profile and credential_source", "Remove one of them")),
            (None, false) => {
                Err(self.incomplete("role_arn without source_profile or credential_source", "Add one of them"))
            }
            (Some(source), false) if source != self.name => Ok(Source::Profile(source.to_owned())),
            _ => Ok(Source::Itself),
        }
    }

    fn base(&self) -> Result<Option<Base>, Fault> {
        if let Some(source) = self.get("credential_source") {
            let known = ["Environment", "Ec2InstanceMetadata", "EcsContainer"];
            return match known.into_iter().find(|known| known.eq_ignore_ascii_case(source)) {
                Some(known) => Ok(Some(Base::Named(known.to_owned()))),
                None => Err(self.incomplete(
                    &format!("the credential_source `{source}`, which does not exist"),
                    "Set it to Environment, Ec2InstanceMetadata or EcsContainer",
                )),
            };
        }
        if let Some(file) = self.get("web_identity_token_file") {
            if !self.has("role_arn") {
                return Err(self.incomplete("web_identity_token_file without role_arn", "Add role_arn"));
            }
            return Ok(Some(Base::WebIdentity(file.to_owned())));
        }
        if let Some(sso) = self.sso()? {
            return Ok(Some(Base::Sso(sso)));
        }
        if self.has("login_session") {
            return Err(Fault::login_session(self.name, self.selected, self.by, self.profiles));
        }
        if let Some(line) = self.get("credential_process") {
            return Ok(Some(Base::Process(line.to_owned())));
        }
        match (self.has("aws_access_key_id"), self.has("aws_secret_access_key"), self.has("aws_session_token")) {
            (true, true, _) => Ok(Some(Base::Keys)),
            (false, false, false) => Ok(None),
            (false, ..) => Err(self.incomplete("no aws_access_key_id beside its other keys", "Add it")),
            (true, false, _) => Err(self.incomplete("no aws_secret_access_key beside its other keys", "Add it")),
        }
    }

    fn sso(&self) -> Result<Option<Sso>, Fault> {
        const KEYS: [&str; 5] = ["sso_session", "sso_start_url", "sso_region", "sso_account_id", "sso_role_name"];
        if !KEYS.iter().any(|key| self.has(key)) {
            return Ok(None);
        }
        let session = self.get("sso_session");
        if let Some(session) = session {
            self.profiles.check(Kind::SsoSession, session)?;
        }
        let settings = match session {
            Some(session) => self
                .profiles
                .sso_session(session)
                .ok_or_else(|| Fault::no_sso_session(session, self.name, self.profiles))?,
            None => self.keys,
        };
        let needed = |keys: &Keys, key: &str| {
            keys.get(key).cloned().ok_or_else(|| {
                let section = match session {
                    Some(session) if key == "sso_start_url" || key == "sso_region" => {
                        format!("the sso-session `{session}`")
                    }
                    _ => format!("the profile `{}`", self.name),
                };
                self.incomplete(&format!("no {key} for SSO"), &format!("Add it to {section}"))
            })
        };
        Ok(Some(Sso {
            session: session.map(str::to_owned),
            start_url: needed(settings, "sso_start_url")?,
            region: needed(settings, "sso_region")?,
            account: needed(self.keys, "sso_account_id")?,
            role: needed(self.keys, "sso_role_name")?,
        }))
    }
}

#[cfg(test)]
mod tests;
