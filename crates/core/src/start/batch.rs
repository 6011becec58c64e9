//! Batches: start requests are sent at the endpoint's rate, with a limited number in flight. All lines are recorded in
//! the store before the first one is sent, so a batch can be resumed after any interruption.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::domain::{BatchId, Failure, FailureKind, Permit, Route, Settled, StartOrder};
use crate::lifecycle::give_up::LOGIN;
use crate::lifecycle::start_outcome::{may_be_sent_later, stops_batch};
use crate::start::starter::{StartReport, Starter};
use crate::store::Store;

/// Number of starts in flight. A gateway may take 29 seconds for each.
const MOST_IN_FLIGHT: usize = 32;
/// Number of starts in flight on the route `sync`, where each takes as long as its execution.
const MOST_SYNCHRONOUS: usize = 128;
/// Number of lines to read at once.
const READ_AHEAD: usize = 200;

/// A report of a batch.
#[derive(Debug, Clone, PartialEq)]
pub enum BatchReport {
    /// The result of a line.
    Result(Box<StartOrder>, StartReport),
    /// Credentials that have started executions are no longer accepted, for this reason. Sending waits for new ones.
    NeedsCredentials(Failure),
    /// There are new credentials.
    Renewed,
    /// The end: because of this failure, or because all lines are sent or the batch was stopped.
    Done(Option<Failure>),
}

/// Sends the lines that this process has claimed, until `stop` or a failure that would affect all remaining lines.
pub async fn run(
    starter: Starter,
    store: Store,
    batch: BatchId,
    _permit: Permit,
    reports: mpsc::Sender<BatchReport>,
    mut stop: watch::Receiver<()>,
) {
    let mut work = Work {
        starter: Arc::new(starter),
        store,
        reports,
        flying: JoinSet::new(),
        why: None,
        unresolved: 0,
        goes_ahead: true,
        has_started: false,
        locked_out: None,
        locked_out_since: None,
    };
    let mut waiting = Vec::new().into_iter();
    'lines: loop {
        if let Some((order, failure)) = work.locked_out.take() {
            tokio::select! {
                _ = stop.changed() => break 'lines,
                () = work.renewed(&order, failure) => {}
            }
            if work.why.is_some() {
                break 'lines;
            }
        }
        let Some((id, order)) = waiting.next() else {
            // Lines in flight still count as unsent until they are marked.
            work.finish_all().await;
            match work.store.unsent_lines(batch, READ_AHEAD).await {
                _ if work.why.is_some() => break,
                Ok(lines) if lines.is_empty() => break,
                Ok(lines) => waiting = lines.into_iter(),
                Err(error) => {
                    work.why = Some(Failure::without_response(FailureKind::NotRecorded, error.to_string()));
                }
            }
            continue;
        };
        loop {
            let may_fly = work.flying.len() < work.most(&order);
            tokio::select! {
                _ = stop.changed() => break 'lines,
                Some(done) = work.flying.join_next() => {
                    work.on_finished(done).await;
                    work.goes_ahead = false;
                    if work.why.is_some() {
                        break 'lines;
                    }
                    if work.locked_out.is_some() {
                        // The current line is read again.
                        waiting = Vec::new().into_iter();
                        continue 'lines;
                    }
                }
                () = work.starter.wait_for_turn(&order), if may_fly => break,
            }
        }
        // A line that cannot be marked as sent would be read again.
        if let Some(error) = work.store.health().borrow().as_ref() {
            work.why = Some(Failure::without_response(FailureKind::NotRecorded, error.to_string()));
            break;
        }
        let starter = Arc::clone(&work.starter);
        work.flying.spawn(async move {
            let report = starter.carry_out(&order, Some(id)).await;
            (order, report)
        });
    }
    work.finish_all().await;
    work.store.stop_batch(batch);
    // A reader must see the unsent lines as soon as the end is reported.
    work.store.flush().await;
    let _ = work.reports.send(BatchReport::Done(work.why)).await;
}

type Finished = Result<(StartOrder, StartReport), tokio::task::JoinError>;

struct Work {
    starter: Arc<Starter>,
    store: Store,
    reports: mpsc::Sender<BatchReport>,
    flying: JoinSet<(StartOrder, StartReport)>,
    /// Why sending stops.
    why: Option<Failure>,
    /// Consecutive unresolved starts.
    unresolved: u32,
    /// The first response shows whether names are passed on, which decides what all others mean.
    goes_ahead: bool,
    /// Whether an execution was started.
    has_started: bool,
    /// A start that was rejected although earlier ones were accepted.
    locked_out: Option<(StartOrder, Failure)>,
    /// When that began. Others may have been rejected since.
    locked_out_since: Option<Instant>,
}

impl Work {
    /// Returns how many starts may be in flight.
    fn most(&self, order: &StartOrder) -> usize {
        match self.starter.expected_route(order) {
            Route::Sync => MOST_SYNCHRONOUS,
            _ if self.goes_ahead && self.starter.is_unknown(order) => 1,
            _ => MOST_IN_FLIGHT,
        }
    }

    /// Waits for new credentials, after the starts in flight have finished.
    async fn renewed(&mut self, order: &StartOrder, failure: Failure) {
        self.finish_all().await;
        self.locked_out = None;
        // Lines that wait again are read after this.
        self.store.flush().await;
        let _ = self.reports.send(BatchReport::NeedsCredentials(failure.clone())).await;
        let since = *self.locked_out_since.get_or_insert_with(Instant::now);
        match tokio::time::timeout_at(since + LOGIN, self.starter.credentials_renewed(order)).await {
            Ok(()) => drop(self.reports.send(BatchReport::Renewed).await),
            Err(_) => self.why = Some(failure),
        }
    }

    async fn finish_all(&mut self) {
        while let Some(done) = self.flying.join_next().await {
            self.on_finished(done).await;
        }
    }

    /// Handles a result. A line that failed for a reason that affects all lines waits again.
    async fn on_finished(&mut self, done: Finished) {
        let (order, report) = match done {
            Ok(landed) => landed,
            Err(error) => {
                let failure = Failure::without_response(FailureKind::Client, format!("a start failed: {error}"));
                self.why.get_or_insert(failure);
                return;
            }
        };
        if let Settled::Refused(failure) = &report.settled
            && may_be_sent_later(failure)
        {
            if let Some(id) = report.request_id {
                self.store.mark_unsent(id);
            }
            if self.has_started && self.starter.needs_credentials(&order) {
                self.locked_out = Some((order, failure.clone()));
            } else {
                self.why.get_or_insert(failure.clone());
            }
            return;
        }
        self.starter.settle(&report);
        if matches!(report.settled, Settled::Confirmed(_)) {
            (self.has_started, self.locked_out_since) = (true, None);
        }
        let is_unresolved = matches!(report.settled, Settled::Unresolved(_));
        self.unresolved = if is_unresolved { self.unresolved + 1 } else { 0 };
        if let Settled::Unresolved(start) = &report.settled {
            let stops = |reason: &Failure| stops_batch(&reason.kind, report.is_idempotent, self.unresolved);
            let why = start.reason.clone().filter(stops);
            self.why = self.why.take().or(why);
        }
        let _ = self.reports.send(BatchReport::Result(Box::new(order), report)).await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::{
        Endpoint, EndpointName, ExecutionName, Guard, LineOrder, MachineType, NameOrigin, Payload, StateMachineArn,
        Timestamp,
    };
    use crate::gateway::Clients;
    use crate::store::Retention;

    fn now() -> Timestamp {
        Timestamp::from_millis(1_701_838_931_000)
    }

    fn order(endpoint: &Endpoint, name: &str) -> StartOrder {
        StartOrder {
            endpoint: EndpointName::new("e"),
            gateway: endpoint.gateway(),
            machine_name: "m".into(),
            machine: StateMachineArn::parse("arn:aws:states:us-east-1:111122223333:stateMachine:M").expect("an ARN"),
            machine_type: MachineType::Standard,
            name: ExecutionName::parse(name).expect("a name"),
            origin: NameOrigin::Generated,
            input: Payload::received("{}"),
        }
    }

    #[tokio::test]
    async fn a_batch_ends_and_sends_nothing_more_when_nothing_can_be_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let keep = Retention { payloads: true, retain: Duration::from_secs(86_400) };
        let (store, _) = Store::open(folder.path(), keep, now()).expect("a store");
        // This port has no listener, and nothing is sent.
        let endpoint = Endpoint::plain("e", "http://127.0.0.1:9/dev");
        let lines = (1..=3).map(|line| LineOrder { line, order: order(&endpoint, &format!("line-{line}")) }).collect();
        let batch = store.begin_batch("lines.jsonl".into(), lines, now()).await.expect("begun");
        let starter = Starter::new(Clients::new([endpoint.clone()]), Some(store.clone()), now);
        let mut health = store.health();
        store.break_writer();
        health.wait_for(Option::is_some).await.expect("it is reported");
        let (reporting, mut reports) = mpsc::channel(8);
        let (_stop, stopped) = watch::channel(());
        let permit = Guard::of([&endpoint]).permit("").expect("no guard");
        let running = run(starter.clone(), store.clone(), batch, permit, reporting, stopped);
        tokio::time::timeout(Duration::from_secs(30), running).await.expect("it ends");
        let Some(BatchReport::Done(Some(why))) = reports.recv().await else { panic!("the end is the only report") };
        assert_eq!(why.kind, FailureKind::NotRecorded);
        assert!(why.message.contains("writing to it failed"), "{why}");
        assert_eq!(reports.recv().await, None);
    }
}
