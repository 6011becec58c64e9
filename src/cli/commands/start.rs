//! `stepgate start`: starts an execution and, with `--wait`, follows it.

pub(in crate::cli) mod arguments;
mod batch;
mod request;
mod single;

use std::cell::Cell;
use std::fmt::Display;

use anyhow::Context as _;
use tokio::time::Instant;

use crate::cli::commands::start::arguments::StartArguments;
use crate::cli::commands::start::batch::PermittedLines;
use crate::cli::commands::start::request::{Startable, parse_input, read_input};
use crate::cli::commands::start::single::Single;
use crate::cli::context::closing::close;
use crate::cli::context::name_suffix::name_suffix;
use crate::cli::context::{LocalGateway, OpenedStore, load_or_report, open_store};
use crate::cli::follow::{Follower, Item, until};
use crate::cli::report::console::{Console, say};
use crate::cli::report::refusal::{refuse, too_late};
use crate::cli::report::suggestion::command;
use crate::cli::target::permission::permit;
use crate::cli::{Common, Exit};
use crate::output::{Stream, is_terminal};
use crate::runtime::{Signals, now, retention};
use stepgate_core::domain::{
    ExecutionName, Failure, FailureKind, LineOrder, NameGenerator, NameOrigin, Payload, Permit, Route, Settled,
    StartOrder,
};
use stepgate_core::gateway::Clients;
use stepgate_core::lifecycle::execution::new_record;
use stepgate_core::lifecycle::start_outcome::is_unrecorded;
use stepgate_core::start::Starter;
use stepgate_core::store::{Store, StoreError, StoreErrorKind};

/// Start requests and what they need.
struct Prepared {
    clients: Clients,
    kept: OpenedStore,
    requests: Requests,
    permit: Permit,
}

enum Requests {
    One(Box<StartOrder>),
    Each(Vec<LineOrder>),
}

pub(in crate::cli) async fn run(arguments: StartArguments, common: &Common) -> anyhow::Result<Exit> {
    let deadline = arguments.timeout.map(|timeout| Instant::now() + timeout);
    let is_opening = Cell::new(false);
    let prepared = tokio::select! {
        prepared = prepare(&arguments, common, &is_opening) => prepared?,
        () = until(deadline) => return Ok(refuse(too_late(&is_opening))),
    };
    let Prepared { clients, kept: store, requests, permit } = match prepared {
        Ok(prepared) => prepared,
        Err(exit) => return Ok(exit),
    };
    let order = match requests {
        Requests::One(order) => *order,
        Requests::Each(orders) => {
            let lines = PermittedLines { orders, permit };
            return batch::run(lines, &arguments, clients, store, deadline, common).await;
        }
    };
    let (store, last_launch) = match store {
        Ok((store, remembered)) => (Some(store), remembered.last_launch),
        Err(why) => {
            report_no_store(&why);
            (None, None)
        }
    };
    // Only after standard input is read: until then an interrupt should end the program.
    let mut signals = Signals::listen().context("the signals")?;
    let starter = Starter::new(clients.clone(), store.clone(), now);
    let mut outcome = send(&starter, &order, &permit, deadline, &mut signals).await;
    if let (Ok(Settled::Refused(failure)), Some(error)) = (&outcome, store.as_ref().and_then(permanent_error))
        && is_unrecorded(failure)
    {
        report_no_store(&error);
        outcome = send(&starter, &order, &permit, deadline, &mut signals).await;
    }
    let outcome = match outcome {
        Ok(settled) => settled,
        Err(exit) => {
            let result = Ok(exit);
            if let Some(store) = &store {
                close(store, deadline, &result).await;
            }
            return result;
        }
    };
    if let Some(store) = &store {
        drop(retention::prune(store, &clients, last_launch));
    }
    let console = if arguments.wait { Console::live(common) } else { Console::plain(common) };
    let follower = Follower::new(&clients, store.clone(), deadline, console.is_live());
    // The response on the route `sync` should have been the outcome.
    let waits = arguments.wait || starter.route(&order).await == Route::Sync;
    let single = |order| Single { order, waits, console, follower, signals, store: store.clone() };
    let exit = match outcome {
        Settled::Confirmed(execution) => {
            let record = new_record(&order, &execution, now());
            single(order).on_started(record).await
        }
        Settled::Unresolved(start) => {
            let reason = start.reason.as_ref().map(ToString::to_string).unwrap_or_default();
            say(&format!("{} is unresolved: {reason}", order.name));
            single(order).follow_item(Item::UnresolvedStart(*start)).await
        }
        Settled::Refused(failure) => Ok(report_not_started(&order, &failure)),
        Settled::NeverStarted => Ok(Exit::Unknown),
    };
    if let Some(store) = &store {
        close(store, deadline, &exit).await;
    }
    exit
}

/// Reads the configuration, the store and the inputs; reports errors.
async fn prepare(
    arguments: &StartArguments,
    common: &Common,
    is_opening: &Cell<bool>,
) -> anyhow::Result<Result<Prepared, Exit>> {
    let Some(mut context) = load_or_report(common, LocalGateway::OnRequest).await? else {
        return Ok(Err(Exit::Usage));
    };
    if let Some(rate) = arguments.each.rate {
        context.settings.endpoints.iter_mut().for_each(|endpoint| endpoint.start.requests_per_second = rate);
    }
    let machine = match Startable::find(&arguments.machine, &context, common.endpoint.as_deref()) {
        Ok(machine) => machine,
        Err(message) => return Ok(Err(refuse(&message))),
    };
    is_opening.set(true);
    let kept = open_store(&context.settings).await;
    is_opening.set(false);
    let requests = match &arguments.each.each {
        Some(file) => batch::orders(file, &machine, &kept).await.map(Requests::Each),
        None => order(arguments, &machine).await.map(|order| Requests::One(Box::new(order))),
    };
    let requests = match requests {
        Ok(requests) => requests,
        Err(message) => return Ok(Err(refuse(&message))),
    };
    let clients = context.clients(&kept);
    let objection = match &requests {
        Requests::One(order) => objection(order, &clients, &kept).await,
        Requests::Each(orders) => batch::objection(&arguments.each, orders, &kept).await.map(|why| refuse(&why)),
    };
    if let Some(exit) = objection {
        return Ok(Err(exit));
    }
    // Last: no prompt for a start that cannot be sent.
    let permit = permit(machine.endpoint(), &arguments.yes_to, "start").await?;
    Ok(permit.map(|permit| Prepared { clients, kept, requests, permit }))
}

/// Reports why a start request cannot be sent now, if so.
async fn objection(order: &StartOrder, clients: &Clients, kept: &OpenedStore) -> Option<Exit> {
    let (store, remembered) = match kept {
        Ok(kept) => kept,
        // The lock is temporary, whether it is met now or when the start is recorded.
        Err(why) if why.is_locked() => {
            let failure = Failure::without_response(FailureKind::NotRecorded, why.to_string());
            return Some(report_not_started(order, &failure));
        }
        Err(_) => return None,
    };
    if !remembered.unresolved.iter().any(|start| start.is_same_execution(order)) {
        return None;
    }
    let starter = Starter::new(clients.clone(), Some(store.clone()), now);
    let refused = || {
        let (name, watch) = (&order.name, command(&["watch", order.name.as_str()]));
        refuse(&format!(
            "{name} was sent before and is unresolved, and on this gateway a second start may be a second execution. \
             {watch} may resolve it; another name starts another execution"
        ))
    };
    (!starter.is_idempotent(order).await).then(refused)
}

/// Sends the start request until it is settled; returns the exit code if interrupted.
async fn send(
    starter: &Starter,
    order: &StartOrder,
    permit: &Permit,
    deadline: Option<Instant>,
    signals: &mut Signals,
) -> Result<Settled, Exit> {
    let mut trouble = starter.trouble();
    let mut starting = std::pin::pin!(starter.start(order, None, permit));
    let mut was_reported = false;
    let route = starter.route(order).await;
    if route == Route::Sync && is_terminal(Stream::Error) {
        say(&format!("waiting for the outcome of {}", order.name));
    }
    let interrupted = |why: &str, last: Option<Failure>| {
        if !starter.has_sent() {
            return refuse(&format!("{why}{} had not been sent yet", order.name));
        }
        let last = last.map(|failure| format!(" ({failure})")).unwrap_or_default();
        let (name, watch) = (&order.name, command(&["watch", order.name.as_str()]));
        say(&match route {
            Route::Sync => {
                format!("{why}no outcome of {name} yet{last}; it may still be running, and its outcome is unknown")
            }
            _ => format!("{why}no response to the start of {name} yet{last}; run {watch} to resolve it"),
        });
        Exit::Unknown
    };
    loop {
        tokio::select! {
            report = &mut starting => return Ok(report.settled),
            changed = trouble.changed(), if !was_reported => {
                was_reported = true;
                if let (Ok(()), Some(failure)) = (changed, trouble.borrow_and_update().as_ref()) {
                    say(&failure.followed_by("sending the start again under the same name"));
                }
            }
            number = signals.next() => {
                interrupted("", trouble.borrow().clone());
                return Err(Exit::Signal(number));
            }
            () = until(deadline) => {
                return Err(interrupted("--timeout expired; ", trouble.borrow().clone()));
            }
        }
    }
}

/// Returns the store's error, unless another process only holds the lock. Depending on whether another process has the
/// store open, the same error occurs at opening or only at the first write.
fn permanent_error(store: &Store) -> Option<StoreError> {
    store.health().borrow().clone().filter(|error| error.kind != StoreErrorKind::Locked)
}

fn report_no_store(why: &impl Display) {
    say(&format!("the store cannot be used: {why}"));
}

fn report_not_started(order: &StartOrder, failure: &Failure) -> Exit {
    say(&format!("{} was not started: {failure}", order.name));
    Exit::from_failure(failure)
}

/// Returns the start request of the arguments.
async fn order(arguments: &StartArguments, machine: &Startable<'_>) -> Result<StartOrder, String> {
    let (name, origin) = match &arguments.name {
        Some(name) => (ExecutionName::chosen(name), NameOrigin::Chosen),
        None => (NameGenerator::new(&name_suffix()).next(machine.name()), NameOrigin::Generated),
    };
    let name = name.map_err(|error| error.to_string())?;
    Ok(machine.order(name, origin, input(arguments, machine).await?))
}

/// Returns the input from the command line, or else the machine's default input.
async fn input(arguments: &StartArguments, machine: &Startable<'_>) -> Result<Payload, String> {
    match (&arguments.input, &arguments.input_file, &arguments.preset) {
        (Some(text), ..) => parse_input(text),
        (_, Some(path), _) => read_input(path).await,
        (.., Some(preset)) => machine.preset(preset),
        _ => Ok(machine.default_input()),
    }
}
