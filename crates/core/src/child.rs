//! Child processes: the only place that starts other programs, and how each may use the terminal.
//!
//! | child | terminal | ends |
//! |---|---|---|
//! | `$EDITOR` | all of it: the UI lends it to the editor | by itself; it is the user's |
//! | for a secret, while the UI has the terminal or without one | none: a session of its own | at its deadline, or with
//! this program |
//! | for a secret, of a command at a terminal | the command's own, for prompts | at its deadline, or with this program
//! |
//! | `tmux` for the clipboard | none | at its deadline, or with the UI |
//! | the jq filter | none: it leaves the session itself | at its deadline, or with the UI |
//! | jq filters of routes | none: it leaves the session itself | at its deadline, or with this program |
//!
//! Without a session of its own, a child that prompts on `/dev/tty` would read the keys typed into the UI. A program
//! run for a secret has a `supervisor`, which ends it and its descendants even if this program is killed.

#[cfg(unix)]
mod descendants;
pub mod supervisor;

use std::ffi::OsStr;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::process::{Child, Command};

/// First argument of this program when it starts another one in a session of its own.
pub(crate) const DETACHED: &str = "__detached";
/// Number of terminal UIs in this process.
static CLAIMS: AtomicUsize = AtomicUsize::new(0);
/// Session leaders of running children.
static LEADERS: Mutex<Vec<u32>> = Mutex::new(Vec::new());

fn leaders() -> MutexGuard<'static, Vec<u32>> {
    LEADERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reserves the terminal for the UI as long as this lives.
#[derive(Debug)]
pub struct Claim(());

impl Claim {
    /// Reserves the terminal: from now on children only get it when it is lent to them.
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
    /// Ends the UI's children, even if a task that waits for one is not dropped in time.
    fn drop(&mut self) {
        if CLAIMS.fetch_sub(1, Ordering::SeqCst) == 1 {
            for leader in leaders().drain(..) {
                kill_group(leader);
            }
        }
    }
}

/// Returns whether the terminal is reserved for the UI, so that a child cannot prompt.
pub(crate) fn terminal_is_claimed() -> bool {
    CLAIMS.load(Ordering::SeqCst) > 0
}

/// Shows the standard error of a program run for a secret.
static SHOW: OnceLock<fn(&str)> = OnceLock::new();

/// Sets how the standard error of such programs is shown while no UI has the terminal: they may be prompting.
pub fn show_messages_with(show: fn(&str)) {
    let _ = SHOW.set(show);
}

/// Shows such output, unless a UI has the terminal.
pub(crate) fn show_message(words: &str) {
    if let Some(show) = SHOW.get().filter(|_| !terminal_is_claimed()) {
        show(words);
    }
}

/// Prepares a program without access to the terminal, which is killed when dropped.
#[cfg(unix)]
pub fn without_terminal(program: impl AsRef<OsStr>) -> io::Result<Command> {
    // Only a process that is not a group leader can begin a session, and only before it becomes the program.
    let mut command = Command::new(this_program()?);
    command.arg(DETACHED).arg(program);
    // gpg's agent would prompt on the terminal named here.
    command.env_remove("GPG_TTY");
    command.kill_on_drop(true);
    Ok(command)
}

/// The program's file, where this process is another one that uses the library.
static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Sets the program to start where this process itself is another one, such as a test.
pub fn set_program(path: PathBuf) {
    let _ = PROGRAM.set(path);
}

/// Prepares this program in another role, which its first argument says. It can read no variables, and leaves the
/// terminal by itself.
pub(crate) fn this_program_as(role: &str) -> io::Result<Command> {
    let mut command = Command::new(this_program()?);
    command.arg(role).env_clear().kill_on_drop(true);
    Ok(command)
}

/// Returns the running binary, even if its file was replaced.
fn this_program() -> io::Result<PathBuf> {
    if let Some(path) = PROGRAM.get() {
        return Ok(path.clone());
    }
    if cfg!(target_os = "linux") { Ok("/proc/self/exe".into()) } else { std::env::current_exe() }
}

/// If [`without_terminal`] has started this process, leaves the session, and with it the terminal, and becomes the
/// program. Returns only on failure.
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
    // Its children end with it, even if this program is killed.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
    let error = std::process::Command::new(program).args(words).exec();
    Some(ExitCode::from(if error.kind() == io::ErrorKind::NotFound { NOT_FOUND } else { CANNOT_BE_RUN }))
}

/// Not used on this platform.
#[cfg(not(unix))]
pub fn become_detached() -> Option<ExitCode> {
    None
}

/// The exit code of shells for a program that was not found.
pub(crate) const NOT_FOUND: u8 = 127;
/// The exit code of shells for a program that cannot be executed.
pub(crate) const CANNOT_BE_RUN: u8 = 126;

/// Prepares a program without access to the terminal, which is killed when dropped.
#[cfg(not(unix))]
pub fn without_terminal(program: impl AsRef<OsStr>) -> io::Result<Command> {
    let mut command = Command::new(program);
    command.kill_on_drop(true);
    Ok(command)
}

/// Prepares a program that uses the terminal exclusively, or leaves it by itself.
pub fn with_terminal(program: impl AsRef<OsStr>) -> Command {
    Command::new(program)
}

/// Returns the output of a program that responds immediately.
#[expect(clippy::disallowed_methods, reason = "runs before there is a runtime")]
pub fn printed(program: &str, arguments: &[&str]) -> io::Result<Vec<u8>> {
    std::process::Command::new(program).args(arguments).output().map(|output| output.stdout)
}

/// A child without terminal and all its descendants: killed on drop, unless they were detached.
#[derive(Debug)]
pub struct Descendants {
    leader: Option<u32>,
}

impl Descendants {
    /// Starts a child prepared by [`without_terminal`].
    pub fn spawn(command: &mut Command) -> io::Result<(Child, Self)> {
        // Held during the start, so that the end of the UI misses no child.
        let mut leaders = leaders();
        let child = command.spawn()?;
        let leader = child.id();
        leaders.extend(leader);
        Ok((child, Self { leader }))
    }

    /// Keeps the descendants running, after the child has ended by itself.
    pub fn detach(mut self) {
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

/// The first process of a session leads a group with the same id.
#[cfg(unix)]
fn kill_group(leader: u32) {
    use rustix::process::{Pid, Signal, kill_process_group};
    if let Some(group) = i32::try_from(leader).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// There are no process groups on this platform.
#[cfg(not(unix))]
fn kill_group(_: u32) {}
