//! Bodies of the responses of Step Functions, in the service's own notation.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::json;
use serde_json::value::RawValue;

use crate::engine::{End, Event};
use crate::registry::Entry;
use crate::timestamp::Timestamp;

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
pub(crate) fn started(entry: &Entry) -> String {
    format!("{{\"executionArn\":{},\"startDate\":{}}}", json!(entry.arn.as_str()), date(entry.start))
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
    let details = json!({
        "__type": "com.amazonaws.swf.base.model#CloudWatchEventsExecutionDataDetails",
        "included": true,
    });
    let timeline = entry.timeline();
    let end = (now >= timeline.stop).then_some(&timeline.end);
    let status = status(entry, now);
    let mut body = json!({});
    if let Some(End::Failed(error, cause) | End::Aborted(error, cause)) = end {
        for (member, text) in [("cause", cause), ("error", error)] {
            if let Some(text) = text {
                body[member] = json!(text);
            }
        }
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
    match (now >= timeline.stop).then_some(&timeline.end) {
        None => "RUNNING",
        Some(End::Succeeded(_)) => "SUCCEEDED",
        Some(End::Failed(..)) => "FAILED",
        Some(End::TimedOut) => "TIMED_OUT",
        Some(End::Aborted(..)) => "ABORTED",
    }
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

/// Formats a date like the service: epoch seconds in Java's notation, `1.701837432549E9`.
fn date(moment: Timestamp) -> Box<RawValue> {
    let digits = moment.as_millis().to_string();
    let exponent = digits.len().saturating_sub(4);
    let (first, rest) = digits.split_at(1);
    let rest = match rest.trim_end_matches('0') {
        "" => "0",
        rest => rest,
    };
    RawValue::from_string(format!("{first}.{rest}E{exponent}")).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_in_java_notation() {
        for (millis, text) in [
            (1_701_837_432_549, "1.701837432549E9"),
            (1_721_709_848_530, "1.72170984853E9"),
            (2_000_000_000_000, "2.0E9"),
        ] {
            assert_eq!(date(Timestamp::from_millis(millis)).get(), text);
        }
    }
}
