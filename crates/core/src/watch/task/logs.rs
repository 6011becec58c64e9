//! Reports what the logs of EXPRESS executions show.

use std::time::Instant;

use crate::domain::{EndpointName, Failure, LogEvent, Paged, StateMachineArn};
use crate::lifecycle::StatusReport;
use crate::watch::logs::LoggedResult;
use crate::watch::report::Report;
use crate::watch::status_source::{Shared, StatusSource};
use crate::watch::task::Watcher;

impl<S: StatusSource, P: Shared> Watcher<S, P> {
    /// Handles a page of the log of a machine.
    pub(super) fn on_log(
        &mut self,
        endpoint: &EndpointName,
        machine: &StateMachineArn,
        page: Result<Paged<LogEvent>, Failure>,
        now: Instant,
    ) {
        let Some(poller) = self.pollers.get_mut(endpoint) else { return };
        if let Err(failure) = &page {
            tracing::debug!(%endpoint, %failure, "a log cannot be read");
        }
        let results = poller.on_log(machine, page, self.shared.now(), now);
        let (is_paused, rate) = (poller.schedule.is_paused(), poller.schedule.rate(now));
        let backlog = poller.schedule.backlog(now);
        for LoggedResult { id, change, verdict } in results {
            let endpoint = endpoint.clone();
            let report = StatusReport { endpoint, id, change, verdict, is_paused, rate, backlog };
            self.report_queue.push(Report::Status(Box::new(report)));
        }
    }
}
