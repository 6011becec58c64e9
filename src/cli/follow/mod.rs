//! Following executions from a command: the watcher of the terminal UI, without the UI.

mod item;

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, MissedTickBehavior};

use crate::domain::{
    Doubt, EndpointName, ExecutionId, Failure, FailureKind, GRACE, Observation, Record, Retry, Settled, Started,
    StatusAnswer, Verdict, Watched,
};
use crate::gateway::Clients;
use crate::runtime::{Shared, Signals, now};
use crate::store::Store;
use crate::watch::{self, Command, Report};

pub(super) use item::{Item, begun};

/// What can wait between the watcher and the command.
const WAITING: usize = 64;
/// How often what only a person can mend is taken for passing, where the endpoint has answered before: a
/// key may be changed while somebody watches for hours.
const MOST_REFUSALS: u32 = 3;

/// What happened.
#[derive(Debug)]
pub(super) enum Step {
    /// Another status, or the first; of a start in doubt: there is an execution.
    Seen(ExecutionId, Record),
    /// It ended. It is not followed any more.
    Ended(ExecutionId, Record),
    /// Nobody can tell how it goes. It is not followed any more.
    Lost(ExecutionId, Item, Failure),
    /// There is no execution: the start was not carried out.
    NeverStarted(ExecutionId, Doubt),
    /// An endpoint does not answer as before, or does again.
    Said(String),
    /// Time went by, which live lines show.
    Tick,
    /// The time was up.
    TimedOut,
    /// A signal came, by its number.
    Interrupted(i32),
}

struct Followed {
    item: Item,
    endpoint: EndpointName,
    /// Refusals in a row that concern this execution alone.
    refusals: u32,
    /// What is wrong with it alone, which is told once.
    trouble: Option<FailureKind>,
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
    /// Endpoints that have answered.
    answered: HashSet<EndpointName>,
    /// Refusals in a row of a whole endpoint.
    refusals: HashMap<EndpointName, u32>,
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
            answered: HashSet::new(),
            refusals: HashMap::new(),
            waiting: VecDeque::new(),
        }
    }

    /// Follows one more, at the endpoint that has this name now.
    pub(super) async fn add(&mut self, item: Item, endpoint: EndpointName) -> ExecutionId {
        let id = ExecutionId(self.ids);
        self.ids += 1;
        let (arn, age, grace) = match &item {
            Item::Execution(record) => {
                let age = now().since(record.started);
                (record.arn.clone(), age, GRACE.saturating_sub(age))
            }
            // It may be a second or a month old; the first questions are as for a new one.
            Item::Stranger(record) => (record.arn.clone(), Duration::ZERO, Duration::ZERO),
            Item::Doubt(doubt) => {
                (doubt.order.machine.execution(&doubt.order.name), now().since(doubt.sent), doubt.grace(now()))
            }
        };
        self.items.insert(id, Followed { item, endpoint: endpoint.clone(), refusals: 0, trouble: None });
        let _ = self.commands.send(Command::Watch(vec![Watched { id, endpoint, arn, age, grace }])).await;
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
                Some(Report::Answered(answer)) => self.take(*answer),
                Some(Report::Asked { .. } | Report::Learned { .. } | Report::Read(..)) => {}
                // The watcher lives as long as this does; nothing more would come.
                None => std::future::pending().await,
            }
        }
    }

    fn take(&mut self, answer: StatusAnswer) {
        let StatusAnswer { endpoint, id, answer, verdict, .. } = answer;
        let Some(followed) = self.items.remove(&id) else { return };
        match answer {
            Ok(seen) => {
                if self.troubles.remove(&endpoint).is_some() {
                    self.waiting.push_back(Step::Said(format!("{endpoint} answers again")));
                }
                self.refusals.remove(&endpoint);
                self.answered.insert(endpoint);
                self.seen(id, followed, seen, verdict == Verdict::Ended);
            }
            Err(failure) if verdict == Verdict::GivenUp => {
                let step = self.given_up(id, followed.item, failure);
                self.waiting.push_back(step);
            }
            Err(failure) => {
                self.items.insert(id, followed);
                self.failed(&endpoint, id, failure, &verdict);
            }
        }
    }

    /// A question was not answered, and would be asked again.
    fn failed(&mut self, endpoint: &EndpointName, id: ExecutionId, failure: Failure, verdict: &Verdict) {
        if *verdict == Verdict::Slowed {
            if self.slowed.insert(endpoint.clone()) {
                let words = format!("{endpoint}: {failure} Asking less often until it does not throttle any more");
                self.waiting.push_back(Step::Said(words));
            }
            return;
        }
        let is_of_endpoint = matches!(verdict, Verdict::BackingOff(_));
        let is_of_one = matches!(verdict, Verdict::Postponed(_));
        if is_of_endpoint && self.troubles.get(endpoint) != Some(&failure.kind) {
            self.troubles.insert(endpoint.clone(), failure.kind.clone());
            self.waiting.push_back(Step::Said(format!("{endpoint}: {failure}")));
        }
        if let Some(followed) = self.items.get_mut(&id).filter(|_| is_of_one)
            && followed.trouble.as_ref() != Some(&failure.kind)
        {
            followed.trouble = Some(failure.kind.clone());
            self.waiting.push_back(Step::Said(format!("{}: {failure}", followed.item.names().1)));
        }
        if failure.retry() != Retry::Later {
            return;
        }
        let most = if self.answered.contains(endpoint) { MOST_REFUSALS } else { 1 };
        if is_of_endpoint {
            let refusals = self.refusals.entry(endpoint.clone()).or_default();
            *refusals += 1;
            if *refusals >= most {
                let is_there = |followed: &Followed| followed.endpoint == *endpoint;
                let lost = self.items.extract_if(|_, followed| is_there(followed));
                let lost = lost.map(|(id, followed)| Step::Lost(id, followed.item, failure.clone()));
                self.waiting.extend(lost);
            }
        } else if let Some(followed) = self.items.get_mut(&id).filter(|_| is_of_one) {
            followed.refusals += 1;
            if followed.refusals >= most
                && let Some(followed) = self.items.remove(&id)
            {
                self.waiting.push_back(Step::Lost(id, followed.item, failure));
                // Commands are taken at once; a watcher that is gone has nothing to forget.
                let _ = self.commands.try_send(Command::Forget(id));
            }
        }
    }

    fn seen(&mut self, id: ExecutionId, followed: Followed, seen: Observation, has_ended: bool) {
        let (before, is_ours, record) = match followed.item {
            Item::Execution(record) => (record.seen.as_ref().map(|seen| seen.status.clone()), true, record),
            Item::Stranger(record) => (record.seen.as_ref().map(|seen| seen.status.clone()), false, record),
            Item::Doubt(doubt) if doubt.is_answered_by(&seen) => {
                let arn = doubt.order.machine.execution(&doubt.order.name);
                let started = Started { execution_arn: arn, start_date: Some(seen.start_date) };
                let record = begun(&started, &doubt.order, now());
                self.judge(&doubt, Settled::Confirmed(started));
                (None, true, record)
            }
            Item::Doubt(doubt) => {
                let failure = Failure::without_answer(FailureKind::ExecutionAlreadyExists, "");
                self.judge(&doubt, Settled::Refused(failure.clone()));
                self.waiting.push_back(Step::Lost(id, Item::Doubt(doubt), failure));
                return;
            }
        };
        let is_news = before.as_ref() != Some(&seen.status);
        let record = Record { started: seen.start_date, answered: Some(now()), seen: Some(seen), ..record };
        if is_news
            && is_ours
            && let Some(store) = &self.store
        {
            store.keep(record.clone());
        }
        if has_ended {
            self.waiting.push_back(Step::Ended(id, record));
            return;
        }
        let item = if is_ours { Item::Execution(record.clone()) } else { Item::Stranger(record.clone()) };
        self.items.insert(id, Followed { item, refusals: 0, trouble: None, ..followed });
        if is_news {
            self.waiting.push_back(Step::Seen(id, record));
        }
    }

    fn given_up(&mut self, id: ExecutionId, item: Item, failure: Failure) -> Step {
        match item {
            Item::Doubt(doubt) if failure.kind == FailureKind::ExecutionDoesNotExist => {
                self.judge(&doubt, Settled::NeverStarted);
                Step::NeverStarted(id, doubt)
            }
            Item::Execution(record) => {
                if let Some(store) = &self.store {
                    store.keep(Record { given_up: Some(failure.clone()), ..record.clone() });
                }
                Step::Lost(id, Item::Execution(record), failure)
            }
            item => Step::Lost(id, item, failure),
        }
    }

    fn judge(&self, doubt: &Doubt, settled: Settled) {
        if let (Some(store), Some(id)) = (&self.store, doubt.record) {
            store.judge(id, settled, now());
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
