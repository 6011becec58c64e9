//! What can be copied or saved of the selected execution.

use crate::app::copy::commands;
use crate::app::copy::pages;
use crate::app::copy::{CopyItem, CopyMenu};
use crate::app::keys::action::{Action, Context};
use crate::app::keys::keymap::Binding;
use crate::app::list::row::{PayloadLocation, Row};
use crate::app::model::Model;
use crate::app::reader::document::Document;
use crate::app::reader::payloads::OutputKind;
use crate::app::shell::setup::EndpointInfo;
use std::sync::Arc;

/// What the menu lists, as far as the user has left it a key.
const CHOICES: &[Action] = &[
    Action::CopyThis,
    Action::CopyArn,
    Action::CopyName,
    Action::CopyInput,
    Action::CopyOutput,
    Action::CopyError,
    Action::CopyCurl,
    Action::CopyCommand,
    Action::CopyConsole,
    Action::CopyMachineConsole,
    Action::CopyTrace,
];

impl Model {
    /// Returns the choices of the menu with their keys.
    pub(crate) fn copy_choices(&self) -> impl Iterator<Item = &Binding> {
        self.keys.keymap().bindings(Context::Copy).filter(|binding| CHOICES.contains(&binding.action))
    }

    /// Returns the action of the selected choice of the menu.
    pub(crate) fn chosen_copy(&self, menu: CopyMenu) -> Option<Action> {
        self.copy_choices().nth(menu.selected).map(|binding| binding.action)
    }

    /// Returns the text that an action copies from the selected execution, or why there is none.
    pub fn copy_item(&self, action: Action) -> Result<CopyItem, &'static str> {
        let row = self.selected().ok_or("No execution selected.")?;
        let name = row.arn.name();
        let item = |what, suffix: &str, text: Arc<str>| CopyItem {
            what,
            file_name: file_name(name, suffix),
            text,
            reason: None,
        };
        match action {
            Action::CopyThis => self.item_under_cursor(row),
            Action::CopyArn => Ok(item("the ARN", "arn.txt", row.arn.as_str().into())),
            Action::CopyName => Ok(item("the name", "name.txt", name.into())),
            Action::CopyInput => match &row.input {
                Some(input) => Ok(item("the input", "input.json", input.shared())),
                None => Err(row.payloads.why_absent()),
            },
            Action::CopyOutput => match self.reader.payloads().kind() {
                OutputKind::Output => {
                    Ok(item("the output", "output.json", self.reader.payloads().output().source().clone()))
                }
                OutputKind::Error => {
                    Ok(item("the cause", "cause.json", self.reader.payloads().output().source().clone()))
                }
                OutputKind::Absent(message) if row.payloads != PayloadLocation::Here => Err(message),
                OutputKind::Nothing | OutputKind::Absent(_) => Err("It has no output."),
            },
            Action::CopyError => match row.error() {
                Some(error) => Ok(item("the error", "error.txt", error.into())),
                None => Err("It has no error."),
            },
            Action::CopyCurl => {
                let endpoint = self.endpoint_of(row)?;
                let input = row.input_to_send().ok_or(row.payloads.why_absent())?;
                if let Some(objection) = commands::curl_objection(&endpoint.endpoint) {
                    return Err(objection);
                }
                let text = commands::curl(&endpoint.endpoint, &row.machine, input);
                Ok(item("the curl command", "start.sh", text.into()))
            }
            Action::CopyCommand => {
                let input = row.input_to_send().ok_or(row.payloads.why_absent())?;
                let text = commands::stepgate(self.endpoint_of(row)?, &row.machine, input);
                Ok(item("the stepgate command", "start.sh", text.into()))
            }
            Action::CopyConsole => Ok(item("the console URL", "console-url.txt", pages::execution_page(row)?.into())),
            Action::CopyMachineConsole => {
                let page = pages::machine_page(&row.gateway, &row.machine)?;
                Ok(item("the machine's console URL", "machine-url.txt", page.into()))
            }
            Action::CopyTrace => Ok(item("the X-Ray URL", "trace-url.txt", pages::trace_page(row)?.into())),
            _ => Err("Nothing to copy."),
        }
    }

    /// Returns the endpoint with the gateway of a row, by its current name.
    fn endpoint_of(&self, row: &Row) -> Result<&EndpointInfo, &'static str> {
        let endpoints = self.shell.endpoints();
        let name = endpoints.at(&row.gateway, &row.endpoint);
        name.and_then(|name| endpoints.find(name)).ok_or("Its endpoint is no longer in the configuration.")
    }

    /// Returns the value under the cursor, or the execution's ARN if no text is focused.
    fn item_under_cursor(&self, row: &Row) -> Result<CopyItem, &'static str> {
        match self.document(self.shell.focus()).map(Document::reader) {
            Some(reader) => {
                let file_name = file_name(row.arn.name(), "value.json");
                let text = reader.value().into();
                Ok(CopyItem { what: "the value under the cursor", file_name, text, reason: None })
            }
            None => self.copy_item(Action::CopyArn),
        }
    }
}

/// Returns a file name that is valid on every file system.
fn file_name(execution: &str, suffix: &str) -> String {
    let is_safe = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let safe: String = execution.chars().map(|c| if is_safe(c) { c } else { '_' }).collect();
    format!("{}-{suffix}", safe.trim_start_matches('.'))
}
