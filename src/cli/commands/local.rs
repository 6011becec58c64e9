//! `stepgate local`: runs the local gateway as a server.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use tokio::net::TcpListener;

use crate::cli::context::local_gateway;
use crate::cli::report::console::{Pipe, print, say};
use crate::cli::{Exit, duration};
use crate::runtime::Signals;
use stepgate_core::bounded::{self, Limits};
use stepgate_local::{Faults, MachineType, Machines, Options};

/// Run the local gateway, which imitates a gateway and Step Functions on this machine, for trials and tests.
///
/// It needs no AWS account, and nothing leaves the machine. The first line of output is its URL, for the `url` of an
/// endpoint. Without a configuration, the terminal UI starts a local gateway by itself; other commands start one with
/// `--endpoint local`.
#[derive(Debug, Args)]
pub(in crate::cli) struct LocalArguments {
    /// Address to listen on; port 0 selects a free port.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The stage: the first part of every path.
    #[arg(long, value_name = "NAME", default_value = "dev", value_parser = stage)]
    stage: String,
    /// A state machine of your own, in the Amazon States Language; may be given several times.
    #[arg(long, value_name = "NAME=FILE", value_parser = definition)]
    definition: Vec<(String, PathBuf)>,
    /// An EXPRESS state machine of your own; may be given several times.
    #[arg(long, value_name = "NAME=FILE", value_parser = definition)]
    express_definition: Vec<(String, PathBuf)>,
    /// Return errors of Step Functions with HTTP 400 instead of 200.
    #[arg(long)]
    map_errors: bool,
    /// Simulate a fault: delay each response by this time.
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = duration)]
    latency: Duration,
    /// Simulate a fault: return 429 above this many requests per second.
    #[arg(long, value_name = "RATE")]
    throttle: Option<f64>,
    /// Simulate a fault: return 500 for this fraction of requests (0 to 1).
    #[arg(long, value_name = "RATE", default_value_t = 0.0)]
    fail_rate: f64,
    /// Simulate a fault: process this fraction of requests (0 to 1) without responding.
    #[arg(long, value_name = "RATE", default_value_t = 0.0)]
    drop_answers: f64,
}

fn definition(text: &str) -> Result<(String, PathBuf), String> {
    let (name, file) = text.split_once('=').ok_or("expected NAME=FILE")?;
    Ok((name.to_owned(), file.into()))
}

/// Parses a stage, which becomes part of a printed URL.
fn stage(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~$".contains(c);
    if text.chars().all(is_plain) { Ok(text.to_owned()) } else { Err("expected letters, digits, `-`, `_`".to_owned()) }
}

/// Serves until SIGINT or SIGTERM. The first line on standard output is the full URL.
pub(in crate::cli) async fn run(arguments: LocalArguments) -> anyhow::Result<Exit> {
    let mut machines = Machines::built_in();
    let standard = arguments.definition.iter().map(|definition| (MachineType::Standard, definition));
    let express = arguments.express_definition.iter().map(|definition| (MachineType::Express, definition));
    for (machine_type, (name, file)) in standard.chain(express) {
        let loaded = bounded::text_file(file, Limits::FILE)
            .map_err(|error| error.to_string())
            .and_then(|text| machines.add(name, machine_type, &text).map_err(|error| error.to_string()));
        if let Err(error) = loaded {
            say(&format!("{}: {error}", file.display()));
            return Ok(Exit::Usage);
        }
    }
    let faults = Faults {
        latency: arguments.latency,
        throttle: arguments.throttle,
        fail_rate: arguments.fail_rate,
        drop_answers: arguments.drop_answers,
    };
    let gateway = local_gateway(Options { stage: arguments.stage, machines, map_errors: arguments.map_errors, faults });
    let listener = match TcpListener::bind(arguments.listen).await {
        Ok(listener) => listener,
        Err(error) => {
            say(&format!("cannot listen on {}: {error}", arguments.listen));
            return Ok(Exit::Usage);
        }
    };
    // Before the URL is printed: from then on a signal may arrive.
    let mut signals = Signals::listen().context("the signals")?;
    let url = format!("{}\n", gateway.url(listener.local_addr()?));
    if print(url.as_bytes())? == Pipe::Closed {
        return Ok(Exit::Done);
    }
    tokio::select! {
        served = stepgate_local::run(listener, gateway, std::future::pending()) => served.context("serving")?,
        _ = signals.next() => {}
    }
    Ok(Exit::Done)
}
