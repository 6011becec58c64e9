//! `stepgate start`: start an execution, and wait for its end if that is wanted.

use std::cell::Cell;
use std::fmt::Display;

use anyhow::Context as _;
use tokio::time::Instant;

use crate::cli::batch;
use crate::cli::closing::close;
use crate::cli::console::{Console, say};
use crate::cli::context::{LocalGateway, OpenedStore, name_suffix, open_or_say, open_store};
use crate::cli::follow::{Follower, Item, until};
use crate::cli::refusal::{refuse, too_late};
use crate::cli::single::Single;
use crate::cli::start_arguments::StartArguments;
use crate::cli::start_request::{Startable, checked, read};
use crate::cli::{Common, Exit};
use crate::runtime::{Signals, now, retention};
use stepgate_core::domain::{ExecutionName, Failure, FailureKind, LineOrder, NameOrigin, Payload, Settled, StartOrder};
use stepgate_core::gateway::Clients;
use stepgate_core::lifecycle::execution::new_record;
use stepgate_core::start::Starter;
use stepgate_core::store::{Store, StoreError, StoreErrorKind};

/// What is to be started, and all that it takes.
struct Prepared {
    clients: Clients,
    kept: OpenedStore,
    ordered: Ordered,
}

enum Ordered {
    One(Box<StartOrder>),
    Each(Vec<LineOrder>),
}

/// Starts.
pub(super) async fn run(arguments: StartArguments, common: &Common) -> anyhow::Result<Exit> {
    let deadline = arguments.timeout.map(|timeout| Instant::now() + timeout);
    let is_opening = Cell::new(false);
    let prepared = tokio::select! {
        prepared = prepare(&arguments, common, &is_opening) => prepared?,
        () = until(deadline) => return Ok(refuse(too_late(&is_opening))),
    };
    let Prepared { clients, kept: store, ordered } = match prepared {
        Ok(prepared) => prepared,
        Err(exit) => return Ok(exit),
    };
    let order = match (ordered, &arguments.each.each) {
        (Ordered::One(order), _) => *order,
        (Ordered::Each(orders), file) => {
            let file = file.as_deref().unwrap_or_default();
            return batch::run(file, orders, &arguments, clients, store, deadline, common).await;
        }
    };
    let (store, last_launch, unresolved) = match store {
        Ok((store, remembered)) => (Some(store), remembered.last_launch, remembered.unresolved),
        // Whether the lock is met now or when the start is recorded, it passes.
        Err(why) if why.is_locked() => {
            let failure = Failure::without_response(FailureKind::NotRecorded, why.to_string());
            return Ok(not_started(&order, &failure));
        }
        Err(why) => {
            say_not_kept(&why);
            (None, None, Vec::new())
        }
    };
    // Not before standard input is read: until then an interrupt just ends the program.
    let mut signals = Signals::listen().context("the signals")?;
    let starter = Starter::new(clients.clone(), store.clone(), now);
    if unresolved.iter().any(|start| start.is_same_execution(&order)) && !starter.is_idempotent(&order).await {
        let name = &order.name;
        return Ok(refuse(&format!(
            "{name} was sent before and is unresolved, and on this gateway a second start may be a second execution. \
             `stepgate watch {name}` may resolve it; another name starts another execution"
        )));
    }
    let mut outcome = sent(&starter, &order, deadline, &mut signals).await;
    if let (Ok(Settled::Refused(failure)), Some(error)) = (&outcome, store.as_ref().and_then(lasting_fault))
        && failure.kind == FailureKind::NotRecorded
    {
        say_not_kept(&error);
        outcome = sent(&starter, &order, deadline, &mut signals).await;
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
        drop(retention::begin(store, &clients, last_launch));
    }
    let console = if arguments.wait { Console::live(common) } else { Console::plain(common) };
    let follower = Follower::new(&clients, store.clone(), deadline, console.is_live());
    let single = |order| Single { order, waits: arguments.wait, console, follower, signals, store: store.clone() };
    let exit = match outcome {
        Settled::Confirmed(execution) => {
            let record = new_record(&order, &execution, now());
            single(order).begin(record).await
        }
        Settled::Unresolved(start) => {
            let reason = start.reason.as_ref().map(ToString::to_string).unwrap_or_default();
            say(&format!("{} is unresolved: {reason}", order.name));
            single(order).go_on(Item::UnresolvedStart(*start)).await
        }
        Settled::Refused(failure) => Ok(not_started(&order, &failure)),
        Settled::NeverStarted => Ok(Exit::Unknown),
    };
    if let Some(store) = &store {
        close(store, deadline, &exit).await;
    }
    exit
}

/// Reads the configuration, the history and the inputs; says what is wrong.
async fn prepare(
    arguments: &StartArguments,
    common: &Common,
    is_opening: &Cell<bool>,
) -> anyhow::Result<Result<Prepared, Exit>> {
    let Some(mut opened) = open_or_say(common, LocalGateway::OnRequest).await? else { return Ok(Err(Exit::Usage)) };
    if let Some(rate) = arguments.each.rate {
        opened.settings.endpoints.iter_mut().for_each(|endpoint| endpoint.start.requests_per_second = rate);
    }
    let machine = match Startable::find(&arguments.machine, &opened, common.endpoint.as_deref()) {
        Ok(machine) => machine,
        Err(words) => return Ok(Err(refuse(&words))),
    };
    is_opening.set(true);
    let kept = open_store(&opened.settings).await;
    is_opening.set(false);
    let ordered = match &arguments.each.each {
        Some(file) => batch::orders(file, &machine, &kept).await.map(Ordered::Each),
        None => order(arguments, &machine).await.map(|order| Ordered::One(Box::new(order))),
    };
    Ok(match ordered {
        Ok(ordered) => Ok(Prepared { clients: opened.clients(&kept), kept, ordered }),
        Err(words) => Err(refuse(&words)),
    })
}

/// Sends the start until it is settled; the exit code if that is interrupted.
async fn sent(
    starter: &Starter,
    order: &StartOrder,
    deadline: Option<Instant>,
    signals: &mut Signals,
) -> Result<Settled, Exit> {
    let mut trouble = starter.trouble();
    let mut starting = std::pin::pin!(starter.start(order, None));
    let mut was_told = false;
    let unknown = |why: &str, last: Option<Failure>| {
        if !starter.has_sent() {
            return refuse(&format!("{why}{} had not been sent yet", order.name));
        }
        let last = last.map(|failure| format!(" ({failure})")).unwrap_or_default();
        let name = &order.name;
        say(&format!("{why}no response to the start of {name} yet{last}; run `stepgate watch {name}` to resolve it"));
        Exit::Unknown
    };
    loop {
        tokio::select! {
            report = &mut starting => return Ok(report.settled),
            changed = trouble.changed(), if !was_told => {
                was_told = true;
                if let (Ok(()), Some(failure)) = (changed, trouble.borrow_and_update().as_ref()) {
                    say(&failure.followed_by("sending the start again under the same name"));
                }
            }
            number = signals.next() => {
                unknown("", trouble.borrow().clone());
                return Err(Exit::Signal(number));
            }
            () = until(deadline) => {
                return Err(unknown("the time is up; ", trouble.borrow().clone()));
            }
        }
    }
}

/// What is wrong with the history, unless another program only has it locked. The same faults are met when it is opened,
/// or not before it is written, depending on whether another process has it open.
fn lasting_fault(store: &Store) -> Option<StoreError> {
    store.health().borrow().clone().filter(|error| error.kind != StoreErrorKind::Locked)
}

fn say_not_kept(why: &impl Display) {
    say(&format!("history is not kept: {why}"));
}

fn not_started(order: &StartOrder, failure: &Failure) -> Exit {
    say(&format!("{} was not started: {failure}", order.name));
    Exit::of_failure(failure)
}

/// The order that the arguments make, or what is wrong with them.
async fn order(arguments: &StartArguments, machine: &Startable<'_>) -> Result<StartOrder, String> {
    let (name, origin) = match &arguments.name {
        Some(name) => (ExecutionName::chosen(name), NameOrigin::Chosen),
        None => (ExecutionName::parse(&format!("sg-{}", name_suffix())), NameOrigin::Generated),
    };
    let name = name.map_err(|error| error.to_string())?;
    Ok(machine.order(name, origin, input(arguments, machine).await?))
}

/// The input: what the command line says, or else the profile's.
async fn input(arguments: &StartArguments, machine: &Startable<'_>) -> Result<Payload, String> {
    match (&arguments.input, &arguments.input_file, &arguments.preset) {
        (Some(text), ..) => checked(text),
        (_, Some(path), _) => read(path).await,
        (.., Some(preset)) => machine.preset(preset),
        _ => Ok(machine.default_input()),
    }
}
