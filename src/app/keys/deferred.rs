//! Keys that wait for something that is being read: the input and output of an execution, or the names in a folder.

use crate::app::msg::Msg;
use stepgate_core::domain::{ExecutionId, Timestamp};

/// Limit for waiting messages.
const MOST: usize = 1_000;

/// What keys wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaited {
    /// The input and output of an execution, from the store.
    Payloads(ExecutionId),
    /// The names in a folder: the number of the request, and whether to complete with the first or the last one.
    Folder(u64, bool),
    /// Nothing more: the names have arrived.
    Nothing,
}

/// Keys that wait.
#[derive(Debug, Clone, PartialEq)]
pub struct Deferred {
    awaited: Awaited,
    since: Timestamp,
    /// What was typed meanwhile.
    messages: Vec<Msg>,
}

impl Deferred {
    /// Returns the state in which nothing has been typed yet.
    pub(in crate::app) fn new(awaited: Awaited, since: Timestamp) -> Self {
        Self { awaited, since, messages: Vec::new() }
    }

    /// Returns what the keys wait for.
    pub fn awaited(&self) -> Awaited {
        self.awaited
    }

    /// Returns whether the keys wait for the input and output of an execution.
    pub(in crate::app) fn waits_for(&self, id: ExecutionId) -> bool {
        self.awaited == Awaited::Payloads(id)
    }

    /// Returns when the wait began.
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// Adds what was typed.
    pub(in crate::app) fn add(&mut self, msg: Msg) {
        if self.messages.len() < MOST {
            self.messages.push(msg);
        }
    }

    /// Ends the wait for the names in a folder, if it is for this request.
    pub(super) fn folder_has_arrived(&mut self, number: u64) -> Option<bool> {
        let Awaited::Folder(awaited, forwards) = self.awaited else { return None };
        (awaited == number).then(|| {
            self.awaited = Awaited::Nothing;
            forwards
        })
    }

    /// Returns the messages that waited.
    pub(in crate::app) fn into_messages(self) -> Vec<Msg> {
        self.messages
    }
}
