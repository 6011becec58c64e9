//! What stands in place of a secret.

pub(in crate::gateway) const REDACTED: &str = "•••";
