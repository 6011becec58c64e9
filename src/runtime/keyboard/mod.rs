//! Keyboard, mouse and terminal events as messages.

#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "it reads on its own thread, which can be stopped")]
mod bytes;
#[cfg(unix)]
mod decoder;
#[cfg(not(unix))]
mod events;
#[cfg(unix)]
mod frame;
#[cfg(unix)]
mod input;
#[cfg_attr(not(unix), expect(dead_code, reason = "another crate queries Windows"))]
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
pub(super) use responses::{Background, QUERY};

/// Whether this is the hidden key that panics, to test that the terminal is restored.
pub(super) fn is_panic_key(message: &Msg) -> bool {
    matches!(message, Msg::Key(Key { code: KeyCode::F(12), .. }))
}

/// Decodes bytes that arrive in these pieces, for the fuzz target.
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
