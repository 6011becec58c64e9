//! The service's quotas that the local gateway applies.

/// The largest input or output of a state or an execution, in bytes of UTF-8.
pub(crate) const MAX_INPUT_BYTES: usize = 256 * 1024;

/// How long an EXPRESS execution may run.
pub(crate) const MAX_EXPRESS_SECONDS: u64 = 5 * 60;
