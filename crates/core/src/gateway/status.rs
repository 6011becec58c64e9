//! The route `status`: `DescribeExecution`.

use crate::domain::text_limit;
use crate::domain::{ExecutionArn, Failure, Observation, Redrive, Route, Status, Subject};
use crate::gateway::client::Client;
use crate::gateway::members::{Members, missing};

impl Client {
    /// Requests the status of an execution. The service does not describe EXPRESS executions.
    pub async fn status(&self, execution: &ExecutionArn) -> Result<Observation, Failure> {
        let body = serde_json::json!({ "executionArn": execution.as_str() });
        self.call_about(Route::Status, execution, body.to_string().into_bytes(), read).await
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
