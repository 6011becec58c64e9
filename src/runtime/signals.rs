//! Signals that end the program, and stopping for a while.

use std::io;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that ask for an end. To be listened to before anything changes the terminal: a signal
/// that comes earlier would leave it changed.
#[cfg(unix)]
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

#[cfg(unix)]
impl Signals {
    /// Begins to listen; from now on they wait until the loop asks for them.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Forgets interrupts that have come but were meant for somebody else.
    pub(super) fn forget_interrupts(&mut self) -> io::Result<()> {
        self.interrupt = signal(SignalKind::interrupt())?;
        Ok(())
    }

    /// Waits for one of them and returns its number.
    pub async fn next(&mut self) -> i32 {
        let kind = tokio::select! {
            _ = self.interrupt.recv() => SignalKind::interrupt(),
            _ = self.terminate.recv() => SignalKind::terminate(),
            _ = self.hang_up.recv() => SignalKind::hangup(),
        };
        kind.as_raw_value()
    }
}

/// Stops the process until the shell continues it. The whole group is stopped, as the terminal does
/// it for Ctrl-Z: a shell waits for the group's first process, which may be `cargo`.
#[cfg(unix)]
pub(super) fn stop_this_process() {
    let _ = rustix::process::kill_current_process_group(rustix::process::Signal::TSTP);
}

/// The signals that ask for an end.
#[cfg(not(unix))]
pub struct Signals;

#[cfg(not(unix))]
impl Signals {
    /// Begins to listen.
    pub fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "as on Unix")]
    pub(super) fn forget_interrupts(&mut self) -> io::Result<()> {
        Ok(())
    }

    pub(super) async fn next(&mut self) -> i32 {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        2
    }
}

/// There is no shell to go back to.
#[cfg(not(unix))]
pub(super) fn stop_this_process() {}
