//! The lines of a page, which `ui` styles.

/// A line of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PageLine {
    /// A heading.
    Heading(String),
    /// Keys, and what they do.
    Keys(String, String),
    /// Plain text.
    Text(String),
    /// An error.
    Error(String),
    /// Text of the first of two compared executions.
    Removed(String),
    /// Text of the second of two compared executions.
    Added(String),
}

/// Returns the width of the key column on a page of this width.
pub(crate) fn key_width(cells: usize) -> usize {
    24.min(cells / 3)
}
