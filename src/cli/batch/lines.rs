//! What becomes of a line: where it stands in the store, whether it is followed, and its result.

use std::collections::HashMap;

use crate::cli::Exit;
use crate::cli::batch::results::Results;
use crate::cli::console::{Console, Reader};
use crate::cli::follow::{Follower, Item};
use crate::cli::progress::Counts;
use crate::cli::report::{ListedState, with_payloads};
use crate::output::Text;
use crate::runtime::now;
use stepgate_core::domain::{
    BatchLine, ExecutionId, ExecutionRecord, Failure, FailureKind, LineState, Observation, StartOrder,
};
use stepgate_core::gateway::Clients;
use stepgate_core::store::Store;

/// The lines on their way to their results.
pub(super) struct Lines {
    /// Whether a result is the end of an execution, or its start.
    pub(super) waits: bool,
    /// What they order, by the line's number.
    pub(super) orders: HashMap<usize, StartOrder>,
    /// The line that is followed under this number.
    pub(super) followed: HashMap<ExecutionId, usize>,
    pub(super) follower: Follower,
    pub(super) results: Results,
    pub(super) counts: Counts,
    /// The worst so far.
    pub(super) exit: Exit,
    pub(super) reader: Reader,
    pub(super) console: Console,
    pub(super) clients: Clients,
    pub(super) store: Store,
}

impl Lines {
    /// Takes up a line as the store knows it.
    pub(super) async fn begin(&mut self, line: BatchLine) -> anyhow::Result<()> {
        let BatchLine { line, name, state: standing, .. } = line;
        let order = self.orders.get(&line).map(|order| StartOrder { name, ..order.clone() });
        match (standing, order) {
            (LineState::Unresolved(start), _) => self.follow(line, Item::UnresolvedStart(*start)).await,
            (LineState::Started(record), _) => match (&record.seen, &record.given_up) {
                (Some(seen), None) if seen.is_ended() => {
                    let kept = self.store.payloads(record.gateway.clone(), record.arn.clone()).await;
                    self.ended(line, &with_payloads(*record, kept.unwrap_or_default()))
                }
                (_, Some(failure)) => self.lost(line, &record, failure),
                _ => self.started(line, *record).await,
            },
            (LineState::NotStarted(reason), Some(order)) => {
                self.not_started(line, &order, ListedState::Refused, reason.as_ref())
            }
            _ => Ok(()),
        }
    }

    /// There is an execution: it is followed, or that is all there is to know.
    pub(super) async fn started(&mut self, line: usize, record: ExecutionRecord) -> anyhow::Result<()> {
        if record.seen.as_ref().is_some_and(Observation::is_ended) {
            return self.outcome(line, &record);
        }
        if self.waits && record.arn.is_describable() {
            return self.follow(line, Item::Execution(record)).await;
        }
        // Nobody can wait for an EXPRESS execution.
        self.exit = self.exit.or(if self.waits { Exit::Unknown } else { Exit::Done });
        self.counts.good += 1;
        let result = self.console.report.execution(&record, Some(line), None);
        self.tell(line, result)
    }

    pub(super) async fn follow(&mut self, line: usize, item: Item) -> anyhow::Result<()> {
        let record = item.record();
        let Some(endpoint) = self.clients.name_at(&record.gateway, &record.endpoint).cloned() else {
            let gone = Failure::without_response(FailureKind::EndpointGone, record.gateway.as_str());
            return self.lost(line, &record, &gone);
        };
        let id = self.follower.add(item, endpoint).await;
        self.followed.insert(id, line);
        Ok(())
    }

    pub(super) fn ended(&mut self, line: usize, record: &ExecutionRecord) -> anyhow::Result<()> {
        if self.waits {
            return self.outcome(line, record);
        }
        self.counts.good += 1;
        let result = self.console.report.execution(record, Some(line), None);
        self.tell(line, result)
    }

    fn outcome(&mut self, line: usize, record: &ExecutionRecord) -> anyhow::Result<()> {
        self.exit = self.exit.or(Exit::of_end(record));
        self.counts.count(record.seen.as_ref().and_then(|seen| seen.status.outcome()));
        let result = self.console.report.execution(record, Some(line), None);
        self.tell(line, result)
    }

    pub(super) fn lost(&mut self, line: usize, record: &ExecutionRecord, failure: &Failure) -> anyhow::Result<()> {
        self.exit = self.exit.or(Exit::of_failure(failure));
        self.counts.unknown += 1;
        let result = self.console.report.execution(record, Some(line), Some(failure));
        self.tell(line, result)
    }

    pub(super) fn not_started(
        &mut self,
        line: usize,
        order: &StartOrder,
        standing: ListedState,
        reason: Option<&Failure>,
    ) -> anyhow::Result<()> {
        let exit = match standing {
            ListedState::Refused => reason.map_or(Exit::Refused, Exit::of_failure),
            ListedState::Unresolved | ListedState::NeverStarted => Exit::Unknown,
        };
        self.exit = self.exit.or(exit);
        *if standing == ListedState::Refused { &mut self.counts.refused } else { &mut self.counts.unresolved } += 1;
        let result = self.console.report.start(order, Some(line), standing, reason, now());
        self.tell(line, result)
    }

    pub(super) fn tell(&mut self, line: usize, result: Text) -> anyhow::Result<()> {
        self.counts.done += 1;
        self.reader = self.results.tell(line, result, &mut self.console)?;
        Ok(())
    }
}
