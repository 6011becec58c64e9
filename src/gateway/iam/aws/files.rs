//! Locates and reads the files of the AWS tools, with limits. Files that the AWS SDK reads itself are checked first,
//! since it would wait for ever for a pipe.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use secrecy::SecretString;
use sha1::{Digest as _, Sha1};

use crate::bounded::{self, Limits, ReadError};
use crate::domain::MissingReason;
use crate::gateway::iam::aws::chain::Sso;
use crate::gateway::iam::aws::fault::Fault;
use crate::gateway::iam::aws::profiles::SharedFile;

/// Both shared files.
pub(super) struct Shared {
    pub(super) config: SharedFile,
    pub(super) credentials: SharedFile,
    /// A variable names a file that does not exist.
    pub(super) missing: Option<Fault>,
}

impl Shared {
    /// Reads both files.
    pub(super) async fn read() -> Result<Self, Fault> {
        let (config, no_config) = shared("AWS_CONFIG_FILE", "config").await?;
        let (credentials, no_credentials) = shared("AWS_SHARED_CREDENTIALS_FILE", "credentials").await?;
        Ok(Self { config, credentials, missing: no_config.or(no_credentials) })
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
            let advice = format!("Correct {variable}, or unset it to use ~/.aws/{name}.");
            let said = format!("{variable} names the file {shown}, which does not exist");
            (String::new(), given.map(|_| Fault::new(MissingReason::ConfigFile, said, advice)))
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

/// Checks that the AWS SDK may read a token file itself; returns the token for redaction.
pub(super) async fn token(path: &str, from: &str) -> Result<SecretString, Fault> {
    let text = regular(Path::new(path)).await.map_err(|error| {
        let said = format!("the web identity token file {path} ({from}) cannot be read: {error}");
        let advice = format!("Correct {from}, or write a token to {path}.");
        Fault::new(MissingReason::TokenFile, said, advice)
    })?;
    Ok(text.trim().into())
}

/// Does the same for the token of a container's endpoint.
pub(super) async fn container_token(path: &str) -> Result<SecretString, Fault> {
    let text = regular(Path::new(path)).await.map_err(|error| {
        let said = format!("the file {path} (AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE) cannot be read: {error}");
        Fault::new(MissingReason::TokenFile, said, "Correct AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE.")
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
