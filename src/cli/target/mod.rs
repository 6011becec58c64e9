//! What the arguments of a command lead to.
//!
//! - `resolve`: from an argument to an execution. `machine_lookup`: from a name or ARN to a machine.
//! - `execution`: an execution with its gateway, and requests about it. `event_pages`: its history.
pub(super) mod event_pages;
pub(super) mod execution;
mod logged;
pub(super) mod machine_lookup;
pub(super) mod permission;
pub(super) mod resolve;
