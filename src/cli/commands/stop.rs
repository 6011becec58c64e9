//! `stepgate stop`: sends `StopExecution`.

use clap::Args;
use clap_complete::engine::ArgValueCompleter;
use serde_json::json;

use crate::cli::complete::candidates;
use crate::cli::report::console::Console;
use crate::cli::report::execution::Output;
use crate::cli::target::execution::{Access, TargetExecution, say_retry};
use crate::cli::target::permission::YesTo;
use crate::cli::{Common, Exit};
use crate::runtime::now;
use stepgate_core::control::{after_stop, stop};
use stepgate_core::domain::{Route, StopReason};
use stepgate_core::lifecycle::control::{self, Stopped};
use stepgate_core::lifecycle::execution;

/// Stop an execution: it ends as ABORTED.
///
/// Requires the route `stop` of the endpoint. An execution that has already ended is not changed.
#[derive(Debug, Args)]
pub(in crate::cli) struct StopArguments {
    /// An ARN, a name, or `@last` for the latest start.
    #[arg(add = ArgValueCompleter::new(candidates::executions))]
    execution: String,
    #[command(flatten)]
    yes_to: YesTo,
    /// The error of the execution, at most 256 characters.
    #[arg(long, value_name = "TEXT", value_parser = at_most::<256>)]
    error: Option<String>,
    /// The cause, at most 32,768 characters.
    #[arg(long, value_name = "TEXT", value_parser = at_most::<32_768>)]
    cause: Option<String>,
}

fn at_most<const MAX: usize>(text: &str) -> Result<String, String> {
    let count = text.chars().count();
    if count <= MAX { Ok(text.to_owned()) } else { Err(format!("expected at most {MAX} characters, found {count}")) }
}

/// Stops the execution and requests its status.
pub(in crate::cli) async fn run(arguments: StopArguments, common: &Common) -> anyhow::Result<Exit> {
    let execution = match TargetExecution::find(&arguments.execution, Access::Write, common).await? {
        Ok(execution) => execution,
        Err(exit) => return Ok(exit),
    };
    let permit = match execution.permit(Route::Stop, &arguments.yes_to).await? {
        Ok(permit) => permit,
        Err(exit) => return Ok(exit),
    };
    let arn = &execution.record.arn;
    let reason = StopReason { error: arguments.error, cause: arguments.cause };
    let date = match stop(&execution.client, arn, &permit, &reason, say_retry).await {
        Ok(date) => date,
        Err(failure) => return Ok(execution.report_failure(&failure)),
    };
    let mut console = Console::plain(common);
    let seen = after_stop(&execution.client, arn).await;
    let stopped = control::classify_stop(seen.as_ref().ok());
    let record = match &seen {
        Ok(seen) => {
            let record = execution::with_observation(execution.record.clone(), seen.clone(), None, now());
            if stopped != Stopped::Accepted
                && let Err(failure) = execution.save(&record).await
            {
                return Ok(execution.report_failure(&failure));
            }
            record
        }
        Err(_) => execution.record.clone(),
    };
    match &stopped {
        Stopped::Aborted => {}
        Stopped::AlreadyEnded(status) => console.say(&format!("{} had already ended: {}", arn.name(), status.as_str())),
        Stopped::Accepted => {
            let state = match &seen {
                Ok(_) => "it has not ended yet".to_owned(),
                Err(failure) => format!("its status could not be read: {failure}"),
            };
            console.say(&format!("the stop of {} was accepted; {state}", arn.name()));
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
