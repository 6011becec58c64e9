//! Responses about EXPRESS executions: their ends, and their log.

use serde_json::{Value, json};

use crate::engine::End;
use crate::express::{ExpressExecution, LogEvent, LogPage};
use crate::responses::members::{add_failure, data_details, date, final_status};

/// Memory is billed in steps of 64 MB. An execution here has at most 256 KiB of data, and never needs a second one.
const BILLED_MEGABYTES: u64 = 64;
/// Time is billed in steps of this duration.
const BILLED_STEP_MILLIS: u64 = 100;

/// Returns the response of `StartSyncExecution`, with members in the service's order.
pub(crate) fn ended(execution: &ExpressExecution) -> String {
    let timeline = execution.timeline();
    let billed = execution.duration_millis().div_ceil(BILLED_STEP_MILLIS).max(1) * BILLED_STEP_MILLIS;
    let billing = json!({ "billedDurationInMilliseconds": billed, "billedMemoryUsedInMB": BILLED_MEGABYTES });
    let mut body = json!({ "billingDetails": billing });
    add_failure(&mut body, &timeline.end);
    body["executionArn"] = json!(execution.arn.as_str());
    body["input"] = json!(execution.input);
    body["inputDetails"] = data_details();
    body["name"] = json!(execution.name.as_str());
    if let End::Succeeded(output) = &timeline.end {
        body["output"] = json!(output);
    }
    // Also without an output.
    body["outputDetails"] = data_details();
    // Dates are added as text: as JSON values they would lose their notation.
    let mut text = body.to_string();
    text.pop();
    let machine = json!(execution.machine.unqualified().as_str());
    let (start, stop, status) = (date(execution.start), date(timeline.stop), final_status(&timeline.end));
    format!("{text},\"startDate\":{start},\"stateMachineArn\":{machine},\"status\":\"{status}\",\"stopDate\":{stop}}}")
}

/// Returns the response of `FilterLogEvents`.
pub(crate) fn log_page(page: &LogPage) -> String {
    let item = |event: &LogEvent| -> Value {
        let millis = event.position.at.as_millis();
        json!({
            "logStreamName": event.stream,
            "timestamp": millis,
            "message": event.message,
            "ingestionTime": millis,
            "eventId": event.position.to_string(),
        })
    };
    let mut body = json!({ "events": page.events.iter().map(item).collect::<Vec<_>>() });
    if let Some(position) = page.next {
        body["nextToken"] = json!(position.to_string());
    }
    body.to_string()
}
