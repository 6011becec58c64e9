//! Parses the command line. clap would print invalid arguments unescaped.

use std::ffi::{OsStr, OsString};

use clap::Parser as _;
use clap::error::Error;

use crate::cli::Exit;
use crate::cli::arguments::Arguments;
use crate::cli::report::console::{pipe_state, say};
use crate::format::text::visible;

/// Parses the arguments of this process. Prints `--help`, `--version` and errors.
pub(in crate::cli) fn read() -> Result<Arguments, Exit> {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    Arguments::try_parse_from(&arguments).map_err(|error| {
        // Escaped arguments fail in the same way, and keep clap's own formatting and colours.
        let escaped = arguments.iter().map(|argument| escape(argument));
        print_error(&Arguments::try_parse_from(escaped).err().unwrap_or_else(|| without_quotes(&error)))
    })
}

fn escape(argument: &OsStr) -> String {
    visible(&argument.to_string_lossy()).into_owned()
}

/// Returns an error of this kind that quotes no argument.
fn without_quotes(error: &Error) -> Error {
    Error::raw(error.kind(), "an argument contains characters that are not allowed\n")
}

fn print_error(error: &Error) -> Exit {
    let printed = error.print();
    if error.use_stderr() {
        // A closed standard error does not change the exit code.
        return Exit::Usage;
    }
    match pipe_state(printed) {
        Ok(_) => Exit::Done,
        Err(error) => {
            say(&format!("{error:#}"));
            Exit::Unknown
        }
    }
}
