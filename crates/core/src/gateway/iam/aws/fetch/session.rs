//! The credentials of a role in SSO, with a session that is renewed when it is due.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use crate::gateway::iam::aws::chain::Sso;
use crate::gateway::iam::aws::credentials::Credentials;
use crate::gateway::iam::aws::fetch::Steps;
use crate::gateway::iam::aws::look_up_error::LookUpError;
use crate::gateway::iam::aws::response::RequestError;
use crate::gateway::iam::aws::service::Service;
use crate::gateway::iam::aws::sso;
use crate::gateway::iam::aws::sso_session::Session;

/// How long another program may take to save a session that it has renewed, and how often the file is read meanwhile.
const SAVED_WITHIN: Duration = Duration::from_secs(2);
const READ_EVERY: Duration = Duration::from_millis(150);

type Turn = Arc<tokio::sync::Mutex<()>>;
/// A session can be renewed once with each refresh token, so the endpoints of this process take turns.
static TURNS: LazyLock<Mutex<BTreeMap<PathBuf, Turn>>> = LazyLock::new(Mutex::default);

fn turn(path: &Path) -> Turn {
    let mut turns = TURNS.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(turns.entry(path.to_owned()).or_default())
}

impl Steps<'_> {
    pub(super) async fn sso(&self, sso: &Sso) -> Result<Credentials, LookUpError> {
        let mut session = self.session(sso).await?;
        if session.is_due(SystemTime::now()) {
            session = self.renewed(session.path(), sso).await?;
        }
        let address = self.addresses.url(Service::Sso, &sso.region, "sso_region")?;
        let request = sso::role_credentials(&address, sso, session.token());
        let request = request.map_err(|error| self.unusable(&error, "the SSO session"))?;
        self.send(&request, sso::credentials).await
    }

    async fn session(&self, sso: &Sso) -> Result<Session, LookUpError> {
        let session = Session::read(sso, self.chain.source(), SystemTime::now()).await?;
        self.fetch.commands.redactor().add(&session.secrets());
        Ok(session)
    }

    /// Renews a session, if that is possible without its user. One that has not expired yet is used even if it is not.
    async fn renewed(&self, path: &Path, sso: &Sso) -> Result<Session, LookUpError> {
        let turn = turn(path);
        let _turn = turn.lock().await;
        // Another endpoint may have renewed it before this one's turn.
        let (mut session, now) = (self.session(sso).await?, SystemTime::now());
        let Some(renewal) = session.renewal(sso).filter(|_| session.is_due(now)) else { return Ok(session) };
        let address = self.addresses.url(Service::SsoOidc, &sso.region, "sso_region")?;
        match self.http.send(&sso::new_token(&address, &renewal), sso::token).await {
            Ok(token) => {
                session.renew(token, sso, now);
                self.fetch.commands.redactor().add(&session.secrets());
                // It can be used all the same.
                if let Err(error) = session.write().await {
                    tracing::warn!(%error, "cannot save the renewed SSO session");
                }
                Ok(session)
            }
            Err(error) => self.renewed_elsewhere(sso, &error).await.ok_or_else(|| self.failed(&error)),
        }
    }

    /// Returns the session if it can be used though its renewal has failed. A refusal may mean that another program is
    /// renewing it, and has not saved it yet.
    async fn renewed_elsewhere(&self, sso: &Sso, error: &RequestError) -> Option<Session> {
        let is_refused =
            matches!(error, RequestError::Response { response, .. } if matches!(response.status, 400 | 401));
        let end = tokio::time::Instant::now() + SAVED_WITHIN;
        loop {
            let usable = |session: &Session| !session.is_expired(SystemTime::now());
            if let Some(session) = self.session(sso).await.ok().filter(usable) {
                return Some(session);
            }
            if !is_refused || tokio::time::Instant::now() >= end {
                return None;
            }
            tokio::time::sleep(READ_EVERY).await;
        }
    }
}
