//! Failures in columns of the database, as JSON.

use crate::domain::Failure;

/// Serializes a failure for a column.
pub(super) fn to_text(failure: &Failure) -> String {
    serde_json::to_string(failure).unwrap_or_default()
}

/// Parses a failure; `None` also if another version wrote it in another form.
pub(super) fn parse(text: Option<String>) -> Option<Failure> {
    serde_json::from_str(&text?).ok()
}
