//! Failed status requests: reports each problem once, and decides when to give up.

use std::time::Instant;

use crate::cli::follow::{Followed, Follower, Item, Step};
use stepgate_core::domain::{EndpointName, ExecutionId, Failure, Verdict};
use stepgate_core::lifecycle::backlog::Backlog;
use stepgate_core::lifecycle::give_up::is_unreadable;
use stepgate_core::lifecycle::unresolved;
use stepgate_core::watch::Command;

impl Follower {
    /// Handles a readable response. A log says nothing about the status route.
    pub(super) fn on_response(&mut self, endpoint: &EndpointName, followed: &mut Followed) {
        followed.on_response();
        if followed.is_logged() {
            self.logs_reported.remove(endpoint);
            return;
        }
        if self.reported.remove(endpoint).is_some() {
            self.waiting.push_back(Step::Message(format!("{endpoint} responds again")));
        }
        self.endpoints.entry(endpoint.clone()).or_default().on_response();
    }

    /// Reports once that the logs of an endpoint cannot be read.
    fn report_logs(&mut self, endpoint: &EndpointName, failure: &Failure) {
        if self.logs_reported.insert(endpoint.clone(), failure.kind.clone()).as_ref() != Some(&failure.kind) {
            self.waiting.push_back(Step::Message(format!("{endpoint}: the logs cannot be read: {failure}")));
        }
    }

    /// Reports once that polling of an endpoint is behind.
    pub(super) fn report_backlog(&mut self, endpoint: &EndpointName, backlog: Backlog) {
        if let Some(message) = backlog.message()
            && self.behind.insert(endpoint.clone())
        {
            self.waiting.push_back(Step::Message(format!("{endpoint}: {message}")));
        }
    }

    /// Handles a failed request that would be retried.
    pub(super) fn on_failure(&mut self, endpoint: &EndpointName, id: ExecutionId, failure: Failure, verdict: &Verdict) {
        // `ExecutionDoesNotExist` is a normal response while a start is unresolved.
        let is_expected = |item: &Item| matches!(item, Item::UnresolvedStart(_)) && unresolved::is_expected(&failure);
        if let Some(followed) = self.items.get_mut(&id).filter(|followed| !is_expected(&followed.item)) {
            followed.last_failure = Some(failure.clone());
        }
        if *verdict == Verdict::Slowed {
            if self.slowed.insert(endpoint.clone()) {
                let message = format!("{endpoint}: {failure} Polling less often while it throttles");
                self.waiting.push_back(Step::Message(message));
            }
            return;
        }
        let is_of_endpoint = matches!(verdict, Verdict::BackingOff(_));
        let is_of_one = matches!(verdict, Verdict::Postponed(_));
        if is_of_endpoint && self.reported.get(endpoint) != Some(&failure.kind) {
            self.reported.insert(endpoint.clone(), failure.kind.clone());
            self.waiting.push_back(Step::Message(format!("{endpoint}: {failure}")));
        }
        let is_logged = self.items.get(&id).is_some_and(Followed::is_logged);
        if is_logged {
            self.report_logs(endpoint, &failure);
        }
        let is_news = |followed: &&mut Followed| is_of_one && !is_logged && !is_expected(&followed.item);
        if let Some(followed) = self.items.get_mut(&id).filter(is_news)
            && followed.reported.as_ref() != Some(&failure.kind)
        {
            followed.reported = Some(failure.kind.clone());
            self.waiting.push_back(Step::Message(format!("{}: {failure}", followed.item.names().1)));
        }
        let patience = self.endpoints.entry(endpoint.clone()).or_default();
        let (has_responded, now) = (patience.has_responded(), Instant::now());
        if is_of_endpoint && !is_unreadable(&failure) {
            if patience.on_failure(&failure, has_responded, now) {
                let is_at_endpoint = |followed: &Followed| followed.endpoint == *endpoint;
                let lost = self.items.extract_if(|_, followed| is_at_endpoint(followed));
                let lost = lost.map(|(id, followed)| Step::Lost(id, followed.item, failure.clone()));
                self.waiting.extend(lost);
            }
            return;
        }
        let Some(followed) = self.items.get_mut(&id).filter(|_| is_of_one || is_of_endpoint) else { return };
        let has_responded = has_responded || followed.patience.has_responded();
        if followed.patience.on_failure(&failure, has_responded, now)
            && let Some(followed) = self.items.remove(&id)
        {
            self.waiting.push_back(Step::Lost(id, followed.item, failure));
            // The queue has room, and a watcher that has ended has nothing to forget.
            let _ = self.commands.try_send(Command::Forget(id));
        }
    }
}
