//! Performing effects. Requests and reading run beside the loop and come back as messages, each exactly
//! once; writing goes to the store's own thread.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use crate::app::copy::CopyItem;
use crate::app::msg::SaveError;
use crate::app::{Effect, MouseOwner, Msg};
use crate::format::text::visible;
use crate::runtime::clipboard::Clipboard;
use crate::runtime::control::Request;
use crate::runtime::filter::Filters;
use crate::runtime::{clipboard, lines, now, save};
use stepgate_core::domain::{
    BatchId, ExecutionArn, ExecutionId, Failure, FailureKind, Settled, StartId, StartOrder, StartRequestId,
    UnresolvedStart,
};
use stepgate_core::gateway::{Client, Clients};
use stepgate_core::start::{BatchReport, StartReport, Starter, batch};
use stepgate_core::store::Store;
use stepgate_core::watch::Command;

/// Answers of a batch that may wait; its sending waits with them.
const WAITING_REPORTS: usize = 64;

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

/// What there is outside beside gateways and store.
#[derive(Debug, Clone)]
pub struct Environment {
    /// How the user hears of an end.
    pub notification: Notification,
    /// The ways to the clipboard.
    pub clipboard: Clipboard,
    /// This program, which is its own child to run filters.
    pub program: PathBuf,
}

/// What an effect wants from the owner of the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TerminalRequest {
    /// The end.
    Quit,
    /// The end, and the configuration read again.
    Reload,
    /// The terminal given to the shell for a while.
    Suspend,
    /// Everything drawn anew.
    Redraw,
    /// The terminal given to the user's editor for a while; [`crate::app::Msg::Edited`] answers.
    Edit(String),
    /// The terminal to tell of the mouse, or not.
    Mouse(MouseOwner),
    /// These bytes written past the picture.
    Write(String),
}

/// Knows the outside.
pub(super) struct EffectRunner {
    pub(super) clients: Clients,
    pub(super) starter: Starter,
    pub(super) store: Option<Store>,
    pub(super) watcher: mpsc::Sender<Command>,
    pub(super) answers: mpsc::Sender<Msg>,
    pub(super) stop_batch: watch::Sender<()>,
    pub(super) outside: Environment,
    pub(super) filters: Filters,
}

impl EffectRunner {
    pub(super) async fn perform(&mut self, effect: Effect) -> Option<TerminalRequest> {
        match effect {
            Effect::Start(id, order, intent) => self.start(id, order, intent),
            Effect::ReadLines(path) => self.read_lines(path),
            Effect::RecordBatch(file, orders) => self.read(move |store| async move {
                let begun = store.begin_batch(file, orders, now()).await;
                Msg::BatchRecorded(begun.map_err(|error| error.to_string()))
            }),
            Effect::SendBatch(batch) => self.go_on(batch),
            Effect::StopBatch => self.stop_batch.send_replace(()),
            Effect::ForgetBatch(batch) => {
                if let Some(store) = &self.store {
                    store.cancel_batch(batch, now());
                }
            }
            Effect::Settle(id, settled) => {
                if let Some(store) = &self.store {
                    store.settle_unresolved(id, settled, now());
                }
            }
            Effect::SaveRecord(record) => {
                if let Some(store) = &self.store {
                    store.keep(*record);
                }
            }
            Effect::ReadPage(cursor) => self.read(move |store| async move {
                Msg::PageRead(store.page(cursor).await.map_err(|error| error.to_string()))
            }),
            Effect::ReadPayloads(id, gateway, arn) => self.read(move |store| async move {
                Msg::PayloadsRead(id, store.payloads(gateway, arn).await.map_err(|error| error.to_string()))
            }),
            Effect::ReadInputs(gateway, machine) => self.read(move |store| async move {
                // Where they cannot be read, there are the presets and what this launch knows.
                Msg::InputsRead(store.inputs(gateway, machine).await.unwrap_or_default())
            }),
            // The watcher takes commands whatever else it does, so this cannot wait for long. That it
            // is gone is only possible when the program ends.
            Effect::Watch(watched) => drop(self.watcher.send(Command::Watch(watched)).await),
            Effect::Forget(id) => drop(self.watcher.send(Command::Forget(id)).await),
            Effect::Select(id) => drop(self.watcher.send(Command::Select(id)).await),
            Effect::Show(ids) => drop(self.watcher.send(Command::Show(ids)).await),
            Effect::RetryNow => drop(self.watcher.send(Command::TryNow).await),
            Effect::Focus(focused) => drop(self.watcher.send(Command::Focus(focused)).await),
            Effect::ReadHistory(number, endpoint, query) => {
                drop(self.watcher.send(Command::Read(number, endpoint, query)).await);
            }
            Effect::ReadDefinition(number, gateway, endpoint, arn) => {
                let (client, answers) = (self.clients.at(&gateway, &endpoint), self.answers.clone());
                tokio::spawn(async move {
                    let read = match client {
                        Ok(client) => client.definition(&arn).await,
                        Err(failure) => Err(failure),
                    };
                    let _ = answers.send(Msg::DefinitionRead(number, read)).await;
                });
            }
            Effect::Notify(text) => return self.notify(&text),
            Effect::Filter { id, slot, filter, text } => {
                self.filters.run(slot, id, filter, text, self.answers.clone());
            }
            Effect::Stop { id, gateway, endpoint, arn, reason } => {
                self.steer(id, self.clients.at(&gateway, &endpoint), arn, Request::Stop(reason));
            }
            Effect::Redrive { id, gateway, endpoint, arn, token, before } => {
                self.steer(id, self.clients.at(&gateway, &endpoint), arn, Request::Redrive(token, before));
            }
            Effect::Copy(taken) => return self.copy(taken),
            Effect::Save { path, text, replace } => self.save(path, text, replace),
            Effect::RescueText(text) => self.keep_text(text),
            Effect::Edit(text) => return Some(TerminalRequest::Edit(text)),
            Effect::Mouse(owner) => return Some(TerminalRequest::Mouse(owner)),
            Effect::Suspend => return Some(TerminalRequest::Suspend),
            Effect::Redraw => return Some(TerminalRequest::Redraw),
            Effect::Reload => return Some(TerminalRequest::Reload),
            Effect::Quit => return Some(TerminalRequest::Quit),
        }
        None
    }

    fn start(&self, id: StartId, order: StartOrder, intent: Option<StartRequestId>) {
        let (starter, answers) = (self.starter.clone(), self.answers.clone());
        tokio::spawn(async move {
            let sent = order.clone();
            let request = tokio::spawn(async move { starter.start(&sent, intent).await });
            let StartReport { request_id: record, settled, .. } = request.await.unwrap_or_else(|error| {
                let reason = Failure::without_response(FailureKind::Client, format!("the request failed: {error}"));
                let (first_sent, sent) = (now(), now());
                let start = UnresolvedStart { order, request_id: intent, first_sent, sent, reason: Some(reason) };
                StartReport { request_id: intent, settled: Settled::Unresolved(Box::new(start)), is_idempotent: false }
            });
            // Nobody listens any more when the program ends.
            let _ = answers.send(Msg::StartFinished(id, record, settled)).await;
        });
    }

    fn read_lines(&self, path: String) {
        let answers = self.answers.clone();
        tokio::spawn(async move {
            let read = {
                let path = path.clone();
                tokio::task::spawn_blocking(move || lines::inputs(&path)).await
            };
            let result = read.unwrap_or_else(|error| Err(vec![format!("Reading failed: {error}.")]));
            let _ = answers.send(Msg::LinesRead(path, result)).await;
        });
    }

    /// Sends the rest of a batch; its reports come back as messages.
    fn go_on(&self, batch: BatchId) {
        let Some(store) = self.store.clone() else { return };
        let (starter, answers, stop) = (self.starter.clone(), self.answers.clone(), self.stop_batch.subscribe());
        let (reporting, mut reports) = mpsc::channel(WAITING_REPORTS);
        tokio::spawn(async move {
            let why = match store.claim_batch(batch).await {
                Ok(0) => Failure::without_response(FailureKind::Client, "another stepgate has the rest of it"),
                Ok(_) => return batch::run(starter, store, batch, reporting, stop).await,
                Err(error) => Failure::without_response(FailureKind::NotRecorded, error.to_string()),
            };
            let _ = reporting.send(BatchReport::Done(Some(why))).await;
        });
        tokio::spawn(async move {
            let mut end = Some(Failure::without_response(FailureKind::Client, "the batch failed"));
            while let Some(report) = reports.recv().await {
                match report {
                    BatchReport::Result(order, report) => {
                        let message = Msg::BatchLineFinished(order, report.request_id, report.settled);
                        let _ = answers.send(message).await;
                    }
                    BatchReport::NeedsCredentials(why) => drop(answers.send(Msg::BatchLockedOut(Some(why))).await),
                    BatchReport::Renewed => drop(answers.send(Msg::BatchLockedOut(None)).await),
                    BatchReport::Done(why) => end = why,
                }
            }
            // Also when the sending panicked: it is over exactly once.
            let _ = answers.send(Msg::BatchStopped(end)).await;
        });
    }

    /// Asks the store. Without one nothing is there to be read, and nobody asks.
    fn read<F: Future<Output = Msg> + Send + 'static>(&self, read: impl FnOnce(Store) -> F) {
        if let Some(store) = self.store.clone() {
            let (reading, answers) = (read(store), self.answers.clone());
            tokio::spawn(async move {
                let _ = answers.send(reading.await).await;
            });
        }
    }

    /// Stops or redrives.
    fn steer(&self, id: ExecutionId, client: Result<Arc<Client>, Failure>, arn: ExecutionArn, request: Request) {
        let answers = self.answers.clone();
        tokio::spawn(async move {
            let controlled = match client {
                Ok(client) => tokio::spawn(async move { request.carry_out(&client, &arn).await }).await,
                Err(failure) => Ok(Err(failure)),
            };
            let controlled = controlled.unwrap_or_else(|error| {
                let said = format!("the request failed: {error}");
                Err(Failure::without_response(FailureKind::Client, said))
            });
            let _ = answers.send(Msg::Controlled(id, controlled)).await;
        });
    }

    fn copy(&self, taken: CopyItem) -> Option<TerminalRequest> {
        let sequence = self.outside.clipboard.sequence(&taken.text);
        let (clipboard, answers, by_terminal) =
            (self.outside.clipboard.clone(), self.answers.clone(), sequence.is_some());
        tokio::spawn(async move {
            let copied = tokio::spawn(clipboard.copy(taken, by_terminal)).await;
            let copied = copied.unwrap_or_else(|error| Err(format!("Copying failed: {error}.")));
            let _ = answers.send(Msg::Copied(copied)).await;
        });
        sequence.map(TerminalRequest::Write)
    }

    fn keep_text(&self, text: String) {
        let answers = self.answers.clone();
        tokio::spawn(async move {
            let taken = CopyItem { what: "the input", file_name: "input.json".into(), text: text.into() };
            let path = tokio::task::spawn_blocking(move || clipboard::to_file(&taken)).await;
            let words = match path.unwrap_or_else(|error| Err(error.to_string())) {
                Ok(path) => format!("The start was sent before the editor was done; what it has saved is in {path}."),
                Err(error) => format!("What the editor has saved is lost: no file can be written: {error}."),
            };
            let _ = answers.send(Msg::Copied(Err(words))).await;
        });
    }

    fn save(&self, path: String, text: Arc<str>, replace: bool) {
        let answers = self.answers.clone();
        tokio::spawn(async move {
            let saved = tokio::task::spawn_blocking(move || save::save(&path, &text, replace)).await;
            let saved = saved.unwrap_or_else(|error| Err(SaveError::Failed(format!("Saving failed: {error}."))));
            let _ = answers.send(Msg::Saved(saved)).await;
        });
    }

    fn notify(&self, text: &str) -> Option<TerminalRequest> {
        match self.outside.notification {
            Notification::Off => None,
            Notification::Bell => Some(TerminalRequest::Write("\u{7}".into())),
            Notification::Desktop => Some(TerminalRequest::Write(format!("\u{1b}]9;{}\u{7}", visible(text)))),
        }
    }
}
