//! Finds out why a program could not be executed. The system reports "not found" for a missing interpreter, and
//! "exec format error" for a script without `#!`.

use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::bounded::{Limits, Source};
use crate::domain::program_name;
use crate::domain::shell_quote::word;
use crate::task;

/// Why a program could not be executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cause {
    NotFound,
    Directory,
    NotExecutable,
    /// A script without a `#!` line. A shell would interpret it by itself.
    NoInterpreter,
    /// The interpreter in the `#!` line does not exist.
    MissingInterpreter(String),
    /// The `#!` line ends with a carriage return, which counts as a part of the interpreter's name.
    CarriageReturn,
    /// Neither a script nor a program of this system.
    OtherSystem,
}

/// Limits for reading the beginning of a program.
const HEAD: Limits = Limits { bytes: 512, time: Duration::from_secs(1) };

/// Returns why the program cannot be executed; `None` if no reason is found.
pub(super) async fn find_cause(program: &str) -> Option<(String, Cause)> {
    let program = program.to_owned();
    let found = task::run_blocking(move || find(&program).map(|cause| (program, cause)));
    found.await.ok().flatten()
}

fn find(program: &str) -> Option<Cause> {
    let Some(path) = located(program) else { return Some(Cause::NotFound) };
    let metadata = std::fs::metadata(&path).ok()?;
    if metadata.is_dir() {
        return Some(Cause::Directory);
    }
    if !metadata.is_file() || !is_executable(&metadata) {
        return Some(Cause::NotExecutable);
    }
    cause_in_head(&head(&path)?, Path::exists)
}

/// Returns the path of a program: as given, or in a folder of `PATH`.
fn located(program: &str) -> Option<PathBuf> {
    if program.contains(std::path::is_separator) {
        return Some(PathBuf::from(program)).filter(|path| path.exists());
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found: Vec<PathBuf> =
        std::env::split_paths(&folders).map(|folder| folder.join(program)).filter(|path| path.is_file()).collect();
    let is_executable = |path: &&PathBuf| std::fs::metadata(path).is_ok_and(|metadata| is_executable(&metadata));
    found.iter().find(is_executable).or_else(|| found.first()).cloned()
}

#[cfg(unix)]
fn is_executable(metadata: &std::fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &std::fs::Metadata) -> bool {
    true
}

fn head(path: &Path) -> Option<Vec<u8>> {
    let mut head = vec![0; usize::try_from(HEAD.bytes).ok()?];
    let read = Source::open(path, HEAD).ok()?.read(&mut head).ok()?;
    head.truncate(read);
    Some(head)
}

/// Finds the cause in the beginning of an executable file.
fn cause_in_head(head: &[u8], exists: impl Fn(&Path) -> bool) -> Option<Cause> {
    let Some(line) = head.strip_prefix(b"#!") else {
        let is_native = if cfg!(target_os = "linux") { head.starts_with(b"\x7fELF") } else { head.contains(&0) };
        return match (is_native, head.contains(&0)) {
            // It may be for another processor: the system's error says so.
            (true, _) => None,
            (false, true) => Some(Cause::OtherSystem),
            (false, false) => Some(Cause::NoInterpreter),
        };
    };
    let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let interpreter = line.trim_matches([' ', '\t']).split([' ', '\t']).next().unwrap_or_default().to_owned();
    match interpreter.strip_suffix('\r') {
        Some(_) => Some(Cause::CarriageReturn),
        None if !exists(Path::new(&interpreter)) => Some(Cause::MissingInterpreter(interpreter)),
        None => None,
    }
}

/// The cause and what to try, for the program of this name.
pub(super) struct Described<'c>(pub(super) &'c str, pub(super) &'c Cause);

impl fmt::Display for Described<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(given, cause) = self;
        // A name that was not found may be a whole command line.
        let shown = if matches!(cause, Cause::NotFound) { program_name::shown(given) } else { (*given).into() };
        let program = &*shown;
        match cause {
            Cause::NotFound if given.contains(char::is_whitespace) => write!(
                f,
                "the program `{program}` was not found; write the program and each argument as an item of its own: \
                 command = [\"PROGRAM\", \"ARGUMENT\"]"
            ),
            Cause::NotFound if program.contains(std::path::is_separator) && !Path::new(program).is_absolute() => {
                write!(f, "the program `{program}` was not found; a relative path starts at the working directory")?;
                match std::env::current_dir() {
                    Ok(folder) => write!(f, ", {}", folder.display()),
                    Err(_) => Ok(()),
                }
            }
            Cause::NotFound => write!(f, "the program `{program}` was not found; install it, or give its path"),
            Cause::Directory => write!(f, "`{program}` is a directory; name a program in it"),
            Cause::NotExecutable => write!(f, "`{program}` is not executable; run `chmod +x {}`", word(program)),
            Cause::NoInterpreter => write!(
                f,
                "`{program}` is a script without a `#!` line; begin it with `#!/bin/sh` or another interpreter, or write \
                 \"sh\" before it in the command"
            ),
            Cause::MissingInterpreter(interpreter) => {
                write!(
                    f,
                    "the interpreter `{interpreter}` in the first line of `{program}` was not found; correct the line"
                )
            }
            Cause::CarriageReturn => {
                write!(
                    f,
                    "`{program}` has Windows line ends, so its `#!` line names no interpreter; save it with Unix line ends"
                )
            }
            Cause::OtherSystem => {
                write!(f, "`{program}` is not a program for this system; install the one for this system")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_a_file_shows_why_it_cannot_be_executed() {
        let exists = |path: &Path| path == Path::new("/bin/sh");
        let missing = |name: &str| Some(Cause::MissingInterpreter(name.to_owned()));
        for (head, expected) in [
            (&b"#!/bin/sh\necho"[..], None),
            (b"#! /bin/sh -e\n", None),
            (b"#!\t/bin/sh", None),
            (b"#!/bin/shh\n", missing("/bin/shh")),
            (b"#!\n", missing("")),
            (b"#!/bin/sh\r\necho", Some(Cause::CarriageReturn)),
            (b"echo token\n", Some(Cause::NoInterpreter)),
            (b"", Some(Cause::NoInterpreter)),
            (b"MZ\x90\0\x03", if cfg!(target_os = "linux") { Some(Cause::OtherSystem) } else { None }),
            (b"\x7fELF\x02\x01\x01\0", None),
        ] {
            assert_eq!(cause_in_head(head, exists), expected, "{:?}", String::from_utf8_lossy(head));
        }
    }
}
