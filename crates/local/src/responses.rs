//! Bodies of the responses of Step Functions, in the service's own notation.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::json;

use crate::engine::{End, Event};
use crate::machines::MachineType;
use crate::registry::Entry;
use crate::timestamp::Timestamp;

mod express;
mod members;

pub(crate) use express::{ended, log_page};

use members::{add_failure, data_details, date, final_status};

/// An error of Step Functions: its type with namespace, and its message, if any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServiceError {
    error_type: &'static str,
    message: Option<String>,
}

impl ServiceError {
    pub(crate) fn new(error_type: &'static str, message: String) -> Self {
        Self { error_type, message: Some(message) }
    }

    pub(crate) fn validation(message: &str) -> Self {
        Self::new("com.amazon.coral.validate#ValidationException", format!("1 validation error detected: {message}"))
    }

    /// The request's body cannot be parsed. This error has no message.
    pub(crate) fn serialization() -> Self {
        Self { error_type: "com.amazon.coral.service#SerializationException", message: None }
    }

    /// Whether it is a validation error, which takes precedence over all others.
    pub(crate) fn is_validation(&self) -> bool {
        self.error_type.ends_with("ValidationException")
    }

    pub(crate) fn body(&self) -> String {
        match &self.message {
            Some(message) => json!({ "__type": self.error_type, "message": message }).to_string(),
            None => json!({ "__type": self.error_type }).to_string(),
        }
    }
}

/// Returns the response of `StartExecution`.
pub(crate) fn started(arn: &str, start: Timestamp) -> String {
    format!("{{\"executionArn\":{},\"startDate\":{}}}", json!(arn), date(start))
}

/// Returns the response of `ListStateMachines`, from names, ARNs and types.
pub(crate) fn machines(machines: &[(&str, String, MachineType)], next: Option<String>) -> String {
    let item = |(name, arn, machine_type): &(&str, String, MachineType)| json!({ "creationDate": 0.0, "name": name, "stateMachineArn": arn, "type": machine_type.word() });
    let mut body = json!({ "stateMachines": machines.iter().map(item).collect::<Vec<_>>() });
    if let Some(token) = next {
        body["nextToken"] = json!(token);
    }
    body.to_string()
}

/// Returns the response of `DescribeStateMachineForExecution`.
pub(crate) fn machine(entry: &Entry) -> String {
    let machine = entry.machine.unqualified();
    json!({
        "definition": entry.definition(),
        "loggingConfiguration": { "includeExecutionData": false, "level": "OFF" },
        "name": machine.name(),
        "roleArn": "arn:aws:iam::000000000000:role/local",
        "stateMachineArn": machine.as_str(),
        "updateDate": 0.0,
    })
    .to_string()
}

/// Returns the response of `DescribeExecution`, with members in the service's order.
pub(crate) fn described(entry: &Entry, now: Timestamp) -> String {
    let details = data_details();
    let timeline = entry.timeline();
    let end = (now >= timeline.stop).then_some(&timeline.end);
    let status = status(entry, now);
    let mut body = json!({});
    if let Some(end) = end {
        add_failure(&mut body, end);
    }
    body["executionArn"] = json!(entry.arn.as_str());
    body["input"] = json!(entry.input);
    body["inputDetails"] = details.clone();
    body["name"] = json!(entry.arn.name());
    if let Some(End::Succeeded(output)) = end {
        body["output"] = json!(output);
        body["outputDetails"] = details;
    }
    body["redriveCount"] = json!(timeline.redrives);
    match end {
        Some(End::Failed(..) | End::TimedOut | End::Aborted(..)) => body["redriveStatus"] = json!("REDRIVABLE"),
        None | Some(End::Succeeded(_)) => {
            body["redriveStatus"] = json!("NOT_REDRIVABLE");
            body["redriveStatusReason"] = json!(format!("Execution is {status} and cannot be redriven"));
        }
    }
    // Dates are added as text: as JSON values they would lose their notation.
    let mut text = body.to_string();
    text.pop();
    let machine = json!(entry.machine.unqualified().as_str());
    let stop = end.map(|_| format!(",\"stopDate\":{}", date(timeline.stop))).unwrap_or_default();
    let redriven = timeline.redriven.map(|moment| format!(",\"redriveDate\":{}", date(moment))).unwrap_or_default();
    let start = date(entry.start);
    format!("{text}{redriven},\"startDate\":{start},\"stateMachineArn\":{machine},\"status\":\"{status}\"{stop}}}")
}

/// Returns the status of an execution at this time.
pub(crate) fn status(entry: &Entry, now: Timestamp) -> &'static str {
    let timeline = entry.timeline();
    if now < timeline.stop { "RUNNING" } else { final_status(&timeline.end) }
}

/// Returns a response that consists of a date.
pub(crate) fn dated(member: &str, moment: Timestamp) -> String {
    format!("{{\"{member}\":{}}}", date(moment))
}

/// Returns the response of `GetExecutionHistory`.
pub(crate) fn history(events: &[Event], with_data: bool, next: Option<String>) -> String {
    let event = |event: &Event| {
        let mut text = format!(
            "{{\"id\":{},\"previousEventId\":{},\"timestamp\":{},\"type\":\"{}\"",
            event.id,
            event.previous,
            date(event.at),
            event.event_type
        );
        if let Some((member, details)) = &event.details {
            let mut details = details.clone();
            if let (false, Some(details)) = (with_data, details.as_object_mut()) {
                details.retain(|member, _| member != "input" && member != "output");
            }
            // Writing to a string never fails.
            let _ = write!(text, ",\"{member}\":{details}");
        }
        text + "}"
    };
    let events: Vec<String> = events.iter().map(event).collect();
    format!("{{\"events\":[{}]{}}}", events.join(","), token(next))
}

/// Returns the response of `ListExecutions`.
pub(crate) fn listed(entries: &[Arc<Entry>], now: Timestamp, next: Option<String>) -> String {
    let item = |entry: &Arc<Entry>| {
        let timeline = entry.timeline();
        let stop = (now >= timeline.stop).then(|| format!(",\"stopDate\":{}", date(timeline.stop)));
        let names = json!({
            "executionArn": entry.arn.as_str(),
            "name": entry.arn.name(),
            "redriveCount": timeline.redrives,
            "stateMachineArn": entry.machine.unqualified().as_str(),
            "status": status(entry, now),
        });
        // Dates are added as text: as JSON values they would lose their notation.
        let names = names.to_string();
        let names = names.trim_end_matches('}');
        format!("{names},\"startDate\":{}{}}}", date(entry.start), stop.unwrap_or_default())
    };
    let items: Vec<String> = entries.iter().map(item).collect();
    format!("{{\"executions\":[{}]{}}}", items.join(","), token(next))
}

fn token(next: Option<String>) -> String {
    next.map(|token| format!(",\"nextToken\":{}", json!(token))).unwrap_or_default()
}
