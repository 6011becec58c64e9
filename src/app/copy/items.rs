//! What can be copied or saved of the selected execution.

use crate::app::copy::CopyItem;
use crate::app::copy::commands;
use crate::app::input::action::Action;
use crate::app::list::row::{PayloadLocation, Row};
use crate::app::model::Model;
use crate::app::reader::document::Document;
use crate::app::reader::payloads::OutputKind;
use crate::app::shell::setup::EndpointInfo;
use std::sync::Arc;
use stepgate_core::domain::endpoint::at_gateway;

impl Model {
    /// What an action takes of the selected execution, or why there is nothing to take.
    pub fn take(&self, action: Action) -> Result<CopyItem, &'static str> {
        let row = self.selected().ok_or("No execution selected.")?;
        let name = row.arn.name();
        let taken = |what, suffix: &str, text: Arc<str>| CopyItem { what, file_name: file_name(name, suffix), text };
        match action {
            Action::CopyThis => self.this(row),
            Action::CopyArn => Ok(taken("the ARN", "arn.txt", row.arn.as_str().into())),
            Action::CopyName => Ok(taken("the name", "name.txt", name.into())),
            Action::CopyInput => match &row.input {
                Some(input) => Ok(taken("the input", "input.json", input.shared())),
                None => Err(row.kept.why_absent()),
            },
            Action::CopyOutput => match self.payloads.kind {
                OutputKind::Output => Ok(taken("the output", "output.json", self.payloads.output.source().clone())),
                OutputKind::Error => Ok(taken("the cause", "cause.json", self.payloads.output.source().clone())),
                OutputKind::Words(words) if row.kept != PayloadLocation::Here => Err(words),
                OutputKind::Nothing | OutputKind::Words(_) => Err("It has no output."),
            },
            Action::CopyError => match row.error() {
                Some(error) => Ok(taken("the error", "error.txt", error.into())),
                None => Err("It has no error."),
            },
            Action::CopyCurl => {
                let endpoint = self.endpoint_of(row)?;
                let input = row.input_to_send().ok_or(row.kept.why_absent())?;
                let text = commands::curl(&endpoint.endpoint, &row.machine, input);
                Ok(taken("the curl command", "start.sh", text.into()))
            }
            Action::CopyCommand => {
                let input = row.input_to_send().ok_or(row.kept.why_absent())?;
                let text = commands::stepgate(self.endpoint_of(row)?, &row.machine, input);
                Ok(taken("the stepgate command", "start.sh", text.into()))
            }
            _ => Err("There is nothing to take."),
        }
    }

    /// The endpoint at the place of a row, whatever the configuration calls it now.
    fn endpoint_of(&self, row: &Row) -> Result<&EndpointInfo, &'static str> {
        let known = self.endpoints.iter().map(|endpoint| (&endpoint.name, &endpoint.gateway));
        let name = at_gateway(known, &row.gateway, &row.endpoint);
        let found = self.endpoints.iter().find(|endpoint| Some(&endpoint.name) == name);
        found.ok_or("Its endpoint is no longer in the configuration.")
    }

    /// What the cursor is on: the value in a text, or the execution's ARN.
    fn this(&self, row: &Row) -> Result<CopyItem, &'static str> {
        match self.document(self.focus).map(Document::reader) {
            Some(reader) => {
                let file_name = file_name(row.arn.name(), "value.json");
                Ok(CopyItem { what: "the value under the cursor", file_name, text: reader.value().into() })
            }
            None => self.take(Action::CopyArn),
        }
    }
}

/// A name that every file system takes.
fn file_name(execution: &str, suffix: &str) -> String {
    let is_safe = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let safe: String = execution.chars().map(|c| if is_safe(c) { c } else { '_' }).collect();
    format!("{}-{suffix}", safe.trim_start_matches('.'))
}
