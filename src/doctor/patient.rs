//! What the doctor looks at.

use stepgate_core::domain::{Endpoint, ExecutionName, Machine, Timestamp};

/// An endpoint with its machines.
#[derive(Debug)]
pub struct Patient<'a> {
    /// The endpoint.
    pub endpoint: &'a Endpoint,
    /// Its machines.
    pub machines: Vec<&'a Machine>,
    /// A name that no execution has.
    pub nobody: ExecutionName,
    /// Tells the time.
    pub clock: fn() -> Timestamp,
}
