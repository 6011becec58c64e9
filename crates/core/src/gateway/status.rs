//! The route `status`: `DescribeExecution`.

use crate::domain::route_path::PathValues;
use crate::domain::text_limit;
use crate::domain::{ExecutionArn, Failure, FailureKind, Observation, Redrive, Route, Status, Subject};
use crate::gateway::client::Client;
use crate::gateway::members::{Members, missing};
use crate::gateway::received_arn::contains;
use crate::gateway::route_request::ActionRequest;

impl Client {
    /// Requests the status of an execution. The service does not describe EXPRESS executions.
    pub async fn status(&self, execution: &ExecutionArn) -> Result<Observation, Failure> {
        if !execution.is_describable() {
            return Err(Failure::without_response(FailureKind::ExpressNotDescribable, ""));
        }
        let json = serde_json::json!({ "executionArn": execution.as_str() }).to_string().into_bytes();
        let values = PathValues::Execution(execution);
        let request = self.request(ActionRequest { route: Route::Status, values, json }).await?;
        let read = |body: &[u8], received: Option<&[u8]>| {
            let mut seen = read(body)?;
            // An ARN that the filter has composed does not show that the service knows it.
            if received.is_some_and(|received| !contains(received, execution.as_str())) {
                seen.subject.execution_arn.take_if(|arn| arn == execution.as_str());
            }
            Ok(seen)
        };
        Box::pin(self.send(&request, read)).await
    }
}

pub(super) fn read(body: &[u8]) -> Result<Observation, Failure> {
    let members = Members::of_response(body)?;
    observation(&members).ok_or_else(|| missing("status", &members, body))
}

/// The members that [`observation`] has a field for.
const READ: [&str; 14] = [
    "executionArn",
    "stateMachineArn",
    "name",
    "status",
    "startDate",
    "stopDate",
    "input",
    "output",
    "error",
    "cause",
    "redriveCount",
    "redriveDate",
    "redriveStatus",
    "redriveStatusReason",
];

/// Returns what a body says about an execution; `None` without a `status`. All other members may be absent.
pub(super) fn observation(members: &Members<'_>) -> Option<Observation> {
    Some(Observation {
        subject: Subject {
            execution_arn: members.text("executionArn"),
            machine_arn: members.text("stateMachineArn"),
            name: members.text("name"),
        },
        status: Status::from_wire(&members.keyword("status")?),
        start_date: members.date("startDate"),
        stop_date: members.date("stopDate"),
        input: members.payload("input"),
        output: members.payload("output"),
        error: members.failure_text("error"),
        cause: members.failure_text("cause"),
        redrive: Redrive {
            count: members.count("redriveCount"),
            date: members.date("redriveDate"),
            status: members.keyword("redriveStatus"),
            status_reason: members.value_text("redriveStatusReason", text_limit::MESSAGE),
        },
        others: members.others(&READ),
    })
}
