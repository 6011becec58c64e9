//! The service's quotas that the local gateway applies.

/// The largest input or output of a state or an execution, in bytes of UTF-8.
pub(crate) const MAX_INPUT_BYTES: usize = 256 * 1024;
