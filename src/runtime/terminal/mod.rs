//! The terminal of the UI.
//!
//! - `screen`: acquires and restores it, and draws. `aligned_backend`, `frame_writer` and `links`: how a frame is written.
//! - `keyboard`: keys, mouse and responses of the terminal. `modes`: its modes. `features`: what it can do beyond text.
//! - `clipboard` and `editor`: what shares the terminal with the UI.

mod aligned_backend;
pub(super) mod clipboard;
pub(super) mod editor;
pub(super) mod features;
mod frame_writer;
pub(super) mod keyboard;
mod links;
#[cfg_attr(unix, expect(clippy::disallowed_methods, reason = "it sets the terminal's modes"))]
mod modes;
#[expect(clippy::disallowed_methods, reason = "it owns the screen")]
pub(super) mod screen;
