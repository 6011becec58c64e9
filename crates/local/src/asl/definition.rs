//! A parsed state machine definition.

use std::collections::HashMap;

use serde_json::Value;

use crate::asl::choice::Rule;
use crate::asl::path::{Path, ReferencePath};
use crate::asl::template::Template;

/// A state machine, or a branch of a Parallel state.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// The name of the first state.
    pub start_at: String,
    /// States by name.
    pub states: HashMap<String, State>,
    /// `TimeoutSeconds` of the whole machine.
    pub timeout_seconds: Option<u64>,
}

/// A state: its type and its data flow.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// The type, with its own fields.
    pub kind: StateKind,
    /// `InputPath`.
    pub input_path: Path,
    /// `Parameters`.
    pub parameters: Option<Template>,
    /// `ResultPath`; `None` discards the result.
    pub result_path: Option<ReferencePath>,
    /// `OutputPath`.
    pub output_path: Path,
    /// The next state; `None` ends the branch.
    pub next: Option<String>,
}

/// The type of a state.
#[derive(Debug, Clone, PartialEq)]
pub enum StateKind {
    /// Passes on its input, or a fixed `Result`.
    Pass(Option<Value>),
    /// Waits.
    Wait(Wait),
    /// Continues with the state of the first rule that holds, or the default.
    Choice(Vec<(Rule, String)>, Option<String>),
    /// Ends with success.
    Succeed,
    /// Ends with `Error` and `Cause`.
    Fail(Option<String>, Option<String>),
    /// Runs all branches with the same input and passes on the list of their outputs.
    Parallel(Vec<Definition>),
}

/// How long a Wait state waits.
#[derive(Debug, Clone, PartialEq)]
pub enum Wait {
    /// `Seconds`.
    Seconds(u64),
    /// `SecondsPath`.
    SecondsPath(ReferencePath),
    /// `Timestamp`, in milliseconds since the epoch.
    Until(i64),
    /// `TimestampPath`.
    UntilPath(ReferencePath),
}
