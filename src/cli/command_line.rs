//! Reading the command line, and saying what is wrong with it. clap would print arguments as they came.

use std::ffi::{OsStr, OsString};

use clap::Parser as _;
use clap::error::Error;

use crate::cli::Exit;
use crate::cli::arguments::Arguments;
use crate::cli::console::{reader, say};
use crate::format::text::visible;

/// The arguments of this process; what is asked of the program itself (`--help`, `--version`) is printed, and what is
/// wrong is said.
pub(super) fn read() -> Result<Arguments, Exit> {
    let words: Vec<OsString> = std::env::args_os().collect();
    Arguments::try_parse_from(&words).map_err(|error| {
        // Again with visible words, which are wrong in the same way. Then all else is clap's own, its colours too.
        let shown = words.iter().map(|word| shown(word));
        tell(&Arguments::try_parse_from(shown).err().unwrap_or_else(|| plain(&error)))
    })
}

fn shown(word: &OsStr) -> String {
    visible(&word.to_string_lossy()).into_owned()
}

/// An error that quotes nothing.
fn plain(error: &Error) -> Error {
    Error::raw(error.kind(), "an argument has characters that it cannot have\n")
}

fn tell(error: &Error) -> Exit {
    let printed = error.print();
    if error.use_stderr() {
        // A closed standard error is no reason for another exit code.
        return Exit::Usage;
    }
    match reader(printed) {
        Ok(_) => Exit::Done,
        Err(error) => {
            say(&format!("{error:#}"));
            Exit::Unknown
        }
    }
}
