//! Keys that wait until the input and output of an execution have been read from the store.

use crate::app::msg::Msg;
use stepgate_core::domain::{ExecutionId, Timestamp};

/// Limit for waiting messages.
const MOST: usize = 1_000;

/// Keys that wait for the payloads of an execution.
#[derive(Debug, Clone, PartialEq)]
pub struct Deferred {
    of: ExecutionId,
    since: Timestamp,
    /// The key that needs the payloads, and everything typed after it.
    messages: Vec<Msg>,
}

impl Deferred {
    /// Returns a key that waits for the payloads of an execution.
    pub(in crate::app) fn new(of: ExecutionId, since: Timestamp, key: Msg) -> Self {
        Self { of, since, messages: vec![key] }
    }

    /// Returns the execution.
    pub fn of(&self) -> ExecutionId {
        self.of
    }

    /// Returns when the first key was pressed.
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// Adds what was typed after the key.
    pub(super) fn add(&mut self, msg: Msg) {
        if self.messages.len() < MOST {
            self.messages.push(msg);
        }
    }

    /// Returns the messages that waited.
    pub(in crate::app) fn into_messages(self) -> Vec<Msg> {
        self.messages
    }
}
