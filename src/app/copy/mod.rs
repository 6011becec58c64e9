//! Copying and saving: what there is to take of the selected execution, and the form that asks for a file.

mod commands;
mod items;
mod secret;
mod shell;
pub mod update;

pub use shell::word;

use std::sync::Arc;

use crate::app::input::editor::{Editor, Lines};

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
pub struct CopyItem {
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
    pub taken: CopyItem,
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
    pub fn new(taken: CopyItem) -> Self {
        Self { path: Editor::new(&taken.file_name, Lines::One), taken, stage: SaveStage::Draft }
    }
}
