//! Keyboard, mouse and terminal events as messages.

#[cfg_attr(not(unix), expect(dead_code, reason = "another crate queries Windows"))]
mod responses;
#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "it reads on its own thread, which can be stopped")]
mod unix;
#[cfg(not(unix))]
mod windows;

use crate::app::{Key, KeyCode, Msg};

#[cfg(unix)]
pub(in crate::runtime) use responses::{Background, QUERY};
#[cfg(unix)]
pub(in crate::runtime) use unix::Keyboard;
#[cfg(unix)]
pub use unix::decoded;
#[cfg(not(unix))]
pub(in crate::runtime) use windows::Keyboard;

/// Whether this is the hidden key that panics, to test that the terminal is restored.
pub(in crate::runtime) fn is_panic_key(message: &Msg) -> bool {
    matches!(message, Msg::Key(Key { code: KeyCode::F(12), .. }))
}
