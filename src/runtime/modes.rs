//! The modes of the terminal, such as echo, put back after a program that may have changed them.

#[cfg(unix)]
use rustix::termios::{OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr};

/// The modes at one moment.
pub(super) struct Modes {
    /// `None` if there is no terminal.
    #[cfg(unix)]
    modes: Option<Termios>,
}

#[cfg(unix)]
impl Modes {
    pub(super) fn now() -> Self {
        Self { modes: tcgetattr(std::io::stdin()).ok() }
    }

    /// Sets them again. Errors are ignored: the next user of the terminal meets them too.
    pub(super) fn put_back(&self) {
        if let Some(modes) = &self.modes {
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, modes);
        }
    }

    /// Drops what was typed and has not been read.
    #[expect(clippy::unused_self, reason = "only the user of the terminal may")]
    pub(super) fn forget_typed(&self) {
        let _ = tcflush(std::io::stdin(), QueueSelector::IFlush);
    }
}

/// The console of Windows has modes for each program.
#[cfg(not(unix))]
#[expect(clippy::unused_self, reason = "as on Unix")]
impl Modes {
    pub(super) fn now() -> Self {
        Self {}
    }

    pub(super) fn put_back(&self) {}

    pub(super) fn forget_typed(&self) {}
}
