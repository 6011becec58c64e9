//! The session of `aws sso login`, in the file that the AWS tools share: reads it, and writes it with a new token.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use sha1::{Digest as _, Sha1};

use crate::bounded::ReadError;
use crate::gateway::iam::aws::chain::Sso;
use crate::gateway::iam::aws::credential_part::{self, Part};
use crate::gateway::iam::aws::look_up_error::LookUpError;
use crate::gateway::iam::aws::shared_files::{home, is_missing, regular};
use crate::gateway::iam::aws::sso::{NewToken, Renewal};
use crate::task;

/// How long before its end a session is renewed.
const EARLY: Duration = Duration::from_secs(5 * 60);

/// A session and its file. Its tokens must not be shown.
pub(super) struct Session {
    path: PathBuf,
    document: Document,
    expiry: SystemTime,
    /// Whether the program may still renew it.
    is_registered: bool,
}

/// The file. Members that only other programs need stay as they are.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    access_token: String,
    expires_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_expires_at: Option<serde_json::Value>,
    #[serde(flatten)]
    others: serde_json::Map<String, serde_json::Value>,
}

impl Session {
    /// Reads the session of a profile, which can be used or renewed.
    pub(super) async fn read(sso: &Sso, profile: &str, now: SystemTime) -> Result<Self, LookUpError> {
        let error = |what: &str| LookUpError::sso_session(profile, what);
        let path = path(sso).ok_or_else(|| error("cannot be found: there is no home directory"))?;
        let text = match regular(&path).await {
            Ok(text) => text,
            Err(ReadError::Io(io)) if is_missing(&io) => return Err(error("does not exist on this computer")),
            Err(read) => return Err(error(&format!("cannot be read from {}: {read}", path.display()))),
        };
        let session = Self::parse(&text, path, now).map_err(|what| error(&what))?;
        if session.is_expired(now) && session.renewal(sso).is_none() {
            return Err(error("has expired"));
        }
        Ok(session)
    }

    /// The error says what is wrong with the session, without a part of it.
    fn parse(text: &str, path: PathBuf, now: SystemTime) -> Result<Self, String> {
        let shown = path.display();
        // The error's own text could contain a part of a token.
        let document: Document = serde_json::from_str(text).map_err(|_| format!("cannot be read from {shown}"))?;
        credential_part::check(Part::Token, &document.access_token)
            .map_err(|flaw| format!("is unusable: its accessToken in {shown} {}", flaw.what))?;
        let time = |text: &str| text.parse::<jiff::Timestamp>().map(SystemTime::from).ok();
        let expiry = time(&document.expires_at)
            .ok_or_else(|| format!("is unusable: expiresAt in {shown} is not a time such as 2026-01-01T00:00:00Z"))?;
        // Only renewal needs the registration, so an unreadable time is as good as none.
        let registered = document.registration_expires_at.as_ref().and_then(|value| time(value.as_str()?));
        let is_registered = registered.is_some_and(|until| until > now);
        Ok(Self { path, document, expiry, is_registered })
    }

    /// The path of its file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn token(&self) -> &str {
        &self.document.access_token
    }

    pub(super) fn secrets(&self) -> Vec<SecretString> {
        let Document { access_token, refresh_token, client_secret, .. } = &self.document;
        let secrets = [Some(access_token), refresh_token.as_ref(), client_secret.as_ref()];
        secrets.into_iter().flatten().map(|secret| secret.as_str().into()).collect()
    }

    pub(super) fn is_expired(&self, now: SystemTime) -> bool {
        self.expiry <= now
    }

    /// Returns whether it has expired, or will soon.
    pub(super) fn is_due(&self, now: SystemTime) -> bool {
        now.checked_add(EARLY).is_none_or(|soon| self.expiry <= soon)
    }

    /// Returns what renews it; `None` if only its user can. Only sessions with a name can be renewed.
    pub(super) fn renewal(&self, sso: &Sso) -> Option<Renewal<'_>> {
        let Document { client_id, client_secret, refresh_token, .. } = &self.document;
        sso.session.as_ref().filter(|_| self.is_registered)?;
        let (client_id, client_secret) = (client_id.as_deref()?, client_secret.as_deref()?);
        let refresh_token = refresh_token.as_deref().filter(|token| !token.is_empty())?;
        Some(Renewal { client_id, client_secret, refresh_token })
    }

    /// Takes a new token, which was issued at this time.
    pub(super) fn renew(&mut self, token: NewToken, sso: &Sso, at: SystemTime) {
        let expiry = at.checked_add(token.lifetime).unwrap_or(at);
        let Ok(time) = jiff::Timestamp::try_from(expiry) else { return };
        self.expiry = expiry;
        self.document.expires_at = format!("{time:.0}");
        self.document.access_token = token.access_token;
        // Without a new one, the old one still counts.
        self.document.refresh_token = token.refresh_token.or(self.document.refresh_token.take());
        for (name, value) in [("region", &sso.region), ("startUrl", &sso.start_url)] {
            self.document.others.insert(name.into(), value.as_str().into());
        }
    }

    /// Replaces the file at once, so that no program reads a part of it.
    pub(super) async fn write(&self) -> io::Result<()> {
        let (path, text) = (self.path.clone(), serde_json::to_string(&self.document)?);
        let work = task::run_blocking(move || replace(&path, &text));
        work.await.unwrap_or_else(|error| Err(io::Error::other(error)))
    }
}

/// Returns the path of the file.
fn path(sso: &Sso) -> Option<PathBuf> {
    let name = format!("{:x}", Sha1::digest(sso.identifier()));
    Some(home()?.join(".aws/sso/cache").join(format!("{name}.json")))
}

/// Writes a file that only its owner can read.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::NotFound)?;
    let mut file = tempfile::Builder::new().suffix(".tmp").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    const TEXT: &str = r#"{"startUrl":"old","region":"old","accessToken":"canary-1","expiresAt":"2020-01-01T00:00:00Z","clientId":"c","clientSecret":"canary-2","registrationExpiresAt":"2099-01-01T00:00:00Z","refreshToken":"canary-3","scopes":["sso:account:access"]}"#;

    fn sso(session: Option<&str>) -> Sso {
        let (start_url, region) = ("https://corp.example/start".into(), "eu-west-1".into());
        Sso { session: session.map(str::to_owned), start_url, region, account: "1".into(), role: "R".into() }
    }

    fn now() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_800_000_000)
    }

    fn session(text: &str) -> Session {
        Session::parse(text, "cache.json".into(), now()).expect("a session")
    }

    #[test]
    fn only_a_named_session_with_everything_that_renews_it_is_renewed() {
        assert!(session(TEXT).renewal(&sso(Some("s"))).is_some());
        assert!(session(TEXT).renewal(&sso(None)).is_none());
        for (old, new) in [
            ("clientId", "other1"),
            ("clientSecret", "other1"),
            ("refreshToken", "other1"),
            ("registrationExpiresAt", "other1"),
            ("2099-01-01", "2021-01-01"),
            ("canary-3", ""),
            // Only renewal needs the registration.
            ("2099-01-01T00:00:00Z", "never"),
            ("2099-01-01T00:00:00Z", ""),
            ("\"2099-01-01T00:00:00Z\"", "4070908800"),
            ("\"2099-01-01T00:00:00Z\"", "null"),
        ] {
            assert!(session(&TEXT.replace(old, new)).renewal(&sso(Some("s"))).is_none(), "{old}");
        }
    }

    #[test]
    fn a_session_is_renewed_shortly_before_its_end() {
        for (expires, is_expired, is_due) in [
            ("2027-01-15T07:59:59Z", true, true),
            ("2027-01-15T08:00:00Z", true, true),
            ("2027-01-15T08:05:00Z", false, true),
            ("2027-01-15T08:05:01Z", false, false),
        ] {
            let session = session(&TEXT.replace("2020-01-01T00:00:00Z", expires));
            assert_eq!((session.is_expired(now()), session.is_due(now())), (is_expired, is_due), "{expires}");
        }
    }

    #[test]
    fn a_file_that_is_no_session_is_named_without_a_part_of_it() {
        for (old, new, says) in [
            ("{", "", "cannot be read from cache.json"),
            ("accessToken", "other", "cannot be read from cache.json"),
            ("canary-1", "can ary", "its accessToken in cache.json has a space"),
            ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00UTC", "expiresAt in cache.json is not a time"),
            ("2020-01-01T00:00:00Z", "2020-01-01 00:00:00", "expiresAt in cache.json is not a time"),
        ] {
            let message = Session::parse(&TEXT.replacen(old, new, 1), "cache.json".into(), now()).err().expect(says);
            assert!(message.contains(says) && !message.contains("ary"), "{message}");
        }
    }

    #[tokio::test]
    async fn a_renewed_session_replaces_its_file_with_all_that_others_need() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("cache.json");
        std::fs::write(&path, TEXT).expect("written");
        for (refresh, expected) in [(None, "canary-3"), (Some("canary-5".to_owned()), "canary-5")] {
            let mut session = Session::parse(TEXT, path.clone(), now()).expect("a session");
            let token = NewToken {
                access_token: "canary-4".into(),
                lifetime: Duration::from_secs(3_600),
                refresh_token: refresh,
            };
            session.renew(token, &sso(Some("s")), now());
            assert!(!session.is_due(now()) && session.token() == "canary-4");
            session.write().await.expect("written");
            let written: serde_json::Value =
                serde_json::from_str(&std::fs::read_to_string(&path).expect("a file")).expect("JSON");
            let expected = serde_json::json!({
                "startUrl": "https://corp.example/start", "region": "eu-west-1", "accessToken": "canary-4",
                "expiresAt": "2027-01-15T09:00:00Z", "clientId": "c", "clientSecret": "canary-2",
                "registrationExpiresAt": "2099-01-01T00:00:00Z", "refreshToken": expected,
                "scopes": ["sso:account:access"],
            });
            assert_eq!(written, expected);
            #[cfg(unix)]
            assert_eq!(
                std::os::unix::fs::PermissionsExt::mode(&path.metadata().expect("it").permissions()) & 0o777,
                0o600
            );
            assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 1);
        }
    }
}
