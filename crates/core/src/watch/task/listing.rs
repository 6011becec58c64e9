//! Lists of the latest executions, to find those that others have started.

use std::time::Instant;

use crate::domain::{EndpointName, Failure, ListedExecution, StateMachineArn};
use crate::lifecycle::attribution;
use crate::watch::report::Report;
use crate::watch::status_source::{Shared, StatusSource};
use crate::watch::task::Watcher;

impl<S: StatusSource, P: Shared> Watcher<S, P> {
    /// Sets the machines to list.
    pub(super) fn list(&mut self, machines: &[(EndpointName, StateMachineArn)], now: Instant) {
        for (endpoint, poller) in &mut self.pollers {
            let here = machines.iter().filter(|(at, _)| at == endpoint).map(|(_, machine)| machine.clone());
            poller.schedule.list_machines(here.collect(), now);
        }
    }

    /// Reports the latest executions of a machine; entries about other machines are dropped.
    pub(super) fn on_latest(
        &mut self,
        endpoint: EndpointName,
        machine: &StateMachineArn,
        listed: Result<Vec<ListedExecution>, Failure>,
        now: Instant,
    ) {
        let Some(poller) = self.pollers.get_mut(&endpoint) else { return };
        poller.schedule.on_listed(machine, listed.as_ref().err(), now);
        match listed {
            Ok(mut listed) => {
                listed.retain(|listed| attribution::is_of_machine(machine, listed));
                self.report_queue.push(Report::Listed(endpoint, listed));
            }
            Err(failure) => tracing::debug!(%endpoint, %failure, "the latest executions cannot be listed"),
        }
    }
}
