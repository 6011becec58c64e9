//! Locates and reads the shared configuration of the AWS tools, with limits.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use crate::bounded::{self, Limits, ReadError};
use crate::domain::MissingReason;
use crate::gateway::iam::aws::look_up_error::LookUpError;
use crate::gateway::iam::aws::profiles::SharedFile;

/// Both shared files.
pub(super) struct Shared {
    pub(super) config: SharedFile,
    pub(super) credentials: SharedFile,
    /// A variable names a file that does not exist.
    missing: Option<LookUpError>,
}

impl Shared {
    /// Reads both files.
    pub(super) async fn read() -> Result<Self, LookUpError> {
        let (config, no_config) = shared("AWS_CONFIG_FILE", "config").await?;
        let (credentials, no_credentials) = shared("AWS_SHARED_CREDENTIALS_FILE", "credentials").await?;
        Ok(Self { config, credentials, missing: no_config.or(no_credentials) })
    }

    /// Returns the file that could not be found as the cause of an error that it may explain.
    pub(super) fn explained(&self, error: LookUpError) -> LookUpError {
        match &self.missing {
            Some(missing) if error.may_be_in_missing_file => {
                LookUpError { message: format!("{}: {}", error.message, missing.message), ..missing.clone() }
            }
            _ => error,
        }
    }
}

async fn shared(variable: &str, name: &str) -> Result<(SharedFile, Option<LookUpError>), LookUpError> {
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
            return Err(LookUpError::new(
                MissingReason::ConfigFile,
                format!("{shown} cannot be read: {error}"),
                advice,
            ));
        }
    };
    Ok((SharedFile { path: shown, text }, missing))
}

/// Explains a file that is not there. The AWS CLI ignores it, but what is missing may have been in it.
fn absent(variable: &str, name: &str, shown: &str, is_given: bool, is_folder: bool) -> Option<LookUpError> {
    let (message, advice) = match (is_given, is_folder) {
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
    Some(LookUpError::new(MissingReason::ConfigFile, message, advice))
}

pub(super) fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory)
}

pub(super) fn home() -> Option<PathBuf> {
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

/// Reads a regular file, which has an end.
pub(super) async fn regular(path: &Path) -> Result<String, ReadError> {
    let metadata = std::fs::metadata(path).map_err(ReadError::Io)?;
    if !metadata.is_file() {
        return Err(ReadError::Io(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file")));
    }
    bounded::text_file_async(path, Limits::SECRET).await
}
