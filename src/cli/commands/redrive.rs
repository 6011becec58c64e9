//! `stepgate redrive`: sends `RedriveExecution`.

use clap::Args;
use clap_complete::engine::ArgValueCompleter;
use serde_json::json;

use crate::cli::complete::candidates;
use crate::cli::report::console::Console;
use crate::cli::report::execution::Output;
use crate::cli::target::execution::{Access, TargetExecution};
use crate::cli::target::permission::YesTo;
use crate::cli::{Common, Exit};
use crate::runtime::now;
use stepgate_core::control::redrive;
use stepgate_core::domain::Route;
use stepgate_core::lifecycle::control;

/// Redrive an execution that failed, timed out or was stopped: it continues from the state where it ended.
///
/// Requires the route `redrive` of the endpoint. Step Functions allows it for 14 days.
#[derive(Debug, Args)]
pub(in crate::cli) struct RedriveArguments {
    /// An ARN, a name, or `@last` for the latest start.
    #[arg(add = ArgValueCompleter::new(candidates::executions))]
    execution: String,
    #[command(flatten)]
    yes_to: YesTo,
}

/// Redrives the execution and requests its status.
pub(in crate::cli) async fn run(arguments: RedriveArguments, common: &Common) -> anyhow::Result<Exit> {
    let mut execution = match TargetExecution::find(&arguments.execution, Access::Write, common).await? {
        Ok(execution) => execution,
        Err(exit) => return Ok(exit),
    };
    let permit = match execution.permit(Route::Redrive, &arguments.yes_to).await? {
        Ok(permit) => permit,
        Err(exit) => return Ok(exit),
    };
    let arn = execution.record.arn.clone();
    // Retries with the same token are the same redrive.
    let token = uuid::Uuid::new_v4().to_string();
    let date = match redrive(&execution.client, &arn, &permit, execution.record.seen.as_ref(), &token).await {
        Ok(date) => date,
        Err(failure) => return Ok(execution.report_failure(&failure)),
    };
    let redriven = control::after_redrive(execution.record.clone(), date.unwrap_or_else(now));
    if let Err(failure) = execution.save(&redriven).await {
        return Ok(execution.report_failure(&failure));
    }
    // DescribeExecution may lag or fail; the execution is redriven all the same.
    execution.record = redriven.clone();
    let described = execution.status().await.ok().filter(|record| {
        let pair = redriven.seen.as_ref().zip(record.seen.as_ref());
        pair.is_some_and(|(redriven, seen)| control::includes_redrive(redriven, seen))
    });
    let is_described = described.is_some();
    let record = described.unwrap_or(redriven);
    let mut console = Console::plain(common);
    let line = match common.output {
        Output::Json if !is_described => {
            let mut object = json!({ "executionArn": arn.as_str() });
            if let Some(date) = date {
                object["redriveDate"] = date.to_string().into();
            }
            object.to_string().into()
        }
        _ => console.report.execution(&record, None, None),
    };
    console.result(line)?;
    Ok(Exit::Done)
}
