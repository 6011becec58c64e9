//! Follows executions in commands, with the same watcher as the terminal UI.

mod failed;
mod followed;
mod item;

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, MissedTickBehavior};

use crate::format::text::visible;
use crate::runtime::{Signals, WatcherStore, now};
use stepgate_core::domain::{
    EndpointName, ExecutionId, ExecutionRecord, Failure, FailureKind, Observation, Settled, Status, UnresolvedStart,
    Verdict, Warning,
};
use stepgate_core::gateway::Clients;
use stepgate_core::lifecycle::give_up::FailureCounter;
use stepgate_core::lifecycle::{Change, StatusReport, Watched, execution};
use stepgate_core::store::Store;
use stepgate_core::watch::{self, Command, Report};

use followed::Followed;
pub(super) use followed::Unknown;
pub(super) use item::Item;

/// Messages between the watcher and the command that may be queued.
const QUEUED: usize = 64;

/// What happened.
#[derive(Debug)]
pub(super) enum Step {
    /// A new status; for an unresolved start: it has an execution.
    Seen(ExecutionId, ExecutionRecord),
    /// The execution ended and is no longer followed.
    Ended(ExecutionId, ExecutionRecord),
    /// The status cannot be determined; the item is no longer followed.
    Lost(ExecutionId, Item, Failure),
    /// The start did not lead to an execution.
    NeverStarted(ExecutionId, UnresolvedStart),
    /// A message about an endpoint or an execution.
    Message(String),
    /// A second has passed; only with live lines.
    Tick,
    /// The deadline has passed.
    TimedOut,
    /// By a signal, with its number.
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
    tick: Option<Interval>,
    /// The last reported failure of each endpoint.
    reported: HashMap<EndpointName, FailureKind>,
    /// The last reported failure of each endpoint's logs.
    logs_reported: HashMap<EndpointName, FailureKind>,
    /// Endpoints whose throttling has been reported.
    slowed: HashSet<EndpointName>,
    /// Endpoints whose backlog has been reported.
    behind: HashSet<EndpointName>,
    endpoints: HashMap<EndpointName, FailureCounter>,
    waiting: VecDeque<Step>,
}

impl Follower {
    /// Follows until the deadline, if any; yields a tick every second if `is_live`.
    pub(super) fn new(clients: &Clients, store: Option<Store>, deadline: Option<Instant>, is_live: bool) -> Self {
        let (commands, orders) = mpsc::channel(QUEUED);
        let (reporting, reports) = mpsc::channel(QUEUED);
        if let Some(store) = &store {
            store.announce_watching(true);
        }
        watch::spawn(clients.usable(), WatcherStore::new(store.clone(), clients), orders, reporting);
        let tick = is_live.then(|| {
            let mut tick = tokio::time::interval(Duration::from_secs(1));
            tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
            tick
        });
        Self {
            store,
            commands,
            reports,
            items: HashMap::new(),
            ids: 0,
            deadline,
            tick,
            reported: HashMap::new(),
            logs_reported: HashMap::new(),
            slowed: HashSet::new(),
            behind: HashSet::new(),
            endpoints: HashMap::new(),
            waiting: VecDeque::new(),
        }
    }

    /// Adds an item, at the endpoint with this name.
    pub(super) async fn add(&mut self, item: Item, endpoint: EndpointName) -> ExecutionId {
        let id = ExecutionId(self.ids);
        self.ids += 1;
        if let Item::Execution(record) = &item
            && record.is_settled()
        {
            self.waiting.push_back(Step::Ended(id, record.clone()));
            return id;
        }
        let age = match &item {
            Item::Execution(record) => now().since(record.started),
            // Its age is unknown; it is first polled like a new one.
            Item::External(_) => Duration::ZERO,
            Item::UnresolvedStart(start) => now().since(start.sent),
        };
        let watched = Watched { id, endpoint: endpoint.clone(), age, tracked: item.tracked() };
        self.items.insert(id, Followed::new(item, endpoint));
        let _ = self.commands.send(Command::Watch(vec![watched])).await;
        // A single item is polled every second.
        let only = (self.items.len() == 1).then_some(id);
        let _ = self.commands.send(Command::Select(only)).await;
        id
    }

    /// Stops following an item.
    pub(super) async fn forget(&mut self, id: ExecutionId) {
        self.items.remove(&id);
        let _ = self.commands.send(Command::Forget(id)).await;
    }

    /// Returns the followed items in the order in which they were added.
    pub(super) fn items(&self) -> Vec<(ExecutionId, &Item)> {
        let mut items: Vec<_> = self.items.iter().map(|(id, followed)| (*id, &followed.item)).collect();
        items.sort_by_key(|(id, _)| *id);
        items
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// Returns the followed items whose status is unknown.
    pub(super) fn unknown(&self) -> HashMap<ExecutionId, Unknown> {
        let unknown = self.items.iter().filter_map(|(id, followed)| {
            let reported_at_endpoint = self.reported.get(&followed.endpoint);
            Some((*id, followed.unknown(reported_at_endpoint)?))
        });
        unknown.collect()
    }

    /// Whether [`Follower::next`] returns at once.
    pub(super) fn has_queued(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Waits for the next event. Cancel-safe.
    pub(super) async fn next(&mut self, signals: &mut Signals) -> Step {
        loop {
            if let Some(step) = self.waiting.pop_front() {
                return step;
            }
            let tick = async {
                match &mut self.tick {
                    Some(tick) => tick.tick().await,
                    None => std::future::pending().await,
                }
            };
            let report = tokio::select! {
                report = self.reports.recv() => report,
                number = signals.next() => return Step::Interrupted(number),
                () = until(self.deadline) => return Step::TimedOut,
                _ = tick => return Step::Tick,
            };
            match report {
                Some(Report::Status(answer)) => self.on_status(*answer),
                Some(Report::Sent { id, at, .. }) => {
                    if let Some(followed) = id.and_then(|id| self.items.get_mut(&id)) {
                        followed.first_sent.get_or_insert(at);
                    }
                }
                Some(Report::Learned { .. } | Report::Read(..) | Report::Listed(..)) => {}
                // The watcher lives as long as the follower, so this cannot happen.
                None => std::future::pending().await,
            }
        }
    }

    fn on_status(&mut self, answer: StatusReport) {
        let StatusReport { endpoint, id, change, verdict, backlog, .. } = answer;
        self.report_backlog(&endpoint, backlog);
        let Some(mut followed) = self.items.remove(&id) else { return };
        if matches!(change, Change::Seen(..) | Change::Nothing | Change::Contradicted(_) | Change::Confirmed(..)) {
            self.on_response(&endpoint, &mut followed);
        }
        match (change, followed.item) {
            (Change::Seen(seen, warning), item @ (Item::Execution(_) | Item::External(_))) => {
                self.on_observation(id, Followed { item, ..followed }, *seen, warning, verdict == Verdict::Ended);
            }
            (Change::Confirmed(started, seen, warning), Item::UnresolvedStart(start)) => {
                let record = ExecutionRecord {
                    warning: warning.clone(),
                    ..execution::new_record(&start.order, &started, now())
                };
                self.settle(&start, Settled::Confirmed(started));
                self.warn(&record, None);
                let item = Item::Execution(record.clone());
                if let Some(seen) = seen {
                    self.on_observation(id, Followed { item, ..followed }, *seen, warning, verdict == Verdict::Ended);
                } else {
                    self.items.insert(id, Followed { item, ..followed });
                    self.waiting.push_back(Step::Seen(id, record));
                }
            }
            (Change::Contradicted(status), Item::Execution(record) | Item::External(record)) => {
                let message = format!(
                    "{}: the gateway now reports {}; keeping the earlier outcome",
                    record.arn.name(),
                    status.as_str()
                );
                self.waiting.push_back(Step::Message(message));
                self.waiting.push_back(Step::Ended(id, record));
            }
            (Change::Refused(failure), Item::UnresolvedStart(start)) => {
                self.settle(&start, Settled::Refused(failure.clone()));
                self.waiting.push_back(Step::Lost(id, Item::UnresolvedStart(start), failure));
            }
            (Change::NotStarted, Item::UnresolvedStart(start)) => {
                self.settle(&start, Settled::NeverStarted);
                self.waiting.push_back(Step::NeverStarted(id, start));
            }
            (Change::Failed(failure), item) => {
                self.items.insert(id, Followed { item, ..followed });
                self.on_failure(&endpoint, id, failure, &verdict);
            }
            // Only its input and output were requested.
            (Change::GivenUp(_), Item::Execution(record))
                if record.seen.as_ref().is_some_and(Observation::is_ended) =>
            {
                self.waiting.push_back(Step::Ended(id, record));
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

    /// Records a new observation of an execution.
    fn on_observation(
        &mut self,
        id: ExecutionId,
        followed: Followed,
        seen: Observation,
        warning: Option<Warning>,
        has_ended: bool,
    ) {
        let (is_new, before) = match followed.item {
            Item::Execution(record) => (false, record),
            Item::External(record) => (true, record),
            Item::UnresolvedStart(_) => return,
        };
        let record = execution::with_observation(before.clone(), seen, warning, now());
        let status = |record: &ExecutionRecord| record.seen.as_ref().map(|seen| seen.status.clone());
        let is_news = status(&before) != status(&record) || before.warning != record.warning;
        self.warn(&record, Some(&before));
        if is_news && let Some(Status::Unknown(word)) = record.seen.as_ref().map(|seen| &seen.status) {
            let message = format!("{}: the gateway reports the unknown status `{}`", record.arn.name(), visible(word));
            self.waiting.push_back(Step::Message(message));
        }
        match &self.store {
            // The gateway knows it, so it belongs to the list from now on.
            Some(store) if is_new => store.add(record.clone()),
            Some(store) if is_news || has_ended => store.keep(record.clone()),
            _ => {}
        }
        if has_ended {
            self.waiting.push_back(Step::Ended(id, record));
            return;
        }
        let item = Item::Execution(record.clone());
        self.items.insert(id, Followed { item, reported: None, ..followed });
        if is_news {
            self.waiting.push_back(Step::Seen(id, record));
        }
    }

    /// Reports a warning once.
    fn warn(&mut self, record: &ExecutionRecord, before: Option<&ExecutionRecord>) {
        let was = before.and_then(|record| record.warning.as_ref());
        if let Some(warning) = record.warning.as_ref().filter(|warning| Some(*warning) != was) {
            self.waiting.push_back(Step::Message(format!("warning: {}: {warning}", record.arn.name())));
        }
    }

    fn settle(&self, unresolved: &UnresolvedStart, settled: Settled) {
        if let (Some(store), Some(id)) = (&self.store, unresolved.request_id) {
            store.settle_unresolved(id, settled, now());
        }
    }
}

/// Waits until the deadline; forever without one.
pub(super) async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
