//! What commands print.
//!
//! - `console`: the streams. `color`, `table` and `columns`: how text looks. `progress`: the live lines while a command
//!   waits.
//! - `execution`: an execution or start as text or JSON.
//! - `refusal`: requests that were not sent. `suggestion`: commands that messages suggest.
//! - `confirm`: questions.

pub(super) mod color;
pub(super) mod columns;
#[expect(clippy::disallowed_methods, reason = "it prompts the user; nothing else runs")]
pub(super) mod confirm;
pub(super) mod console;
pub(super) mod execution;
pub(super) mod progress;
pub(super) mod refusal;
pub(super) mod suggestion;
pub(super) mod table;
