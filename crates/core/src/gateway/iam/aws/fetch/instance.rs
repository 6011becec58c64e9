//! The credentials of an EC2 instance, from its metadata.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use crate::domain::{FailureKind, MissingReason, Unreachable};
use crate::gateway::iam::aws::fetch::{Found, Steps};
use crate::gateway::iam::aws::look_up_error::LookUpError;
use crate::gateway::iam::aws::response::RequestError;
use crate::gateway::iam::aws::{metadata, named_source};

/// What to try if metadata issues no token.
const VERSION_2: &str = "stepgate only uses IMDSv2: enable it on the instance, with a hop limit of at least 2.";
/// Whether metadata has issued a token: a machine does not stop being an instance.
static IS_INSTANCE: AtomicBool = AtomicBool::new(false);

impl Steps<'_> {
    /// Any computer may be probed for metadata, and not everything that responds is an instance; one that issues a token
    /// is. Only an instance without a role has nothing.
    pub(super) async fn instance(&self) -> Result<Found, LookUpError> {
        let address = named_source::instance_url(self.chain, self.fetch.variables)?;
        let token = match self.http.send(&metadata::instance_token(&address), metadata::token).await {
            Ok(token) => token,
            Err(error) => {
                let failed = self.without_token(&error);
                let is_guess = self.chain.is_guess() && !IS_INSTANCE.load(Ordering::Relaxed);
                return if is_guess { Ok(Found::Nothing(Some(failed.message))) } else { Err(failed) };
            }
        };
        IS_INSTANCE.store(true, Ordering::Relaxed);
        let unusable = |error| self.unusable(&error, "the metadata of this instance");
        let role = metadata::instance_role(&address, &token).map_err(unusable)?;
        let role = match self.send(&role, metadata::role).await {
            Err(error) if self.chain.is_guess() && error.reason == MissingReason::Refused => {
                return Ok(Found::Nothing(Some(error.message)));
            }
            role => role?,
        };
        let request = metadata::instance(&address, &role, &token).map_err(unusable)?;
        let found = self.send(&request, metadata::credentials).await?;
        Ok(Found::Credentials(metadata::extended(found, SystemTime::now(), fastrand::f64())))
    }

    fn without_token(&self, error: &RequestError) -> LookUpError {
        let failed = self.failed(error);
        let may_lack_version_2 = match error {
            RequestError::Response { response, .. } => matches!(response.status, 403..=405),
            RequestError::NoResponse { failure, .. } => failure.kind == FailureKind::Unreachable(Unreachable::Deadline),
        };
        if !may_lack_version_2 {
            return failed;
        }
        LookUpError { advice: format!("{} {VERSION_2}", failed.advice), ..failed }
    }
}
