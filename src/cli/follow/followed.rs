//! One execution or start that is followed, and whether it is known how it goes.

use std::time::Duration;

use tokio::time::Instant;

use crate::cli::follow::item::Item;
use stepgate_core::domain::{EndpointName, Failure, FailureKind, Status, Unreachable};
use stepgate_core::lifecycle::patience::Patience;

/// An execution is not known to run any more when its first status takes longer than this.
const SILENT: Duration = Duration::from_secs(3);

/// What is followed, and what its questions have met.
pub(super) struct Followed {
    pub(super) item: Item,
    pub(super) endpoint: EndpointName,
    /// What its questions have met so far.
    pub(super) patience: Patience,
    /// What is wrong with it alone, which is told once.
    pub(super) trouble: Option<FailureKind>,
    /// When the first question about it left.
    pub(super) first_asked: Option<Instant>,
    /// Why the last question was not answered.
    pub(super) last: Option<Failure>,
}

/// Why it is unknown how something goes.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Unknown {
    /// Why the last question was not answered.
    pub(in crate::cli) reason: Option<Failure>,
    /// What is still to be said about it.
    pub(in crate::cli) untold: Option<String>,
}

impl Followed {
    pub(super) fn new(item: Item, endpoint: EndpointName) -> Self {
        Self { item, endpoint, patience: Patience::default(), trouble: None, first_asked: None, last: None }
    }

    /// A readable response came.
    pub(super) fn answered(&mut self) {
        self.patience.on_response();
        self.last = None;
    }

    /// Whether it is unknown what has become of it: the start is unresolved, or its status could not be read lately,
    /// or ever, or says nothing. `of_endpoint` is what was said about its endpoint.
    pub(super) fn unknown(&self, of_endpoint: Option<&FailureKind>) -> Option<Unknown> {
        let is_overdue = self.first_asked.is_some_and(|asked| asked.elapsed() > SILENT);
        // Of what another program has started, nothing is known before the first response.
        let is_strange = matches!(self.item, Item::External(_));
        let is_silent = !self.patience.has_responded() && (self.last.is_some() || is_overdue || is_strange);
        let (is_start, says_nothing) = match &self.item {
            Item::UnresolvedStart(_) => (true, true),
            Item::Execution(record) | Item::External(record) => {
                (false, record.seen.as_ref().is_some_and(|seen| matches!(seen.status, Status::Unknown(_))))
            }
        };
        if !says_nothing && !is_silent && !self.patience.is_unreadable() {
            return None;
        }
        let was_told = |failure: &Failure| [of_endpoint, self.trouble.as_ref()].contains(&Some(&failure.kind));
        let untold = match &self.last {
            Some(failure) => (!was_told(failure)).then(|| failure.to_string()),
            None => (is_silent && !is_start).then(|| "no response to a status request yet".to_owned()),
        };
        let silence = || Failure::without_response(FailureKind::Unreachable(Unreachable::Deadline), "");
        let reason = self.last.clone().or_else(|| (is_silent && !is_start).then(silence));
        Some(Unknown { reason, untold })
    }
}
