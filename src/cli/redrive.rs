//! `stepgate redrive`: one `RedriveExecution`.

use clap::Args;
use serde_json::json;

use crate::cli::console::Console;
use crate::cli::report::Output;
use crate::cli::subject::{Subject, Touch, patiently};
use crate::cli::{Common, Exit};
use crate::domain::{Observation, Record, Status};

/// Redrive an execution that failed, timed out or was stopped: it goes on from the state that it ended in.
///
/// Where the endpoint declares the route `redrive`. Step Functions allows it for 14 days.
#[derive(Debug, Args)]
pub(super) struct RedriveArguments {
    /// An ARN, a name, or `@last` for the latest start.
    execution: String,
}

/// Redrives it, and asks how it goes.
pub(super) async fn run(arguments: RedriveArguments, common: &Common) -> anyhow::Result<Exit> {
    let subject = match Subject::find(&arguments.execution, Touch::Changes, common).await? {
        Ok(subject) => subject,
        Err(exit) => return Ok(exit),
    };
    let arn = &subject.record.arn;
    // The same token again is the same redrive.
    let token = uuid::Uuid::new_v4().to_string();
    let redriven = match patiently(async || subject.client.redrive(arn, &token).await).await {
        Ok(redriven) => redriven,
        Err(failure) => return Ok(subject.refused(&failure)),
    };
    // DescribeExecution may lag behind, and need not answer at all: it is redriven.
    let told = subject.status().await.ok().filter(|record| {
        let date = record.seen.as_ref().and_then(|seen| seen.redrive.date);
        date.is_some_and(|date| date >= redriven)
    });
    let is_told = told.is_some();
    let record = told.unwrap_or_else(|| {
        let before = subject.record.seen.as_ref().map(|seen| seen.redrive.clone()).unwrap_or_default();
        let mut seen = Observation::new(Status::Running, subject.record.started);
        seen.redrive.count = Some(before.count.unwrap_or(0) + 1);
        seen.redrive.date = Some(redriven);
        Record { seen: Some(seen), ..subject.record.clone() }
    });
    subject.keep(&record).await;
    let mut console = Console::plain(common);
    let line = match common.output {
        Output::Json if !is_told => {
            json!({ "executionArn": arn.as_str(), "redriveDate": redriven.to_string() }).to_string()
        }
        _ => console.report.execution(&record, None, None),
    };
    console.result(&line)?;
    Ok(Exit::Done)
}
