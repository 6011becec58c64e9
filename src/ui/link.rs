//! An area of the screen that links to a page.

use ratatui::layout::Rect;

/// An area of the screen that links to a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    /// The area.
    pub(crate) area: Rect,
    /// The page.
    pub(crate) url: String,
}
