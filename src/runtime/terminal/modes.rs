//! Saves and restores the terminal's modes, such as echo, around programs that may change them.

#[cfg(unix)]
use rustix::termios::{OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr};

/// Saved modes.
pub(in crate::runtime) struct Modes {
    /// `None` if there is no terminal.
    #[cfg(unix)]
    modes: Option<Termios>,
}

#[cfg(unix)]
impl Modes {
    pub(in crate::runtime) fn current() -> Self {
        Self { modes: tcgetattr(std::io::stdin()).ok() }
    }

    /// Ignores errors: the next user of the terminal encounters them too.
    pub(in crate::runtime) fn restore(&self) {
        if let Some(modes) = &self.modes {
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, modes);
        }
    }

    /// Discards typed input that has not been read.
    #[expect(clippy::unused_self, reason = "requires the owner of the terminal")]
    pub(in crate::runtime) fn discard_input(&self) {
        let _ = tcflush(std::io::stdin(), QueueSelector::IFlush);
    }
}

/// The console of Windows has separate modes for each program.
#[cfg(not(unix))]
#[expect(clippy::unused_self, reason = "as on Unix")]
impl Modes {
    pub(in crate::runtime) fn current() -> Self {
        Self {}
    }

    pub(in crate::runtime) fn restore(&self) {}

    pub(in crate::runtime) fn discard_input(&self) {}
}
