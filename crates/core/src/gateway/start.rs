//! `POST {url}{start}`: `StartExecution`, once. `lifecycle` decides whether to retry.

use serde::Serialize;

use crate::domain::{ExecutionArn, Failure, Observation, StartOrder, StartResponse};
use crate::gateway::client::{Client, body};
use crate::gateway::members::{Members, excerpt, missing};
use crate::gateway::status;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StartExecutionInput<'a> {
    state_machine_arn: &'a str,
    name: &'a str,
    input: &'a str,
}

impl Client {
    /// Starts an execution. It may exist despite a failure only if the failure
    /// [leaves the outcome open](Failure::leaves_outcome_open).
    pub async fn start(&self, order: &StartOrder) -> Result<StartResponse, Failure> {
        let input = StartExecutionInput {
            state_machine_arn: order.machine.as_str(),
            name: order.name.as_str(),
            input: order.input.as_str(),
        };
        self.post(&self.endpoint().start_route, body(&input)?, read).await
    }
}

/// Reads a 2xx. Missing members are not a failure: the request was accepted.
pub(super) fn read(body: &[u8]) -> Result<StartResponse, Failure> {
    let members = Members::of_response(body)?;
    let execution_arn = members.text("executionArn").and_then(|text| ExecutionArn::parse(&text).ok());
    let seen = status::observation(&members);
    if execution_arn.is_none() && seen.is_none() && members.text("errorMessage").is_some() {
        // What a Lambda function in between returns when it fails, as HTTP 200.
        return Err(missing("executionArn", &members, body));
    }
    Ok(StartResponse {
        execution_arn,
        start_date: members.date("startDate"),
        others: members.others(&read_members(seen.as_ref())),
        seen: seen.map(Box::new),
        excerpt: excerpt(body),
    })
}

/// Returns the members that are not repeated among the other members. They include the `status` of an outcome, which is
/// only printed if the outcome is accepted, but not input and output.
fn read_members(seen: Option<&Observation>) -> Vec<&'static str> {
    let mut read = vec!["executionArn", "stateMachineArn", "name", "startDate"];
    if seen.is_some_and(Observation::is_ended) {
        read.push("status");
    }
    read
}
