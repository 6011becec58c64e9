//! What is known about the terminal: its size, whether it has the focus, who handles its mouse, when it was last used.

use ratatui::layout::Size;

use crate::app::shell::setup::MouseOwner;
use stepgate_core::domain::Timestamp;

/// The terminal.
#[derive(Debug, Clone)]
pub(super) struct Terminal {
    pub(super) size: Size,
    /// True until it reports otherwise.
    pub(super) has_focus: bool,
    pub(super) mouse: MouseOwner,
    /// When the user last pressed a key, pasted or used the mouse.
    pub(super) last_input: Timestamp,
}

impl Terminal {
    pub(super) fn new(size: Size, mouse: MouseOwner, now: Timestamp) -> Self {
        Self { size, has_focus: true, mouse, last_input: now }
    }
}
