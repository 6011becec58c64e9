//! Limits on size and time.

use std::time::Duration;

pub(super) const MIB: u64 = 1024 * 1024;

/// The limits of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Maximum size in bytes.
    pub bytes: u64,
    /// Deadline from opening to the end.
    pub time: Duration,
}

impl Limits {
    /// The configuration, and files that it names. The deadline is for pipes and file systems that do not respond.
    pub const FILE: Self = Self { bytes: 4 * MIB, time: Duration::from_secs(10) };
    /// A secret in a file: a token has a few kilobytes.
    pub const SECRET: Self = Self { bytes: 64 * 1024, time: Duration::from_secs(10) };
    /// A secret printed by a program, which may prompt or require a touch of a security key.
    pub(crate) const SECRET_COMMAND: Self = Self { time: Duration::from_secs(60), ..Self::SECRET };
    /// An input on standard input or in a file, which may take its time.
    pub const INPUT: Self = Self { bytes: 16 * MIB, time: Duration::from_secs(10 * 60) };
    /// An input saved by an editor, and therefore complete.
    pub const SAVED_INPUT: Self = Self { time: Duration::from_secs(3), ..Self::INPUT };
    /// A batch with one input per line, held in memory until it is in the store.
    pub const INPUTS: Self = Self { bytes: 48 * MIB, ..Self::INPUT };
}
