//! What every response means. Pure: a known start request or execution and one response go in, a change comes out.
//!
//! The terminal UI, the commands, batches and the store all use these rules, and have none of their own:
//!
//! - `attempts`: the responses to a start request, and whether to retry; `start_outcome`: its outcome; `idempotency`:
//!   where a retry is safe.
//! - `unresolved`: how to find the execution of an unresolved start.
//! - `execution`: the status responses of an execution, which may lag, be incomplete or be from before a
//!   redrive.
//! - `logged`: the log events of an EXPRESS execution.
//! - `tracked`: executions and unresolved starts in the watcher.
//! - `attribution`: whether a response is about the requested execution.
//! - `received_input`: whether the execution received the input that was sent.
//! - `merge`: which of two observations is current.
//! - `control`: the results of stop and redrive.
//! - `time_comparison`: which times can be compared.
//! - `paging`: the size of the next page of a history, and when to stop reading pages.
//! - `backlog`: the message about late status requests.
//! - `retry`: whether a failed request may be repeated. `backoff`: how long to wait before. `give_up`: when to stop.

pub mod attempts;
pub mod attribution;
pub mod backlog;
pub mod backoff;
pub mod control;
pub mod execution;
pub mod give_up;
pub(crate) mod idempotency;
pub mod logged;
pub(crate) mod merge;
pub mod paging;
pub mod received_input;
pub mod retry;
pub mod start_outcome;
pub mod time_comparison;
pub mod tracked;
pub mod unresolved;

#[cfg(test)]
mod tests;

pub use idempotency::Knowledge;
pub use retry::{Conclusion, Retry};
pub use tracked::{Change, Context, StatusReport, Tracked, Watched};
