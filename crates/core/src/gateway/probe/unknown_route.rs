//! A path that no gateway has.

/// The response to it shows whether the stage exists.
pub(in crate::gateway) const UNKNOWN_ROUTE: &str = "/stepgate-doctor-asks-for-nothing";
