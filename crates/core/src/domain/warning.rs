//! What is suspicious about an execution although its responses are readable.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A suspicion, shown on the row of the execution and kept with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Warning {
    /// The execution's input is not the one that was sent.
    InputChanged(InputChange),
    /// The execution began before the start request that it is taken for was sent.
    StartedEarlier,
}

/// How an input was changed on its way, as far as the received one shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum InputChange {
    /// It is the whole request: `{"stateMachineArn", "name", "input"}`.
    WholeRequest,
    /// It is the request wrapped in what an integration knows of it: `{"body", "header", ..}`.
    Wrapped,
    /// It is the sent input as a JSON string.
    Quoted,
    /// It is `{}`.
    Dropped,
    /// Something else.
    Other,
}

impl Warning {
    /// A few words for a column.
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
