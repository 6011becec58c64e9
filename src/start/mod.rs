//! The life of a start, from the intent to what came of it: written down before it is sent, sent again
//! only where that is harmless, settled or left to be asked about.
//!
//! When to send again is pure (`attempts`); `starter` does it.

mod attempts;
pub mod batch;
mod pace;
mod starter;

pub use attempts::{Attempts, Next};
pub use batch::BatchReport;
pub use starter::{StartReport, Starter};
