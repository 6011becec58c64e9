//! What is known of older executions.

use stepgate_core::domain::Cursor;

/// Executions in the store that are older than the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Older {
    /// There are none.
    #[default]
    None,
    /// They begin here.
    From(Cursor),
    /// The next page of them is on its way.
    Coming,
    /// There are some that cannot be read.
    Unreadable,
}
