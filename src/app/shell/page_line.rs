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
