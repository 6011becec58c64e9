//! Interprets a text found where a secret should be: as the secret, or as one of the usual mistakes. Pure.
//!
//! Removes a byte order mark, surrounding white space and quotes, and the scheme in front of a token. Reads JSON if
//! `json` names a member, or if a token is expected and exactly one of the usual members is there; takes the expiry
//! from it.

use std::time::SystemTime;

use secrecy::SecretString;
use serde_json::{Map, Value};

use crate::bounded::Limits;
use crate::domain::access::MemberPath;
use crate::domain::invisible;
use crate::domain::text_limit::limited;
use crate::gateway::secret::{expiry, malformed, placeholder};

/// Members that hold a token in the JSON of identity providers, `az`, `gcloud` and Kubernetes plugins.
const TOKENS: [&str; 5] = ["access_token", "accessToken", "id_token", "idToken", "token"];
/// Limit for the members that a message names.
const MOST_NAMED: usize = 8;

/// What a secret is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::gateway) enum Purpose<'p> {
    /// A token that follows this scheme.
    Token(&'p str),
    Key,
    /// The value of a header: any text.
    Header,
    /// Used unchanged.
    Password,
}

/// A secret.
#[derive(Debug)]
pub(in crate::gateway) struct Secret {
    pub(in crate::gateway) text: SecretString,
    /// If the source provides it.
    pub(in crate::gateway) expires: Option<SystemTime>,
}

/// Why a text is not a secret.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::gateway) enum Mistake {
    #[error("it is empty")]
    Empty,
    #[error("it has more than 64 KiB")]
    TooLong,
    #[error("it has more than one line; the source must provide only the secret")]
    Lines,
    #[error("its {0}; copy it again")]
    Invisible(String),
    #[error("it is not JSON, but `json` is set")]
    NotJson,
    #[error("it is broken JSON ({0}); correct what writes it")]
    BrokenJson(String),
    #[error("it is JSON; name the member with the secret, such as `json = \".access_token\"`{}", with_members(.0))]
    Json(Vec<String>),
    #[error("it is JSON with several tokens; choose one: {}", choices(.0))]
    SeveralTokens(Vec<&'static str>),
    #[error("its JSON has no string at `{path}`{}", with_members(.members))]
    NoMember { path: String, members: Vec<String> },
    #[error("it holds AWS credentials; for these use `auth = {{ type = \"iam\" }}`")]
    AwsCredentials,
    #[error("{0}")]
    Placeholder(String),
    #[error("{0}")]
    Form(String),
    #[error("{0}; it should be the secret")]
    WebPage(String),
    #[error("it is an error message: {0}")]
    Error(String),
    #[error("it contains a space, so it is not a token; it may be an error message of its source")]
    Space,
}

fn with_members(members: &[String]) -> String {
    if members.is_empty() { String::new() } else { format!("; it has the members {}", members.join(", ")) }
}

fn choices(members: &[&str]) -> String {
    members.iter().map(|name| format!("`json = \".{name}\"`")).collect::<Vec<_>>().join(" or ")
}

/// Reads a text that the source provided at this moment.
pub(in crate::gateway) fn read(
    text: &str,
    purpose: Purpose<'_>,
    json: Option<&MemberPath>,
    provided: SystemTime,
) -> Result<Secret, Mistake> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim();
    let is_read_as_json = json.is_some() || matches!(purpose, Purpose::Token(_) | Purpose::Key);
    let parsed = if is_read_as_json { serde_json::from_str::<Value>(text).map(Some) } else { Ok(None) };
    // This error quotes no part of the text.
    let value = match parsed {
        Ok(value) => value,
        Err(error) if text.starts_with('{') && placeholder::of(text).is_none() => {
            return Err(Mistake::BrokenJson(error.to_string()));
        }
        Err(_) => None,
    };
    if let Some(page) = placeholder::web_page(text).filter(|_| value.is_none() && purpose != Purpose::Password) {
        return Err(Mistake::WebPage(page));
    }
    let (found, expires) = match (&value, json) {
        (Some(value), Some(path)) => at(value, path, provided)?,
        (None, Some(_)) => return Err(if text.is_empty() { Mistake::Empty } else { Mistake::NotJson }),
        (Some(Value::Object(members)), None) => token(members, purpose, provided)?,
        (Some(Value::Array(_)), None) => return Err(Mistake::Json(Vec::new())),
        _ => (text, None),
    };
    let secret = if purpose == Purpose::Password { found } else { bare(found, purpose) };
    check(secret, purpose)?;
    Ok(Secret { text: secret.into(), expires })
}

type Found<'t> = (&'t str, Option<SystemTime>);

/// Returns the member that the configuration names.
fn at<'v>(value: &'v Value, path: &MemberPath, provided: SystemTime) -> Result<Found<'v>, Mistake> {
    let (mut found, mut expires) = (value, None);
    for name in path.names() {
        expires = found.as_object().and_then(|members| expiry::of_members(members, provided)).or(expires);
        let missing =
            || Mistake::NoMember { path: path.to_string(), members: found.as_object().map(names).unwrap_or_default() };
        let error = || found.as_object().and_then(placeholder::error).map(Mistake::Error);
        found = found.get(name).ok_or_else(|| error().unwrap_or_else(missing))?;
    }
    let members = found.as_object().map(names).unwrap_or_default();
    let text = found.as_str().ok_or_else(|| Mistake::NoMember { path: path.to_string(), members })?;
    Ok((text, expires))
}

/// Returns the only member that holds a token.
fn token<'v>(
    members: &'v Map<String, Value>,
    purpose: Purpose<'_>,
    provided: SystemTime,
) -> Result<Found<'v>, Mistake> {
    if members.contains_key("AccessKeyId") && members.contains_key("SecretAccessKey") {
        return Err(Mistake::AwsCredentials);
    }
    // `ExecCredential` of Kubernetes.
    let inner = members.get("status").and_then(Value::as_object).filter(|_| members.contains_key("kind"));
    let members = inner.unwrap_or(members);
    let tokens = TOKENS.into_iter().filter_map(|name| Some((name, members.get(name)?.as_str()?)));
    let tokens: Vec<(&str, &str)> = tokens.filter(|_| matches!(purpose, Purpose::Token(_))).collect();
    match tokens[..] {
        [] => Err(placeholder::error(members).map_or_else(|| Mistake::Json(names(members)), Mistake::Error)),
        [(_, token)] => Ok((token, expiry::of_members(members, provided))),
        _ => Err(Mistake::SeveralTokens(tokens.into_iter().map(|(name, _)| name).collect())),
    }
}

/// Returns the names of members, unless one could itself be a secret.
fn names(members: &Map<String, Value>) -> Vec<String> {
    let is_name =
        |name: &&String| name.len() <= 40 && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    members.keys().filter(is_name).take(MOST_NAMED).map(|name| limited(name.clone(), 40)).collect()
}

/// Strips quotes, and the header name and scheme in front of a token.
fn bare<'t>(text: &'t str, purpose: Purpose<'_>) -> &'t str {
    let mut bare = text.trim();
    for quote in ['"', '\''] {
        let inner = bare.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        bare = inner.filter(|inner| !inner.contains(quote)).map_or(bare, str::trim);
    }
    if let Purpose::Token(scheme) = purpose {
        bare = without_word(bare, "authorization:").unwrap_or(bare).trim_start();
        let behind =
            without_word(bare, scheme).filter(|rest| !scheme.is_empty() && rest.starts_with(char::is_whitespace));
        bare = behind.map_or(bare, str::trim_start);
    }
    bare
}

fn without_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let (first, rest) = text.split_at_checked(word.len())?;
    first.eq_ignore_ascii_case(word).then_some(rest)
}

fn check(secret: &str, purpose: Purpose<'_>) -> Result<(), Mistake> {
    // The value of a header may begin with a scheme.
    let last = secret.rsplit(char::is_whitespace).next().unwrap_or_default();
    let placeholder = placeholder::of(secret).or_else(|| placeholder::of(last).filter(|_| purpose == Purpose::Header));
    // Other schemes may have parameters.
    let is_token =
        matches!(purpose, Purpose::Token(scheme) if scheme.is_empty() || scheme.eq_ignore_ascii_case("bearer"));
    let is_bearer = matches!(purpose, Purpose::Token(scheme) if scheme.eq_ignore_ascii_case("bearer"));
    let has_form = matches!(purpose, Purpose::Token(_) | Purpose::Key);
    let form = || malformed::reason(secret).filter(|_| has_form);
    match (invisible::first(secret), placeholder) {
        _ if secret.is_empty() => Err(Mistake::Empty),
        _ if secret.len() as u64 > Limits::SECRET.bytes => Err(Mistake::TooLong),
        _ if secret.lines().count() > 1 => Err(Mistake::Lines),
        (Some(found), _) => Err(Mistake::Invisible(found.to_string())),
        (None, Some(what)) if purpose != Purpose::Password => Err(Mistake::Placeholder(what)),
        _ => match form() {
            Some(form) => Err(Mistake::Form(form)),
            None if is_token && secret.contains(char::is_whitespace) => Err(Mistake::Space),
            None => {
                malformed::bearer_reason(secret).filter(|_| is_bearer).map_or(Ok(()), |form| Err(Mistake::Form(form)))
            }
        },
    }
}

#[cfg(test)]
mod tests;
