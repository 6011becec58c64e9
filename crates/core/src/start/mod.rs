//! The life of a start, from its record to its result: recorded before it is sent, sent again only where `lifecycle`
//! says that it is harmless, and settled or left to the watcher.

pub mod batch;
mod claimed_names;
mod starter;
mod unsent;

pub use batch::BatchReport;
pub use starter::{StartReport, Starter};
