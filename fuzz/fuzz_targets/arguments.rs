//! The command line: one argument per line, of any bytes.
#![cfg_attr(fuzzing, no_main)]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use clap::Parser as _;
use stepgate::cli::Arguments;

/// It is read, or refused with a message and the exit code for wrong usage.
pub fn run(data: &[u8]) {
    let arguments = data.split(|byte| *byte == b'\n').map(OsStr::from_bytes);
    match Arguments::try_parse_from(std::iter::once(OsStr::new("stepgate")).chain(arguments)) {
        Ok(arguments) => drop(format!("{arguments:?}")),
        Err(error) => {
            assert!([0, 2].contains(&error.exit_code()), "{error}");
            assert!(!error.render().to_string().trim().is_empty());
        }
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
