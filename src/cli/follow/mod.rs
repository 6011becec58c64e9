//! Following executions from a command: the watcher of the terminal UI, without the UI.

mod failed;
mod followed;
mod item;

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, MissedTickBehavior};

use crate::format::text::visible;
use crate::runtime::{Shared, Signals, now};
use stepgate_core::domain::{
    EndpointName, ExecutionId, ExecutionRecord, Failure, FailureKind, Observation, Settled, Status, UnresolvedStart,
    Verdict, Warning,
};
use stepgate_core::gateway::Clients;
use stepgate_core::lifecycle::patience::Patience;
use stepgate_core::lifecycle::{Change, StatusReport, Watched, execution};
use stepgate_core::store::Store;
use stepgate_core::watch::{self, Command, Report};

use followed::Followed;
pub(super) use followed::Unknown;
pub(super) use item::Item;

/// What can wait between the watcher and the command.
const WAITING: usize = 64;

/// What happened.
#[derive(Debug)]
pub(super) enum Step {
    /// Another status, or the first; of a start in doubt: there is an execution.
    Seen(ExecutionId, ExecutionRecord),
    /// It ended. It is not followed any more.
    Ended(ExecutionId, ExecutionRecord),
    /// Nobody can tell how it goes. It is not followed any more.
    Lost(ExecutionId, Item, Failure),
    /// There is no execution: the start was not carried out.
    NeverStarted(ExecutionId, UnresolvedStart),
    /// An endpoint does not answer as before, or does again.
    Said(String),
    /// Time went by, which live lines show.
    Tick,
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
    items: HashMap<ExecutionId, Followed>,
    ids: u64,
    deadline: Option<Instant>,
    beat: Option<Interval>,
    /// What is wrong with endpoints, which is told once.
    troubles: HashMap<EndpointName, FailureKind>,
    /// Endpoints that have throttled, which is told once.
    slowed: HashSet<EndpointName>,
    /// Endpoints whose backlog has been reported.
    behind: HashSet<EndpointName>,
    /// What the questions to each endpoint have met so far.
    endpoints: HashMap<EndpointName, Patience>,
    waiting: VecDeque<Step>,
}

impl Follower {
    /// Follows until the deadline, if there is one; with a step every second if `is_live`.
    pub(super) fn new(clients: &Clients, store: Option<Store>, deadline: Option<Instant>, is_live: bool) -> Self {
        let (commands, orders) = mpsc::channel(WAITING);
        let (reporting, reports) = mpsc::channel(WAITING);
        watch::spawn(clients.usable(), Shared::new(store.clone(), clients), orders, reporting);
        let beat = is_live.then(|| {
            let mut beat = tokio::time::interval(Duration::from_secs(1));
            beat.set_missed_tick_behavior(MissedTickBehavior::Skip);
            beat
        });
        Self {
            store,
            commands,
            reports,
            items: HashMap::new(),
            ids: 0,
            deadline,
            beat,
            troubles: HashMap::new(),
            slowed: HashSet::new(),
            behind: HashSet::new(),
            endpoints: HashMap::new(),
            waiting: VecDeque::new(),
        }
    }

    /// Follows one more, at the endpoint that has this name now.
    pub(super) async fn add(&mut self, item: Item, endpoint: EndpointName) -> ExecutionId {
        let id = ExecutionId(self.ids);
        self.ids += 1;
        let age = match &item {
            Item::Execution(record) => now().since(record.started),
            // It may be a second or a month old; the first questions are as for a new one.
            Item::External(_) => Duration::ZERO,
            Item::UnresolvedStart(start) => now().since(start.sent),
        };
        let watched = Watched { id, endpoint: endpoint.clone(), age, tracked: item.tracked() };
        self.items.insert(id, Followed::new(item, endpoint));
        let _ = self.commands.send(Command::Watch(vec![watched])).await;
        // The only one is asked about every second.
        let only = (self.items.len() == 1).then_some(id);
        let _ = self.commands.send(Command::Select(only)).await;
        id
    }

    /// Follows this one no more.
    pub(super) async fn forget(&mut self, id: ExecutionId) {
        self.items.remove(&id);
        let _ = self.commands.send(Command::Forget(id)).await;
    }

    /// What is followed, the earlier added the earlier.
    pub(super) fn items(&self) -> Vec<(ExecutionId, &Item)> {
        let mut items: Vec<_> = self.items.iter().map(|(id, followed)| (*id, &followed.item)).collect();
        items.sort_by_key(|(id, _)| *id);
        items
    }

    /// How many are followed.
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// What is followed of which it is unknown what has become of it.
    pub(super) fn unknown(&self) -> HashMap<ExecutionId, Unknown> {
        let unknown = self.items.iter().filter_map(|(id, followed)| {
            let of_endpoint = self.troubles.get(&followed.endpoint);
            Some((*id, followed.unknown(of_endpoint)?))
        });
        unknown.collect()
    }

    /// Whether something is to be told at once.
    pub(super) fn has_news(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Waits for something to happen. To be dropped and called again at will.
    pub(super) async fn next(&mut self, signals: &mut Signals) -> Step {
        loop {
            if let Some(step) = self.waiting.pop_front() {
                return step;
            }
            let beat = async {
                match &mut self.beat {
                    Some(beat) => beat.tick().await,
                    None => std::future::pending().await,
                }
            };
            let report = tokio::select! {
                report = self.reports.recv() => report,
                number = signals.next() => return Step::Interrupted(number),
                () = until(self.deadline) => return Step::TimedOut,
                _ = beat => return Step::Tick,
            };
            match report {
                Some(Report::Status(answer)) => self.take(*answer),
                Some(Report::Sent { id, at, .. }) => {
                    if let Some(followed) = id.and_then(|id| self.items.get_mut(&id)) {
                        followed.first_asked.get_or_insert(at);
                    }
                }
                Some(Report::Learned { .. } | Report::Read(..)) => {}
                // The watcher lives as long as this does; nothing more would come.
                None => std::future::pending().await,
            }
        }
    }

    fn take(&mut self, answer: StatusReport) {
        let StatusReport { endpoint, id, change, verdict, backlog, .. } = answer;
        self.is_behind(&endpoint, backlog);
        let Some(mut followed) = self.items.remove(&id) else { return };
        if matches!(change, Change::Seen(..) | Change::Nothing | Change::Contradicted(_) | Change::Confirmed(..)) {
            if self.troubles.remove(&endpoint).is_some() {
                self.waiting.push_back(Step::Said(format!("{endpoint} responds again")));
            }
            self.endpoints.entry(endpoint.clone()).or_default().on_response();
            followed.answered();
        }
        match (change, followed.item) {
            (Change::Seen(seen, warning), item @ (Item::Execution(_) | Item::External(_))) => {
                self.seen(id, Followed { item, ..followed }, *seen, warning, verdict == Verdict::Ended);
            }
            (Change::Confirmed(started, seen, warning), Item::UnresolvedStart(start)) => {
                let record = ExecutionRecord {
                    warning: warning.clone(),
                    ..execution::new_record(&start.order, &started, now())
                };
                self.judge(&start, Settled::Confirmed(started));
                self.warn(&record, None);
                let item = Item::Execution(record.clone());
                if let Some(seen) = seen {
                    self.seen(id, Followed { item, ..followed }, *seen, warning, verdict == Verdict::Ended);
                } else {
                    self.items.insert(id, Followed { item, ..followed });
                    self.waiting.push_back(Step::Seen(id, record));
                }
            }
            (Change::Contradicted(status), Item::Execution(record) | Item::External(record)) => {
                let words = format!(
                    "{}: the gateway now reports {}; keeping the earlier outcome",
                    record.arn.name(),
                    status.word()
                );
                self.waiting.push_back(Step::Said(words));
                self.waiting.push_back(Step::Ended(id, record));
            }
            (Change::Refused(failure), Item::UnresolvedStart(start)) => {
                self.judge(&start, Settled::Refused(failure.clone()));
                self.waiting.push_back(Step::Lost(id, Item::UnresolvedStart(start), failure));
            }
            (Change::NotStarted, Item::UnresolvedStart(start)) => {
                self.judge(&start, Settled::NeverStarted);
                self.waiting.push_back(Step::NeverStarted(id, start));
            }
            (Change::Failed(failure), item) => {
                self.items.insert(id, Followed { item, ..followed });
                self.failed(&endpoint, id, failure, &verdict);
            }
            (Change::GivenUp(failure), Item::Execution(record)) => {
                if let Some(store) = &self.store {
                    store.keep(ExecutionRecord { given_up: Some(failure.clone()), ..record.clone() });
                }
                self.waiting.push_back(Step::Lost(id, Item::Execution(record), failure));
            }
            (Change::Unknown(failure) | Change::GivenUp(failure), item) => {
                self.waiting.push_back(Step::Lost(id, item, failure));
            }
            (_, item) => drop(self.items.insert(id, Followed { item, ..followed })),
        }
    }

    /// Takes in what is known of an execution now.
    fn seen(
        &mut self,
        id: ExecutionId,
        followed: Followed,
        seen: Observation,
        warning: Option<Warning>,
        has_ended: bool,
    ) {
        let (is_ours, before) = match followed.item {
            Item::Execution(record) => (true, record),
            Item::External(record) => (false, record),
            Item::UnresolvedStart(_) => return,
        };
        let record = execution::with_observation(before.clone(), seen, warning, now());
        let status = |record: &ExecutionRecord| record.seen.as_ref().map(|seen| seen.status.clone());
        let is_news = status(&before) != status(&record) || before.warning != record.warning;
        self.warn(&record, Some(&before));
        if is_news && let Some(Status::Unknown(word)) = record.seen.as_ref().map(|seen| &seen.status) {
            let words = format!("{}: the gateway reports the unknown status `{}`", record.arn.name(), visible(word));
            self.waiting.push_back(Step::Said(words));
        }
        if (is_news || has_ended)
            && is_ours
            && let Some(store) = &self.store
        {
            store.keep(record.clone());
        }
        if has_ended {
            self.waiting.push_back(Step::Ended(id, record));
            return;
        }
        let item = if is_ours { Item::Execution(record.clone()) } else { Item::External(record.clone()) };
        self.items.insert(id, Followed { item, trouble: None, ..followed });
        if is_news {
            self.waiting.push_back(Step::Seen(id, record));
        }
    }

    /// Says what is suspicious, once.
    fn warn(&mut self, record: &ExecutionRecord, before: Option<&ExecutionRecord>) {
        let was = before.and_then(|record| record.warning.as_ref());
        if let Some(warning) = record.warning.as_ref().filter(|warning| Some(*warning) != was) {
            self.waiting.push_back(Step::Said(format!("warning: {}: {warning}", record.arn.name())));
        }
    }

    fn judge(&self, unresolved: &UnresolvedStart, settled: Settled) {
        if let (Some(store), Some(id)) = (&self.store, unresolved.request_id) {
            store.settle_unresolved(id, settled, now());
        }
    }
}

/// Waits for the deadline; for ever without one.
pub(super) async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
