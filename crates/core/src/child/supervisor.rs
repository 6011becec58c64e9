//! A process between stepgate and a program that is run for a secret. It kills the program and everything that the
//! program has started as soon as its own standard input closes: at the deadline, or when stepgate ends in any way.

use std::ffi::{OsStr, OsString};
use std::io;
use std::process::{ExitCode, Stdio};
use std::sync::OnceLock;

use tokio::process::{Child, ChildStdin, Command};

use crate::child::{CANNOT_BE_RUN, Descendants, NOT_FOUND, terminal_is_claimed};

/// The first argument of a supervisor.
const SUPERVISE: &str = "__supervise";
/// The second: the program gets a session of its own, or stays in the foreground of the terminal.
const ALONE: &str = "alone";
const AT_THE_TERMINAL: &str = "at-the-terminal";

/// Whether this binary can act as a supervisor. Tests and other users of the library cannot.
static IS_THE_PROGRAM: OnceLock<()> = OnceLock::new();

/// A running program that is killed, with everything that it has started, when this is dropped.
#[derive(Debug)]
pub(crate) struct Supervised {
    /// The process to wait for and to read from.
    pub(crate) child: Child,
    /// Whether it can prompt on the terminal.
    pub(crate) may_ask: bool,
    _lifeline: Option<ChildStdin>,
    /// The process group to kill where there is no supervisor.
    group: Option<Descendants>,
}

impl Supervised {
    /// Starts a program with piped standard output and standard error, and `/dev/null` as input. It gets no terminal
    /// while the UI has it, or where there is none.
    pub(crate) fn spawn(program: impl AsRef<OsStr>, arguments: &[impl AsRef<OsStr>]) -> io::Result<Self> {
        let may_ask = !terminal_is_claimed() && has_terminal();
        if IS_THE_PROGRAM.get().is_none() {
            return Self::unsupervised(program.as_ref(), arguments);
        }
        let mut command = Command::new(super::this_program()?);
        command.args([SUPERVISE, if may_ask { AT_THE_TERMINAL } else { ALONE }]).arg(program).args(arguments);
        if !may_ask {
            // gpg's agent prompts on the terminal named here, even if the UI has it.
            command.env_remove("GPG_TTY");
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        // Waiting for the child would close its standard input.
        let lifeline = child.stdin.take();
        Ok(Self { child, may_ask, _lifeline: lifeline, group: None })
    }

    fn unsupervised(program: &OsStr, arguments: &[impl AsRef<OsStr>]) -> io::Result<Self> {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        #[cfg(unix)]
        command.process_group(0);
        command.kill_on_drop(true);
        let (child, group) = Descendants::spawn(&mut command)?;
        Ok(Self { child, may_ask: false, _lifeline: None, group: Some(group) })
    }

    /// Keeps the descendants running, such as an agent, after the program has exited on its own.
    pub(crate) fn detach(self) {
        if let Some(group) = self.group {
            group.detach();
        }
    }
}

#[cfg(unix)]
fn has_terminal() -> bool {
    use rustix::fs::{Mode, OFlags, open};
    open("/dev/tty", OFlags::RDONLY | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).is_ok()
}

#[cfg(not(unix))]
fn has_terminal() -> bool {
    true
}

/// Runs this process as a supervisor, if it was started as one.
pub fn supervise() -> Option<ExitCode> {
    // Windows has neither sessions nor process groups.
    if cfg!(unix) {
        let _ = IS_THE_PROGRAM.set(());
    }
    let mut words = std::env::args_os().skip(1);
    if words.next()? != SUPERVISE {
        return None;
    }
    let is_alone = words.next()? == ALONE;
    let (program, arguments) = (words.next()?, words.collect::<Vec<_>>());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let Ok(runtime) = runtime else { return Some(ExitCode::from(CANNOT_BE_RUN)) };
    Some(ExitCode::from(runtime.block_on(watch_over(is_alone, &program, arguments))))
}

#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "it does not read")]
fn lifeline() -> io::Result<tokio::net::unix::pipe::Receiver> {
    use std::os::fd::AsFd as _;
    tokio::net::unix::pipe::Receiver::from_owned_fd(io::stdin().as_fd().try_clone_to_owned()?)
}

#[cfg(unix)]
async fn watch_over(is_alone: bool, program: &OsString, arguments: Vec<OsString>) -> u8 {
    use tokio::io::AsyncReadExt as _;
    use tokio::signal::unix::{SignalKind, signal};

    if is_alone && rustix::process::setsid().is_err() {
        return CANNOT_BE_RUN;
    }
    // The program decides what an interrupt means; the supervisor ends after it.
    let signals = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup(), SignalKind::quit()];
    let _caught: Vec<_> = signals.into_iter().filter_map(|kind| signal(kind).ok()).collect();
    let Ok(mut lifeline) = lifeline() else { return CANNOT_BE_RUN };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return NOT_FOUND,
        Err(_) => return CANNOT_BE_RUN,
    };
    let closed = async { while matches!(lifeline.read(&mut [0; 16]).await, Ok(1..)) {} };
    tokio::select! {
        status = child.wait() => status.map_or(CANNOT_BE_RUN, code),
        () = closed => {
            if is_alone {
                super::kill_group(rustix::process::getpid().as_raw_nonzero().get().unsigned_abs());
            } else {
                super::descendants::kill_descendants();
            }
            CANNOT_BE_RUN
        }
    }
}

#[cfg(not(unix))]
#[expect(clippy::unused_async, reason = "the other one waits")]
async fn watch_over(_: bool, _: &OsString, _: Vec<OsString>) -> u8 {
    CANNOT_BE_RUN
}

/// The exit code as a shell reports it: 128 plus the number of the signal that ended the process.
#[cfg(unix)]
fn code(status: std::process::ExitStatus) -> u8 {
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}
