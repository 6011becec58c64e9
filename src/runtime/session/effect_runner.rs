//! Runs effects. Requests and reads run in tasks and send exactly one message each; writes go to the store's thread.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use crate::app::copy::CopyItem;
use crate::app::msg::SaveError;
use crate::app::{Effect, MouseOwner, Msg};
use crate::runtime::process::browser;
use crate::runtime::session::jq_filters::Filters;
use crate::runtime::session::{batch_sender, folder_names, save};
use crate::runtime::terminal::clipboard::{self, Clipboard};
use crate::runtime::terminal::features::Features;
use crate::runtime::{batch_inputs, now};
use stepgate_core::control::ControlRequest;
use stepgate_core::domain::{
    ExecutionArn, ExecutionId, Failure, FailureKind, Permit, Settled, StartId, StartOrder, StartRequestId,
    UnresolvedStart,
};
use stepgate_core::gateway::{Client, Clients};
use stepgate_core::start::{StartReport, Starter};
use stepgate_core::store::Store;
use stepgate_core::task;
use stepgate_core::watch::Command;

/// The most machines of a list.
const MOST_MACHINES: usize = 1_000;

/// How to notify the user when an execution ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notification {
    /// No notification.
    Off,
    /// The terminal's bell.
    Bell,
    /// A desktop notification through the terminal.
    Desktop(Features),
}

/// The environment besides gateways and store.
#[derive(Debug, Clone)]
pub struct Environment {
    /// How to notify the user when an execution ends.
    pub notification: Notification,
    /// The clipboards.
    pub clipboard: Clipboard,
    /// This program's path, to run filters in a child process.
    pub program: PathBuf,
}

/// A request to the owner of the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TerminalRequest {
    /// End the program.
    Quit,
    /// Read the configuration again and restart.
    Reload,
    /// Suspend the process, as with Ctrl-Z.
    Suspend,
    /// Redraw the whole screen.
    Redraw,
    /// Open the text in the user's editor; [`crate::app::Msg::Edited`] is the result.
    Edit(String),
    /// Enable or disable mouse reports.
    Mouse(MouseOwner),
    /// Write this text to the terminal, outside the screen.
    Write(String),
}

/// Runs effects.
pub(in crate::runtime) struct EffectRunner {
    pub(in crate::runtime) clients: Clients,
    pub(in crate::runtime) starter: Starter,
    pub(in crate::runtime) store: Option<Store>,
    pub(in crate::runtime) watcher: mpsc::Sender<Command>,
    pub(in crate::runtime) messages: mpsc::Sender<Msg>,
    pub(in crate::runtime) stop_batch: watch::Sender<()>,
    pub(in crate::runtime) environment: Environment,
    pub(in crate::runtime) filters: Filters,
}

impl EffectRunner {
    pub(in crate::runtime) async fn run(&mut self, effect: Effect) -> Option<TerminalRequest> {
        match effect {
            Effect::Start(id, order, intent, permit) => self.start(id, order, intent, permit),
            Effect::ReadLines(path) => self.read_lines(path),
            Effect::RecordBatch(file, orders) => self.read(move |store| async move {
                let begun = store.begin_batch(file, orders, now()).await;
                Msg::BatchRecorded(begun.map_err(|error| error.to_string()))
            }),
            Effect::ReadBatchLines(query) => self.read(move |store| async move {
                Msg::BatchLinesRead(query, store.batch_page(query).await.map_err(|error| error.to_string()))
            }),
            Effect::SendBatch(batch, permit) => {
                if let Some(store) = self.store.clone() {
                    let (starter, stop) = (self.starter.clone(), self.stop_batch.subscribe());
                    batch_sender::send(store, starter, batch, permit, self.messages.clone(), stop);
                }
            }
            Effect::StopBatch => self.stop_batch.send_replace(()),
            Effect::ForgetBatch(batch) => self.write(|store| store.cancel_batch(batch, now())),
            Effect::Settle(id, settled) => self.write(|store| store.settle_unresolved(id, settled, now())),
            Effect::SaveRecord(record) => self.write(|store| store.keep(*record)),
            Effect::RememberChoice(key, value) => self.write(|store| store.remember_choice(key, value)),
            Effect::Remove(executions) => self.write(|store| store.remove(executions, now())),
            Effect::Restore(gateway, arn) => self.write(|store| store.restore(gateway, arn)),
            Effect::FindExecution(text) => self.read(move |store| async move {
                let found = store.named(text.clone()).await;
                Msg::ExecutionsFound(text, found.map_err(|error| error.to_string()))
            }),
            // The session does this.
            Effect::ShowScope(_) | Effect::CheckStore => {}
            Effect::List(machines) => drop(self.watcher.send(Command::List(machines)).await),
            Effect::ReadPage(cursor) => self.read(move |store| async move {
                Msg::PageRead(store.page(cursor).await.map_err(|error| error.to_string()))
            }),
            Effect::ReadPayloads(id, gateway, arn) => self.read(move |store| async move {
                Msg::PayloadsRead(id, store.payloads(gateway, arn).await.map_err(|error| error.to_string()))
            }),
            Effect::ReadInputs(gateway, machine) => self.read(move |store| async move {
                // On an error, the presets and the inputs of this launch remain.
                Msg::InputsRead(store.inputs(gateway, machine).await.unwrap_or_default())
            }),
            // The watcher always handles commands promptly, and only ends with the program.
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
                let (client, messages) = (self.clients.at(&gateway, &endpoint), self.messages.clone());
                task::spawn(async move {
                    let read = match client {
                        Ok(client) => client.definition(&arn).await,
                        Err(failure) => Err(failure),
                    };
                    let _ = messages.send(Msg::DefinitionRead(number, read)).await;
                });
            }
            Effect::ListMachines(gateway, endpoint) => {
                let (client, messages) = (self.clients.at(&gateway, &endpoint), self.messages.clone());
                task::spawn(async move {
                    let listed = match client {
                        Ok(client) => client.first_machines(MOST_MACHINES).await,
                        Err(failure) => Err(failure),
                    };
                    let _ = messages.send(Msg::MachinesListed(endpoint, listed)).await;
                });
            }
            Effect::Notify(text) => return self.notify(&text),
            Effect::Filter { id, slot, filter, text } => {
                self.filters.run(slot, id, filter, text, self.messages.clone());
            }
            Effect::Stop { id, gateway, endpoint, arn, reason, permit } => {
                self.control(id, self.clients.at(&gateway, &endpoint), arn, ControlRequest::Stop(reason), permit);
            }
            Effect::Redrive { id, gateway, endpoint, arn, token, before, permit } => {
                let request = ControlRequest::Redrive(token, before);
                self.control(id, self.clients.at(&gateway, &endpoint), arn, request, permit);
            }
            Effect::Copy(item) => return self.copy(item),
            Effect::OpenUrl(url) => browser::open_for_ui(url, self.messages.clone()),
            Effect::Save { path, text, replace } => self.save(path, text, replace),
            Effect::ReadFolder(number, path, typed) => self.read_folder(number, path, typed),
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

    fn start(&self, id: StartId, order: StartOrder, intent: Option<StartRequestId>, permit: Permit) {
        let (starter, messages) = (self.starter.clone(), self.messages.clone());
        task::spawn(async move {
            let sent = order.clone();
            let request = task::run(async move { starter.start(&sent, intent, &permit).await });
            let StartReport { request_id: record, settled, .. } = request.await.unwrap_or_else(|error| {
                let reason = Failure::without_response(FailureKind::Client, format!("the request failed: {error}"));
                let (first_sent, sent) = (now(), now());
                let start = UnresolvedStart { order, request_id: intent, first_sent, sent, reason: Some(reason) };
                StartReport { request_id: intent, settled: Settled::Unresolved(Box::new(start)), is_idempotent: false }
            });
            // The receiver is closed when the program ends.
            let _ = messages.send(Msg::StartFinished(id, record, settled)).await;
        });
    }

    fn read_lines(&self, path: String) {
        let messages = self.messages.clone();
        task::spawn(async move {
            let read = {
                let path = path.clone();
                task::run_blocking(move || batch_inputs::inputs(&path)).await
            };
            let result = read.unwrap_or_else(|error| Err(vec![format!("Reading failed: {error}.")]));
            let _ = messages.send(Msg::LinesRead(path, result)).await;
        });
    }

    fn read_folder(&self, number: u64, path: String, typed: String) {
        let messages = self.messages.clone();
        task::spawn(async move {
            let read = task::run_blocking(move || folder_names::names(&path, &typed)).await;
            let read = read.unwrap_or_else(|error| Err(format!("Reading failed: {error}.")));
            let _ = messages.send(Msg::FolderRead(number, read)).await;
        });
    }

    /// Writes to the store, if there is one.
    fn write(&self, write: impl FnOnce(&Store)) {
        if let Some(store) = &self.store {
            write(store);
        }
    }

    /// Reads from the store. Without a store, the model requests no reads.
    fn read<F: Future<Output = Msg> + Send + 'static>(&self, read: impl FnOnce(Store) -> F) {
        if let Some(store) = self.store.clone() {
            let (reading, messages) = (read(store), self.messages.clone());
            task::spawn(async move {
                let _ = messages.send(reading.await).await;
            });
        }
    }

    /// Stops or redrives an execution.
    fn control(
        &self,
        id: ExecutionId,
        client: Result<Arc<Client>, Failure>,
        arn: ExecutionArn,
        request: ControlRequest,
        permit: Permit,
    ) {
        let messages = self.messages.clone();
        task::spawn(async move {
            let controlled = match client {
                Ok(client) => task::run(async move { request.send(&client, &arn, &permit).await }).await,
                Err(failure) => Ok(Err(failure)),
            };
            let controlled = controlled.unwrap_or_else(|error| {
                Err(Failure::without_response(FailureKind::Client, format!("the request failed: {error}")))
            });
            let _ = messages.send(Msg::Controlled(id, controlled)).await;
        });
    }

    fn copy(&self, item: CopyItem) -> Option<TerminalRequest> {
        let sequence = self.environment.clipboard.sequence(&item.text);
        let (clipboard, messages, by_terminal) =
            (self.environment.clipboard.clone(), self.messages.clone(), sequence.is_some());
        task::spawn(async move {
            let copied = task::run(clipboard.copy(item, by_terminal)).await;
            let copied = copied.unwrap_or_else(|error| Err(format!("Copying failed: {error}.")));
            let _ = messages.send(Msg::Copied(copied)).await;
        });
        sequence.map(TerminalRequest::Write)
    }

    fn keep_text(&self, text: String) {
        let messages = self.messages.clone();
        task::spawn(async move {
            let item = CopyItem { what: "the input", file_name: "input.json".into(), text: text.into(), reason: None };
            let path = task::run_blocking(move || clipboard::save_to_file(&item)).await;
            let message = match path.unwrap_or_else(|error| Err(error.to_string())) {
                Ok(path) => format!("The start was sent before the editor exited; the saved text is in {path}."),
                Err(error) => format!("The saved text is lost: the file cannot be written: {error}."),
            };
            let _ = messages.send(Msg::Copied(Err(message))).await;
        });
    }

    fn save(&self, path: String, text: Arc<str>, replace: bool) {
        let messages = self.messages.clone();
        task::spawn(async move {
            let saved = task::run_blocking(move || save::save(&path, &text, replace)).await;
            let saved = saved.unwrap_or_else(|error| Err(SaveError::Failed(format!("Saving failed: {error}."))));
            let _ = messages.send(Msg::Saved(saved)).await;
        });
    }

    fn notify(&self, text: &str) -> Option<TerminalRequest> {
        match self.environment.notification {
            Notification::Off => None,
            Notification::Bell => Some(TerminalRequest::Write("\u{7}".into())),
            Notification::Desktop(features) => Some(TerminalRequest::Write(features.notification(text))),
        }
    }
}
