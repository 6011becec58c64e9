//! Signals that end, suspend or continue the program. A signal that was ignored when the program was started stays ignored:
//! `nohup` and scripts rely on it.

#[cfg(unix)]
pub(crate) use unix::Signals;

#[cfg(not(unix))]
pub(crate) use other::Signals;

/// What a signal requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::runtime) enum SignalAction {
    /// End the program; the signal's number.
    End(i32),
    /// Suspend the program until the shell continues it.
    Stop,
    /// The program was continued after a stop.
    Continue,
}

#[cfg(unix)]
mod unix {
    use std::future::poll_fn;
    use std::io;
    use std::task::Poll;
    use std::time::Duration;

    use rustix::process::{Pid, Signal as Number, kill_current_process_group, kill_process};
    use tokio::signal::unix::{Signal, SignalKind, signal};

    use super::SignalAction;
    use crate::runtime::process::ignored_signals;

    /// Signals that end commands.
    const END_SIGNALS: [Number; 3] = [Number::INT, Number::TERM, Number::HUP];
    /// Further signals that end the terminal UI, so that it can restore the terminal first. Not those of crashes, which
    /// would recur at once.
    const UI_END_SIGNALS: [Number; 8] = [
        Number::QUIT,
        Number::USR1,
        Number::USR2,
        Number::ALARM,
        Number::VTALARM,
        Number::PROF,
        Number::XCPU,
        Number::XFSZ,
    ];
    /// How long to wait until the process is stopped.
    const STOP_TIMEOUT: Duration = Duration::from_millis(200);

    /// Signal handlers. Must be installed before the terminal is changed, or an early signal would leave it changed.
    pub(crate) struct Signals {
        ends: Vec<(Number, Signal)>,
        stop: Option<Signal>,
        continued: Option<Signal>,
    }

    fn handler(number: Number) -> io::Result<Signal> {
        signal(SignalKind::from_raw(number.as_raw()))
    }

    impl Signals {
        /// Handles the signals that end commands; they are queued from now on.
        pub(crate) fn listen() -> io::Result<Self> {
            let ends = END_SIGNALS.into_iter().filter(|number| !ignored_signals::is_ignored(number.as_raw()));
            let ends = ends.map(|number| Ok((number, handler(number)?))).collect::<io::Result<_>>()?;
            Ok(Self { ends, stop: None, continued: None })
        }

        /// Also handles the signals that matter while the terminal is changed.
        pub(crate) fn listen_for_terminal() -> io::Result<Self> {
            let mut signals = Self::listen()?;
            for number in UI_END_SIGNALS.into_iter().filter(|number| !ignored_signals::is_ignored(number.as_raw())) {
                signals.ends.push((number, handler(number)?));
            }
            if !ignored_signals::is_ignored(Number::TSTP.as_raw()) {
                signals.stop = Some(handler(Number::TSTP)?);
            }
            signals.continued = Some(handler(Number::CONT)?);
            Ok(signals)
        }

        /// Discards queued interrupts, which were meant for another program.
        pub(in crate::runtime) fn forget_interrupts(&mut self) -> io::Result<()> {
            for (number, signal) in &mut self.ends {
                if [Number::INT, Number::QUIT].contains(number) {
                    *signal = handler(*number)?;
                }
            }
            Ok(())
        }

        /// Waits for a signal that ends the program, and returns its number. Cancel-safe.
        pub(crate) async fn next(&mut self) -> i32 {
            loop {
                if let SignalAction::End(number) = self.next_action().await {
                    return number;
                }
            }
        }

        /// Waits for a signal. Cancel-safe.
        pub(in crate::runtime) async fn next_action(&mut self) -> SignalAction {
            poll_fn(|context| {
                for (number, signal) in &mut self.ends {
                    if signal.poll_recv(context).is_ready() {
                        return Poll::Ready(SignalAction::End(number.as_raw()));
                    }
                }
                for (signal, action) in
                    [(&mut self.stop, SignalAction::Stop), (&mut self.continued, SignalAction::Continue)]
                {
                    if let Some(signal) = signal
                        && signal.poll_recv(context).is_ready()
                    {
                        return Poll::Ready(action);
                    }
                }
                Poll::Pending
            })
            .await
        }

        /// Stops this process until the shell continues it, if there is a shell. Stops the whole group, as the terminal does
        /// for Ctrl-Z: the shell waits for the group's first process, which may be `cargo`.
        pub(in crate::runtime) async fn suspend_process(&mut self) {
            let Some(continued) = &mut self.continued else { return };
            if self.stop.is_none() {
                return;
            }
            // SIGTSTP is handled, so it would not stop the process, and SIGSTOP would stop it forever without a shell.
            // The system itself stops groups with SIGTTIN.
            let _ = kill_current_process_group(Number::TTIN);
            // The signal may stop another thread first. SIGCONT follows when the process continues.
            let _ = tokio::time::timeout(STOP_TIMEOUT, continued.recv()).await;
        }

        /// Forwards a signal to a child process.
        pub(in crate::runtime) fn forward(child: Option<u32>, number: i32) {
            let pid = child.and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
            if let (Some(pid), Some(number)) = (pid, Number::from_named_raw(number)) {
                let _ = kill_process(pid, number);
            }
        }
    }
}

#[cfg(not(unix))]
mod other {
    use std::io;

    use super::SignalAction;

    /// Ctrl-C.
    pub(crate) struct Signals;

    #[expect(clippy::unnecessary_wraps, clippy::unused_self, clippy::unused_async, reason = "as on Unix")]
    impl Signals {
        /// Always succeeds.
        pub(crate) fn listen() -> io::Result<Self> {
            Ok(Self)
        }

        /// Always succeeds.
        pub(crate) fn listen_for_terminal() -> io::Result<Self> {
            Ok(Self)
        }

        pub(in crate::runtime) fn forget_interrupts(&mut self) -> io::Result<()> {
            Ok(())
        }

        /// Waits for Ctrl-C.
        pub(crate) async fn next(&mut self) -> i32 {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
            2
        }

        pub(in crate::runtime) async fn next_action(&mut self) -> SignalAction {
            SignalAction::End(self.next().await)
        }

        /// Windows has no job control.
        pub(in crate::runtime) async fn suspend_process(&mut self) {}

        pub(in crate::runtime) fn forward(_: Option<u32>, _: i32) {}
    }
}
