//! The subject of an examination.

use stepgate_core::domain::{Endpoint, ExecutionName, Machine, Timestamp};

/// The examination of an endpoint and its machines.
#[derive(Debug)]
pub(crate) struct Examination<'a> {
    /// The endpoint to check.
    pub endpoint: &'a Endpoint,
    /// Its machines in the configuration.
    pub machines: Vec<&'a Machine>,
    /// A name that no execution has.
    pub unused_name: ExecutionName,
    /// Returns the current time.
    pub clock: fn() -> Timestamp,
}
