//! The lines of a page to read, which `ui` styles.

/// A line of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageLine {
    /// A heading.
    Heading(String),
    /// Keys, and what they do.
    Keys(String, String),
    /// Text of no great weight.
    Text(String),
    /// Text that tells of an error.
    Error(String),
    /// Text of the first of two.
    Removed(String),
    /// Text of the second of two.
    Added(String),
}
