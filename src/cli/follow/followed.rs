//! An execution or start that is followed, and whether its status is known.

use std::time::Duration;

use tokio::time::Instant;

use crate::cli::follow::item::Item;
use stepgate_core::domain::{EndpointName, Failure, FailureKind, Status, Unreachable};
use stepgate_core::lifecycle::give_up::FailureCounter;

/// After this time without a first status, the state of an execution is unknown.
const MAX_SILENCE: Duration = Duration::from_secs(3);

/// A followed item and its failed requests.
pub(super) struct Followed {
    pub(super) item: Item,
    pub(super) endpoint: EndpointName,
    pub(super) patience: FailureCounter,
    /// The last failure of this item alone that was reported.
    pub(super) reported: Option<FailureKind>,
    /// When its first status request was sent.
    pub(super) first_sent: Option<Instant>,
    /// Why the last request failed.
    pub(super) last_failure: Option<Failure>,
}

/// Why the status of an item is unknown.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Unknown {
    /// Why the last request failed.
    pub(in crate::cli) reason: Option<Failure>,
    /// A message that was not reported yet.
    pub(in crate::cli) message: Option<String>,
}

impl Followed {
    pub(super) fn new(item: Item, endpoint: EndpointName) -> Self {
        Self {
            item,
            endpoint,
            patience: FailureCounter::default(),
            reported: None,
            first_sent: None,
            last_failure: None,
        }
    }

    /// Returns whether it is followed by its log.
    pub(super) fn is_logged(&self) -> bool {
        !self.item.arn().is_describable()
    }

    /// Handles a readable response.
    pub(super) fn on_response(&mut self) {
        self.patience.on_response();
        self.last_failure = None;
    }

    /// Returns why the status is unknown, if it is: the start is unresolved, or the status was never read, could not be
    /// read lately, or has an unknown value. `reported_at_endpoint` is the failure that was reported for its endpoint.
    pub(super) fn unknown(&self, reported_at_endpoint: Option<&FailureKind>) -> Option<Unknown> {
        let is_overdue = self.first_sent.is_some_and(|sent| sent.elapsed() > MAX_SILENCE);
        // Nothing is known about an external execution before the first response.
        let is_external = matches!(self.item, Item::External(_));
        let is_unseen = is_overdue || is_external || self.is_logged();
        let is_silent = !self.patience.has_responded() && (self.last_failure.is_some() || is_unseen);
        let (is_start, is_uninformative) = match &self.item {
            Item::UnresolvedStart(_) => (true, true),
            Item::Execution(record) | Item::External(record) => {
                (false, record.seen.as_ref().is_some_and(|seen| matches!(seen.status, Status::Unknown(_))))
            }
        };
        if !is_uninformative && !is_silent && !self.patience.is_unreadable() {
            return None;
        }
        let was_reported =
            |failure: &Failure| [reported_at_endpoint, self.reported.as_ref()].contains(&Some(&failure.kind));
        let message = match &self.last_failure {
            Some(failure) => (!was_reported(failure)).then(|| failure.to_string()),
            None if self.is_logged() => is_silent.then(|| "its log has no events yet".to_owned()),
            None => (is_silent && !is_start).then(|| "no response to a status request yet".to_owned()),
        };
        let silence = || Failure::without_response(FailureKind::Unreachable(Unreachable::Deadline), "");
        let reason = self.last_failure.clone().or_else(|| (is_silent && !is_start).then(silence));
        Some(Unknown { reason, message })
    }
}
