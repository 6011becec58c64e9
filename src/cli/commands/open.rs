//! `stepgate open`: opens the page of an execution or a state machine in the AWS console.

use clap::Args;
use clap_complete::engine::ArgValueCompleter;
use serde_json::json;

use crate::cli::complete::candidates;
use crate::cli::context::{CommandContext, LOCAL, LocalGateway, OpenedStore, load_or_report, open_store};
use crate::cli::follow::Item;
use crate::cli::report::console::{Console, say};
use crate::cli::report::execution::Output;
use crate::cli::report::suggestion::command;
use crate::cli::target::execution::{Access, TargetExecution};
use crate::cli::target::machine_lookup;
use crate::cli::target::resolve::Resolver;
use crate::cli::{Common, Exit};
use crate::runtime::open_url;
use stepgate_core::domain::{GatewayId, StateMachineArn, console_url};

/// Open the page of an execution or a machine in the AWS console.
///
/// An execution that is not in the list is added to it, if the gateway knows it. With --print, sends no requests.
#[derive(Debug, Args)]
pub(in crate::cli) struct OpenArguments {
    /// An ARN, a name, or `@last` for the latest start; or the name or ARN of a machine.
    #[arg(value_name = "EXECUTION|MACHINE", add = ArgValueCompleter::new(candidates::executions_and_machines))]
    target: String,
    /// Print the URL instead of opening it.
    #[arg(long)]
    print: bool,
    /// The X-Ray trace of the execution instead, if a response has shown its trace header.
    #[arg(long)]
    trace: bool,
}

/// What the argument names.
enum Target {
    Machine(StateMachineArn),
    Execution(Box<Item>),
}

pub(in crate::cli) async fn run(arguments: OpenArguments, common: &Common) -> anyhow::Result<Exit> {
    let Some(context) = load_or_report(common, LocalGateway::Skip).await? else { return Ok(Exit::Usage) };
    let kept = open_store(&context.settings).await;
    let target = match find(&arguments.target, &context, &kept, common).await {
        Ok(target) => target,
        Err(message) => {
            say(&message);
            return Ok(Exit::Usage);
        }
    };
    let url = match (&target, arguments.trace) {
        (Target::Machine(_), true) => Err("only an execution has a trace".to_owned()),
        (Target::Machine(arn), false) => console_url::machine_url(arn).ok_or_else(|| no_console(arn)),
        (Target::Execution(item), _) if item.record().gateway == GatewayId::new(LOCAL) => {
            let name = item.record().arn.name().to_owned();
            Err(format!("{name} ran on the local gateway, which has no page in the AWS console"))
        }
        (Target::Execution(item), false) => {
            let record = item.record();
            console_url::execution_url(&record.arn, record.started).ok_or_else(|| no_console(&record.machine))
        }
        (Target::Execution(item), true) => trace(item, &kept).await,
    };
    let url = match url {
        Ok(url) => url,
        Err(message) => {
            say(&message);
            return Ok(Exit::Usage);
        }
    };
    if arguments.print {
        let line = match common.output {
            Output::Text => url,
            Output::Json => json!({ "url": url }).to_string(),
        };
        Console::plain(common).result(line)?;
        return Ok(Exit::Done);
    }
    if let Err(message) = open_url(&url).await {
        say(&format!("{message}. Open it yourself: {url}"));
        return Ok(Exit::Usage);
    }
    say(&format!("opened {url}"));
    // The local gateway of another process cannot be asked.
    if let Target::Execution(item) = target
        && matches!(*item, Item::External(_))
        && !context.uses_local_gateway()
    {
        drop(kept);
        add(&arguments.target, common).await?;
    }
    Ok(Exit::Done)
}

/// Finds what the argument names. A stored execution precedes a machine of the same name.
async fn find(text: &str, context: &CommandContext, kept: &OpenedStore, common: &Common) -> Result<Target, String> {
    if let Ok(arn) = StateMachineArn::parse_startable(text) {
        return Ok(Target::Machine(arn));
    }
    let clients = context.clients(kept);
    let endpoint = common.endpoint.as_deref();
    let resolver = Resolver { settings: &context.settings, clients: &clients, kept, endpoint };
    let is_machine = !machine_lookup::named(text, &context.settings).is_empty();
    if !is_machine {
        return Ok(Target::Execution(Box::new(resolver.item(text).await?)));
    }
    let mut found = resolver.stored(text).await?;
    if let (Some(item), true) = (found.pop(), found.is_empty()) {
        return Ok(Target::Execution(Box::new(item)));
    }
    let machine = machine_lookup::only(text, &context.settings)?;
    Ok(Target::Machine(machine.ok_or("no such machine")?.arn.clone()))
}

/// Returns the URL of an execution's trace.
async fn trace(item: &Item, kept: &OpenedStore) -> Result<String, String> {
    let record = item.record();
    let name = record.arn.name().to_owned();
    let unknown = || {
        let status = command(&["status", record.arn.as_str()]);
        format!("no trace header is known for {name}; {status} requests it")
    };
    let Ok((store, _)) = kept else { return Err(unknown()) };
    let members =
        store.payloads(record.gateway.clone(), record.arn.clone()).await.map_err(|error| error.to_string())?;
    let header = members.others.iter().find(|(member, _)| *member == "traceHeader");
    let header = header.and_then(|(_, value)| serde_json::from_str::<String>(value).ok()).ok_or_else(unknown)?;
    console_url::trace_url(&record.arn, &header).ok_or_else(|| format!("the trace header of {name} names no trace"))
}

/// Adds an execution that was started elsewhere to the list.
async fn add(text: &str, common: &Common) -> anyhow::Result<()> {
    let Ok(execution) = TargetExecution::find(text, Access::Read, common).await? else { return Ok(()) };
    if execution.record.arn.is_describable()
        && let Err(failure) = execution.status().await
    {
        say(&format!("not added to the list: {failure}"));
    }
    Ok(())
}

fn no_console(arn: &StateMachineArn) -> String {
    format!("the address of the AWS console in the partition `{}` is not known", arn.partition())
}
