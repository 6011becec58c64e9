//! `stepgate forget`: removes executions from the list and the store.

use clap::Args;
use clap_complete::engine::ArgValueCompleter;
use serde_json::json;

use crate::cli::complete::candidates;
use crate::cli::context::store_folder::local_store;
use crate::cli::context::{LOCAL, LocalGateway, gateway_id, load_or_report, open_store, open_store_in};
use crate::cli::report::confirm::confirm;
use crate::cli::report::console::{Console, Pipe, is_interactive, say};
use crate::cli::report::execution::Output;
use crate::cli::report::suggestion::command;
use crate::cli::{Common, Exit};
use crate::runtime::now;
use stepgate_core::domain::{ExecutionRecord, GatewayId, ListFilter, Observation, Remembered, counted};
use stepgate_core::store::{Store, StoreError};

/// Number of executions to remove in one transaction.
const PART: usize = 500;

/// Remove executions from the list and the store.
///
/// The executions themselves are not changed. Without EXECUTION, removes all ended executions of the endpoint given with
/// --endpoint, or of the local gateway with --local; without a terminal, this needs --yes. On a terminal, asks first.
#[derive(Debug, Args)]
pub(in crate::cli) struct ForgetArguments {
    /// An ARN, a name, or `@last` for the latest start.
    #[arg(value_name = "EXECUTION", add = ArgValueCompleter::new(candidates::executions))]
    executions: Vec<String>,
    /// Only executions of the local gateway.
    #[arg(long)]
    local: bool,
    /// Also remove executions that have not ended. They continue.
    #[arg(long)]
    force: bool,
    /// Do not ask.
    #[arg(long, short)]
    yes: bool,
}

pub(in crate::cli) async fn run(arguments: ForgetArguments, common: &Common) -> anyhow::Result<Exit> {
    let Some(context) = load_or_report(common, LocalGateway::Skip).await? else { return Ok(Exit::Usage) };
    let opened = if arguments.local {
        open_store_in(local_store(), &context.settings).await
    } else {
        open_store(&context.settings).await
    };
    let (store, remembered) = match opened {
        Ok(kept) => kept,
        Err(why) => {
            say(&format!("the store cannot be used: {why}"));
            return Ok(Exit::Usage);
        }
    };
    if arguments.local && common.is_endpoint_given {
        say("--local and --endpoint exclude each other");
        return Ok(Exit::Usage);
    }
    let endpoint = common.endpoint.as_deref().and_then(|name| gateway_id(&context.settings, name));
    let gateway = if arguments.local { Some(GatewayId::new(LOCAL)) } else { endpoint };
    let selected = match &arguments.executions[..] {
        // The environment variable alone must not select a whole endpoint.
        [] if !arguments.local && !common.is_endpoint_given => {
            Err("pass EXECUTION, --endpoint or --local to select what to remove".to_owned())
        }
        [] => all(&store, gateway).await.map_err(|error| error.to_string()),
        texts => named(texts, gateway.as_ref(), &store, &remembered).await,
    };
    let selected = match selected {
        Ok(selected) => selected,
        Err(message) => {
            say(&message);
            return Ok(Exit::Usage);
        }
    };
    let is_running = |record: &ExecutionRecord| {
        record.given_up.is_none() && !record.seen.as_ref().is_some_and(Observation::is_ended)
    };
    let (kept, removed): (Vec<_>, Vec<_>) =
        selected.into_iter().partition(|record| !arguments.force && is_running(record));
    if let Some(first) = kept.first() {
        let count = kept.len();
        let subject = match count {
            1 => format!("{} has", first.arn.name()),
            _ => format!("{} have", counted(count, "execution")),
        };
        let is_named = !arguments.executions.is_empty();
        let effect = if is_named { "nothing was removed" } else { "not removed" };
        say(&format!("{subject} not ended; {effect}. Wait for the end, or use --force"));
        if is_named {
            return Ok(Exit::Usage);
        }
    }
    if removed.is_empty() {
        if kept.is_empty() {
            say("no executions found");
        }
        return Ok(Exit::Done);
    }
    if !arguments.yes && is_interactive() {
        if !confirm(&question(&removed))? {
            say("nothing was removed");
            return Ok(Exit::Done);
        }
    } else if !arguments.yes && arguments.executions.is_empty() {
        // Named executions need no confirmation in a script; a whole endpoint is too much to lose by a slip.
        let subject = counted(removed.len(), "execution");
        say(&format!("nothing was removed: without a terminal to ask on, pass --yes to remove {subject}"));
        return Ok(Exit::Usage);
    }
    remove(&store, &removed, common).await
}

/// Returns all executions of a gateway.
async fn all(store: &Store, gateway: Option<GatewayId>) -> Result<Vec<ExecutionRecord>, StoreError> {
    let filter = ListFilter { machines: Vec::new(), statuses: Vec::new(), since: None, gateway, limit: usize::MAX };
    let (mut found, mut from) = (Vec::new(), None);
    loop {
        let (part, next) = store.list(filter.clone(), from, false).await?;
        found.extend(part.into_iter().map(|(record, _)| record));
        if next.is_none() {
            return Ok(found);
        }
        from = next;
    }
}

/// Returns the named executions, each once.
async fn named(
    texts: &[String],
    gateway: Option<&GatewayId>,
    store: &Store,
    remembered: &Remembered,
) -> Result<Vec<ExecutionRecord>, String> {
    let mut all: Vec<ExecutionRecord> = Vec::new();
    for text in texts {
        let found = match &**text {
            "@last" => store.last_started(gateway.cloned()).await.map(|last| last.into_iter().collect()),
            _ => store.named(text.clone()).await,
        };
        let mut found: Vec<ExecutionRecord> = found.map_err(|error| error.to_string())?;
        found.retain(|record| gateway.is_none_or(|gateway| record.gateway == *gateway));
        let is_start = || remembered.unresolved.iter().any(|start| start.order.name.as_str() == text);
        match (found.pop(), found.is_empty()) {
            (Some(record), true) => {
                let is_same = |other: &ExecutionRecord| other.arn == record.arn && other.gateway == record.gateway;
                if !all.iter().any(is_same) {
                    all.push(record);
                }
            }
            (None, _) if is_start() => {
                let watch = command(&["watch", text]);
                return Err(format!("{text} is an unresolved start; {watch} resolves it first"));
            }
            (None, _) => return Err(format!("no execution named `{text}` in the store")),
            (Some(_), false) => {
                return Err(format!("several executions are named `{text}`; use an ARN and --endpoint"));
            }
        }
    }
    Ok(all)
}

fn question(removed: &[ExecutionRecord]) -> String {
    match removed {
        [record] => format!("Remove {} from the list and the store?", record.arn.name()),
        _ => format!("Remove {} from the list and the store?", counted(removed.len(), "execution")),
    }
}

/// Removes the executions, and prints each one that is no longer stored.
async fn remove(store: &Store, removed: &[ExecutionRecord], common: &Common) -> anyhow::Result<Exit> {
    let mut console = Console::plain(common);
    for part in removed.chunks(PART) {
        let keys = part.iter().map(|record| (record.gateway.clone(), record.arn.clone())).collect();
        store.remove(keys, now());
        store.flush().await;
        let error = store.health().borrow().clone();
        if let Some(error) = error {
            say(&format!("the store cannot be changed: {error}"));
            return Ok(Exit::Unknown);
        }
        for record in part {
            let line = match common.output {
                Output::Text => record.arn.name().to_owned(),
                Output::Json => json!({ "executionArn": record.arn.as_str(), "name": record.arn.name() }).to_string(),
            };
            if console.result(line)? == Pipe::Closed {
                break;
            }
        }
    }
    Ok(Exit::Done)
}
