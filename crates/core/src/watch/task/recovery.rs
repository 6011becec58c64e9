//! What ends an outage early: new credentials, and successful requests of others to the same endpoint.

use std::sync::Arc;

use crate::watch::source::{Shared, StatusSource};
use crate::watch::task::{Answer, Subject, Watcher};

impl<S: StatusSource, P: Shared> Watcher<S, P> {
    /// Waits for both wherever status requests are held back.
    pub(super) fn await_recovery(&mut self) {
        for (endpoint, poller) in &mut self.pollers {
            if poller.begins_to_wait_for_credentials() {
                let source = Arc::clone(&poller.source);
                let waiting = self.questions.spawn(async move {
                    source.credentials_renewed().await;
                    Answer::Recovered
                });
                self.asked.insert(waiting.id(), (endpoint.clone(), Subject::Recovery));
                poller.renewal = Some(waiting);
            }
            if poller.begins_to_wait_for_answers() {
                let source = Arc::clone(&poller.source);
                let waiting = self.questions.spawn(async move {
                    source.answered().await;
                    Answer::Recovered
                });
                self.asked.insert(waiting.id(), (endpoint.clone(), Subject::Recovery));
                poller.recovery = Some(waiting);
            }
        }
    }
}
