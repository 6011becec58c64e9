//! The state of reading older executions.

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
