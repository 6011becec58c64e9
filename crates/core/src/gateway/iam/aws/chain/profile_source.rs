//! What the keys of one profile say about its credentials. Pure.

use crate::domain::MissingReason;
use crate::gateway::iam::aws::access_key_pair::TOKENS;
use crate::gateway::iam::aws::chain::base::{Base, Sso, is_role};
use crate::gateway::iam::aws::command_words;
use crate::gateway::iam::aws::look_up_error::{LookUpError, NamedBy};
use crate::gateway::iam::aws::profiles::{Keys, Profiles};
use crate::gateway::iam::aws::section_header::Kind;

const SSO: [&str; 5] = ["sso_session", "sso_start_url", "sso_region", "sso_account_id", "sso_role_name"];

/// The profile whose credentials it uses.
pub(super) enum Source {
    Itself,
    Profile(String),
}

/// A profile on the way.
pub(super) struct Current<'p> {
    pub(super) name: &'p str,
    pub(super) keys: &'p Keys,
    /// The profile that needs it.
    pub(super) selected: &'p str,
    pub(super) by: NamedBy,
    pub(super) profiles: &'p Profiles,
}

impl Current<'_> {
    fn has(&self, key: &str) -> bool {
        self.keys.contains_key(key)
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.keys.get(key).map(String::as_str)
    }

    /// The sections that its credentials depend on.
    pub(super) fn sections(&self) -> impl Iterator<Item = (&str, &Keys)> {
        let session = self.get("sso_session").and_then(|name| Some((name, self.profiles.sso_session(name)?)));
        std::iter::once((self.name, self.keys)).chain(session)
    }

    fn incomplete(&self, what: &str, advice: &str) -> LookUpError {
        LookUpError::incomplete(self.name, what, format!("{advice} in {}.", self.profiles.config_path))
    }

    /// The profile whose credentials assume the role.
    pub(super) fn source(&self) -> Result<Source, LookUpError> {
        if !is_role(self.keys) {
            return Ok(Source::Itself);
        }
        if self.has("mfa_serial") {
            return Err(LookUpError::mfa(self.name, self.selected, self.by, self.profiles));
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

    /// The source of its own credentials. The order is botocore's (`ProfileProviderBuilder.providers`): web identity, SSO,
    /// keys of the credentials file, `aws login`, `credential_process`, keys of the configuration file.
    pub(super) fn base(&self) -> Result<Option<Base>, LookUpError> {
        if is_role(self.keys)
            && let Some(base) = self.named_source()?
        {
            return Ok(Some(base));
        }
        if let Some(file) = self.get("web_identity_token_file") {
            if !self.has("role_arn") {
                return Err(self.incomplete("web_identity_token_file without role_arn", "Add role_arn"));
            }
            return Ok(Some(Base::WebIdentity(file.to_owned())));
        }
        // A session alone gives no credentials for AWS.
        let has_sso_role = self.has("sso_account_id") || self.has("sso_role_name");
        if has_sso_role && let Some(sso) = self.sso()? {
            return Ok(Some(Base::Sso(sso)));
        }
        if self.is_of_credentials_file("aws_access_key_id") {
            return self.access_keys();
        }
        if self.has("login_session") {
            return Err(LookUpError::login_session(self.name, self.selected, self.by, self.profiles));
        }
        if let Some(line) = self.get("credential_process") {
            return self.process(line).map(Some);
        }
        if let Some(base) = self.access_keys()? {
            return Ok(Some(base));
        }
        if let Some(base) = self.sso()?.map(Base::Sso) {
            return Ok(Some(base));
        }
        match self.get("source_profile") {
            Some(source) if !self.has("role_arn") => Err(self.source_without_role(source)),
            Some(source) if source == self.name => Err(self.own_source()),
            _ => self.named_source(),
        }
    }

    fn named_source(&self) -> Result<Option<Base>, LookUpError> {
        let Some(source) = self.get("credential_source") else { return Ok(None) };
        let known = ["Environment", "Ec2InstanceMetadata", "EcsContainer"];
        match known.into_iter().find(|known| known.eq_ignore_ascii_case(source)) {
            Some(known) => Ok(Some(Base::Named(known.to_owned()))),
            None => Err(self.incomplete(
                &format!("the credential_source `{source}`, which does not exist"),
                "Set it to Environment, Ec2InstanceMetadata or EcsContainer",
            )),
        }
    }

    fn access_keys(&self) -> Result<Option<Base>, LookUpError> {
        let has_token = TOKENS.iter().any(|key| self.has(key));
        match (self.has("aws_access_key_id"), self.has("aws_secret_access_key")) {
            (true, true) => Ok(Some(Base::Keys)),
            (false, false) if !has_token => Ok(None),
            _ => Err(LookUpError::half_a_pair(self.name, self.keys, self.profiles)),
        }
    }

    fn process(&self, line: &str) -> Result<Base, LookUpError> {
        command_words::split(line).map(Base::Process).map_err(|why| {
            let which = self.profiles.described(self.name, "credential_process");
            let advice = format!("Correct it: {why}.");
            LookUpError::new(
                MissingReason::IncompleteProfile,
                format!("{which} cannot be split into words: {why}"),
                advice,
            )
        })
    }

    fn is_of_credentials_file(&self, key: &str) -> bool {
        self.profiles.place(Kind::Profile, self.name, key).is_some_and(|place| place.is_credentials_file)
    }

    /// The keys of the profile with one session token at most, which may have its older name.
    pub(super) fn keys_with_one_token(&self) -> Keys {
        let mut keys = self.keys.clone();
        if keys.contains_key(TOKENS[0]) {
            keys.remove(TOKENS[1]);
        }
        keys
    }

    fn own_source(&self) -> LookUpError {
        let what = format!("source_profile = {}, which is itself, but no access keys", self.name);
        let advice = "Add aws_access_key_id and aws_secret_access_key to it, or name another profile";
        self.incomplete(&what, advice)
    }

    fn source_without_role(&self, source: &str) -> LookUpError {
        let config = &self.profiles.config_path;
        let instead = if self.name == self.selected {
            format!("; to use the credentials of `{source}` as they are, {}", self.by.instead(source))
        } else {
            String::new()
        };
        let advice = format!("Add role_arn in {config}{instead}.");
        LookUpError::incomplete(self.name, "source_profile without role_arn", advice)
    }

    fn sso(&self) -> Result<Option<Sso>, LookUpError> {
        if !SSO.iter().any(|key| self.has(key)) {
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
                .ok_or_else(|| LookUpError::no_sso_session(session, self.name, self.profiles))?,
            None => self.keys,
        };
        let section = |key: &str| match session {
            Some(session) if key == "sso_start_url" || key == "sso_region" => format!("the sso-session `{session}`"),
            _ => format!("the profile `{}`", self.name),
        };
        let needed = |keys: &Keys, key: &str| {
            let missing = || self.incomplete(&format!("no {key} for SSO"), &format!("Add it to {}", section(key)));
            keys.get(key).cloned().ok_or_else(missing)
        };
        let (start_url, region) = (needed(settings, "sso_start_url")?, needed(settings, "sso_region")?);
        // It becomes a part of a host name.
        if !region.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            let what = format!("the sso_region `{region}`, which is not the name of a region such as eu-west-1");
            return Err(self.incomplete(&what, &format!("Correct it in {}", section("sso_region"))));
        }
        Ok(Some(Sso {
            session: session.map(str::to_owned),
            start_url,
            region,
            account: needed(self.keys, "sso_account_id")?,
            role: needed(self.keys, "sso_role_name")?,
        }))
    }
}
