//! What can happen (`Msg`), and what the core asks of the outside (`Effect`): plain data both.

use std::time::Duration;

use crate::app::key::Key;
use crate::domain::{
    EndpointName, ExecutionId, Failure, StartId, StartOrder, Started, StatusAnswer, Timestamp, Watched,
};

/// A fact that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    /// It is this late now. Comes before every other fact, and whenever [`crate::app::Model::next_wake`] asked
    /// for it.
    Clock(Timestamp),
    /// A key was pressed.
    Key(Key),
    /// A text was pasted.
    Paste(String),
    /// The terminal has this size now, in columns and rows.
    Resized(u16, u16),
    /// The answer to [`Effect::Start`]; every start gets one.
    StartAnswered(StartId, Result<Started, Failure>),
    /// A status question left, at this moment.
    Asked(EndpointName, Timestamp),
    /// A status answer came, or the failure to get one.
    Answered(Box<StatusAnswer>),
    /// The answer to [`Effect::Edit`]: the text, or why there is none.
    Edited(Result<String, String>),
}

/// Something to do outside.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Start an execution; answered by [`Msg::StartAnswered`].
    Start(StartId, StartOrder),
    /// Watch executions; answered by any number of [`Msg::Answered`].
    Watch(Vec<Watched>),
    /// The user looks at this one.
    Select(Option<ExecutionId>),
    /// Open the text in the user's editor; answered by [`Msg::Edited`].
    Edit(String),
    /// Ring, or show a notification with this text, as the configuration wants it.
    Notify(String),
    /// Go to the background of the shell.
    Suspend,
    /// Read the configuration again.
    Reload,
    /// End.
    Quit,
}

/// How long until the next moment that matters; see [`crate::app::Model::next_wake`].
pub const TICK: Duration = Duration::from_secs(1);
