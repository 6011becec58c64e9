//! Copying and saving: what there is to take of the selected execution, and the form that asks for a file.

mod commands;
mod secret;
mod shell;

pub use shell::word;

use std::sync::Arc;

use crate::app::action::Action;
use crate::app::document::Document;
use crate::app::editor::{Editor, Lines};
use crate::app::model::Model;
use crate::app::payloads::OutputKind;
use crate::app::row::{Kept, Row};
use crate::app::setup::EndpointInfo;
use crate::domain::endpoint::at_place;

/// Where it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// The clipboard.
    Clipboard,
    /// A file.
    File,
}

/// Something to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// What it is, for people.
    pub what: &'static str,
    /// What a file with it may be called.
    pub file_name: String,
    /// The text.
    pub text: Arc<str>,
}

/// The form that asks for a file.
#[derive(Debug, Clone)]
pub struct SaveForm {
    /// What will be in it.
    pub taken: Taken,
    /// Its path.
    pub path: Editor,
    /// How far it is.
    pub stage: SaveStage,
}

/// How far saving is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaveStage {
    /// The path is being typed.
    Draft,
    /// It is being written.
    Writing,
    /// There is such a file already; saving again replaces it.
    Exists,
    /// Why it was not written.
    Failed(String),
}

impl SaveForm {
    /// A form with a name to begin with.
    pub fn new(taken: Taken) -> Self {
        Self { path: Editor::new(&taken.file_name, Lines::One), taken, stage: SaveStage::Draft }
    }
}

impl Model {
    /// What an action takes of the selected execution, or why there is nothing to take.
    pub fn take(&self, action: Action) -> Result<Taken, &'static str> {
        let row = self.selected().ok_or("No execution selected.")?;
        let name = row.arn.name();
        let taken = |what, suffix: &str, text: Arc<str>| Taken { what, file_name: file_name(name, suffix), text };
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
                OutputKind::Words(words) if row.kept != Kept::Here => Err(words),
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
        let known = self.endpoints.iter().map(|endpoint| (&endpoint.name, &endpoint.place));
        let name = at_place(known, &row.place, &row.endpoint);
        let found = self.endpoints.iter().find(|endpoint| Some(&endpoint.name) == name);
        found.ok_or("Its endpoint is no longer in the configuration.")
    }

    /// What the cursor is on: the value in a text, or the execution's ARN.
    fn this(&self, row: &Row) -> Result<Taken, &'static str> {
        match self.document(self.focus).map(Document::reader) {
            Some(reader) => {
                let file_name = file_name(row.arn.name(), "value.json");
                Ok(Taken { what: "the value under the cursor", file_name, text: reader.value().into() })
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
