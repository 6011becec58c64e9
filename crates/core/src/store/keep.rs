//! What is kept, and for how long.

use std::time::Duration;

/// The settings of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// Whether inputs and outputs are. The input of a start is kept until it is settled all the same.
    pub payloads: bool,
    /// How long ended executions are.
    pub retain: Duration,
}
