//! The confirmation before executions are removed from the list, and the prompt for one to open.

use crate::app::keys::editor::{Editor, Lines};
use stepgate_core::domain::ExecutionId;

/// The confirmation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// The executions to remove.
    pub subjects: Vec<ExecutionId>,
    /// The name, if it is only one.
    pub name: Option<String>,
    /// The number of marked executions that cannot be removed.
    pub left_out: usize,
}

/// The prompt.
#[derive(Debug, Clone)]
pub struct OpenForm {
    /// An ARN or a name, and after a blank possibly the name of an endpoint.
    pub editor: Editor,
    /// Why nothing was opened.
    pub error: Option<String>,
    /// Whether the store is being searched.
    pub is_searching: bool,
}

impl OpenForm {
    /// Returns a prompt with this text.
    pub(super) fn new(text: &str) -> Self {
        Self { editor: Editor::new(text, Lines::One), error: None, is_searching: false }
    }
}
