//! The lists of machines and executions: rows, sorting, filter, groups, marks, and reading from the store.

pub mod executions;
pub mod expected_duration;
pub mod groups;
pub mod lists;
pub mod machines;
pub mod memory;
pub mod responses;
pub mod row;
pub mod stored;
