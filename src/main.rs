//! The program `stepgate`; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    stepgate::cli::main()
}
