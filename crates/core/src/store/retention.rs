//! What the store keeps, and for how long.

use std::time::Duration;

/// The settings of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Whether to keep inputs and outputs. The input of a start is kept in any case until its outcome is known.
    pub payloads: bool,
    /// How long to keep ended executions.
    pub retain: Duration,
}
