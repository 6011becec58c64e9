//! Locates and reads the files of the AWS tools, with limits. Files that the AWS SDK reads itself are checked first,
//! since it would wait for ever for a pipe.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use secrecy::SecretString;
use sha1::{Digest as _, Sha1};

use crate::bounded::{self, Limits, ReadError};
use crate::domain::MissingReason;
use crate::gateway::iam::aws::chain::Sso;
use crate::gateway::iam::aws::fault::Fault;
use crate::gateway::iam::aws::profiles::SharedFile;
use crate::gateway::iam::aws::value::{self, Part};

/// Both shared files.
pub(super) struct Shared {
    pub(super) config: SharedFile,
    pub(super) credentials: SharedFile,
    /// A variable names a file that does not exist.
    missing: Option<Fault>,
}

impl Shared {
    /// Reads both files.
    pub(super) async fn read() -> Result<Self, Fault> {
        let (config, no_config) = shared("AWS_CONFIG_FILE", "config").await?;
        let (credentials, no_credentials) = shared("AWS_SHARED_CREDENTIALS_FILE", "credentials").await?;
        Ok(Self { config, credentials, missing: no_config.or(no_credentials) })
    }

    /// Returns the file that could not be found as the cause of a fault that it may explain.
    pub(super) fn explained(&self, fault: Fault) -> Fault {
        match &self.missing {
            Some(missing) if fault.may_be_in_missing_file => {
                Fault { said: format!("{}: {}", fault.said, missing.said), ..missing.clone() }
            }
            _ => fault,
        }
    }
}

async fn shared(variable: &str, name: &str) -> Result<(SharedFile, Option<Fault>), Fault> {
    let given = std::env::var_os(variable).filter(|path| !path.is_empty());
    let path = match &given {
        Some(path) => Some(expanded(path)),
        None => home().map(|home| home.join(".aws").join(name)),
    };
    let shown = match (&given, &path) {
        (Some(_), Some(path)) => path.display().to_string(),
        _ => format!("~/.aws/{name}"),
    };
    let Some(path) = path else { return Ok((SharedFile { path: shown, text: String::new() }, None)) };
    let (text, missing) = match bounded::text_file_async(&path, Limits::FILE).await {
        Ok(text) => (text, None),
        Err(ReadError::Io(error)) if is_missing(&error) => {
            let missing = absent(variable, name, &shown, given.is_some(), path.is_dir());
            (String::new(), missing)
        }
        Err(error) => {
            let advice = match &error {
                ReadError::NotText(_) | ReadError::OtherEncoding(_) => format!("Save {shown} as UTF-8."),
                _ if given.is_some() => format!("Correct {variable}."),
                _ => format!("Correct {shown}."),
            };
            return Err(Fault::new(MissingReason::ConfigFile, format!("{shown} cannot be read: {error}"), advice));
        }
    };
    Ok((SharedFile { path: shown, text }, missing))
}

/// Explains a file that is not there. The AWS CLI ignores it, but what is missing may have been in it.
fn absent(variable: &str, name: &str, shown: &str, is_given: bool, is_folder: bool) -> Option<Fault> {
    let (said, advice) = match (is_given, is_folder) {
        (true, true) => (
            format!("{variable} names the folder {shown}, not a file"),
            format!("Set {variable} to a file, or unset it to use ~/.aws/{name}."),
        ),
        (true, false) => (
            format!("{variable} names the file {shown}, which does not exist"),
            format!("Correct {variable}, or unset it to use ~/.aws/{name}."),
        ),
        (false, true) => (format!("{shown} is a folder, not a file"), format!("Replace {shown} by a file.")),
        (false, false) => return None,
    };
    Some(Fault::new(MissingReason::ConfigFile, said, advice))
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory)
}

fn home() -> Option<PathBuf> {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    home.or_else(|| directories::BaseDirs::new().map(|folders| folders.home_dir().to_owned()))
}

/// Expands `~` at the beginning to the home directory.
fn expanded(path: &OsString) -> PathBuf {
    let path = Path::new(path);
    match (path.strip_prefix("~"), home()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}

/// Checks that the AWS SDK may read a token file itself, and that it contains a token; returns the token for redaction.
pub(super) async fn token(path: &str, from: &str) -> Result<SecretString, Fault> {
    let text = regular(Path::new(path)).await.map_err(|error| {
        let said = format!("the web identity token file {path} ({from}) cannot be read: {error}");
        let advice = format!("Correct {from}, or write a token to {path}.");
        Fault::new(MissingReason::TokenFile, said, advice)
    })?;
    value::check(Part::Token, text.trim()).map_err(|flaw| {
        let said = format!("the web identity token in {path} ({from}) is unusable: it {}", flaw.what);
        Fault::new(MissingReason::TokenFile, said, format!("Write a token to {path}. {}", flaw.advice))
    })?;
    Ok(text.trim().into())
}

/// Does the same for the token of a container's endpoint.
pub(super) async fn container_token(path: &str) -> Result<SecretString, Fault> {
    let variable = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
    let text = regular(Path::new(path)).await.map_err(|error| {
        let said = format!("the file {path} ({variable}) cannot be read: {error}");
        Fault::new(MissingReason::TokenFile, said, format!("Correct {variable}."))
    })?;
    // The AWS SDK uses it untrimmed.
    value::check(Part::Header, &text).map_err(|flaw| {
        let said = format!("the token in the file {path} ({variable}) {}", flaw.what);
        Fault::new(MissingReason::TokenFile, said, format!("Write a token without a line break to {path}."))
    })?;
    Ok(text.trim().into())
}

/// Reads a regular file: one that can be read a second time, and has an end.
async fn regular(path: &Path) -> Result<String, ReadError> {
    let metadata = std::fs::metadata(path).map_err(ReadError::Io)?;
    if !metadata.is_file() {
        return Err(ReadError::Io(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file")));
    }
    bounded::text_file_async(path, Limits::SECRET).await
}

/// Returns the path of the session of `aws sso login`.
pub(super) fn sso_cache(sso: &Sso) -> Option<PathBuf> {
    let name = format!("{:x}", Sha1::digest(sso.identifier()));
    Some(home()?.join(".aws/sso/cache").join(format!("{name}.json")))
}

/// A cached session. Its tokens must not be shown.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Session {
    access_token: String,
    expires_at: String,
    refresh_token: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    registration_expires_at: Option<String>,
}

/// Checks the session of `aws sso login`, and returns its secrets.
pub(super) async fn sso_session(sso: &Sso, profile: &str, now: SystemTime) -> Result<Vec<SecretString>, Fault> {
    let fault = |what: &str| Fault::sso_session(profile, what);
    let path = sso_cache(sso).ok_or_else(|| fault("cannot be found: there is no home directory"))?;
    let text = match regular(&path).await {
        Ok(text) => text,
        Err(ReadError::Io(error)) if is_missing(&error) => return Err(fault("does not exist on this computer")),
        Err(error) => return Err(fault(&format!("cannot be read from {}: {error}", path.display()))),
    };
    // The error's own text could contain a part of a token.
    let session: Session =
        serde_json::from_str(&text).map_err(|_| fault(&format!("cannot be read from {}", path.display())))?;
    value::check(Part::Token, &session.access_token)
        .map_err(|flaw| fault(&format!("is unusable: its accessToken in {} {}", path.display(), flaw.what)))?;
    // Older tools write another form, which the AWS SDK refuses.
    let times =
        [("expiresAt", Some(&session.expires_at)), ("registrationExpiresAt", session.registration_expires_at.as_ref())];
    for (name, time) in times {
        if time.is_some_and(|time| DateTime::from_str(time, Format::DateTime).is_err()) {
            let path = path.display();
            return Err(fault(&format!("is unusable: {name} in {path} is not a time such as 2026-01-01T00:00:00Z")));
        }
    }
    let is_past = |text: &str| text.parse::<jiff::Timestamp>().is_ok_and(|at| SystemTime::from(at) <= now);
    let can_be_renewed = sso.session.is_some()
        && session.refresh_token.is_some()
        && session.client_id.is_some()
        && session.client_secret.is_some()
        && session.registration_expires_at.as_deref().is_some_and(|text| !is_past(text));
    if is_past(&session.expires_at) && !can_be_renewed {
        return Err(fault("has expired"));
    }
    let secrets = [Some(session.access_token), session.refresh_token, session.client_secret];
    Ok(secrets.into_iter().flatten().map(Into::into).collect())
}
