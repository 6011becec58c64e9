//! The path of requests that ask for nothing.

/// Under a stage that is there, no gateway has this route.
pub(in crate::gateway) const NOWHERE: &str = "/stepgate-doctor-asks-for-nothing";
