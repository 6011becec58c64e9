//! Why an execution is stopped.

/// The reason for a stop, recorded in Step Functions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StopReason {
    /// `error`.
    pub error: Option<String>,
    /// `cause`.
    pub cause: Option<String>,
}
