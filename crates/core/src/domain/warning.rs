//! Suspicious facts about an execution whose responses are readable.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A suspicion, shown on the execution's row and stored with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Warning {
    /// The execution received another input than the one sent.
    InputChanged(InputChange),
    /// The execution began before its start request was sent.
    StartedEarlier,
}

/// How an input was changed, as far as the received one shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum InputChange {
    /// The whole request: `{"stateMachineArn", "name", "input"}`.
    WholeRequest,
    /// The request wrapped in an integration's context: `{"body", "header", ..}`.
    Wrapped,
    /// The sent input as a JSON string.
    Quoted,
    /// `{}`.
    Dropped,
    /// Anything else.
    Other,
}

impl Warning {
    /// Returns a few words for a column.
    pub fn short(&self) -> &'static str {
        match self {
            Self::InputChanged(_) => "input changed",
            Self::StartedEarlier => "started earlier",
        }
    }
}

impl fmt::Display for Warning {
    /// What is suspicious, and which kind of mapping causes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InputChanged(InputChange::WholeRequest) => {
                "the execution received stepgate's whole request as its input: the gateway's mapping passes the request \
                 body as the input instead of its member `input`"
            }
            Self::InputChanged(InputChange::Wrapped) => {
                "the execution received the sent input wrapped with details of the HTTP request: the gateway's mapping \
                 builds the input from body, headers or path"
            }
            Self::InputChanged(InputChange::Quoted) => {
                "the execution received the sent input as a JSON string: the gateway's mapping encodes it twice"
            }
            Self::InputChanged(InputChange::Dropped) => {
                "the execution received `{}` instead of the sent input: the gateway's mapping does not pass `input` on"
            }
            Self::InputChanged(InputChange::Other) => {
                "the execution received a different input than was sent: the gateway's mapping changes it"
            }
            Self::StartedEarlier => {
                "this execution began before the start request was sent: an earlier start had the same name and input"
            }
        })
    }
}
