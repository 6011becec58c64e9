//! The keyboard, the mouse and what else the terminal tells, as messages of the core.

#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "it reads on a thread of its own, which ends when it is told to")]
mod bytes;
#[cfg(unix)]
mod decoder;
#[cfg(not(unix))]
mod events;
#[cfg(unix)]
mod frame;
#[cfg(unix)]
mod input;
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

/// What bytes of a terminal mean when they come in these pieces, and then no more: for the fuzz target.
#[cfg(unix)]
pub fn decoded<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<String> {
    let mut decoder = decoder::Decoder::default();
    let mut inputs: Vec<input::Input> = Vec::new();
    let fed: Vec<_> = pieces.into_iter().flat_map(|piece| decoder.feed(piece)).collect();
    for input in fed.into_iter().chain(decoder.expire()) {
        match (&input, inputs.last_mut()) {
            (input::Input::Text(more), Some(input::Input::Text(text))) => text.push_str(more),
            _ => inputs.push(input),
        }
    }
    inputs.iter().map(|input| format!("{input:?}")).collect()
}
