//! Keys that wait until the input and output of an execution have been read from the store.

use crate::app::msg::Msg;
use stepgate_core::domain::{ExecutionId, Timestamp};

/// Keys that wait for the payloads of an execution.
#[derive(Debug, Clone, PartialEq)]
pub struct Deferred {
    /// The execution.
    pub of: ExecutionId,
    /// When the first key was pressed.
    pub since: Timestamp,
    /// The key that needs the payloads, and everything typed after it.
    pub messages: Vec<Msg>,
}
