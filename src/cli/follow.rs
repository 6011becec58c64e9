//! Following executions from a command: the watcher of the terminal UI, without the UI.

use std::collections::HashMap;

use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::cli::say;
use crate::domain::{
    Doubt, EndpointName, ExecutionId, Failure, FailureKind, GRACE, Observation, Record, Settled, StartOrder, Started,
    StatusAnswer, Timestamp, Verdict, Watched,
};
use crate::gateway::Clients;
use crate::runtime::{Signals, now};
use crate::store::Store;
use crate::watch::{self, Command, Report};

/// What can wait between the watcher and the command.
const WAITING: usize = 64;

/// What is followed.
#[derive(Debug, Clone)]
pub(super) enum Item {
    /// An execution.
    Execution(Record),
    /// A start of which it is not known whether there is an execution.
    Doubt(Doubt),
}

/// What happened.
#[derive(Debug)]
pub(super) enum Step {
    /// Another status, or the first; of a start in doubt: there is an execution.
    Seen(Record),
    /// It ended. It is not followed any more.
    Ended(ExecutionId, Record),
    /// Nobody can tell how it goes. It is not followed any more.
    Unknown(ExecutionId, Failure),
    /// There is no execution: the start was not carried out.
    NeverStarted(ExecutionId),
    /// The time was up.
    TimedOut,
    /// A signal came, by its number.
    Interrupted(i32),
}

/// Follows any number of executions.
pub(super) struct Follower {
    store: Option<Store>,
    commands: mpsc::Sender<Command>,
    reports: mpsc::Receiver<Report>,
    items: HashMap<ExecutionId, Item>,
    ids: u64,
    deadline: Option<Instant>,
    troubles: HashMap<EndpointName, FailureKind>,
}

impl Follower {
    /// Follows until the deadline, if there is one.
    pub(super) fn new(clients: &Clients, store: Option<Store>, deadline: Option<Instant>) -> Self {
        let (commands, orders) = mpsc::channel(WAITING);
        let (reporting, reports) = mpsc::channel(WAITING);
        watch::spawn(clients.usable(), orders, reporting);
        Self { store, commands, reports, items: HashMap::new(), ids: 0, deadline, troubles: HashMap::new() }
    }

    /// Follows one more, at the endpoint that has this name now.
    pub(super) async fn add(&mut self, item: Item, endpoint: EndpointName) -> ExecutionId {
        let id = ExecutionId(self.ids);
        self.ids += 1;
        let (arn, started, grace) = match &item {
            Item::Execution(record) => (record.arn.clone(), record.started, GRACE),
            Item::Doubt(doubt) => (doubt.order.machine.execution(&doubt.order.name), doubt.sent, doubt.grace(now())),
        };
        self.items.insert(id, item);
        let watched = Watched { id, endpoint, arn, age: now().since(started), grace };
        let _ = self.commands.send(Command::Watch(vec![watched])).await;
        // The only one is asked about every second.
        let only = (self.items.len() == 1).then_some(id);
        let _ = self.commands.send(Command::Select(only)).await;
        id
    }

    /// Waits for something to happen.
    pub(super) async fn next(&mut self, signals: &mut Signals) -> Step {
        loop {
            let report = tokio::select! {
                report = self.reports.recv() => report,
                number = signals.next() => return Step::Interrupted(number),
                () = until(self.deadline) => return Step::TimedOut,
            };
            match report {
                Some(Report::Answered(answer)) => {
                    if let Some(step) = self.take(*answer) {
                        return step;
                    }
                }
                Some(Report::Asked { .. }) => {}
                // The watcher lives as long as this does; nothing more would come.
                None => std::future::pending().await,
            }
        }
    }

    fn take(&mut self, answer: StatusAnswer) -> Option<Step> {
        let StatusAnswer { endpoint, id, answer, verdict, .. } = answer;
        let item = self.items.remove(&id)?;
        match answer {
            Ok(seen) => {
                if self.troubles.remove(&endpoint).is_some() {
                    say(&format!("{endpoint} answers again"));
                }
                self.seen(id, item, seen, verdict == Verdict::Ended)
            }
            Err(failure) if verdict == Verdict::GivenUp => Some(self.given_up(id, item, failure)),
            Err(failure) => {
                let is_worth_telling = matches!(verdict, Verdict::BackingOff(_) | Verdict::Postponed(_));
                if is_worth_telling && self.troubles.get(&endpoint) != Some(&failure.kind) {
                    say(&format!("{endpoint}: {failure}"));
                    self.troubles.insert(endpoint, failure.kind);
                }
                self.items.insert(id, item);
                None
            }
        }
    }

    fn seen(&mut self, id: ExecutionId, item: Item, seen: Observation, has_ended: bool) -> Option<Step> {
        let (before, record) = match item {
            Item::Execution(record) => (record.seen.as_ref().map(|seen| seen.status.clone()), record),
            Item::Doubt(doubt) if doubt.is_answered_by(&seen) => {
                let arn = doubt.order.machine.execution(&doubt.order.name);
                let started = Started { execution_arn: arn, start_date: Some(seen.start_date) };
                let record = begun(&started, &doubt.order, now());
                self.note(&doubt, Settled::Confirmed(started));
                (None, record)
            }
            Item::Doubt(doubt) => {
                let failure = Failure::without_answer(FailureKind::ExecutionAlreadyExists, "");
                self.note(&doubt, Settled::Refused(failure.clone()));
                return Some(Step::Unknown(id, failure));
            }
        };
        let is_news = before.as_ref() != Some(&seen.status);
        let record = Record { started: seen.start_date, answered: Some(now()), seen: Some(seen), ..record };
        if is_news && let Some(store) = &self.store {
            store.keep(record.clone());
        }
        if has_ended {
            return Some(Step::Ended(id, record));
        }
        self.items.insert(id, Item::Execution(record.clone()));
        is_news.then_some(Step::Seen(record))
    }

    fn given_up(&mut self, id: ExecutionId, item: Item, failure: Failure) -> Step {
        match item {
            Item::Doubt(doubt) if failure.kind == FailureKind::ExecutionDoesNotExist => {
                self.note(&doubt, Settled::NeverStarted);
                Step::NeverStarted(id)
            }
            Item::Doubt(_) => Step::Unknown(id, failure),
            Item::Execution(record) => {
                if let Some(store) = &self.store {
                    store.keep(Record { given_up: Some(failure.clone()), ..record });
                }
                Step::Unknown(id, failure)
            }
        }
    }

    fn note(&self, doubt: &Doubt, settled: Settled) {
        if let (Some(store), Some(id)) = (&self.store, doubt.record) {
            store.settle(id, settled, now());
        }
    }
}

/// A record as it is when an execution was just started.
pub(super) fn begun(started: &Started, order: &StartOrder, now: Timestamp) -> Record {
    Record {
        place: order.place.clone(),
        endpoint: order.endpoint.clone(),
        profile: order.profile.clone(),
        machine: order.machine.clone(),
        arn: started.execution_arn.clone(),
        started: started.start_date.unwrap_or(now),
        answered: None,
        seen: None,
        given_up: None,
    }
}

/// Waits for the deadline; for ever without one.
pub(super) async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
