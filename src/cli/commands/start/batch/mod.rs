//! `stepgate start --each`: one execution for each line of a file. Every line is recorded in the store before the
//! first one is sent, so `--resume` can continue a run that was killed.

mod end;
mod lines;
mod results;
mod run;
mod sending;
mod work;

use anyhow::Context as _;
use tokio::time::Instant;

use stepgate_core::bounded;

use crate::cli::commands::start::arguments::{EachArguments, StartArguments};
use crate::cli::commands::start::request::Startable;
use crate::cli::context::closing::close;
use crate::cli::context::name_suffix::name_suffix;
use crate::cli::context::{NoStore, OpenedStore};
use crate::cli::follow::until;
use crate::cli::report::console::say;
use crate::cli::report::refusal::refuse;
use crate::cli::{Common, Exit};
use stepgate_core::domain::{
    BatchId, InputLine, LineOrder, LineState, MachineType, NameGenerator, NameOrigin, Permit, Remembered, Route,
    counted,
};
use stepgate_core::gateway::Clients;

use crate::runtime::retention::Retention;
use crate::runtime::{Signals, batch_inputs, now, retention};
use stepgate_core::store::Store;
use stepgate_core::task;

/// Standard input in messages.
const STANDARD_INPUT: &str = "standard input";

/// The start requests of the lines, and the permission to send them.
pub(in crate::cli) struct PermittedLines {
    pub(in crate::cli) orders: Vec<LineOrder>,
    pub(in crate::cli) permit: Permit,
}

/// Starts an execution for each line.
pub(in crate::cli) async fn run(
    lines: PermittedLines,
    arguments: &StartArguments,
    clients: Clients,
    kept: OpenedStore,
    deadline: Option<Instant>,
    common: &Common,
) -> anyhow::Result<Exit> {
    let PermittedLines { orders, permit } = lines;
    let kept = match kept {
        Ok(kept) => kept,
        Err(why) => return Ok(refuse(&no_store(&why))),
    };
    let retention = Retention::start(&kept, &clients);
    let (store, remembered) = kept;
    // Only after standard input is read: until then an interrupt should end the program.
    let mut signals = Signals::listen().context("the signals")?;
    let batch = tokio::select! {
        batch = batch(&arguments.each, &orders, &store, &remembered) => batch.map_err(|message| refuse(&message)),
        () = until(deadline) => Err(refuse("--timeout expired before the lines were recorded")),
        number = signals.next() => {
            refuse("interrupted before the lines were recorded");
            Err(Exit::Signal(number))
        }
    };
    let batch = match batch {
        Ok(batch) => batch,
        Err(exit) => {
            let result = Ok(exit);
            retention.stop().await;
            close(&store, deadline, &result).await;
            return result;
        }
    };
    // On the route `sync`, the responses are the outcomes.
    let is_sync = orders.first().is_some_and(|line| {
        let client = clients.at(&line.order.gateway, &line.order.endpoint);
        client.is_ok_and(|client| client.endpoint().route_to_start(line.order.machine_type) == Route::Sync)
    });
    let plan = run::Plan { batch, orders, permit, waits: arguments.wait || is_sync, deadline };
    let exit = run::run(plan, clients.clone(), &store, &mut signals, common).await;
    retention.stop().await;
    drop(retention::prune(&store, &clients, remembered.last_launch));
    close(&store, deadline, &exit).await;
    exit
}

fn no_store(why: &NoStore) -> String {
    format!("--each needs the store, to continue after a crash: {why}")
}

/// Returns a start request for each line; reports every invalid line.
pub(in crate::cli) async fn orders(
    file: &str,
    machine: &Startable<'_>,
    kept: &OpenedStore,
) -> Result<Vec<LineOrder>, String> {
    if let Err(why) = kept {
        return Err(no_store(why));
    }
    let inputs = {
        let file = file.to_owned();
        let read = move || match &*file {
            "-" => batch_inputs::read(bounded::STANDARD_INPUT, STANDARD_INPUT),
            file => batch_inputs::read(file, file),
        };
        task::run_blocking(read).await.unwrap_or_else(|error| Err(vec![error.to_string()]))
    };
    let mut names = NameGenerator::new(&name_suffix());
    let order = |InputLine { number, input }: InputLine| {
        let name = names.next(machine.name()).map_err(|error| vec![error.to_string()])?;
        Ok(LineOrder { line: number, order: machine.order(name, NameOrigin::Generated, input) })
    };
    inputs.and_then(|inputs| inputs.into_iter().map(order).collect()).map_err(|errors: Vec<String>| {
        for error in &errors {
            say(error);
        }
        "the lines are invalid".to_owned()
    })
}

/// Returns why the lines cannot be started now, if so.
pub(in crate::cli) async fn objection(
    arguments: &EachArguments,
    orders: &[LineOrder],
    kept: &OpenedStore,
) -> Option<String> {
    let (store, remembered) = kept.as_ref().ok()?;
    earlier_batch(arguments, orders, store, remembered).await.err()
}

/// Returns a new batch, or with `--resume` the earlier one with the same lines.
async fn batch(
    arguments: &EachArguments,
    orders: &[LineOrder],
    store: &Store,
    remembered: &Remembered,
) -> Result<BatchId, String> {
    // Again: meanwhile another process may have begun it.
    if let Some(earlier) = earlier_batch(arguments, orders, store, remembered).await? {
        return Ok(earlier);
    }
    let file = file_name(arguments).to_owned();
    store.begin_batch(file, orders.to_vec(), now()).await.map_err(|error| error.to_string())
}

/// Returns the name of the file in messages.
fn file_name(arguments: &EachArguments) -> &str {
    match arguments.each.as_deref() {
        None | Some("-") => STANDARD_INPUT,
        Some(file) => file,
    }
}

/// Returns the batch to resume, if `--resume` requires one. Fails if the lines cannot be started.
async fn earlier_batch(
    arguments: &EachArguments,
    orders: &[LineOrder],
    store: &Store,
    remembered: &Remembered,
) -> Result<Option<BatchId>, String> {
    let earlier = store.earlier_batch(orders).await.map_err(|error| error.to_string())?;
    if arguments.resume {
        return earlier.map(Some).ok_or_else(|| nothing_to_resume(file_name(arguments), remembered));
    }
    if let Some(earlier) = earlier.filter(|_| !arguments.no_resume) {
        let lines = store.batch_lines(earlier).await.map_err(|error| error.to_string())?;
        let is_open = |state: &LineState| match state {
            LineState::Waiting | LineState::Sent => true,
            // An EXPRESS start can never be resolved, so it must not block new runs.
            LineState::Unresolved(start) => start.order.machine_type != MachineType::Express,
            LineState::Started(_) | LineState::NotStarted(_) => false,
        };
        let open = lines.iter().filter(|line| is_open(&line.state)).count();
        if open > 0 {
            return Err(format!(
                "an earlier run left {open} of {} not started or unresolved: use --resume to continue it, or \
                 --no-resume to start every line again",
                counted(lines.len(), "line")
            ));
        }
    }
    Ok(None)
}

fn nothing_to_resume(file: &str, remembered: &Remembered) -> String {
    match remembered.batches.iter().find(|batch| batch.file == file) {
        Some(batch) => format!(
            "{file} has changed since a run left {} of {} not started; restore it, or omit --resume to start all \
             current lines",
            batch.unsent,
            counted(batch.lines, "line")
        ),
        None => "no earlier run of these lines is known; omit --resume to start them".into(),
    }
}
