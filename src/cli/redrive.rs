//! `stepgate redrive`: one `RedriveExecution`.

use clap::Args;
use serde_json::json;

use crate::cli::console::Console;
use crate::cli::execution::{Subject, Touch};
use crate::cli::report::Output;
use crate::cli::{Common, Exit};
use crate::runtime::{now, redrive};
use stepgate_core::lifecycle::control;

/// Redrive an execution that failed, timed out or was stopped: it continues from the state where it ended.
///
/// Requires the route `redrive` of the endpoint. Step Functions allows it for 14 days.
#[derive(Debug, Args)]
pub(super) struct RedriveArguments {
    /// An ARN, a name, or `@last` for the latest start.
    execution: String,
}

/// Redrives it, and asks how it goes.
pub(super) async fn run(arguments: RedriveArguments, common: &Common) -> anyhow::Result<Exit> {
    let mut subject = match Subject::find(&arguments.execution, Touch::Changes, common).await? {
        Ok(subject) => subject,
        Err(exit) => return Ok(exit),
    };
    let arn = subject.record.arn.clone();
    // The same token again is the same redrive.
    let token = uuid::Uuid::new_v4().to_string();
    let date = match redrive(&subject.client, &arn, subject.record.seen.as_ref(), &token).await {
        Ok(date) => date,
        Err(failure) => return Ok(subject.refused(&failure)),
    };
    let redriven = control::after_redrive(subject.record.clone(), date.unwrap_or_else(now));
    if let Err(failure) = subject.keep(&redriven).await {
        return Ok(subject.refused(&failure));
    }
    // DescribeExecution may lag behind, and need not answer at all: it is redriven.
    subject.record = redriven.clone();
    let told = subject.status().await.ok().filter(|record| {
        let pair = redriven.seen.as_ref().zip(record.seen.as_ref());
        pair.is_some_and(|(redriven, seen)| control::includes_redrive(redriven, seen))
    });
    let is_told = told.is_some();
    let record = told.unwrap_or(redriven);
    let mut console = Console::plain(common);
    let line = match common.output {
        Output::Json if !is_told => {
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
