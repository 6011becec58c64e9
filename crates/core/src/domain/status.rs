//! The status of an execution.

/// `status` of `DescribeExecution`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Status {
    /// RUNNING.
    Running,
    /// SUCCEEDED.
    Succeeded,
    /// FAILED.
    Failed,
    /// `TIMED_OUT`: the state machine's `TimeoutSeconds` passed.
    TimedOut,
    /// ABORTED: stopped by a user or program.
    Aborted,
    /// `PENDING_REDRIVE`: a child of a Map Run that waits for its redrive.
    PendingRedrive,
    /// A status unknown to this version. It is shown, and watched until a stop date appears.
    Unknown(Box<str>),
}

/// How an execution ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// With an output.
    Succeeded,
    /// With an error.
    Failed,
    /// By the state machine's own timeout.
    TimedOut,
    /// Stopped by a user or program.
    Aborted,
}

impl Status {
    /// Parses a status. Any text is valid; mappings and Lambda functions change the case.
    pub fn from_wire(text: &str) -> Self {
        match text.trim().to_ascii_uppercase().as_str() {
            "RUNNING" => Self::Running,
            "SUCCEEDED" => Self::Succeeded,
            "FAILED" => Self::Failed,
            "TIMED_OUT" => Self::TimedOut,
            "ABORTED" => Self::Aborted,
            "PENDING_REDRIVE" => Self::PendingRedrive,
            _ => Self::Unknown(text.into()),
        }
    }

    /// Returns the spelling of Step Functions.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::TimedOut => "TIMED_OUT",
            Self::Aborted => "ABORTED",
            Self::PendingRedrive => "PENDING_REDRIVE",
            Self::Unknown(word) => word,
        }
    }

    /// Returns the outcome, if ended.
    pub fn outcome(&self) -> Option<Outcome> {
        match self {
            Self::Succeeded => Some(Outcome::Succeeded),
            Self::Failed => Some(Outcome::Failed),
            Self::TimedOut => Some(Outcome::TimedOut),
            Self::Aborted => Some(Outcome::Aborted),
            Self::Running | Self::PendingRedrive | Self::Unknown(_) => None,
        }
    }
}
