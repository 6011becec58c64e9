//! The lists of machines and executions: rows, order, filter, groups, marks, and what comes from the store.

pub mod executions;
pub mod expected_duration;
pub mod groups;
pub mod machines;
pub mod memory;
pub mod responses;
pub mod row;
pub mod stored;
