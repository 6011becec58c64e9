//! `stepgate list --remote`: lists executions from Step Functions, including those started elsewhere.

use std::cmp::Reverse;

use crate::cli::context::CommandContext;
use crate::cli::report::console::say;
use crate::cli::target::execution::{pacer, with_retries};
use crate::cli::{Common, Exit};
use crate::runtime::now;
use stepgate_core::domain::{
    ExecutionRecord, Failure, FailureKind, ListFilter, ListQuery, ListedExecution, Machine, MachineType,
    StateMachineArn,
};
use stepgate_core::gateway::{Client, Clients};
use stepgate_core::lifecycle::attribution;
use stepgate_core::lifecycle::paging::{ListPages, Next};

/// `ListExecutions` refills 2 a second in most regions.
const PAGES_A_SECOND: u32 = 2;
/// The maximum of `ListExecutions`.
const MAX_PAGE: usize = 1000;

/// Returns the executions of the selected machines, newest first.
pub(in crate::cli) async fn list(
    listing: &ListFilter,
    context: &CommandContext,
    common: &Common,
) -> Result<Vec<ExecutionRecord>, Exit> {
    let machines = machines(listing, context, common);
    if machines.is_empty() {
        say("--remote lists executions of machines in the configuration; set --machine to one of them");
        return Err(Exit::Usage);
    }
    let clients = Clients::new(context.settings.endpoints.iter().cloned());
    let (mut found, mut pacer) = (Vec::new(), pacer(PAGES_A_SECOND));
    for machine in machines {
        let endpoint = context.settings.endpoints.iter().find(|endpoint| endpoint.name == machine.endpoint);
        let Some(endpoint) = endpoint else { continue };
        let client = clients.at(&endpoint.gateway(), &endpoint.name);
        let listed = match client {
            Ok(client) => pages(&client, &machine.arn, listing, &mut pacer).await,
            Err(failure) => Err(failure),
        };
        let listed = listed.map_err(|failure| {
            say(&format!("{} on {}: {failure}", machine.name, machine.endpoint));
            Exit::from_failure(&failure)
        })?;
        found.extend(listed.into_iter().map(|listed| {
            let (gateway, endpoint) = (endpoint.gateway(), endpoint.name.clone());
            ExecutionRecord::from_listed(gateway, endpoint, machine.name.clone(), listed, now())
        }));
    }
    found.sort_by_key(|record| Reverse(record.started));
    found.truncate(listing.limit);
    Ok(found)
}

/// Returns the selected STANDARD machines; `ListExecutions` does not support EXPRESS.
fn machines<'a>(listing: &ListFilter, context: &'a CommandContext, common: &Common) -> Vec<&'a Machine> {
    let is_selected = |machine: &&Machine| {
        machine.machine_type != MachineType::Express
            && common.endpoint.as_deref().is_none_or(|name| machine.endpoint.as_str() == name)
            && listing.matches_machine(&machine.name, &machine.arn)
    };
    let mut found: Vec<&Machine> = Vec::new();
    for machine in context.settings.machines.iter().filter(is_selected) {
        // Two configured machines may be the same state machine.
        let arn = machine.arn.unqualified();
        if !found.iter().any(|other| other.arn.unqualified() == arn && other.endpoint == machine.endpoint) {
            found.push(machine);
        }
    }
    found
}

async fn pages(
    client: &Client,
    machine: &StateMachineArn,
    listing: &ListFilter,
    pacer: &mut tokio::time::Interval,
) -> Result<Vec<ListedExecution>, Failure> {
    // The service filters by one status at most.
    let status = if let [status] = &listing.statuses[..] { Some(status.clone()) } else { None };
    let machine = machine.unqualified();
    let mut query = ListQuery { machine, status, page_size: listing.limit.clamp(1, MAX_PAGE), token: None };
    let (mut found, mut pages): (Vec<ListedExecution>, _) = (Vec::new(), ListPages::default());
    loop {
        pacer.tick().await;
        let page = with_retries(async || client.list(&query).await).await?;
        let is_old = |listed: &ListedExecution| listing.since.is_some_and(|since| listed.start_date < since);
        let is_past_limit = page.items.last().is_some_and(is_old);
        let last = page.items.last().map(|listed| listed.arn.as_str());
        let next = pages.add(last, query.token.as_deref(), page.next);
        let (ours, foreign): (Vec<_>, Vec<_>) =
            page.items.into_iter().partition(|listed| attribution::is_of_machine(&query.machine, listed));
        if let Some(listed) = foreign.first() {
            let message = format!("requested executions of {}, the response lists {}", query.machine, listed.arn);
            return Err(Failure::without_response(FailureKind::OtherExecution, message));
        }
        found.extend(ours.into_iter().filter(|listed| {
            !is_old(listed) && (listing.statuses.is_empty() || listing.statuses.contains(&listed.status))
        }));
        query.token = match next {
            _ if is_past_limit || found.len() >= listing.limit => return Ok(found),
            Next::End => return Ok(found),
            Next::Page(token) => Some(token),
            Next::Endless => {
                let message = "the list does not end: its pages repeat or are empty";
                return Err(Failure::without_response(FailureKind::Undecodable, message));
            }
        };
    }
}
