//! A fingerprint of the files that the credentials of an endpoint come from. It shows that one has changed without
//! reading it or running anything.

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::domain::{Auth, Endpoint, HeaderValue, SecretSource};
use crate::gateway::iam;
use crate::task;

/// Maximum number of files.
const MAX_FILES: usize = 64;

/// The metadata of the files. Two fingerprints are equal if no file has changed in between.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fingerprint(Vec<(PathBuf, Option<Stamp>)>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    bytes: u64,
    /// Changes when the file is replaced by renaming.
    inode: u64,
}

impl Fingerprint {
    pub(super) async fn take(endpoint: &Endpoint) -> Self {
        let endpoint = endpoint.clone();
        let work = task::run_blocking(move || {
            let stamped = |path: PathBuf| (stamp(&path), path);
            files(&endpoint).into_iter().take(MAX_FILES).map(stamped).map(|(stamp, path)| (path, stamp)).collect()
        });
        Self(work.await.unwrap_or_default())
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = std::fs::metadata(path).ok()?;
    Some(Stamp { modified: metadata.modified().ok(), bytes: metadata.len(), inode: inode(&metadata) })
}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}

fn files(endpoint: &Endpoint) -> Vec<PathBuf> {
    let headers = endpoint.headers.iter().filter_map(|(_, value)| match value {
        HeaderValue::Secret(source) => Some(source),
        HeaderValue::Text(_) => None,
    });
    let mut files: Vec<PathBuf> = headers.flat_map(files_of).collect();
    match &endpoint.auth {
        Auth::None => {}
        Auth::ApiKey(source) => files.extend(files_of(source)),
        Auth::Bearer(bearer) => files.extend(files_of(&bearer.token)),
        Auth::Iam { profile } => files.extend(iam::files(profile.as_deref())),
    }
    files
}

fn files_of(source: &SecretSource) -> Vec<PathBuf> {
    match source {
        SecretSource::Env(_) => Vec::new(),
        SecretSource::File(path) => vec![path.clone()],
        SecretSource::Member(source, _) => files_of(source),
        SecretSource::Command(words) => words.iter().flat_map(|word| named_in(word)).collect(),
    }
}

/// Returns the files that an argument may name, also as a word of a shell script.
fn named_in(argument: &str) -> Vec<PathBuf> {
    let parts = argument.split(|c: char| c.is_whitespace() || "'\"`=<>|&;()".contains(c));
    let is_file = |text: &&str| !text.is_empty() && Path::new(text).is_file();
    std::iter::once(argument).chain(parts).filter(is_file).map(PathBuf::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_change_of_any_source_file_is_detected() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("token");
        let quoted = format!("cat '{}' | head -1", path.display());
        let sources = [
            SecretSource::File(path.clone()),
            SecretSource::Command(vec!["cat".into(), path.display().to_string()]),
            SecretSource::Command(vec!["sh".into(), "-c".into(), quoted]),
        ];
        for source in sources {
            std::fs::write(&path, "one").expect("written");
            let endpoint =
                Endpoint { auth: Auth::ApiKey(source.clone()), ..Endpoint::plain("e", "http://127.0.0.1:9") };
            let first = Fingerprint::take(&endpoint).await;
            assert_eq!(first, Fingerprint::take(&endpoint).await);
            // Replaced by one of the same length.
            std::fs::write(folder.path().join("new"), "two").expect("written");
            std::fs::rename(folder.path().join("new"), &path).expect("replaced");
            let second = Fingerprint::take(&endpoint).await;
            assert_ne!(first, second, "{source:?}");
            std::fs::remove_file(&path).expect("removed");
            assert_ne!(second, Fingerprint::take(&endpoint).await, "{source:?}");
        }
    }
}
