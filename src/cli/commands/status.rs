//! `stepgate status`: sends one `DescribeExecution`.

use clap::Args;
use clap_complete::engine::ArgValueCompleter;

use crate::cli::complete::candidates;
use crate::cli::report::console::Console;
use crate::cli::report::execution::{Output, Report, machine};
use crate::cli::target::execution::{Access, TargetExecution};
use crate::cli::{Common, Exit};
use crate::output::Text;
use crate::runtime::now;
use stepgate_core::domain::{ExecutionRecord, Payload, elapsed};

/// Show the status of an execution (one DescribeExecution request).
///
/// The exit code is 0 for any status. For an exit code that reflects the outcome, use `watch` or
/// `start --wait`.
#[derive(Debug, Args)]
pub(in crate::cli) struct StatusArguments {
    /// An ARN, a name, or `@last` for the latest start.
    #[arg(add = ArgValueCompleter::new(candidates::executions))]
    execution: String,
}

pub(in crate::cli) async fn run(arguments: StatusArguments, common: &Common) -> anyhow::Result<Exit> {
    let execution = match TargetExecution::find(&arguments.execution, Access::Read, common).await? {
        Ok(execution) => execution,
        Err(exit) => return Ok(exit),
    };
    let record = match execution.status().await {
        Ok(record) => record,
        Err(failure) => return Ok(execution.report_failure(&failure)),
    };
    let mut console = Console::plain(common);
    let text = match common.output {
        Output::Json => console.report.execution(&record, None, None),
        Output::Text => page(&record, &console.report),
    };
    console.result(text)?;
    Ok(Exit::Done)
}

/// Formats every member of the response on its own line; payloads as received.
fn page(record: &ExecutionRecord, report: &Report) -> Text {
    let mut page = report.execution(record, None, None);
    let mut line = |name: &str, value: &str| {
        page.break_line();
        page.push(format!("{name:<16}  {value}"));
    };
    line("executionArn", record.arn.as_str());
    line("stateMachineArn", &machine(record));
    line("startDate", &report.local_time(record.started));
    let Some(seen) = &record.seen else { return page };
    if let Some(stop) = seen.stop_date {
        line("stopDate", &report.local_time(stop));
    } else if !seen.is_ended() {
        line("running for", &elapsed::running(now().since(record.started)));
    }
    if let Some(warning) = &record.warning {
        line("warning", &warning.to_string());
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
    for (name, value) in seen.others.iter() {
        // Strings without quotes, other JSON as received.
        line(name, &serde_json::from_str::<String>(value).unwrap_or_else(|_| value.to_owned()));
    }
    page
}
