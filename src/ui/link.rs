//! A place on the screen that leads to a page.

use ratatui::layout::Rect;

/// A place on the screen that leads to a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    /// The place.
    pub(crate) area: Rect,
    /// The page.
    pub(crate) url: String,
}
