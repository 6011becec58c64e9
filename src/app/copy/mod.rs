//! Copying and saving parts of the selected execution.

mod commands;
mod items;
pub(crate) mod pages;
mod secret;
mod shell;
pub(crate) mod update;

pub(crate) use shell::word;

use std::sync::Arc;

use crate::app::keys::editor::{Editor, Lines};

/// The destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// The clipboard.
    Clipboard,
    /// A file.
    File,
}

/// The menu of what to copy or save.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyMenu {
    /// The destination.
    pub destination: Destination,
    /// The index of the selected choice.
    pub selected: usize,
}

/// A text to copy or save.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyItem {
    /// What it is, for messages: `the input`.
    pub what: &'static str,
    /// The suggested file name.
    pub file_name: String,
    /// The text.
    pub text: Arc<str>,
    /// Why it is copied if the user did not request it: a sentence.
    pub reason: Option<String>,
}

/// The form for the path to save to.
#[derive(Debug, Clone)]
pub struct SaveForm {
    /// The text to save.
    pub item: CopyItem,
    /// The path.
    pub path: Editor,
    /// The state of the form.
    pub stage: SaveStage,
}

/// The state of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaveStage {
    /// Being edited.
    Draft,
    /// The file is being written.
    Writing,
    /// The file exists; saving again overwrites it.
    Exists,
    /// Writing failed, with the message.
    Failed(String),
}

impl SaveForm {
    /// Returns a form with the suggested file name.
    pub fn new(item: CopyItem) -> Self {
        Self { path: Editor::new(&item.file_name, Lines::One), item, stage: SaveStage::Draft }
    }
}
