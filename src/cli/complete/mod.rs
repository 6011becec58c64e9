//! Completion in the shell.
//!
//! - `protocol`: how the shell asks the program.
//! - `candidates`: what an argument can be.
pub(super) mod candidates;
pub(super) mod protocol;
