//! `stepgate watch`: follow everything that still runs to its end, and find out about starts in doubt.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use tokio::time::Instant;

use crate::cli::follow::{Follower, Item, Step};
use crate::cli::opened::{open_or_say, open_store};
use crate::cli::report::Output;
use crate::cli::{Exit, say, span};
use crate::domain::MachineType;
use crate::gateway::Clients;
use crate::runtime::Signals;

/// How long to follow.
#[derive(Debug, Args)]
pub(super) struct WatchArguments {
    /// Follow for so long at most; the executions run on.
    #[arg(long, value_name = "DURATION", value_parser = span)]
    timeout: Option<Duration>,
}

/// Follows.
pub(super) async fn run(
    arguments: WatchArguments,
    config: Option<&Path>,
    endpoint: Option<&str>,
    output: Output,
) -> anyhow::Result<Exit> {
    let mut signals = Signals::listen().context("the signals")?;
    let Some(opened) = open_or_say(config, endpoint).await? else { return Ok(Exit::Usage) };
    let (store, remembered) = match open_store(&opened.settings) {
        Ok(kept) => kept,
        Err(why) => {
            say(&format!("history is not kept, so nothing is known that could be watched: {why}"));
            return Ok(Exit::Usage);
        }
    };
    let clients = Clients::new(opened.settings.endpoints);
    let deadline = arguments.timeout.map(|timeout| Instant::now() + timeout);
    let mut follower = Follower::new(&clients, Some(store.clone()), deadline);
    let mut exit = Exit::Done;
    let mut watched = HashMap::new();
    let executions = remembered.running.into_iter().map(Item::Execution);
    for item in executions.chain(remembered.unresolved.into_iter().map(Item::Doubt)) {
        let (place, endpoint, name, is_askable) = match &item {
            Item::Execution(record) => (&record.place, &record.endpoint, record.arn.name().to_owned(), true),
            Item::Doubt(doubt) => {
                let order = &doubt.order;
                let is_standard = order.machine_type == MachineType::Standard;
                (&order.place, &order.endpoint, order.name.to_string(), is_standard)
            }
        };
        match clients.name_at(place, endpoint).filter(|_| is_askable) {
            Some(endpoint) => drop(watched.insert(follower.add(item, endpoint.clone()).await, name)),
            None if !is_askable => {
                say(&format!("{name} may or may not be running: an EXPRESS execution cannot be asked about"));
                exit = exit.or(Exit::Unknown);
            }
            None => {
                say(&format!("{name} belongs to {place}, which is not in the configuration"));
                exit = exit.or(Exit::Unknown);
            }
        }
    }
    while !watched.is_empty() {
        match follower.next(&mut signals).await {
            Step::Seen(..) => {}
            Step::Ended(id, record) => {
                watched.remove(&id);
                exit = exit.or(Exit::of_end(&record));
                match output.execution(&record) {
                    // Nobody reads any more, which is their right.
                    Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => break,
                    told => told.context("standard output")?,
                }
            }
            Step::Unknown(id, failure) => {
                say(&format!("{}: {failure}", watched.remove(&id).unwrap_or_default()));
                exit = exit.or(Exit::Unknown);
            }
            Step::NeverStarted(id) => {
                say(&format!("{} was never started", watched.remove(&id).unwrap_or_default()));
            }
            Step::TimedOut => {
                say(&format!("the time is up; {} still running", watched.len()));
                exit = Exit::TimedOut;
                break;
            }
            Step::Interrupted(number) => {
                say(&format!("{} still running; `stepgate watch` goes on", watched.len()));
                exit = Exit::Signal(number);
                break;
            }
        }
    }
    store.flush().await;
    Ok(exit)
}
