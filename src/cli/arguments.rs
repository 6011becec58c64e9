//! The commands and their arguments.

use clap::{Parser, Subcommand};

use crate::cli::common::Common;
use crate::cli::config::ConfigCommand;
use crate::cli::docs::{self, CompletionsArguments};
use crate::cli::doctor::DoctorArguments;
use crate::cli::forget::ForgetArguments;
use crate::cli::history::HistoryArguments;
use crate::cli::list::ListArguments;
use crate::cli::local::LocalArguments;
use crate::cli::machines::MachinesArguments;
use crate::cli::open::OpenArguments;
use crate::cli::redrive::RedriveArguments;
use crate::cli::start_arguments::StartArguments;
use crate::cli::status::StatusArguments;
use crate::cli::stop::StopArguments;
use crate::cli::template::TemplateArguments;
use crate::cli::timeline::TimelineArguments;
use crate::cli::watch::WatchArguments;

/// A terminal for AWS Step Functions behind an API Gateway.
///
/// Without a command it opens the terminal UI; with no configuration file it opens on a local
/// gateway, to try it out.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_long_help = docs::OVERVIEW)]
pub struct Arguments {
    #[command(flatten)]
    pub(super) common: Common,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    #[command(after_long_help = docs::START)]
    Start(StartArguments),
    #[command(after_long_help = docs::STATUS)]
    Status(StatusArguments),
    #[command(after_long_help = docs::WATCH)]
    Watch(WatchArguments),
    #[command(after_long_help = docs::LIST)]
    List(ListArguments),
    #[command(after_long_help = docs::STOP)]
    Stop(StopArguments),
    #[command(after_long_help = docs::REDRIVE)]
    Redrive(RedriveArguments),
    #[command(after_long_help = docs::HISTORY)]
    History(HistoryArguments),
    #[command(after_long_help = docs::TIMELINE)]
    Timeline(TimelineArguments),
    #[command(after_long_help = docs::MACHINES)]
    Machines(MachinesArguments),
    #[command(after_long_help = docs::FORGET)]
    Forget(ForgetArguments),
    #[command(after_long_help = docs::OPEN)]
    Open(OpenArguments),
    #[command(after_long_help = docs::DOCTOR)]
    Doctor(DoctorArguments),
    /// Write, check or locate the configuration file.
    #[command(subcommand)]
    Config(ConfigCommand),
    #[command(after_long_help = docs::LOCAL)]
    Local(LocalArguments),
    #[command(after_long_help = docs::TEMPLATE)]
    Template(TemplateArguments),
    #[command(after_long_help = docs::COMPLETIONS)]
    Completions(CompletionsArguments),
    /// Print the manual page.
    #[command(after_long_help = docs::MAN)]
    Man,
}
