//! `stepgate config`: write a configuration, check one, tell where it is.

use std::path::Path;

use clap::Subcommand;
use serde_json::json;

use crate::cli::console::{Console, Reader, say};
use crate::cli::context::{check_files, found, load, short};
use crate::cli::init::{self, InitArguments};
use crate::cli::report::Output;
use crate::cli::{Common, Exit, config_path, docs};
use crate::config::fault::{Fault, Faults};
use crate::config::find::Found;

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    #[command(after_long_help = docs::INIT)]
    Init(InitArguments),
    /// Check the configuration: every fault, with its line and key.
    #[command(after_long_help = docs::CHECK)]
    Check,
    /// Print the path of the configuration file.
    #[command(after_long_help = docs::PATH)]
    Path,
}

/// Does it.
pub(super) async fn run(command: ConfigCommand, common: &Common) -> anyhow::Result<Exit> {
    let (Found::Named(path) | Found::ExpectedDurations(path)) = found(common) else {
        say("this platform has no folder for a configuration (no home): name a file with --config");
        return Ok(Exit::Usage);
    };
    match command {
        ConfigCommand::Init(arguments) => init::run(arguments, &path, common),
        ConfigCommand::Check => check(&path, common).await,
        ConfigCommand::Path => {
            config_path::print(&path, common)?;
            Ok(Exit::Done)
        }
    }
}

/// The faults are the results here.
async fn check(path: &Path, common: &Common) -> anyhow::Result<Exit> {
    if !path.exists() {
        say(&format!("there is no {}; `stepgate config init` writes one", short(path)));
        return Ok(Exit::Usage);
    }
    let mut console = Console::plain(common);
    let checked = match load(path) {
        Ok(settings) => check_files(path, &settings.endpoints).await.map(|()| settings),
        Err(faults) => Err(faults),
    };
    match checked {
        Ok(settings) => {
            let (endpoints, machines) = (settings.endpoints.len(), settings.machines.len());
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
        Err(faults) => {
            for line in lines(&faults, common.output) {
                if console.result(line)? == Reader::Gone {
                    break;
                }
            }
            Ok(Exit::Usage)
        }
    }
}

fn lines(faults: &Faults, output: Output) -> Vec<String> {
    match output {
        Output::Text => faults.lines().collect(),
        Output::Json => {
            let object = |fault: &Fault| {
                json!({
                    "file": faults.file.to_string_lossy(),
                    "line": fault.line,
                    "key": fault.key,
                    "message": fault.message,
                    "suggestion": fault.suggestion,
                })
            };
            faults.faults.iter().map(|fault| object(fault).to_string()).collect()
        }
    }
}

fn counted(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}
