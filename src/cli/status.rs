//! `stepgate status`: one question about one execution.

use std::fmt::Write as _;

use clap::Args;

use crate::app::clock;
use crate::app::text::visible;
use crate::cli::console::{Console, say};
use crate::cli::follow::Item;
use crate::cli::opened::{Gate, open_or_say, open_store};
use crate::cli::report::{Output, Report};
use crate::cli::target::Known;
use crate::cli::{Common, Exit};
use crate::domain::{Payload, Record, Settled, Started};
use crate::gateway::Clients;
use crate::runtime::now;

/// Ask once how an execution goes: one `DescribeExecution`.
///
/// The exit code tells whether the question was answered, whatever the answer is; `watch` and `start --wait`
/// tell the outcome.
#[derive(Debug, Args)]
pub(super) struct StatusArguments {
    /// An ARN, a name, or `@last` for the latest start.
    execution: String,
}

/// Asks.
pub(super) async fn run(arguments: StatusArguments, common: &Common) -> anyhow::Result<Exit> {
    let Some(opened) = open_or_say(common, Gate::Served).await? else { return Ok(Exit::Usage) };
    let kept = open_store(&opened.settings);
    let clients = Clients::new(opened.settings.endpoints.iter().cloned());
    let endpoint = common.endpoint.as_deref();
    let known = Known { settings: &opened.settings, clients: &clients, kept: &kept, endpoint };
    let item = match known.find(&arguments.execution).await {
        Ok((item, _)) => item,
        Err(words) => {
            say(&words);
            return Ok(Exit::Usage);
        }
    };
    let record = item.record();
    let answer = match clients.at(&record.place, &record.endpoint) {
        Ok(client) => client.status(&record.arn).await,
        Err(failure) => Err(failure),
    };
    let seen = match answer {
        Ok(seen) => seen,
        Err(failure) => {
            say(&format!("{}: {failure}", record.arn));
            return Ok(Exit::of_failure(&failure));
        }
    };
    let record = Record { started: seen.start_date, answered: Some(now()), seen: Some(seen), ..record };
    if let Ok((store, _)) = &kept {
        match (&item, &record.seen) {
            (Item::Execution(_), _) => store.keep(record.clone()),
            (Item::Doubt(doubt), Some(seen)) if doubt.is_answered_by(seen) => {
                if let Some(id) = doubt.record {
                    let started = Started { execution_arn: record.arn.clone(), start_date: Some(record.started) };
                    store.judge(id, Settled::Confirmed(started), now());
                }
                store.keep(record.clone());
            }
            _ => {}
        }
        store.flush().await;
    }
    let mut console = Console::plain(common);
    let text = match common.output {
        Output::Json => console.report.execution(&record, None, None),
        Output::Text => page(&record, &console.report),
    };
    console.result(&text)?;
    Ok(Exit::Done)
}

/// Everything that the answer said, a line each, payloads as they were received.
fn page(record: &Record, report: &Report) -> String {
    let mut page = report.execution(record, None, None);
    let mut line = |name: &str, value: &str| {
        // A text that is written into never fails.
        let _ = write!(page, "\n{name:<16}  {}", visible(value));
    };
    line("executionArn", record.arn.as_str());
    line("stateMachineArn", record.machine.as_str());
    line("startDate", &report.moment(record.started));
    let Some(seen) = &record.seen else { return page };
    if let Some(stop) = seen.stop_date {
        line("stopDate", &report.moment(stop));
    } else {
        line("running for", &clock::running(now().since(record.started)));
    }
    let redrives = seen.redrive.count.filter(|count| *count > 0).map(|count| count.to_string());
    let members = [
        ("redriveCount", redrives.as_deref()),
        ("error", seen.error.as_deref()),
        ("cause", seen.cause.as_deref()),
        ("input", seen.input.as_ref().map(Payload::as_str)),
        ("output", seen.output.as_ref().map(Payload::as_str)),
    ];
    for (name, value) in members {
        if let Some(value) = value {
            line(name, value);
        }
    }
    page
}
