//! What the checks of routes know.

use crate::doctor::Target;
use crate::doctor::diagnosis::{self, Stage};
use stepgate_core::domain::{CredentialsOrigin, Failure, FailureKind, Route};
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

    /// Diagnoses the failure of a request that should succeed: a response without its members is that of another action.
    pub(super) fn diagnose_result(&self, failure: &Failure, route: Route) -> diagnosis::Diagnosis {
        let has_filter = diagnosis::answer_key(self.target.endpoint, route).is_some();
        if failure.kind != FailureKind::Undecodable || has_filter {
            return self.diagnose(failure, route);
        }
        let action = route.action();
        let advice = format!(
            "Set the route's integration to the action {action}, and return its response as it is, or set a filter `answer`."
        );
        ("wrong-action", advice)
    }
}
