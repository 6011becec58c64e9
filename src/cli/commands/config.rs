//! `stepgate config`: writes, checks or locates a configuration file.

mod argument_errors;
mod arguments;
mod block;
mod discovery;
mod draft;
mod existing;
mod hints;
#[expect(clippy::disallowed_methods, reason = "it prompts the user; nothing else runs")]
mod init;
mod path;
#[expect(clippy::disallowed_methods, reason = "nothing else runs while the file is written")]
mod written;

use std::collections::BTreeSet;
use std::path::Path;

use clap::Subcommand;
use serde_json::json;

use crate::cli::arguments::help;
use crate::cli::commands::config::arguments::InitArguments;
use crate::cli::context::{abbreviate, check_files, find_config, load};
use crate::cli::report::console::{Console, Pipe, say};
use crate::cli::report::execution::Output;
use crate::cli::{Common, Exit};
use crate::config::error::{ConfigError, ConfigErrors};
use crate::config::find::Found;
use stepgate_core::domain::counted;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ConfigCommand {
    #[command(after_long_help = help::INIT)]
    Init(Box<InitArguments>),
    /// Check the configuration; prints every error with its line and key.
    #[command(after_long_help = help::CHECK)]
    Check,
    /// Print the path of the configuration file.
    #[command(after_long_help = help::PATH)]
    Path,
}

pub(in crate::cli) async fn run(command: ConfigCommand, common: &Common) -> anyhow::Result<Exit> {
    let (Found::Named(path) | Found::Default(path)) = find_config(common) else {
        say("this platform has no folder for a configuration (no home); set --config");
        return Ok(Exit::Usage);
    };
    match command {
        ConfigCommand::Init(arguments) => match arguments.discovery.gateway.clone() {
            Some(url) => Box::pin(discovery::run(&url, *arguments, &path, common)).await,
            None => init::run(*arguments, &path, common),
        },
        ConfigCommand::Check => check(&path, common).await,
        ConfigCommand::Path => {
            path::print(&path, common)?;
            Ok(Exit::Done)
        }
    }
}

/// Prints the errors as results, to standard output.
async fn check(path: &Path, common: &Common) -> anyhow::Result<Exit> {
    if !path.exists() {
        say(&format!("there is no {}; `stepgate config init` writes one", abbreviate(path)));
        return Ok(Exit::Usage);
    }
    let mut console = Console::plain(common);
    let checked = match load(path) {
        Ok(settings) => check_files(path, &settings.endpoints).await.map(|()| settings),
        Err(errors) => Err(errors),
    };
    match checked {
        Ok(settings) => {
            // A machine on several endpoints is one machine.
            let machines: BTreeSet<&str> = settings.machines.iter().map(|machine| &*machine.name).collect();
            let (endpoints, machines) = (settings.endpoints.len(), machines.len());
            let line = match common.output {
                Output::Text => format!(
                    "{}: OK; {} and {}",
                    path.display(),
                    counted(endpoints, "endpoint"),
                    counted(machines, "machine")
                ),
                Output::Json => {
                    json!({ "file": path.to_string_lossy(), "endpoints": endpoints, "machines": machines }).to_string()
                }
            };
            console.result(line)?;
            Ok(Exit::Done)
        }
        Err(errors) => {
            for line in lines(&errors, common.output) {
                if console.result(line)? == Pipe::Closed {
                    break;
                }
            }
            Ok(Exit::Usage)
        }
    }
}

fn lines(errors: &ConfigErrors, output: Output) -> Vec<String> {
    match output {
        Output::Text => errors.lines().collect(),
        Output::Json => {
            let object = |error: &ConfigError| {
                json!({
                    "file": errors.file.to_string_lossy(),
                    "line": error.line,
                    "key": error.key,
                    "message": error.message,
                    "suggestion": error.suggestion,
                })
            };
            errors.errors.iter().map(|error| object(error).to_string()).collect()
        }
    }
}
