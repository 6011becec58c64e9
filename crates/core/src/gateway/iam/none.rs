//! What stands in for the signer in a build without the feature `iam`: it cannot be made.

use std::convert::Infallible;
use std::time::SystemTime;

use reqwest::Method;
use reqwest::header::HeaderMap;
use secrecy::SecretString;

use crate::domain::{CredentialsOrigin, Endpoint, Failure, FailureKind};
use crate::gateway::secret::command::Commands;

/// There is none.
#[derive(Debug)]
pub(in crate::gateway) struct Signer(Infallible);

impl Signer {
    #[expect(clippy::unused_async, reason = "the signer of the other build asks others")]
    pub(in crate::gateway) async fn look_up(_: &Endpoint, _: Option<&str>, _: &Commands) -> Result<Self, Failure> {
        let message = "this stepgate was built without the feature `iam`, so it cannot sign requests";
        Err(Failure::without_response(FailureKind::Client, message))
    }

    pub(in crate::gateway) fn origin(&self) -> &CredentialsOrigin {
        match self.0 {}
    }

    pub(in crate::gateway) fn expires(&self) -> Option<SystemTime> {
        match self.0 {}
    }

    pub(in crate::gateway) fn secrets(&self) -> Vec<SecretString> {
        match self.0 {}
    }

    pub(in crate::gateway) fn sign(
        &self,
        _: (&Method, &str),
        _: &HeaderMap,
        _: &[u8],
        _: SystemTime,
    ) -> Result<HeaderMap, Failure> {
        match self.0 {}
    }
}
