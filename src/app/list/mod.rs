//! The lists of machines and executions: rows, sorting, filter, groups, marks, and reading from the store.

pub(crate) mod changes;
pub(crate) mod everyone;
pub(crate) mod executions;
pub(crate) mod expected_duration;
pub(crate) mod forms;
pub(crate) mod groups;
pub(crate) mod lists;
pub(crate) mod machines;
pub(crate) mod memory;
pub(crate) mod open;
mod payload_location;
pub(crate) mod removal;
pub(crate) mod responses;
pub(crate) mod row;
pub(crate) mod stored;
