//! The keyboard, the mouse and what else the terminal tells, as messages of the core.

#[cfg(unix)]
mod bytes;
#[cfg(unix)]
mod decoder;
#[cfg(not(unix))]
mod events;
#[cfg(unix)]
mod frame;
#[cfg_attr(not(unix), expect(dead_code, reason = "Windows is asked by another crate"))]
mod responses;
#[cfg(unix)]
mod sequences;
#[cfg(not(unix))]
mod terminal_event;
#[cfg(all(test, unix))]
mod tests;

use crate::app::{Key, KeyCode, Msg};

#[cfg(unix)]
pub(super) use bytes::Keyboard;
#[cfg(not(unix))]
pub(super) use events::Keyboard;
pub(super) use responses::{Background, QUESTION};

/// Whether this is the hidden key of the test that the terminal comes back after a panic.
pub(super) fn is_panic_key(message: &Msg) -> bool {
    matches!(message, Msg::Key(Key { code: KeyCode::F(12), .. }))
}
