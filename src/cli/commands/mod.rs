//! The commands, one file or folder each. `tui` runs if there is no command.

pub(super) mod completions;
pub(super) mod config;
pub(super) mod doctor;
pub(super) mod forget;
pub(super) mod history;
pub(super) mod list;
pub(super) mod local;
pub(super) mod machines;
pub(super) mod man;
pub(super) mod open;
pub(super) mod redrive;
pub(super) mod start;
pub(super) mod status;
pub(super) mod stop;
pub(super) mod template;
pub(super) mod timeline;
pub(super) mod tui;
pub(super) mod watch;

use clap::CommandFactory as _;

use crate::cli::arguments::{Arguments, Command};
use crate::cli::{Common, Exit};

/// Runs a command, or the terminal UI without one.
pub(super) async fn run(common: &Common, command: Option<Command>) -> anyhow::Result<Exit> {
    match command {
        None => Box::pin(tui::run(common)).await,
        Some(Command::Start(arguments)) => start::run(arguments, common).await,
        Some(Command::Status(arguments)) => status::run(arguments, common).await,
        Some(Command::Watch(arguments)) => watch::run(arguments, common).await,
        Some(Command::List(arguments)) => list::run(arguments, common).await,
        Some(Command::Config(command)) => config::run(command, common).await,
        Some(Command::Local(arguments)) => local::run(arguments).await,
        Some(Command::Completions(arguments)) => completions::run(&arguments),
        Some(Command::Man) => man::run(&Arguments::command()),
        Some(Command::Stop(arguments)) => stop::run(arguments, common).await,
        Some(Command::Redrive(arguments)) => redrive::run(arguments, common).await,
        Some(Command::History(arguments)) => history::run(arguments, common).await,
        Some(Command::Timeline(arguments)) => timeline::run(arguments, common).await,
        Some(Command::Machines(arguments)) => machines::run(arguments, common).await,
        Some(Command::Forget(arguments)) => forget::run(arguments, common).await,
        Some(Command::Open(arguments)) => open::run(arguments, common).await,
        Some(Command::Doctor(arguments)) => doctor::run(arguments, common).await,
        Some(Command::Template(arguments)) => template::run(arguments, common).await,
    }
}
