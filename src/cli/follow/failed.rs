//! Questions that failed: what is said about it, once, and when a command stops asking.

use std::time::Instant;

use crate::cli::follow::{Followed, Follower, Item, Step};
use stepgate_core::domain::{EndpointName, ExecutionId, Failure, Verdict};
use stepgate_core::lifecycle::backlog::Backlog;
use stepgate_core::lifecycle::patience::is_unreadable;
use stepgate_core::lifecycle::unresolved;
use stepgate_core::watch::Command;

impl Follower {
    /// Reports once that the watch of an endpoint is behind.
    pub(super) fn is_behind(&mut self, endpoint: &EndpointName, backlog: Backlog) {
        if let Some(message) = backlog.message()
            && self.behind.insert(endpoint.clone())
        {
            self.waiting.push_back(Step::Said(format!("{endpoint}: {message}")));
        }
    }

    /// A question was not answered, and would be asked again.
    pub(super) fn failed(&mut self, endpoint: &EndpointName, id: ExecutionId, failure: Failure, verdict: &Verdict) {
        // That a start is not found is what is being found out.
        let is_expected = |item: &Item| matches!(item, Item::UnresolvedStart(_)) && unresolved::is_expected(&failure);
        if let Some(followed) = self.items.get_mut(&id).filter(|followed| !is_expected(&followed.item)) {
            followed.last = Some(failure.clone());
        }
        if *verdict == Verdict::Slowed {
            if self.slowed.insert(endpoint.clone()) {
                let words = format!("{endpoint}: {failure} Polling less often while it throttles");
                self.waiting.push_back(Step::Said(words));
            }
            return;
        }
        let is_of_endpoint = matches!(verdict, Verdict::BackingOff(_));
        let is_of_one = matches!(verdict, Verdict::Postponed(_));
        if is_of_endpoint && self.troubles.get(endpoint) != Some(&failure.kind) {
            self.troubles.insert(endpoint.clone(), failure.kind.clone());
            self.waiting.push_back(Step::Said(format!("{endpoint}: {failure}")));
        }
        let is_news = |followed: &&mut Followed| is_of_one && !is_expected(&followed.item);
        if let Some(followed) = self.items.get_mut(&id).filter(is_news)
            && followed.trouble.as_ref() != Some(&failure.kind)
        {
            followed.trouble = Some(failure.kind.clone());
            self.waiting.push_back(Step::Said(format!("{}: {failure}", followed.item.names().1)));
        }
        let patience = self.endpoints.entry(endpoint.clone()).or_default();
        let (has_answered, now) = (patience.has_responded(), Instant::now());
        if is_of_endpoint && !is_unreadable(&failure) {
            if patience.on_failure(&failure, has_answered, now) {
                let is_there = |followed: &Followed| followed.endpoint == *endpoint;
                let lost = self.items.extract_if(|_, followed| is_there(followed));
                let lost = lost.map(|(id, followed)| Step::Lost(id, followed.item, failure.clone()));
                self.waiting.extend(lost);
            }
            return;
        }
        let Some(followed) = self.items.get_mut(&id).filter(|_| is_of_one || is_of_endpoint) else { return };
        if followed.patience.on_failure(&failure, has_answered, now)
            && let Some(followed) = self.items.remove(&id)
        {
            self.waiting.push_back(Step::Lost(id, followed.item, failure));
            // Commands are taken at once; a watcher that is gone has nothing to forget.
            let _ = self.commands.try_send(Command::Forget(id));
        }
    }
}
