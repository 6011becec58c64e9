//! `stepgate timeline`: the steps of an execution as a tree, for people or as one object a step.

use clap::Args;
use serde_json::{Map, Value};

use crate::app::timeline::{Entry, History};
use crate::cli::color::Paint;
use crate::cli::console::{Console, Reader, say};
use crate::cli::event_pages::{EventPages, Wanted};
use crate::cli::execution::{Subject, Touch};
use crate::cli::report::Output;
use crate::cli::{Common, Exit};
use crate::format::clock;
use crate::format::text::fit;
use crate::output::Text;
use crate::runtime::{columns_of_output, now};
use stepgate_core::domain::{MAX_HISTORY_EVENTS, Timestamp};

/// Cells for a status and for a duration.
const STATUS: usize = 9;
const DURATION: usize = 9;
/// Cells for a cause where there is no terminal that limits it.
const CAUSE: usize = 200;

/// Print the steps of an execution as a tree.
///
/// Requires the route `history` of the endpoint. Each step shows its status, duration and attempts; the step where a
/// failure began also shows its error.
#[derive(Debug, Args)]
pub(super) struct TimelineArguments {
    /// An ARN, a name, or `@last` for the latest start.
    execution: String,
}

/// Reads the whole history and prints its steps.
pub(super) async fn run(arguments: TimelineArguments, common: &Common) -> anyhow::Result<Exit> {
    let subject = match Subject::find(&arguments.execution, Touch::Looks, common).await? {
        Ok(subject) => subject,
        Err(exit) => return Ok(exit),
    };
    let wanted = Wanted { data: false, newest_first: false, limit: MAX_HISTORY_EVENTS };
    let (mut pages, mut history) = (EventPages::new(&subject, wanted), History::default());
    let exit = loop {
        match pages.next().await {
            Ok(Some(events)) => history.add(events),
            Ok(None) => break Exit::Done,
            Err(failure) => break subject.refused(&failure),
        };
    };
    if history.is_empty() && exit != Exit::Done {
        return Ok(exit);
    }
    print(&history, common)?;
    match exit {
        Exit::Done => {
            if let Some(words) = epilogue(&history) {
                say(&words);
            }
            if let Some(flaw) = history.flaw() {
                say(&flaw.to_string());
            }
        }
        _ => say(&format!("incomplete timeline: {} events were read", history.len())),
    }
    Ok(exit)
}

/// What the steps do not tell of the end of the execution.
fn epilogue(history: &History) -> Option<String> {
    let has_steps = !history.steps().all().is_empty();
    let Some(end) = history.end() else { return (!has_steps).then(|| "no state has been entered yet".to_owned()) };
    let cause = end.detail("cause").map(summary);
    let words: Vec<&str> = end.detail("error").into_iter().chain(cause.as_deref()).collect();
    let words = if words.is_empty() { String::new() } else { format!(": {}", words.join(": ")) };
    match (end.event_type.as_str(), has_steps) {
        ("ExecutionAborted", true) if !words.is_empty() => Some(format!("the execution was stopped{words}")),
        ("ExecutionTimedOut", true) if !words.is_empty() => Some(format!("the execution timed out{words}")),
        (_, true) => None,
        ("ExecutionFailed", false) => Some(format!("the execution failed before its first state{words}")),
        ("ExecutionAborted", false) => Some(format!("the execution was stopped before its first state{words}")),
        ("ExecutionTimedOut", false) => Some(format!("the execution timed out before its first state{words}")),
        (_, false) => Some("the history has no states".to_owned()),
    }
}

fn print(history: &History, common: &Common) -> anyhow::Result<()> {
    let mut console = Console::plain(common);
    let (now, columns) = (now(), columns_of_output());
    let mut path: Vec<&str> = Vec::new();
    for entry in history.steps().outline() {
        path.truncate(entry.depth);
        path.push(&entry.first().name);
        let line = match common.output {
            Output::Text => line(&entry, now, columns, console.report.paint),
            Output::Json => object(&path, &entry).into(),
        };
        if console.result(line)? == Reader::Gone {
            break;
        }
    }
    Ok(())
}

/// Status, duration, and the name at its place in the tree, with attempts and error.
fn line(entry: &Entry<'_>, now: Timestamp, columns: Option<usize>, paint: Paint) -> Text {
    let (first, last) = (entry.first(), entry.last());
    let took = match last.ended {
        Some(ended) => clock::finished(ended.since(first.began)),
        None => clock::short(now.since(first.began)),
    };
    let indent = entry.depth * 2;
    // Deep nesting must leave room for the names.
    let indent = columns.map_or(indent, |columns| indent.min(columns / 3));
    let mut line = paint.step(last.status).column(STATUS);
    line.push(format!("  {took:>DURATION$}  {}{}", " ".repeat(indent), first.name));
    if entry.attempts() > 1 {
        line.push(format!("  {} attempts", entry.attempts()));
    }
    if last.is_origin() {
        let cause = last.cause().map(summary);
        let words: Vec<&str> = last.error().into_iter().chain(cause.as_deref()).collect();
        if !words.is_empty() {
            line.push("  ");
            line.push(paint.bad(&words.join(": ")));
        }
    }
    match columns {
        Some(columns) => line.fit(columns),
        None => line,
    }
}

/// A cause in a line: what a function says, or its first words.
fn summary(cause: &str) -> String {
    let members = serde_json::from_str::<Map<String, Value>>(cause).unwrap_or_default();
    let message = members.get("errorMessage").and_then(Value::as_str);
    // No more than can be shown is looked at.
    let words: String = message.unwrap_or(cause).chars().take(4 * CAUSE).collect();
    fit(&words.split_whitespace().collect::<Vec<_>>().join(" "), CAUSE).into_owned()
}

fn object(path: &[&str], entry: &Entry<'_>) -> String {
    let (first, last) = (entry.first(), entry.last());
    let mut members = Map::new();
    members.insert("path".into(), path.into());
    members.insert("type".into(), first.state_type.as_str().into());
    members.insert("status".into(), last.status.word().into());
    members.insert("attempts".into(), entry.attempts().into());
    members.insert("startDate".into(), first.began.to_string().into());
    let texts = [
        ("stopDate", last.ended.map(|ended| ended.to_string())),
        ("error", last.error().map(str::to_owned)),
        ("cause", last.cause().map(str::to_owned)),
    ];
    members.extend(texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.into()))));
    Value::Object(members).to_string()
}
