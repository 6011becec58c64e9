//! `POST {url}{start}`: `StartExecution`, once. When to send it again is told by `start::attempts`.

use serde::{Deserialize, Serialize};

use crate::domain::{ExecutionArn, Failure, StartOrder, Started, Timestamp};
use crate::gateway::answer::undecodable;
use crate::gateway::client::{Client, body};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StartExecutionInput<'a> {
    state_machine_arn: &'a str,
    name: &'a str,
    input: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StartExecutionOutput {
    execution_arn: String,
    start_date: f64,
}

impl Client {
    /// Asks for an execution. Only a failure that [leaves doubt](Failure::leaves_doubt) may have been
    /// carried out.
    pub async fn start(&self, order: &StartOrder) -> Result<Started, Failure> {
        let input = StartExecutionInput {
            state_machine_arn: order.machine.as_str(),
            name: order.name.as_str(),
            input: order.input.as_str(),
        };
        self.post(&self.endpoint().start_route, body(&input)?, read).await
    }
}

pub(super) fn read(answer: &[u8]) -> Result<Started, Failure> {
    let wire: StartExecutionOutput = serde_json::from_slice(answer).map_err(undecodable)?;
    Ok(Started {
        execution_arn: ExecutionArn::parse(&wire.execution_arn).map_err(undecodable)?,
        start_date: Timestamp::from_wire(wire.start_date),
    })
}
