//! What state an execution is in, as `DescribeExecution` words it.

/// The member `status` of `DescribeExecution`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Status {
    /// Still at work.
    Running,
    /// Ended with an output.
    Succeeded,
    /// Ended with an error.
    Failed,
    /// Ended because the state machine's `TimeoutSeconds` passed.
    TimedOut,
    /// Ended because somebody stopped it.
    Aborted,
    /// A child of a Map Run that waits for its redrive.
    PendingRedrive,
    /// A word that this version does not know. It is shown, and watched on unless a stop date came.
    Unknown(Box<str>),
}

/// How an execution ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// With an output.
    Succeeded,
    /// With an error.
    Failed,
    /// By the state machine's own limit.
    TimedOut,
    /// Stopped by somebody.
    Aborted,
}

impl Status {
    /// Reads the wire's word. Every word is a status; mappings and Lambda functions change the case.
    pub fn from_wire(word: &str) -> Self {
        match word.trim().to_ascii_uppercase().as_str() {
            "RUNNING" => Self::Running,
            "SUCCEEDED" => Self::Succeeded,
            "FAILED" => Self::Failed,
            "TIMED_OUT" => Self::TimedOut,
            "ABORTED" => Self::Aborted,
            "PENDING_REDRIVE" => Self::PendingRedrive,
            _ => Self::Unknown(word.into()),
        }
    }

    /// The word that Step Functions uses for it.
    pub fn word(&self) -> &str {
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

    /// The outcome, if this is one.
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
