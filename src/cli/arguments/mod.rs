//! What can be typed: the commands and their arguments.
//!
//! - `common`: options of every command. `help`: the texts below the arguments in `--help`.
//! - `command_line`: parses the words.

pub(super) mod command_line;
pub(super) mod common;
pub(super) mod help;

use clap::{Parser, Subcommand};

use crate::cli::arguments::common::Common;
use crate::cli::commands::completions::CompletionsArguments;
use crate::cli::commands::config::ConfigCommand;
use crate::cli::commands::doctor::DoctorArguments;
use crate::cli::commands::forget::ForgetArguments;
use crate::cli::commands::history::HistoryArguments;
use crate::cli::commands::list::ListArguments;
use crate::cli::commands::local::LocalArguments;
use crate::cli::commands::machines::MachinesArguments;
use crate::cli::commands::open::OpenArguments;
use crate::cli::commands::redrive::RedriveArguments;
use crate::cli::commands::start::arguments::StartArguments;
use crate::cli::commands::status::StatusArguments;
use crate::cli::commands::stop::StopArguments;
use crate::cli::commands::template::TemplateArguments;
use crate::cli::commands::timeline::TimelineArguments;
use crate::cli::commands::watch::WatchArguments;

/// Start and watch AWS Step Functions executions through an API Gateway.
///
/// Without a command, opens the terminal UI. Without a configuration file, the terminal UI uses a
/// local gateway with sample machines.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_long_help = help::OVERVIEW)]
pub struct Arguments {
    #[command(flatten)]
    pub(in crate::cli) common: Common,
    #[command(subcommand)]
    pub(in crate::cli) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    #[command(after_long_help = help::START)]
    Start(StartArguments),
    #[command(after_long_help = help::STATUS)]
    Status(StatusArguments),
    #[command(after_long_help = help::WATCH)]
    Watch(WatchArguments),
    #[command(after_long_help = help::LIST)]
    List(ListArguments),
    #[command(after_long_help = help::STOP)]
    Stop(StopArguments),
    #[command(after_long_help = help::REDRIVE)]
    Redrive(RedriveArguments),
    #[command(after_long_help = help::HISTORY)]
    History(HistoryArguments),
    #[command(after_long_help = help::TIMELINE)]
    Timeline(TimelineArguments),
    #[command(after_long_help = help::MACHINES)]
    Machines(MachinesArguments),
    #[command(after_long_help = help::FORGET)]
    Forget(ForgetArguments),
    #[command(after_long_help = help::OPEN)]
    Open(OpenArguments),
    #[command(after_long_help = help::DOCTOR)]
    Doctor(DoctorArguments),
    /// Write, check or locate the configuration file.
    #[command(subcommand)]
    Config(ConfigCommand),
    #[command(after_long_help = help::LOCAL)]
    Local(LocalArguments),
    #[command(after_long_help = help::TEMPLATE)]
    Template(TemplateArguments),
    #[command(after_long_help = help::COMPLETIONS)]
    Completions(CompletionsArguments),
    /// Print the manual page.
    #[command(after_long_help = help::MAN)]
    Man,
}
