//! How much is read, and for how long.

use std::time::Duration;

pub(super) const MIB: u64 = 1024 * 1024;

/// The limits of one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes.
    pub bytes: u64,
    /// The longest time from opening to the end.
    pub time: Duration,
}

impl Limits {
    /// Files that the configuration names, and the configuration itself. The deadline is for pipes and file systems
    /// that do not answer.
    pub const FILE: Self = Self { bytes: 4 * MIB, time: Duration::from_secs(10) };
    /// A secret in a file: a token has some kilobytes at most.
    pub const SECRET: Self = Self { bytes: 64 * 1024, time: Duration::from_secs(10) };
    /// A secret that a program prints; a person may have to touch a key for it.
    pub const SECRET_COMMAND: Self = Self { time: Duration::from_secs(60), ..Self::SECRET };
    /// An input that a person or a program hands over on standard input or in a file, which may take its time.
    pub const INPUT: Self = Self { bytes: 16 * MIB, time: Duration::from_secs(10 * 60) };
    /// An input that an editor has saved, and which is therefore complete.
    pub const SAVED_INPUT: Self = Self { time: Duration::from_secs(3), ..Self::INPUT };
    /// Many inputs, one a line. All of them are held until they are in the store.
    pub const INPUTS: Self = Self { bytes: 48 * MIB, ..Self::INPUT };
}
