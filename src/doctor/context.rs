//! What the checks of routes know.

use crate::doctor::Target;
use crate::doctor::diagnosis::{self, Stage};
use stepgate_core::domain::{CredentialsOrigin, Failure, Route};
use stepgate_core::gateway::Client;

/// What to check, and the results of earlier checks.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) target: &'a Target<'a>,
    pub(super) client: &'a Client,
    pub(super) stage: Stage,
    pub(super) origin: Option<&'a CredentialsOrigin>,
}

impl Context<'_> {
    pub(super) fn diagnose(&self, failure: &Failure, route: Route) -> diagnosis::Diagnosis {
        diagnosis::diagnose(failure, self.stage, self.target.endpoint, route, self.origin)
    }
}
