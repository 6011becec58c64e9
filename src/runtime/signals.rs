//! Signals that end the program, stop it for a while, or let it go on. A signal that was ignored when the program was
//! started stays ignored: `nohup` and scripts rely on it.

#[cfg(unix)]
pub use unix::Signals;

#[cfg(not(unix))]
pub use other::Signals;

/// What a signal asks of whoever has the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// To end; the signal's number.
    End(i32),
    /// To stop until the shell continues the program.
    Stop,
    /// The program goes on after it was stopped, in whatever way.
    GoOn,
}

#[cfg(unix)]
mod unix {
    use std::future::poll_fn;
    use std::io;
    use std::task::Poll;
    use std::time::Duration;

    use rustix::process::{Pid, Signal as Number, kill_current_process_group, kill_process};
    use tokio::signal::unix::{Signal, SignalKind, signal};

    use super::Asked;
    use crate::runtime::ignored;

    /// What ends a command, which the system would end too.
    const ENDS: [Number; 3] = [Number::INT, Number::TERM, Number::HUP];
    /// What ends the terminal UI besides, so that the terminal comes back first. Signals of faults are not among them:
    /// the fault comes again at once.
    const ENDS_OF_THE_UI: [Number; 8] = [
        Number::QUIT,
        Number::USR1,
        Number::USR2,
        Number::ALARM,
        Number::VTALARM,
        Number::PROF,
        Number::XCPU,
        Number::XFSZ,
    ];
    /// How soon a process is stopped that stops itself.
    const SOON: Duration = Duration::from_millis(200);

    /// The signals that are listened to. Before anything changes the terminal: a signal that comes earlier would leave
    /// it changed.
    pub struct Signals {
        ends: Vec<(Number, Signal)>,
        stop: Option<Signal>,
        go_on: Option<Signal>,
    }

    fn listen_to(number: Number) -> io::Result<Signal> {
        signal(SignalKind::from_raw(number.as_raw()))
    }

    impl Signals {
        /// Listens to what ends a command; from now on they wait until they are asked for.
        pub fn listen() -> io::Result<Self> {
            let ends = ENDS.into_iter().filter(|number| !ignored::is_ignored(number.as_raw()));
            let ends = ends.map(|number| Ok((number, listen_to(number)?))).collect::<io::Result<_>>()?;
            Ok(Self { ends, stop: None, go_on: None })
        }

        /// Listens to all that concerns whoever has changed the terminal.
        pub fn listen_for_terminal() -> io::Result<Self> {
            let mut signals = Self::listen()?;
            for number in ENDS_OF_THE_UI.into_iter().filter(|number| !ignored::is_ignored(number.as_raw())) {
                signals.ends.push((number, listen_to(number)?));
            }
            if !ignored::is_ignored(Number::TSTP.as_raw()) {
                signals.stop = Some(listen_to(Number::TSTP)?);
            }
            signals.go_on = Some(listen_to(Number::CONT)?);
            Ok(signals)
        }

        /// Forgets interrupts that have come but were meant for another program.
        pub(in crate::runtime) fn forget_interrupts(&mut self) -> io::Result<()> {
            for (number, signal) in &mut self.ends {
                if [Number::INT, Number::QUIT].contains(number) {
                    *signal = listen_to(*number)?;
                }
            }
            Ok(())
        }

        /// Waits for a signal that asks for the end, and returns its number. May be dropped while it waits.
        pub async fn next(&mut self) -> i32 {
            loop {
                if let Asked::End(number) = self.asked().await {
                    return number;
                }
            }
        }

        /// Waits for what a signal asks. May be dropped while it waits.
        pub(in crate::runtime) async fn asked(&mut self) -> Asked {
            poll_fn(|context| {
                for (number, signal) in &mut self.ends {
                    if signal.poll_recv(context).is_ready() {
                        return Poll::Ready(Asked::End(number.as_raw()));
                    }
                }
                for (signal, asked) in [(&mut self.stop, Asked::Stop), (&mut self.go_on, Asked::GoOn)] {
                    if let Some(signal) = signal
                        && signal.poll_recv(context).is_ready()
                    {
                        return Poll::Ready(asked);
                    }
                }
                Poll::Pending
            })
            .await
        }

        /// Stops this process until the shell continues it; nothing happens where nobody could. The whole group is
        /// stopped, as the terminal does it for Ctrl-Z: a shell waits for the group's first process, which may be
        /// `cargo`.
        pub(in crate::runtime) async fn stop_this_process(&mut self) {
            let Some(go_on) = &mut self.go_on else { return };
            if self.stop.is_none() {
                return;
            }
            // SIGTSTP is listened to, so it stops nothing any more; and SIGSTOP stops for ever where there is no shell
            // that could go on with the group. SIGTTIN is what the system itself stops a group with.
            let _ = kill_current_process_group(Number::TTIN);
            // Another thread may be the one that the signal stops first. The system tells by a signal that it goes on.
            let _ = tokio::time::timeout(SOON, go_on.recv()).await;
        }

        /// Hands a signal on to a child.
        pub(in crate::runtime) fn hand_on(child: Option<u32>, number: i32) {
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

    use super::Asked;

    /// The signals that ask for an end.
    pub struct Signals;

    #[expect(clippy::unnecessary_wraps, clippy::unused_self, clippy::unused_async, reason = "as on Unix")]
    impl Signals {
        /// Begins to listen.
        pub fn listen() -> io::Result<Self> {
            Ok(Self)
        }

        /// Begins to listen.
        pub fn listen_for_terminal() -> io::Result<Self> {
            Ok(Self)
        }

        pub(in crate::runtime) fn forget_interrupts(&mut self) -> io::Result<()> {
            Ok(())
        }

        /// Waits for Ctrl-C.
        pub async fn next(&mut self) -> i32 {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
            2
        }

        pub(in crate::runtime) async fn asked(&mut self) -> Asked {
            Asked::End(self.next().await)
        }

        /// There is no shell to go back to.
        pub(in crate::runtime) async fn stop_this_process(&mut self) {}

        pub(in crate::runtime) fn hand_on(_: Option<u32>, _: i32) {}
    }
}
