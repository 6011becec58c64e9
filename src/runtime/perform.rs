//! Performing effects. Requests run beside the loop and come back as messages, each exactly once.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::app::text::visible;
use crate::app::{Effect, Msg};
use crate::domain::{EndpointName, Failure, FailureKind, StartId, StartOrder};
use crate::gateway::Client;
use crate::watch::Command;

/// A client for each endpoint, or why there is none.
pub type Clients = HashMap<EndpointName, Result<Arc<Client>, Failure>>;

/// How the user hears of an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notification {
    /// Not at all.
    Off,
    /// By the terminal's bell.
    Bell,
    /// By the terminal's notification, OSC 9.
    Desktop,
}

/// What an effect wants from the owner of the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// The end.
    Quit,
    /// The end, and the configuration read again.
    Reload,
    /// The terminal given to the shell for a while.
    Suspend,
    /// The terminal given to the user's editor for a while; [`crate::app::Msg::Edited`] answers.
    Edit(String),
    /// These bytes written past the picture.
    Write(String),
}

/// Knows the outside.
pub(super) struct Performer {
    clients: Clients,
    watcher: mpsc::Sender<Command>,
    answers: mpsc::Sender<Msg>,
    notification: Notification,
}

impl Performer {
    pub(super) fn new(
        clients: Clients,
        watcher: mpsc::Sender<Command>,
        answers: mpsc::Sender<Msg>,
        notification: Notification,
    ) -> Self {
        Self { clients, watcher, answers, notification }
    }

    pub(super) async fn perform(&self, effect: Effect) -> Option<Wish> {
        match effect {
            Effect::Start(id, order) => self.start(id, order),
            // The watcher takes commands whatever else it does, so this cannot wait for long. That it
            // is gone is only possible when the program ends.
            Effect::Watch(watched) => drop(self.watcher.send(Command::Watch(watched)).await),
            Effect::Select(id) => drop(self.watcher.send(Command::Select(id)).await),
            Effect::Notify(text) => return self.notify(&text),
            Effect::Edit(text) => return Some(Wish::Edit(text)),
            Effect::Suspend => return Some(Wish::Suspend),
            Effect::Reload => return Some(Wish::Reload),
            Effect::Quit => return Some(Wish::Quit),
        }
        None
    }

    fn start(&self, id: StartId, order: StartOrder) {
        let client = self.clients.get(&order.endpoint).cloned();
        let answers = self.answers.clone();
        tokio::spawn(async move {
            let request = tokio::spawn(async move {
                match client {
                    Some(client) => client?.start(&order).await,
                    None => Err(Failure::without_answer(FailureKind::Client, "there is no such endpoint")),
                }
            });
            let result = request.await.unwrap_or_else(|error| {
                Err(Failure::without_answer(FailureKind::Client, format!("the request broke off: {error}")))
            });
            // Nobody listens any more when the program ends.
            let _ = answers.send(Msg::StartAnswered(id, result)).await;
        });
    }

    fn notify(&self, text: &str) -> Option<Wish> {
        match self.notification {
            Notification::Off => None,
            Notification::Bell => Some(Wish::Write("\u{7}".into())),
            Notification::Desktop => Some(Wish::Write(format!("\u{1b}]9;{}\u{7}", visible(text)))),
        }
    }
}
