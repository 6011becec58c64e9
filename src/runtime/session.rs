//! The whole program but for the terminal: the model, the watcher, the clients and the store, and what
//! comes back from them. The loop drives it with a real terminal; tests drive it with a made-up one.

use tokio::sync::{mpsc, watch as channel};

use crate::app::list::row::Group;
use crate::app::{Model, Msg, Setup, update};
use crate::runtime::effect_runner::{EffectRunner, Environment, TerminalRequest};
use crate::runtime::filter::Filters;
use crate::runtime::shared::Shared;
use crate::runtime::{now, retention};
use stepgate_core::domain::{EndpointName, MachineType, Remembered, Timestamp};
use stepgate_core::gateway::Clients;
use stepgate_core::start::Starter;
use stepgate_core::store::{Store, StoreError};
use stepgate_core::watch::{self, Report};

/// Messages that may wait; whoever sends more waits.
const WAITING_MESSAGES: usize = 256;
/// The most executions to name when the program ends.
const MOST_NAMED: usize = 5;

/// The program without a terminal.
pub struct Session {
    model: Model,
    performer: EffectRunner,
    answers: mpsc::Receiver<Msg>,
    reports: mpsc::Receiver<Report>,
    health: Option<channel::Receiver<Option<StoreError>>>,
}

impl Session {
    /// Begins with what the store remembers; the watcher runs from now on, and ends with this.
    pub async fn begin(
        setup: Setup,
        clients: Clients,
        kept: Option<(Store, Remembered)>,
        outside: Environment,
    ) -> Self {
        let (answering, answers) = mpsc::channel(WAITING_MESSAGES);
        let (commands, orders) = mpsc::channel(WAITING_MESSAGES);
        let (reporting, reports) = mpsc::channel(WAITING_MESSAGES);
        let (store, remembered) = kept.unzip();
        if let (Some(store), Some(remembered)) = (&store, &remembered) {
            clients.remember(&remembered.gateways);
            let (clients, last_launch) = (clients.clone(), remembered.last_launch);
            tokio::spawn(retention::run(store.clone(), clients, last_launch, Some(answering.clone())));
        }
        for (endpoint, client) in clients.usable() {
            tokio::spawn(report_commands(endpoint, client.running_command(), answering.clone()));
        }
        watch::spawn(clients.usable(), Shared::new(store.clone(), &clients), orders, reporting);
        let performer = EffectRunner {
            clients: clients.clone(),
            starter: Starter::new(clients, store.clone(), now),
            store: store.clone(),
            watcher: commands,
            answers: answering,
            stop_batch: channel::Sender::new(()),
            filters: Filters::new(outside.program.clone()),
            outside,
        };
        let began = setup.now;
        let health = store.as_ref().map(Store::health);
        let mut program = Self { model: Model::new(setup), performer, answers, reports, health };
        if let Some(remembered) = remembered {
            program.take(began, [Msg::StoreLoaded(Box::new(remembered))]).await;
        }
        program
    }

    /// What there is to draw.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Waits for the next message from outside the terminal.
    pub async fn next(&mut self) -> Msg {
        tokio::select! {
            Some(message) = self.answers.recv() => message,
            Some(report) = self.reports.recv() => told(report),
            message = kept(&mut self.health) => message,
        }
    }

    /// The next message from outside the terminal if there is one already.
    pub fn next_waiting(&mut self) -> Option<Msg> {
        self.answers.try_recv().ok().or_else(|| self.reports.try_recv().ok().map(told))
    }

    /// Takes messages that came until `now`, and returns what only the owner of the terminal can do.
    pub async fn take(&mut self, now: Timestamp, messages: impl IntoIterator<Item = Msg>) -> Vec<TerminalRequest> {
        let mut wishes = Vec::new();
        for message in std::iter::once(Msg::Clock(now)).chain(messages) {
            for effect in update(&mut self.model, message) {
                wishes.extend(self.performer.perform(effect).await);
            }
        }
        wishes
    }

    /// Waits until everything is written, and says what the user should know now that the screen goes.
    pub async fn end(self) -> Vec<String> {
        Box::pin(self.end_before(std::future::pending())).await
    }

    /// The same; once `hurry` is over, other processes that use the store are no longer waited for.
    pub async fn end_before(self, hurry: impl Future<Output = ()>) -> Vec<String> {
        let unsent = self.performer.starter.close();
        let unwritten = match &self.performer.store {
            Some(store) => store.finish(hurry).await,
            None => None,
        };
        let is_kept = self.performer.store.is_some() && self.model.store_error.is_none();
        let mut words: Vec<String> = self
            .model
            .unsettled()
            .map(|order| match order.machine_type {
                _ if unsent.iter().any(|(gateway, name)| *gateway == order.gateway && *name == order.name) => {
                    format!("this start was not sent: {} of {}", order.name, order.machine)
                }
                MachineType::Standard | MachineType::Unknown => {
                    format!("unresolved start, which may be running: {}", order.machine.execution(&order.name))
                }
                // The ARN of an EXPRESS execution is known only from the answer.
                MachineType::Express => {
                    format!("unresolved start, which may be running: {} of {}", order.name, order.machine)
                }
            })
            .collect();
        let waiting = self.model.batch.iter().filter(|batch| batch.remaining > 0);
        words.extend(
            waiting.map(|batch| format!("{} lines of {} wait; press b to continue", batch.remaining, batch.file)),
        );
        let running = self.model.executions.rows().filter(|row| row.group() == Group::Running);
        let count = self.model.executions.counts().running;
        words.extend(unwritten.map(|error| format!("history was not kept: {error}")));
        if is_kept && count > 0 {
            words.push(format!("{count} still running; the next launch continues watching"));
        } else if count > 0 {
            words.extend(running.take(MOST_NAMED).map(|row| format!("still running: {}", row.arn)));
            words.extend((count > MOST_NAMED).then(|| format!("and {} more still running", count - MOST_NAMED)));
        }
        words
    }
}

/// Reports which program is looking up the credentials of an endpoint, until the client or the UI ends.
async fn report_commands(
    endpoint: EndpointName,
    mut running: channel::Receiver<Option<Box<str>>>,
    answers: mpsc::Sender<Msg>,
) {
    while running.changed().await.is_ok() {
        let program = running.borrow_and_update().clone();
        if answers.send(Msg::CredentialCommand(endpoint.clone(), program)).await.is_err() {
            return;
        }
    }
}

/// Waits until the store can write again, or can no longer; for ever without a store.
async fn kept(health: &mut Option<channel::Receiver<Option<StoreError>>>) -> Msg {
    if let Some(receiver) = health
        && receiver.changed().await.is_ok()
    {
        return Msg::StoreHealth(receiver.borrow_and_update().as_ref().map(ToString::to_string));
    }
    std::future::pending().await
}

fn told(report: Report) -> Msg {
    match report {
        // Reports may have waited while the terminal was somebody else's.
        Report::Sent { endpoint, at, .. } => {
            let ago = i64::try_from(at.elapsed().as_millis()).unwrap_or(0);
            Msg::StatusRequested(endpoint, Timestamp::from_millis(now().as_millis() - ago))
        }
        Report::Status(answer) => Msg::StatusReceived(answer),
        Report::Read(number, page) => Msg::HistoryRead(number, page.map(Box::new)),
        Report::Learned { endpoint, machine, durations } => Msg::DurationsChanged(endpoint, machine, durations),
    }
}
