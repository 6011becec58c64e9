//! `stepgate completions`: prints a script that lets a shell complete the command line.

use clap::Args;
use clap_complete::Shell;

use crate::cli::Exit;
use crate::cli::complete::protocol;
use crate::cli::report::console::print;

/// Print completions for a shell.
#[derive(Debug, Args)]
pub(in crate::cli) struct CompletionsArguments {
    /// The shell.
    shell: Shell,
}

pub(in crate::cli) fn run(arguments: &CompletionsArguments) -> anyhow::Result<Exit> {
    print(&protocol::script(&arguments.shell.to_string())?)?;
    Ok(Exit::Done)
}
