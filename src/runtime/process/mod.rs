//! This process and its machine, for the terminal UI and commands: signals, clock, time zone, home folder and
//! browser.

pub(super) mod browser;
pub(super) mod clock;
pub(super) mod home_folder;
#[cfg(unix)]
mod ignored_signals;
pub(super) mod signals;
pub(super) mod zone;
