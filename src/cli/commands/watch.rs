//! `stepgate watch`: follows executions until they end, and resolves unresolved starts.

use std::cell::Cell;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use clap_complete::engine::ArgValueCompleter;
use tokio::time::Instant;

use crate::cli::complete::candidates;
use crate::cli::context::closing::close;
use crate::cli::context::{LocalGateway, load_or_report, open_store};
use crate::cli::follow::{Follower, Item, Step, until};
use crate::cli::report::console::{Console, Pipe, say};
use crate::cli::report::execution::{ListedState, Output};
use crate::cli::report::progress;
use crate::cli::report::refusal::too_late;
use crate::cli::target::resolve::Resolver;
use crate::cli::{Common, Exit, duration};
use crate::runtime::{Signals, now};
use stepgate_core::domain::{EndpointName, ExecutionId};

/// Follow executions until all have ended.
///
/// Without arguments, follows all running executions in the store and resolves unresolved starts.
#[derive(Debug, Args)]
pub(in crate::cli) struct WatchArguments {
    /// An ARN, a name, or `@last` for the latest start.
    #[arg(value_name = "EXECUTION", add = ArgValueCompleter::new(candidates::executions))]
    executions: Vec<String>,
    /// Stop following after this time; the executions continue.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    timeout: Option<Duration>,
}

pub(in crate::cli) async fn run(arguments: WatchArguments, common: &Common) -> anyhow::Result<Exit> {
    let mut signals = Signals::listen().context("the signals")?;
    let deadline = arguments.timeout.map(|timeout| Instant::now() + timeout);
    let is_opening = Cell::new(false);
    let prepared = async {
        let Some(context) = load_or_report(common, LocalGateway::OnRequest).await? else {
            return Ok(Err(Exit::Usage));
        };
        is_opening.set(true);
        let kept = open_store(&context.settings).await;
        is_opening.set(false);
        anyhow::Ok(Ok((context, kept)))
    };
    let prepared = tokio::select! {
        prepared = prepared => prepared?,
        number = signals.next() => Err(Exit::Signal(number)),
        () = until(deadline) => {
            say(&format!("{}; no requests were sent", too_late(&is_opening)));
            Err(Exit::Unknown)
        }
    };
    let (context, kept) = match prepared {
        Ok(prepared) => prepared,
        Err(exit) => return Ok(exit),
    };
    let clients = context.clients(&kept);
    let console = Console::live(common);
    let store = kept.as_ref().ok().map(|(store, _)| store.clone());
    let follower = Follower::new(&clients, store.clone(), deadline, console.is_live());
    let endpoint = common.endpoint.as_deref();
    let resolver = Resolver { settings: &context.settings, clients: &clients, kept: &kept, endpoint };
    let mut watch = Watch { console, follower, exit: Exit::Done };
    let find = async {
        match &arguments.executions[..] {
            [] => watch.all(&resolver).await,
            texts => watch.named(texts, &resolver).await,
        }
    };
    let found = tokio::select! {
        found = find => found.map_err(|message| {
            say(&message);
            Exit::Usage
        }),
        number = signals.next() => Err(Exit::Signal(number)),
        () = until(deadline) => {
            say("--timeout expired before all executions were found; nothing was watched");
            Err(Exit::Unknown)
        }
    };
    let exit = match found {
        Ok(()) => watch.follow(&mut signals).await,
        Err(exit) => Ok(exit),
    };
    watch.console.finish();
    if let Some(store) = &store {
        close(store, deadline, &exit).await;
    }
    exit
}

struct Watch {
    console: Console,
    follower: Follower,
    exit: Exit,
}

impl Watch {
    /// Adds the named executions; none if one cannot be found.
    async fn named(&mut self, texts: &[String], resolver: &Resolver<'_>) -> Result<(), String> {
        let mut found = Vec::with_capacity(texts.len());
        for text in texts {
            let (item, endpoint) = resolver.find(text).await?;
            // The same execution may be named twice.
            if !found.iter().any(|(other, at): &(Item, _)| other.arn() == item.arn() && *at == endpoint) {
                found.push((item, endpoint));
            }
        }
        for (item, endpoint) in found {
            self.add(item, endpoint).await;
        }
        Ok(())
    }

    /// Adds all running executions and unresolved starts.
    async fn all(&mut self, resolver: &Resolver<'_>) -> Result<(), String> {
        let (_, remembered) =
            resolver.kept.as_ref().map_err(|why| format!("the store cannot be used: {why} Pass an ARN instead"))?;
        let gateway = resolver.gateway();
        // The UI may show everyone's.
        let mine = remembered.running.iter().filter(|record| !record.is_others);
        let executions = mine.cloned().map(Item::Execution);
        for item in executions.chain(remembered.unresolved.iter().cloned().map(Item::UnresolvedStart)) {
            if gateway.as_ref().is_some_and(|gateway| gateway != item.gateway()) {
                continue;
            }
            match resolver.endpoint_of(&item) {
                Ok(endpoint) => self.add(item, endpoint).await,
                Err(message) => {
                    say(&message);
                    self.exit = self.exit.worse(Exit::Unknown);
                }
            }
        }
        if self.follower.len() == 0 && self.exit == Exit::Done {
            say("no running executions in the store");
        }
        Ok(())
    }

    async fn add(&mut self, item: Item, endpoint: EndpointName) {
        self.follower.add(item, endpoint).await;
    }

    async fn follow(&mut self, signals: &mut Signals) -> anyhow::Result<Exit> {
        while self.follower.len() > 0 || self.follower.has_queued() {
            self.draw();
            let pipe = match self.follower.next(signals).await {
                Step::Seen(_, record) => self.console.report_change(&record)?,
                Step::Tick => Pipe::Open,
                Step::Message(message) => {
                    self.console.say(&message);
                    Pipe::Open
                }
                Step::Ended(_, record) => {
                    self.exit = self.exit.worse(Exit::from_outcome(&record));
                    self.console.report_end(&record, None)?
                }
                Step::Lost(_, item, failure) => {
                    self.exit = self.exit.worse(Exit::from_lost(&item, &failure));
                    match item {
                        Item::Execution(record) | Item::External(record) => {
                            self.console.report_end(&record, Some(&failure))?
                        }
                        Item::UnresolvedStart(unresolved) => {
                            let report = &self.console.report;
                            let line =
                                report.start(&unresolved.order, None, ListedState::Unresolved, Some(&failure), now());
                            self.console.result(line)?
                        }
                    }
                }
                Step::NeverStarted(_, unresolved) => {
                    self.exit = self.exit.worse(Exit::Unknown);
                    let line =
                        self.console.report.start(&unresolved.order, None, ListedState::NeverStarted, None, now());
                    self.console.result(line)?
                }
                Step::TimedOut => {
                    let is_unknown = !self.follower.unknown().is_empty();
                    self.report_remaining("--timeout expired; ")?;
                    return Ok(self.exit.worse(if is_unknown { Exit::Unknown } else { Exit::TimedOut }));
                }
                Step::Interrupted(number) => {
                    self.report_remaining("")?;
                    return Ok(Exit::Signal(number));
                }
            };
            if pipe == Pipe::Closed {
                let is_over = self.follower.len() == 0;
                return Ok(if is_over { self.exit } else { self.exit.worse(Exit::Unknown) });
            }
        }
        Ok(self.exit)
    }

    /// Reports what is still running and how to continue; in JSON, with one object per execution.
    fn report_remaining(&mut self, why: &str) -> anyhow::Result<()> {
        const MAX_NAMES: usize = 5;
        self.console.finish();
        let items = self.follower.items();
        let unknown = self.follower.unknown();
        let (lost, running): (Vec<_>, Vec<_>) = items.iter().copied().partition(|(id, _)| unknown.contains_key(id));
        let describe = |items: &[(ExecutionId, &Item)], label: &str| {
            let names: Vec<&str> = items.iter().take(MAX_NAMES).map(|(_, item)| item.names().1).collect();
            let more = if items.len() > MAX_NAMES { ", …" } else { "" };
            (!items.is_empty()).then(|| format!("{} {label}: {}{more}", items.len(), names.join(", ")))
        };
        let parts = [describe(&running, "still running"), describe(&lost, "unknown")];
        let mut parts: Vec<String> = parts.into_iter().flatten().collect();
        parts.extend(unknown.values().find_map(|unknown| unknown.message.clone()));
        say(&format!("{why}{}; to continue: `stepgate watch`", parts.join("; ")));
        for (_, item) in items {
            if let (Item::Execution(record) | Item::External(record), Output::Json) = (item, self.console.report.output)
                && self.console.report_end(record, None)? == Pipe::Closed
            {
                break;
            }
        }
        Ok(())
    }

    fn draw(&mut self) {
        if self.console.is_live() {
            let items = self.follower.items();
            let rows = items.iter().map(|(_, item)| *item);
            let lines = progress::rows(rows, self.console.size(), now(), self.console.report.colorizer);
            self.console.show_live(lines);
        }
    }
}
