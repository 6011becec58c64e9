//! A state machine as it was loaded.

use std::collections::HashMap;

use serde_json::Value;

use crate::asl::choice::Rule;
use crate::asl::path::{Path, ReferencePath};
use crate::asl::template::Template;

/// A loaded state machine, or a branch of a Parallel state.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// Where it begins.
    pub start_at: String,
    /// By name.
    pub states: HashMap<String, State>,
    /// `TimeoutSeconds` of the whole machine.
    pub timeout_seconds: Option<u64>,
}

/// A state: what it does, and how its data flow.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// What it does.
    pub kind: StateKind,
    /// `InputPath`.
    pub input_path: Path,
    /// `Parameters`.
    pub parameters: Option<Template>,
    /// `ResultPath`; `None` discards the result.
    pub result_path: Option<ReferencePath>,
    /// `OutputPath`.
    pub output_path: Path,
    /// Where it goes on; `None` ends the branch.
    pub next: Option<String>,
}

/// What a state does.
#[derive(Debug, Clone, PartialEq)]
pub enum StateKind {
    /// Gives its input, or a fixed `Result`, on.
    Pass(Option<Value>),
    /// Lets time pass.
    Wait(Wait),
    /// Goes where the first rule that holds points to.
    Choice(Vec<(Rule, String)>, Option<String>),
    /// Ends well.
    Succeed,
    /// Ends with `Error` and `Cause`.
    Fail(Option<String>, Option<String>),
    /// Runs all branches on the same input and gives the list of their outputs on.
    Parallel(Vec<Definition>),
}

/// Until when a Wait state waits.
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
