//! Other programs as children: the one place that starts them, and what each of them may do with the terminal.
//!
//! | child | terminal | ends |
//! |---|---|---|
//! | `$EDITOR` | all of it: the UI gives it away until the editor is done | by itself; it is the user's |
//! | for a secret, while the UI has the terminal or where there is none | none: a session of its own | at its deadline, or with this program |
//! | for a secret, of a command at a terminal | the command's own, to ask on | at its deadline, or with this program |
//! | `tmux` for the clipboard | none | at its deadline, or with the UI |
//! | the jq filter | none: it leaves the session itself | at its deadline, or with the UI |
//!
//! Without a session of its own a child that asks on `/dev/tty` would read what is typed into the UI. What is run for a
//! secret has a `supervisor`, which ends it and all that it has started even if this program is killed.

#[cfg(unix)]
mod family;
pub mod supervisor;

use std::ffi::OsStr;
use std::io;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::process::{Child, Command};

/// What this program is called with to start another one in a session of its own.
pub const DETACHED: &str = "__detached";
/// How many terminal UIs run in this process.
static CLAIMS: AtomicUsize = AtomicUsize::new(0);
/// The first processes of the sessions that run.
static LEADERS: Mutex<Vec<u32>> = Mutex::new(Vec::new());

fn leaders() -> MutexGuard<'static, Vec<u32>> {
    LEADERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The terminal is the UI's as long as this lives.
#[derive(Debug)]
pub struct Claim(());

impl Claim {
    /// From now on no child gets the terminal unless it is lent to it.
    pub fn new() -> Self {
        CLAIMS.fetch_add(1, Ordering::SeqCst);
        Self(())
    }
}

impl Default for Claim {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Claim {
    /// What was started for the UI ends with it, also where a task that waits for it is not dropped in time.
    fn drop(&mut self) {
        if CLAIMS.fetch_sub(1, Ordering::SeqCst) == 1 {
            for leader in leaders().drain(..) {
                kill_group(leader);
            }
        }
    }
}

/// Whether the terminal is the UI's, so that a child cannot ask anything.
pub fn terminal_is_claimed() -> bool {
    CLAIMS.load(Ordering::SeqCst) > 0
}

/// Shows the standard error of a program that is run for a secret.
static SHOW: OnceLock<fn(&str)> = OnceLock::new();

/// Sets how the standard error of such programs is shown while no UI has the terminal: they may be prompting.
pub fn show_messages_with(show: fn(&str)) {
    let _ = SHOW.set(show);
}

/// Shows such output, unless a UI has the terminal.
pub fn show_message(words: &str) {
    if let Some(show) = SHOW.get().filter(|_| !terminal_is_claimed()) {
        show(words);
    }
}

/// A program that finds no terminal. It ends with whoever waits for it.
#[cfg(unix)]
pub fn without_terminal(program: impl AsRef<OsStr>) -> io::Result<Command> {
    // Only a process that is not the leader of a group can begin a session, and only before it becomes the program.
    let mut command = Command::new(this_program()?);
    command.arg(DETACHED).arg(program);
    // gpg's agent asks on the terminal that this names, whoever has it.
    command.env_remove("GPG_TTY");
    command.kill_on_drop(true);
    Ok(command)
}

/// The binary that runs, also when another one has taken its place on the disk since.
fn this_program() -> io::Result<std::path::PathBuf> {
    if cfg!(target_os = "linux") { Ok("/proc/self/exe".into()) } else { std::env::current_exe() }
}

/// What [`without_terminal`] has started this process for, if it has: it leaves the session, and with it the terminal,
/// and becomes the program. Returns only where that is not possible.
#[cfg(unix)]
pub fn become_detached() -> Option<ExitCode> {
    use std::os::unix::process::CommandExt as _;

    let mut words = std::env::args_os().skip(1);
    if words.next()? != DETACHED {
        return None;
    }
    let program = words.next()?;
    if rustix::process::setsid().is_err() {
        return Some(ExitCode::from(CANNOT_BE_RUN));
    }
    // Also when this program is killed, its children end with it.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
    let error = std::process::Command::new(program).args(words).exec();
    Some(ExitCode::from(if error.kind() == io::ErrorKind::NotFound { NOT_FOUND } else { CANNOT_BE_RUN }))
}

/// Nothing is started so here.
#[cfg(not(unix))]
pub fn become_detached() -> Option<ExitCode> {
    None
}

/// The exit code of shells for a program that was not found.
pub const NOT_FOUND: u8 = 127;
/// The exit code of shells for a program that cannot be executed.
pub const CANNOT_BE_RUN: u8 = 126;

/// A program that finds no terminal. It ends with whoever waits for it.
#[cfg(not(unix))]
pub fn without_terminal(program: impl AsRef<OsStr>) -> io::Result<Command> {
    let mut command = Command::new(program);
    command.kill_on_drop(true);
    Ok(command)
}

/// A program that has the terminal to itself for a while, or leaves it by itself.
pub fn with_terminal(program: impl AsRef<OsStr>) -> Command {
    Command::new(program)
}

/// What a program prints that answers at once.
#[expect(clippy::disallowed_methods, reason = "it is asked before there is a runtime")]
pub fn printed(program: &str, arguments: &[&str]) -> io::Result<Vec<u8>> {
    std::process::Command::new(program).args(arguments).output().map(|output| output.stdout)
}

/// A child without terminal and all that it has started in turn: they end when this is dropped, unless they were let go.
#[derive(Debug)]
pub struct Descendants {
    leader: Option<u32>,
}

impl Descendants {
    /// Starts a child that [`without_terminal`] has made.
    pub fn spawn(command: &mut Command) -> io::Result<(Child, Self)> {
        // Held while it starts, so that the end of the UI misses none.
        let mut leaders = leaders();
        let child = command.spawn()?;
        let leader = child.id();
        leaders.extend(leader);
        Ok((child, Self { leader }))
    }

    /// The child has ended by itself: what it has left behind is meant to stay.
    pub fn let_go(mut self) {
        self.forget();
    }

    fn forget(&mut self) -> Option<u32> {
        let leader = self.leader.take()?;
        leaders().retain(|other| *other != leader);
        Some(leader)
    }
}

impl Drop for Descendants {
    fn drop(&mut self) {
        if let Some(leader) = self.forget() {
            kill_group(leader);
        }
    }
}

/// A session's first process leads a group of the same number.
#[cfg(unix)]
fn kill_group(leader: u32) {
    use rustix::process::{Pid, Signal, kill_process_group};
    if let Some(group) = i32::try_from(leader).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// There are no groups of processes.
#[cfg(not(unix))]
fn kill_group(_: u32) {}
