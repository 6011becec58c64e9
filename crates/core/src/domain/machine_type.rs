//! The types of state machines.

/// `type` of a state machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum MachineType {
    /// Neither configured nor shown by an ARN yet. Its executions are polled, but no start is sent twice on the
    /// assumption that it is STANDARD.
    #[default]
    Unknown,
    /// Can be described, is idempotent by name, runs up to a year.
    Standard,
    /// Can be started but not described, is never idempotent, runs up to five minutes.
    Express,
}
