//! Performing effects. Requests run beside the loop and come back as messages, each exactly once.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::app::text::visible;
use crate::app::{Effect, Msg};
use crate::domain::{EndpointName, Failure, FailureKind, StartId, StartOrder};
use crate::gateway::Client;
use crate::watch::Command;

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

/// What an effect wants from the loop, which owns the terminal.
pub(super) enum Wish {
    Nothing,
    Quit,
    Reload,
    Suspend,
    Edit(String),
    Write(String),
}

/// Knows the outside.
pub(super) struct Performer {
    clients: HashMap<EndpointName, Result<Arc<Client>, Failure>>,
    watcher: mpsc::Sender<Command>,
    answers: mpsc::Sender<Msg>,
    notification: Notification,
}

impl Performer {
    pub(super) fn new(
        clients: HashMap<EndpointName, Result<Arc<Client>, Failure>>,
        watcher: mpsc::Sender<Command>,
        answers: mpsc::Sender<Msg>,
        notification: Notification,
    ) -> Self {
        Self { clients, watcher, answers, notification }
    }

    pub(super) async fn perform(&self, effect: Effect) -> Wish {
        match effect {
            Effect::Start(id, order) => self.start(id, order),
            // The watcher takes commands whatever else it does, so this cannot wait for long. That it
            // is gone is only possible when the program ends.
            Effect::Watch(watched) => drop(self.watcher.send(Command::Watch(watched)).await),
            Effect::Select(id) => drop(self.watcher.send(Command::Select(id)).await),
            Effect::Notify(text) => return self.notify(&text),
            Effect::Edit(text) => return Wish::Edit(text),
            Effect::Suspend => return Wish::Suspend,
            Effect::Reload => return Wish::Reload,
            Effect::Quit => return Wish::Quit,
        }
        Wish::Nothing
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

    fn notify(&self, text: &str) -> Wish {
        match self.notification {
            Notification::Off => Wish::Nothing,
            Notification::Bell => Wish::Write("\u{7}".into()),
            Notification::Desktop => Wish::Write(format!("\u{1b}]9;{}\u{7}", visible(text))),
        }
    }
}
