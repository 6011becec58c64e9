//! `stepgate stop`: one `StopExecution`.

use clap::Args;
use serde_json::json;

use crate::cli::console::Console;
use crate::cli::report::Output;
use crate::cli::subject::{Subject, Touch, patiently};
use crate::cli::{Common, Exit};
use crate::domain::{Observation, Record, Status};

/// Stop an execution: it ends as ABORTED.
///
/// Where the endpoint declares the route `stop`. What has ended stays as it ended.
#[derive(Debug, Args)]
pub(super) struct StopArguments {
    /// An ARN, a name, or `@last` for the latest start.
    execution: String,
    /// An error to tell its watchers, at most 256 characters.
    #[arg(long, value_name = "TEXT", value_parser = at_most::<256>)]
    error: Option<String>,
    /// Why, at most 32,768 characters.
    #[arg(long, value_name = "TEXT", value_parser = at_most::<32_768>)]
    cause: Option<String>,
}

fn at_most<const MOST: usize>(text: &str) -> Result<String, String> {
    let count = text.chars().count();
    if count <= MOST { Ok(text.to_owned()) } else { Err(format!("it has {count} characters, more than {MOST}")) }
}

/// Stops it, and asks how it ended.
pub(super) async fn run(arguments: StopArguments, common: &Common) -> anyhow::Result<Exit> {
    let subject = match Subject::find(&arguments.execution, Touch::Changes, common).await? {
        Ok(subject) => subject,
        Err(exit) => return Ok(exit),
    };
    let (arn, error, cause) = (&subject.record.arn, arguments.error.as_deref(), arguments.cause.as_deref());
    let stopped = match patiently(async || subject.client.stop(arn, error, cause).await).await {
        Ok(stopped) => stopped,
        Err(failure) => return Ok(subject.refused(&failure)),
    };
    let mut console = Console::plain(common);
    // DescribeExecution may lag behind, and need not answer at all: it is stopped.
    let line = match subject.status().await {
        Ok(record) if record.seen.as_ref().is_some_and(Observation::is_ended) => {
            subject.keep(&record).await;
            console.report.execution(&record, None, None)
        }
        _ => match common.output {
            Output::Json => json!({ "executionArn": arn.as_str(), "stopDate": stopped.to_string() }).to_string(),
            Output::Text => {
                let seen = Observation::new(Status::from_wire("ABORTED"), subject.record.started);
                let seen = Observation { stop_date: Some(stopped), ..seen };
                console.report.execution(&Record { seen: Some(seen), ..subject.record.clone() }, None, None)
            }
        },
    };
    console.result(&line)?;
    Ok(Exit::Done)
}
