//! Messages about missing AWS credentials: what is wrong, where, and advice that works when followed. Pure.

use crate::domain::shell_quote::word;
use crate::domain::{Failure, FailureKind, MissingCredentials, MissingReason};
use crate::gateway::iam::aws::access_key_pair;
use crate::gateway::iam::aws::misplaced_section::Misplaced;
use crate::gateway::iam::aws::misspelt_key;
use crate::gateway::iam::aws::profiles::{Keys, Profiles, Unreadable};
use crate::gateway::iam::aws::section_header::{Kind, in_brackets};

/// Names more similar than this count as misspellings of each other.
const LIKENESS: f64 = 0.6;
/// Limit for the number of listed names.
const MOST_NAMES: usize = 8;

/// What names the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NamedBy {
    /// `profile` in the endpoint's `auth`.
    Endpoint,
    /// This variable: `AWS_PROFILE`, or else `AWS_DEFAULT_PROFILE`, as for the AWS CLI.
    Variable(&'static str),
    /// Nothing: it is `default`.
    Default,
}

impl NamedBy {
    /// Returns how to select another profile.
    pub(super) fn instead(self, name: &str) -> String {
        match self {
            Self::Endpoint => format!("set profile = {} in the endpoint's auth", toml_string(name)),
            Self::Variable(variable) => format!("set {variable}={}", word(name)),
            Self::Default => format!("set AWS_PROFILE={}", word(name)),
        }
    }

    fn subject(self, name: &str) -> String {
        match self {
            Self::Endpoint => format!("the profile `{name}` of the endpoint's auth"),
            Self::Variable(variable) => format!("the profile `{name}` that {variable} names"),
            Self::Default => format!("the profile `{name}`"),
        }
    }
}

fn toml_string(text: &str) -> String {
    if text.contains(['"', '\\']) { format!("'{text}'") } else { format!("\"{text}\"") }
}

/// Why there are no credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LookUpError {
    pub(super) reason: MissingReason,
    pub(super) message: String,
    pub(super) advice: String,
    /// Whether what is missing may be in a shared file that could not be found.
    pub(super) may_be_in_missing_file: bool,
}

impl From<LookUpError> for Failure {
    fn from(error: LookUpError) -> Self {
        let missing = MissingCredentials { reason: error.reason, advice: error.advice.into() };
        Self::without_response(FailureKind::NoCredentials(Box::new(missing)), error.message)
    }
}

impl From<Unreadable> for LookUpError {
    fn from(Unreadable { path, line, message, advice }: Unreadable) -> Self {
        Self::new(MissingReason::ConfigFile, format!("{path}, line {line}: {message}"), advice)
    }
}

impl LookUpError {
    pub(super) fn new(reason: MissingReason, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { reason, message: message.into(), advice: advice.into(), may_be_in_missing_file: false }
    }

    /// The same error of something that may be in another file.
    fn of_absence(self) -> Self {
        Self { may_be_in_missing_file: true, ..self }
    }

    /// The same error, with other advice if a key of one of these profiles or sections is probably misspelt.
    pub(super) fn or_misspelt<'k>(self, sections: impl IntoIterator<Item = (&'k str, &'k Keys)>) -> Self {
        // What other reasons say does not depend on the keys.
        if !matches!(self.reason, MissingReason::IncompleteProfile | MissingReason::Refused) {
            return self;
        }
        match misspelt_key::advice(sections) {
            Some(advice) => Self { advice, ..self },
            None => self,
        }
    }

    /// The selected profile does not exist.
    pub(super) fn no_profile(name: &str, by: NamedBy, profiles: &Profiles) -> Self {
        let message = format!("{} does not exist", by.subject(name));
        if let Some(error) = misplaced(name, &message, profiles) {
            return error;
        }
        let advice = match similar(name, "profile", profiles.names()) {
            Some(near) => format!("Did you mean `{near}`? Then {}.", by.instead(&near)),
            None => match listed(profiles) {
                Some(names) => format!("To use another profile ({names}), {}.", by.instead("NAME")),
                None => create(name),
            },
        };
        Self::new(MissingReason::NoProfile, message, advice).of_absence()
    }

    /// `AWS_PROFILE` or `AWS_DEFAULT_PROFILE` is empty.
    pub(super) fn empty_variable(name: &str) -> Self {
        let advice = format!("Unset {name}, or set it to the name of a profile.");
        Self::new(MissingReason::EmptyProfileName, format!("{name} is set but empty"), advice)
    }

    /// `sso_session` names a section that does not exist.
    pub(super) fn no_sso_session(session: &str, of: &str, profiles: &Profiles) -> Self {
        let names: Vec<&str> = profiles.sso_session_names().collect();
        let there = if names.is_empty() { String::new() } else { format!(" (existing: {})", names.join(", ")) };
        let config = &profiles.config_path;
        if let Some(Misplaced { expected, place, .. }) = profiles.misplaced(Kind::SsoSession, session) {
            let advice = format!("Write `{expected}` in {place}.");
            return Self::incomplete(of, &format!("the sso_session `{session}`, which does not exist"), advice);
        }
        let advice = match similar(session, "sso-session", names.into_iter()) {
            Some(near) => format!("Did you mean `{near}`? Then set sso_session = {near} in the profile `{of}`."),
            None => {
                format!("Correct it, or add the section with `aws configure sso-session`; both go in {config}.")
            }
        };
        Self::incomplete(of, &format!("the sso_session `{session}`, which does not exist{there}"), advice).of_absence()
    }

    /// `services` names a section that does not exist.
    pub(super) fn no_services(section: &str, of: &str, profiles: &Profiles) -> Self {
        let advice = match profiles.misplaced(Kind::Services, section) {
            Some(Misplaced { expected, place, .. }) => format!("Write `{expected}` in {place}."),
            None => format!("Add [services {}] to {}, or remove services.", in_brackets(section), profiles.config_path),
        };
        Self::incomplete(of, &format!("services = {section}, which does not exist"), advice)
    }

    /// `source_profile` names a profile that does not exist.
    pub(super) fn no_source_profile(name: &str, of: &str, profiles: &Profiles) -> Self {
        let message = format!("the profile `{name}`, which is the source_profile of `{of}`, does not exist");
        if let Some(error) = misplaced(name, &message, profiles) {
            return error;
        }
        let config = &profiles.config_path;
        let advice = match similar(name, "profile", profiles.names().filter(|other| *other != of)) {
            Some(near) => format!("Did you mean `{near}`? Then set source_profile = {near} in the profile `{of}`."),
            None => format!("Add [profile {}] to {config}, or correct source_profile of `{of}`.", in_brackets(name)),
        };
        Self::new(MissingReason::NoSourceProfile, message, advice).of_absence()
    }

    /// Profiles are each other's source.
    pub(super) fn circular(names: &[&str]) -> Self {
        let message = format!("these profiles are each other's source_profile: {}", names.join(", "));
        Self::new(MissingReason::IncompleteProfile, message, "Give one of them its own credentials.")
    }

    /// A profile has missing or conflicting settings.
    pub(super) fn incomplete(name: &str, what: &str, advice: String) -> Self {
        Self::new(MissingReason::IncompleteProfile, format!("the profile `{name}` has {what}"), advice)
    }

    /// A profile has only some of the access keys, in the file that counts.
    pub(super) fn half_a_pair(name: &str, keys: &Keys, profiles: &Profiles) -> Self {
        let has = |key: &&&str| keys.contains_key(**key);
        let [id, secret] = access_key_pair::ACCESS_KEYS;
        let missing = if has(&&id) { secret } else { id };
        let there =
            access_key_pair::ACCESS_KEYS.iter().chain(&access_key_pair::TOKENS).find(has).copied().unwrap_or_default();
        let place = profiles.place(Kind::Profile, name, there);
        let shown = place.map(|place| format!(" ({place})")).unwrap_or_default();
        let file = place.map_or(profiles.config_path.as_str(), |place| place.path.as_str());
        let instead =
            profiles.other_pair(name).map(|other| format!(", or remove {there} there to use the pair in {other}"));
        let advice = format!("Add {missing} to the profile `{name}` in {file}{}.", instead.unwrap_or_default());
        Self::incomplete(name, &format!("{there}{shown} without {missing}"), advice)
    }

    /// A profile has no credentials at all.
    pub(super) fn without_credentials(name: &str, by: NamedBy, profiles: &Profiles) -> Self {
        let message = format!("{} has no credentials", by.subject(name));
        if let Some(place) = profiles.ignored_default(name) {
            let message =
                format!("{message}: of `[default]` and `[profile default]` only the later one counts, not {place}");
            let advice = "Move the keys of both sections into `[default]`, and remove `[profile default]`.";
            return Self::new(MissingReason::WrongSection, message, advice);
        }
        let profile = word(name);
        let advice = format!(
            "Add credentials to it: keys with `aws configure --profile {profile}`, SSO with `aws configure sso --profile \
             {profile}`, or role_arn or credential_process in {}.",
            profiles.config_path
        );
        let error = Self::new(MissingReason::IncompleteProfile, message, advice).of_absence();
        error.or_misspelt(profiles.get(name).map(|keys| (name, keys)))
    }

    /// Assuming the role requires an MFA code.
    pub(super) fn mfa(name: &str, selected: &str, by: NamedBy, profiles: &Profiles) -> Self {
        let message = format!(
            "the profile `{name}` assumes its role with an MFA code (mfa_serial), which stepgate cannot ask for"
        );
        let due =
            format!("enter a code when one is needed: `aws sts get-caller-identity --profile {}`", word(selected));
        Self::new(MissingReason::Mfa, message, through_the_cli(selected, by, profiles, &due))
    }

    /// The profile uses `aws login`.
    pub(super) fn login_session(name: &str, selected: &str, by: NamedBy, profiles: &Profiles) -> Self {
        let message =
            format!("the profile `{name}` uses a session of `aws login` (login_session), which stepgate cannot read");
        let due = format!("sign in when the session has ended: `aws login --profile {}`", word(name));
        Self::new(MissingReason::LoginSession, message, through_the_cli(selected, by, profiles, &due))
    }

    /// The SSO session has ended, or there is none.
    pub(super) fn sso_session(name: &str, what: &str) -> Self {
        let message = format!("the SSO session of the profile `{name}` {what}");
        Self::new(MissingReason::SsoSession, message, format!("Run `aws sso login --profile {}`.", word(name)))
    }

    /// No source has credentials.
    pub(super) fn no_source(profiles: &Profiles) -> Self {
        let advice = match listed(profiles) {
            Some(names) => format!(
                "Choose a profile ({names}) with AWS_PROFILE or with profile in the endpoint's auth, or set AWS_ACCESS_KEY_ID \
                 and AWS_SECRET_ACCESS_KEY."
            ),
            None => {
                "Run `aws configure` or `aws configure sso`, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.".into()
            }
        };
        let message = "the environment, profile, container and instance have none";
        Self::new(MissingReason::NoSource, message, advice).of_absence()
    }
}

/// Advises a profile that gets its credentials from the AWS CLI, which can export those of any profile (AWS CLI
/// reference, `configure export-credentials`).
fn through_the_cli(name: &str, by: NamedBy, profiles: &Profiles, due: &str) -> String {
    let (other, config) = (format!("{name}-cli"), &profiles.config_path);
    format!(
        "Use the AWS CLI (version 2) instead: add `[profile {}]` with `credential_process = aws configure export-credentials --profile {}` to \
         {config}, {}, and {due}.",
        in_brackets(&other),
        word(name),
        by.instead(&other)
    )
}

fn misplaced(name: &str, message: &str, profiles: &Profiles) -> Option<LookUpError> {
    let misplaced = profiles.misplaced(Kind::Profile, name)?;
    let (place, expected) = (&misplaced.place, &misplaced.expected);
    let message = format!("{message}: the section in {place} does not define a profile");
    Some(LookUpError::new(MissingReason::WrongSection, message, format!("Write `{expected}` in {place}.")))
}

fn create(name: &str) -> String {
    format!("Create it with `aws configure --profile {0}` or `aws configure sso --profile {0}`.", word(name))
}

/// Lists the names of the profiles, if there are any.
fn listed(profiles: &Profiles) -> Option<String> {
    let mut names: Vec<String> = profiles.names().take(MOST_NAMES).map(|name| format!("`{name}`")).collect();
    if profiles.names().count() > MOST_NAMES {
        names.push("others".into());
    }
    let last = names.pop()?;
    Some(if names.is_empty() { last } else { format!("{} or {last}", names.join(", ")) })
}

/// Returns the name that was probably meant. Common mistakes are to write the word of the section before it, to put it
/// in quotes or blanks, and to write a comment behind it.
fn similar<'p>(name: &str, section: &str, names: impl Iterator<Item = &'p str>) -> Option<String> {
    let bare = |text: &'_ str| text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')).to_owned();
    let behind = bare(name).strip_prefix(section).map(bare);
    let before_comment = [" #", " ;"].into_iter().find_map(|mark| Some(bare(name.split_once(mark)?.0)));
    let meant: Vec<String> =
        [Some(bare(name)), behind, before_comment].into_iter().flatten().filter(|name| !name.is_empty()).collect();
    let likeness = |other: &str| {
        if meant.iter().any(|meant| meant == other) {
            return 1.0;
        }
        strsim::normalized_damerau_levenshtein(&name.to_lowercase(), &other.to_lowercase())
    };
    let near = names.map(|other| (likeness(other), other)).filter(|(likeness, _)| *likeness > LIKENESS);
    near.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, other)| other.to_owned())
}
