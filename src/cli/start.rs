//! `stepgate start`: start an execution, and wait for its end if that is wanted.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use tokio::time::Instant;

use crate::cli::console::{Console, say};
use crate::cli::each;
use crate::cli::follow::{Follower, Item, Step, begun, until};
use crate::cli::opened::{Gate, name_suffix, open_or_say, open_store};
use crate::cli::order::{Startable, checked, read};
use crate::cli::progress;
use crate::cli::report::{Output, Standing};
use crate::cli::{Common, Exit, span};
use crate::domain::{Doubt, ExecutionName, Failure, MachineType, NameOrigin, Payload, Record, Settled, StartOrder};
use crate::gateway::Clients;
use crate::runtime::{Signals, now};
use crate::start::Starter;

/// Start an execution, or one for each line of a file.
#[derive(Debug, Args)]
pub(super) struct StartArguments {
    /// A machine's name in the configuration, or the ARN of a state machine.
    machine: String,
    /// The input: JSON, sent byte for byte.
    #[arg(long, value_name = "JSON", conflicts_with_all = ["input_file", "preset", "each"], allow_hyphen_values = true)]
    input: Option<String>,
    /// The input from a file; `-` is standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["preset", "each"])]
    input_file: Option<PathBuf>,
    /// One of the machine's presets.
    #[arg(long, value_name = "NAME", conflicts_with = "each")]
    preset: Option<String>,
    /// The execution's name; one is made up without.
    #[arg(long, conflicts_with = "each")]
    name: Option<String>,
    #[command(flatten)]
    pub(super) each: each::EachArguments,
    /// Wait for the end, and let the exit code tell the outcome.
    #[arg(long)]
    pub(super) wait: bool,
    /// Wait for so long at most; the executions run on.
    #[arg(long, value_name = "DURATION", value_parser = span, requires = "wait")]
    pub(super) timeout: Option<Duration>,
}

/// Starts.
pub(super) async fn run(arguments: StartArguments, common: &Common) -> anyhow::Result<Exit> {
    let Some(mut opened) = open_or_say(common, Gate::Served).await? else { return Ok(Exit::Usage) };
    if let Some(rate) = arguments.each.rate {
        opened.settings.endpoints.iter_mut().for_each(|endpoint| endpoint.start.requests_per_second = rate);
    }
    let machine = match Startable::find(&arguments.machine, &opened, common.endpoint.as_deref()) {
        Ok(machine) => machine,
        Err(words) => return Ok(refuse(&words)),
    };
    let store = open_store(&opened.settings);
    let clients = Clients::new(opened.settings.endpoints.iter().cloned());
    if let Some(file) = &arguments.each.each {
        return each::run(file, &arguments, &machine, clients, store, common).await;
    }
    let order = match order(&arguments, &machine) {
        Ok(order) => order,
        Err(words) => return Ok(refuse(&words)),
    };
    let store = match store {
        Ok((store, _)) => Some(store),
        Err(why) => {
            say(&format!("history is not kept: {why}"));
            None
        }
    };
    // Not before standard input is read: until then an interrupt just ends the program.
    let mut signals = Signals::listen().context("the signals")?;
    let deadline = arguments.timeout.map(|timeout| Instant::now() + timeout);
    let starter = Starter::new(clients.clone(), store.clone(), now);
    let report = tokio::select! {
        report = starter.start(&order, None) => report,
        number = signals.next() => {
            say(&format!("{} may or may not have begun; `stepgate watch @last` finds out", order.name));
            return Ok(Exit::Signal(number));
        }
        () = until(deadline) => {
            say(&format!("the time is up; {} may or may not have begun; `stepgate watch @last` finds out", order.name));
            return Ok(Exit::TimedOut);
        }
    };
    let console = if arguments.wait { Console::live(common) } else { Console::plain(common) };
    let follower = Follower::new(&clients, store.clone(), deadline, console.is_live());
    let exit = match report.settled {
        Settled::Confirmed(answer) => {
            let item = Item::Execution(begun(&answer, &order, now()));
            Single { order, waits: arguments.wait, console, follower, signals }.go_on(item).await
        }
        Settled::Unresolved(failure) if order.machine_type == MachineType::Standard => {
            say(&format!("{} may or may not be running: {failure}", order.name));
            let doubt = Doubt { order: order.clone(), record: report.record, sent: now(), reason: Some(failure) };
            let item = Item::Doubt(doubt);
            Single { order, waits: arguments.wait, console, follower, signals }.go_on(item).await
        }
        Settled::Unresolved(failure) => {
            say(&format!("{} may or may not be running: {failure}", order.name));
            Ok(Exit::Unknown)
        }
        Settled::Refused(failure) => {
            say(&format!("{} was not started: {failure}", order.name));
            Ok(Exit::of_failure(&failure))
        }
        Settled::NeverStarted => Ok(Exit::Unknown),
    };
    if let Some(store) = &store {
        store.flush().await;
    }
    exit
}

pub(super) fn refuse(words: &str) -> Exit {
    say(&format!("{words}; nothing was sent"));
    Exit::Usage
}

/// The order that the arguments make, or what is wrong with them.
fn order(arguments: &StartArguments, machine: &Startable<'_>) -> Result<StartOrder, String> {
    let (name, origin) = match &arguments.name {
        Some(name) => (ExecutionName::parse(name), NameOrigin::Chosen),
        None => (ExecutionName::parse(&format!("sg-{}", name_suffix())), NameOrigin::Generated),
    };
    let name = name.map_err(|error| error.to_string())?;
    Ok(machine.order(name, origin, input(arguments, machine)?))
}

/// The input: what the command line says, or else the profile's.
fn input(arguments: &StartArguments, machine: &Startable<'_>) -> Result<Payload, String> {
    match (&arguments.input, &arguments.input_file, &arguments.preset) {
        (Some(text), ..) => checked(text),
        (_, Some(path), _) => read(path),
        (.., Some(preset)) => machine.preset(preset),
        _ => Ok(machine.default_input()),
    }
}

/// A single start of which there is an execution, or may be one.
struct Single {
    order: StartOrder,
    waits: bool,
    console: Console,
    follower: Follower,
    signals: Signals,
}

impl Single {
    async fn go_on(mut self, item: Item) -> anyhow::Result<Exit> {
        if let Item::Execution(record) = &item {
            if !self.waits {
                self.console.ended(record, None)?;
                return Ok(Exit::Done);
            }
            self.begun(record)?;
            if !record.arn.is_describable() {
                say("an EXPRESS execution cannot be asked about, so there is nothing to wait for");
                self.console.ended(record, None)?;
                return Ok(Exit::Unknown);
            }
        }
        self.follower.add(item, self.order.endpoint.clone()).await;
        let exit = self.follow().await;
        self.console.finish();
        exit
    }

    /// There is an execution. In JSON there is one object, at its end.
    fn begun(&mut self, record: &Record) -> anyhow::Result<()> {
        if self.console.report.output == Output::Json {
            say(&format!("started {}", record.arn));
        }
        self.console.changed(record)?;
        Ok(())
    }

    async fn follow(&mut self) -> anyhow::Result<Exit> {
        loop {
            self.draw();
            match self.follower.next(&mut self.signals).await {
                Step::Seen(_, record) if !self.waits => {
                    self.console.ended(&record, None)?;
                    return Ok(Exit::Done);
                }
                Step::Seen(..) | Step::Tick => {}
                Step::Ended(_, record) => {
                    self.console.ended(&record, None)?;
                    return Ok(if self.waits { Exit::of_end(&record) } else { Exit::Done });
                }
                Step::Lost(_, item, failure) => return self.lost(&item, &failure),
                Step::NeverStarted(..) => {
                    let (order, now) = (&self.order, now());
                    self.console.say(&format!("{} was never started: the service does not know it", order.name));
                    if self.console.report.output == Output::Json {
                        let line = self.console.report.start(order, None, Standing::NeverStarted, None, now);
                        self.console.result(&line)?;
                    }
                    return Ok(Exit::Unknown);
                }
                Step::Said(words) => self.console.say(&words),
                Step::TimedOut => return self.still_running("the time is up; ", Exit::TimedOut),
                Step::Interrupted(number) => return self.still_running("", Exit::Signal(number)),
            }
        }
    }

    fn draw(&mut self) {
        if self.console.is_live() {
            let items = self.follower.items();
            let rows = items.iter().map(|(_, item)| *item);
            let lines = progress::rows(rows, self.console.room(), now(), self.console.report.paint);
            self.console.show(lines);
        }
    }

    fn lost(&mut self, item: &Item, failure: &Failure) -> anyhow::Result<Exit> {
        self.console.say(&format!("nobody can tell how {} goes: {failure}", self.order.name));
        if let Item::Execution(record) = item {
            self.console.ended(record, Some(failure))?;
        }
        Ok(Exit::of_failure(failure))
    }

    /// What is known so far, and how to go on.
    fn still_running(&mut self, why: &str, exit: Exit) -> anyhow::Result<Exit> {
        let (goes, name) = match self.follower.items().first() {
            Some((_, Item::Execution(record))) => ("it runs on", record.arn.to_string()),
            _ => ("it may be running", self.order.name.to_string()),
        };
        self.console.finish();
        say(&format!("{why}{goes}; `stepgate watch {name}` goes on watching"));
        if let Some((_, Item::Execution(record))) = self.follower.items().first()
            && self.console.report.output == Output::Json
        {
            self.console.ended(record, None)?;
        }
        Ok(exit)
    }
}
