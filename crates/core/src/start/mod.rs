//! The life of a start, from the intent to what came of it: written down before it is sent, sent again only where
//! `lifecycle` says that it is harmless, settled or left to be asked about.

pub mod batch;
mod claims;
mod starter;
mod unsent;

pub use batch::BatchReport;
pub use starter::{StartReport, Starter};
