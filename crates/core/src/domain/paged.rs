//! Responses in pages, such as a history or a list.

/// A page, and the token for the next one.
#[derive(Debug, Clone, PartialEq)]
pub struct Paged<T> {
    /// In the service's order.
    pub items: Vec<T>,
    /// `nextToken`.
    pub next: Option<String>,
}
