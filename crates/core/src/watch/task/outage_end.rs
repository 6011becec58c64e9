//! What ends an outage early: new credentials, and successful requests of others to the same endpoint.

use std::sync::Arc;

use crate::task::Boxed;
use crate::watch::status_source::{Shared, StatusSource};
use crate::watch::task::Watcher;
use crate::watch::task::request::{Response, Subject};

impl<S: StatusSource, P: Shared> Watcher<S, P> {
    /// Waits for both at endpoints with paused status requests.
    pub(super) fn await_outage_end(&mut self) {
        for (endpoint, poller) in &mut self.pollers {
            if poller.start_waiting_for_credentials() {
                let source = Arc::clone(&poller.source);
                let end: Boxed<Response> = Box::pin(async move {
                    source.credentials_renewed().await;
                    Response::Recovered
                });
                let waiting = self.requests.spawn(end);
                self.subjects.insert(waiting.id(), (endpoint.clone(), Subject::Recovery));
                poller.renewal = Some(waiting);
            }
            if poller.start_waiting_for_success() {
                let source = Arc::clone(&poller.source);
                let end: Boxed<Response> = Box::pin(async move {
                    source.next_success().await;
                    Response::Recovered
                });
                let waiting = self.requests.spawn(end);
                self.subjects.insert(waiting.id(), (endpoint.clone(), Subject::Recovery));
                poller.recovery = Some(waiting);
            }
        }
    }
}
