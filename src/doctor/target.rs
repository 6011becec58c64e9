//! What the doctor examines.

use stepgate_core::domain::{Endpoint, ExecutionName, Machine, Timestamp};

/// An endpoint and its machines.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    /// The endpoint.
    pub endpoint: &'a Endpoint,
    /// Its machines in the configuration.
    pub machines: Vec<&'a Machine>,
    /// A name that no execution has.
    pub unused_name: ExecutionName,
    /// Returns the current time.
    pub clock: fn() -> Timestamp,
}
