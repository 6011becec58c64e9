//! `stepgate stop`: one `StopExecution`.

use clap::Args;
use serde_json::json;

use crate::cli::console::Console;
use crate::cli::execution::{Subject, Touch, patiently};
use crate::cli::report::Output;
use crate::cli::{Common, Exit};
use crate::runtime::{after_stop, now};
use stepgate_core::lifecycle::control::{self, Stopped};
use stepgate_core::lifecycle::execution;

/// Stop an execution: it ends as ABORTED.
///
/// Requires the route `stop` of the endpoint. An execution that has already ended is not changed.
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
    let date = match patiently(async || subject.client.stop(arn, error, cause).await).await {
        Ok(date) => date,
        Err(failure) => return Ok(subject.refused(&failure)),
    };
    let mut console = Console::plain(common);
    let seen = after_stop(&subject.client, arn).await;
    let stopped = control::classify_stop(seen.as_ref().ok());
    let record = match &seen {
        Ok(seen) => {
            let record = execution::with_observation(subject.record.clone(), seen.clone(), None, now());
            if stopped != Stopped::Accepted
                && let Err(failure) = subject.keep(&record).await
            {
                return Ok(subject.refused(&failure));
            }
            record
        }
        Err(_) => subject.record.clone(),
    };
    match &stopped {
        Stopped::Aborted => {}
        Stopped::AlreadyEnded(status) => console.say(&format!("{} had already ended: {}", arn.name(), status.word())),
        Stopped::Accepted => {
            let goes = match &seen {
                Ok(_) => "it has not ended yet".to_owned(),
                Err(failure) => format!("its status could not be read: {failure}"),
            };
            console.say(&format!("the stop of {} was accepted; {goes}", arn.name()));
        }
    }
    let line = match (common.output, stopped) {
        (Output::Json, Stopped::Accepted) => {
            let mut object = json!({ "executionArn": arn.as_str() });
            if let Some(date) = date {
                object["stopDate"] = date.to_string().into();
            }
            object.to_string().into()
        }
        _ => console.report.execution(&record, None, None),
    };
    console.result(line)?;
    Ok(Exit::Done)
}
