//! A session without its terminal: model, watcher, clients and store, and their messages. Tests drive it with a simulated
//! terminal.
//!
//! - `effect_runner`: runs effects, with `batch_sender`, `folder_names`, `jq_filters` and `save`.
//! - `event_batch`: the messages of one frame. `store_follower`: what other processes write.
//! - `listings`: lists of executions, without removed ones.

mod batch_sender;
pub(super) mod effect_runner;
pub(super) mod event_batch;
#[expect(clippy::disallowed_methods, reason = "it runs on a blocking thread")]
mod folder_names;
pub(super) mod jq_filters;
mod listings;
#[expect(clippy::disallowed_methods, reason = "it runs on a blocking thread")]
mod save;
mod store_follower;

use tokio::sync::{mpsc, watch as channel};

use crate::app::list::row::Group;
use crate::app::{Effect, Model, Msg, Setup, update};
use crate::runtime::session::effect_runner::{EffectRunner, Environment, TerminalRequest};
use crate::runtime::session::jq_filters::Filters;
use crate::runtime::session::listings::Listings;
use crate::runtime::session::store_follower::StoreFollower;
use crate::runtime::watcher_store::WatcherStore;
use crate::runtime::{now, retention};
use stepgate_core::domain::{EndpointName, MachineType, Remembered, Scope, StoreChanges, Timestamp};
use stepgate_core::gateway::Clients;
use stepgate_core::start::Starter;
use stepgate_core::store::{Store, StoreError};
use stepgate_core::task;
use stepgate_core::watch::{self, Report};

/// Messages that may be queued before senders block.
const QUEUED_MESSAGES: usize = 256;
/// Maximum number of executions to list at the end.
const MAX_LISTED: usize = 5;

/// A session without its terminal.
pub struct Session {
    model: Model,
    runner: EffectRunner,
    follower: Option<StoreFollower>,
    listings: Listings,
    messages: mpsc::Receiver<Msg>,
    reports: mpsc::Receiver<Report>,
    health: Option<channel::Receiver<Option<StoreError>>>,
}

impl Session {
    /// Starts a session with what the store remembers, and its watcher.
    pub async fn start(
        setup: Setup,
        clients: Clients,
        kept: Option<(Store, Remembered)>,
        environment: Environment,
    ) -> Self {
        let (sender, messages) = mpsc::channel(QUEUED_MESSAGES);
        let (commands, orders) = mpsc::channel(QUEUED_MESSAGES);
        let (reporting, reports) = mpsc::channel(QUEUED_MESSAGES);
        let (store, remembered) = kept.unzip();
        if let (Some(store), Some(remembered)) = (&store, &remembered) {
            clients.remember(&remembered.gateways);
            let (clients, last_launch) = (clients.clone(), remembered.last_launch);
            task::spawn(retention::run(store.clone(), clients, last_launch, Some(sender.clone())));
        }
        for (endpoint, client) in clients.usable() {
            task::spawn(report_commands(endpoint, client.running_command(), sender.clone()));
        }
        watch::spawn(clients.usable(), WatcherStore::new(store.clone(), &clients), orders, reporting);
        let listings = Listings::new(store.clone(), &clients, sender.clone());
        let runner = EffectRunner {
            clients: clients.clone(),
            starter: Starter::new(clients, store.clone(), now),
            store: store.clone(),
            watcher: commands,
            messages: sender,
            stop_batch: channel::Sender::new(()),
            filters: Filters::new(environment.program.clone()),
            environment,
        };
        let follower = runner.store.as_ref().zip(remembered.as_ref()).map(|(store, remembered)| {
            store.announce_watching(true);
            StoreFollower::start(store.clone(), remembered.revision, runner.messages.clone())
        });
        let started = setup.now;
        let health = store.as_ref().map(Store::health);
        let mut session = Self { model: Model::new(setup), runner, follower, listings, messages, reports, health };
        if let Some(remembered) = remembered {
            session.handle(started, [Msg::StoreLoaded(Box::new(remembered))]).await;
        }
        session
    }

    /// Tells other processes whether this one is about to be suspended, so that they watch its executions meanwhile.
    pub(in crate::runtime) fn announce_suspension(&self, is_suspended: bool) {
        if let Some(store) = &self.runner.store {
            store.announce_watching(!is_suspended);
        }
    }

    /// The model to draw.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Waits for the next message, except from the terminal.
    pub async fn next(&mut self) -> Msg {
        loop {
            tokio::select! {
                Some(message) = self.messages.recv() => return message,
                Some(report) = self.reports.recv() => if let Some(message) = self.message_of(report) {
                    return message;
                },
                message = health_change(&mut self.health) => return message,
            }
        }
    }

    /// Returns the next message if one is queued.
    pub fn next_queued(&mut self) -> Option<Msg> {
        if let Ok(message) = self.messages.try_recv() {
            return Some(message);
        }
        while let Ok(report) = self.reports.try_recv() {
            if let Some(message) = self.message_of(report) {
                return Some(message);
            }
        }
        None
    }

    /// Returns the message of a report; `None` if it comes later.
    fn message_of(&self, report: Report) -> Option<Msg> {
        Some(match report {
            // Reports may have been queued while the terminal was released.
            Report::Sent { endpoint, at, .. } => {
                let ago = i64::try_from(at.elapsed().as_millis()).unwrap_or(0);
                Msg::StatusRequested(endpoint, Timestamp::from_millis(now().as_millis() - ago))
            }
            Report::Status(answer) => Msg::StatusReceived(answer),
            Report::Listed(endpoint, listed) => {
                self.listings.check(endpoint, listed);
                return None;
            }
            Report::Read(number, page) => Msg::HistoryRead(number, page.map(Box::new)),
            Report::Learned { endpoint, machine, durations } => Msg::DurationsChanged(endpoint, machine, durations),
        })
    }

    /// Handles messages that arrived until `now`, and returns requests to the owner of the terminal.
    pub async fn handle(&mut self, now: Timestamp, messages: impl IntoIterator<Item = Msg>) -> Vec<TerminalRequest> {
        let mut requests = Vec::new();
        for message in std::iter::once(Msg::Clock(now)).chain(messages) {
            let message = self.listings.current(self.with_valid_totals(message));
            for effect in update(&mut self.model, message) {
                self.listings.note(&effect);
                match effect {
                    Effect::ShowScope(scope) => self.show_scope(scope),
                    Effect::CheckStore => self.follower.iter().for_each(StoreFollower::check),
                    effect => requests.extend(self.runner.run(effect).await),
                }
            }
        }
        if let Some(follower) = &mut self.follower {
            follower.look_if_due();
        }
        requests
    }

    /// Removes totals that were counted before this process wrote more; they are counted again.
    fn with_valid_totals(&self, message: Msg) -> Msg {
        let (Msg::StoreChanged(changes), Some(store), Some(follower)) = (&message, &self.runner.store, &self.follower)
        else {
            return message;
        };
        if changes.totals.is_none() || changes.writes == store.handed_over() {
            return message;
        }
        follower.check();
        Msg::StoreChanged(Box::new(StoreChanges { totals: None, ..(**changes).clone() }))
    }

    /// Remembers whose executions the list shows, and reads them.
    fn show_scope(&self, scope: Scope) {
        if let (Some(store), Some(follower)) = (&self.runner.store, &self.follower) {
            store.remember_choice(Scope::KEY, Some(scope.word().to_owned()));
            follower.reload();
        }
    }

    /// Waits until everything is written, and returns final messages for the user.
    pub async fn end(self) -> Vec<String> {
        Box::pin(self.end_or_hurry(std::future::pending())).await
    }

    /// The same, but waits for locks of other processes only until `hurry` completes.
    pub async fn end_or_hurry(self, hurry: impl Future<Output = ()>) -> Vec<String> {
        let unsent = self.runner.starter.close();
        let unwritten = match &self.runner.store {
            Some(store) => store.finish(hurry).await,
            None => None,
        };
        let is_kept = self.runner.store.is_some() && self.model.list().store_error().is_none();
        let mut lines: Vec<String> = self
            .model
            .unsettled()
            .map(|order| match order.machine_type {
                _ if unsent.iter().any(|(gateway, name)| *gateway == order.gateway && *name == order.name) => {
                    format!("this start was not sent: {} of {}", order.name, order.machine)
                }
                MachineType::Standard | MachineType::Unknown => {
                    format!("unresolved start, which may be running: {}", order.machine.execution(&order.name))
                }
                // Only the response contains the ARN of an EXPRESS execution.
                MachineType::Express => {
                    format!("unresolved start, which may be running: {} of {}", order.name, order.machine)
                }
            })
            .collect();
        let waiting = self.model.batches().latest().filter(|batch| batch.remaining() > 0);
        lines.extend(
            waiting
                .map(|batch| format!("unsent lines of {}: {}; press b to continue", batch.file(), batch.remaining())),
        );
        let executions = self.model.list().executions();
        // Starts without a response were listed above.
        let (running, starting): (Vec<_>, Vec<_>) =
            executions.rows().filter(|row| row.group() == Group::Running).partition(|row| row.start().is_none());
        let count = executions.all_counts().running.saturating_sub(starting.len());
        lines.extend(unwritten.map(|error| format!("the store was not written completely: {error}")));
        if is_kept && count > 0 {
            lines.push(format!("{count} still running; the next launch continues watching"));
        } else if count > 0 {
            lines.extend(running.iter().take(MAX_LISTED).map(|row| format!("still running: {}", row.arn)));
            lines.extend((count > MAX_LISTED).then(|| format!("and {} more still running", count - MAX_LISTED)));
        }
        lines
    }
}

/// Reports which command is fetching the credentials of an endpoint.
async fn report_commands(
    endpoint: EndpointName,
    mut running: channel::Receiver<Option<Box<str>>>,
    messages: mpsc::Sender<Msg>,
) {
    while running.changed().await.is_ok() {
        let program = running.borrow_and_update().clone();
        if messages.send(Msg::CredentialCommand(endpoint.clone(), program)).await.is_err() {
            return;
        }
    }
}

/// Waits until the store can write again, or no longer; forever without a store.
async fn health_change(health: &mut Option<channel::Receiver<Option<StoreError>>>) -> Msg {
    if let Some(receiver) = health
        && receiver.changed().await.is_ok()
    {
        return Msg::StoreHealth(receiver.borrow_and_update().as_ref().map(ToString::to_string));
    }
    std::future::pending().await
}
