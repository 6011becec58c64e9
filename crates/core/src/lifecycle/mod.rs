//! What every response means. Pure: a known start request or execution and one response go in, a change comes out.
//!
//! The terminal UI, the commands, batches and the store all use these rules and have none of their own:
//!
//! - `start`: the responses to a start request, and whether it is sent again; `idempotency`: where that is safe.
//! - `unresolved`: looking for the execution of a start request whose outcome is open.
//! - `execution`: the status responses of an execution, which may lag, be incomplete or belong to the time before a
//!   redrive.
//! - `tracked`: the two of them as the watcher holds them.
//! - `attribution`: whether a response is about what was asked for.
//! - `input`: whether the execution received the input that was sent.
//! - `merge`: which of two observations of an execution stands.
//! - `control`: what a stop and a redrive led to.
//! - `clock`: which moments can be compared.
//! - `paging`: how large the next page of a history is, and when its pages do not end.
//! - `backlog`: what to say when status requests are late.
//! - `patience`: when a command stops asking. `retry`: how long to wait.

pub mod attribution;
pub mod backlog;
pub mod clock;
pub mod control;
pub mod execution;
pub mod idempotency;
pub mod input;
pub mod merge;
pub mod paging;
pub mod patience;
pub mod retry;
pub mod start;
pub mod tracked;
pub mod unresolved;

#[cfg(test)]
mod tests;

pub use idempotency::Knowledge;
pub use tracked::{Change, Context, StatusAnswer, Tracked, Watched};
