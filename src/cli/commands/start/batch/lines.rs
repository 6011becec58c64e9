//! The lines of a batch: their state in the store, the executions that are followed, and their results.

use std::collections::HashMap;

use crate::cli::Exit;
use crate::cli::commands::start::batch::results::Results;
use crate::cli::follow::{Follower, Item};
use crate::cli::report::console::{Console, Pipe};
use crate::cli::report::execution::{ListedState, with_payloads};
use crate::cli::report::progress::Counts;
use crate::output::Text;
use crate::runtime::now;
use stepgate_core::domain::{
    BatchLine, ExecutionId, ExecutionRecord, Failure, FailureKind, LineState, Observation, StartOrder,
};
use stepgate_core::gateway::Clients;
use stepgate_core::store::Store;

/// The lines of a batch until each has its result.
pub(super) struct Lines {
    /// Whether results are outcomes (`--wait`) or starts.
    pub(super) waits: bool,
    /// Start requests by line number.
    pub(super) orders: HashMap<usize, StartOrder>,
    /// Line numbers of the executions that are followed.
    pub(super) followed: HashMap<ExecutionId, usize>,
    pub(super) follower: Follower,
    pub(super) results: Results,
    pub(super) counts: Counts,
    /// The worst exit code so far.
    pub(super) exit: Exit,
    pub(super) pipe: Pipe,
    pub(super) console: Console,
    pub(super) clients: Clients,
    pub(super) store: Store,
}

impl Lines {
    /// Continues a line from its state in the store.
    pub(super) async fn resume(&mut self, line: BatchLine) -> anyhow::Result<()> {
        let BatchLine { line, name, state, .. } = line;
        let order = self.orders.get(&line).map(|order| StartOrder { name, ..order.clone() });
        match (state, order) {
            (LineState::Unresolved(start), _) => self.follow(line, Item::UnresolvedStart(*start)).await,
            (LineState::Started(record), _) => match (&record.seen, &record.given_up) {
                (Some(seen), None) if seen.is_ended() => {
                    let payloads = self.store.payloads(record.gateway.clone(), record.arn.clone()).await;
                    self.on_ended(line, &with_payloads(*record, payloads.unwrap_or_default()))
                }
                (_, Some(failure)) => self.on_lost(line, &record, failure),
                _ => self.on_started(line, *record).await,
            },
            (LineState::NotStarted(reason), Some(order)) => {
                self.report_not_started(line, &order, ListedState::Refused, reason.as_ref())
            }
            _ => Ok(()),
        }
    }

    /// Follows the execution, or reports it if there is nothing to wait for.
    pub(super) async fn on_started(&mut self, line: usize, record: ExecutionRecord) -> anyhow::Result<()> {
        if record.seen.as_ref().is_some_and(Observation::is_ended) {
            return self.report_outcome(line, &record);
        }
        if self.waits && record.given_up.is_none() {
            return self.follow(line, Item::Execution(record)).await;
        }
        // The outcome of an EXPRESS execution may not be available.
        self.exit = self.exit.worse(if self.waits { Exit::Unknown } else { Exit::Done });
        self.counts.succeeded += 1;
        let result = self.console.report.execution(&record, Some(line), None);
        self.add_result(line, result)
    }

    pub(super) async fn follow(&mut self, line: usize, item: Item) -> anyhow::Result<()> {
        let record = item.record();
        let Some(endpoint) = self.clients.name_at(&record.gateway, &record.endpoint).cloned() else {
            let failure = Failure::without_response(FailureKind::EndpointGone, record.gateway.as_str());
            return self.on_lost(line, &record, &failure);
        };
        let id = self.follower.add(item, endpoint).await;
        self.followed.insert(id, line);
        Ok(())
    }

    pub(super) fn on_ended(&mut self, line: usize, record: &ExecutionRecord) -> anyhow::Result<()> {
        // The response to the start of an EXPRESS execution was its outcome.
        if self.waits || record.is_settled() {
            return self.report_outcome(line, record);
        }
        self.counts.succeeded += 1;
        let result = self.console.report.execution(record, Some(line), None);
        self.add_result(line, result)
    }

    fn report_outcome(&mut self, line: usize, record: &ExecutionRecord) -> anyhow::Result<()> {
        self.exit = self.exit.worse(Exit::from_outcome(record));
        self.counts.count(record.seen.as_ref().and_then(|seen| seen.status.outcome()));
        let result = self.console.report.execution(record, Some(line), None);
        self.add_result(line, result)
    }

    pub(super) fn on_lost(&mut self, line: usize, record: &ExecutionRecord, failure: &Failure) -> anyhow::Result<()> {
        self.exit = self.exit.worse(Exit::Unknown);
        self.counts.unknown += 1;
        let result = self.console.report.execution(record, Some(line), Some(failure));
        self.add_result(line, result)
    }

    pub(super) fn report_not_started(
        &mut self,
        line: usize,
        order: &StartOrder,
        state: ListedState,
        reason: Option<&Failure>,
    ) -> anyhow::Result<()> {
        let exit = match state {
            ListedState::Refused => reason.map_or(Exit::Refused, Exit::from_failure),
            ListedState::Unresolved | ListedState::NeverStarted => Exit::Unknown,
        };
        self.exit = self.exit.worse(exit);
        *if state == ListedState::Refused { &mut self.counts.refused } else { &mut self.counts.unresolved } += 1;
        let result = self.console.report.start(order, Some(line), state, reason, now());
        self.add_result(line, result)
    }

    pub(super) fn add_result(&mut self, line: usize, result: Text) -> anyhow::Result<()> {
        self.counts.done += 1;
        self.pipe = self.results.add(line, result, &mut self.console)?;
        Ok(())
    }
}
