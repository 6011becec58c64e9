//! The state of reading older executions.

use crate::app::list::executions::Executions;
use stepgate_core::domain::Cursor;

/// Whether the store has executions older than the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Older {
    /// None.
    #[default]
    None,
    /// They begin here.
    From(Cursor),
    /// The next page is being read.
    Reading,
    /// They cannot be read.
    Unreadable,
}

impl Executions {
    /// Returns whether the store has older executions.
    pub fn older(&self) -> Older {
        self.older
    }

    /// Sets whether the store has older executions.
    pub(in crate::app::list) fn set_older(&mut self, older: Older) {
        self.older = older;
    }
}
