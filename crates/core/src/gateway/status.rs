//! `POST {url}{status}`: `DescribeExecution`.

use crate::domain::limit;
use crate::domain::{ExecutionArn, Failure, FailureKind, Observation, Redrive, Status, Subject};
use crate::gateway::client::Client;
use crate::gateway::members::{Members, missing};

impl Client {
    /// Asks how an execution goes. An EXPRESS execution is not asked about: the service cannot tell.
    pub async fn status(&self, execution: &ExecutionArn) -> Result<Observation, Failure> {
        if !execution.is_describable() {
            return Err(Failure::without_response(FailureKind::ExpressNotDescribable, ""));
        }
        let body = serde_json::json!({ "executionArn": execution.as_str() });
        self.post(&self.endpoint().status_route, body.to_string().into_bytes(), read).await
    }
}

pub(super) fn read(answer: &[u8]) -> Result<Observation, Failure> {
    let members = Members::required(answer)?;
    observation(&members).ok_or_else(|| missing("status", &members, answer))
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

/// What a body says about an execution; `None` without a `status`. All other members may be absent.
pub(super) fn observation(members: &Members<'_>) -> Option<Observation> {
    Some(Observation {
        subject: Subject {
            execution_arn: members.text("executionArn"),
            machine_arn: members.text("stateMachineArn"),
            name: members.text("name"),
        },
        status: Status::from_wire(&members.word("status")?),
        start_date: members.date("startDate"),
        stop_date: members.date("stopDate"),
        input: members.payload("input"),
        output: members.payload("output"),
        error: members.failure_words("error"),
        cause: members.failure_words("cause"),
        redrive: Redrive {
            count: members.count("redriveCount"),
            date: members.date("redriveDate"),
            status: members.word("redriveStatus"),
            status_reason: members.words("redriveStatusReason", limit::MESSAGE),
        },
        others: members.others(&READ),
    })
}
