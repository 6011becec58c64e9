//! `POST {url}{start}`: `StartExecution`, and sending it again without doubling it.
//!
//! A STANDARD start is idempotent by its name: the same bytes with the same name may be sent again
//! when no answer came. An EXPRESS start is not, and is sent once.

use serde::{Deserialize, Serialize};

use crate::domain::{ExecutionArn, Failure, FailureKind, MachineType, NameOrigin, StartOrder, Started, Timestamp};
use crate::gateway::answer::undecodable;
use crate::gateway::client::Client;
use crate::gateway::retry;

/// How often a start is sent at most before the person is asked.
const MOST_ATTEMPTS: u32 = 4;

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
    /// Starts an execution, again and again while that is harmless and the failure is a passing one.
    pub async fn start(&self, order: &StartOrder) -> Result<Started, Failure> {
        // The first attempt that may have been carried out. Whatever a later one says, that stays.
        let mut doubt: Option<Failure> = None;
        let mut attempt = 0;
        loop {
            let failure = match self.start_once(order).await {
                Ok(started) => return Ok(started),
                Err(failure) => failure,
            };
            // A chosen name may be somebody else's, also when an attempt of ours is in doubt.
            let is_ours = order.origin == NameOrigin::Generated;
            if failure.kind == FailureKind::ExecutionAlreadyExists && is_ours {
                return Ok(Started { execution_arn: order.machine.execution(&order.name), start_date: None });
            }
            attempt += 1;
            let passing = failure.leaves_doubt() || failure.kind == FailureKind::Throttled;
            let repeatable = order.machine_type == MachineType::Standard;
            if failure.leaves_doubt() && doubt.is_none() {
                doubt = Some(failure.clone());
            }
            if !passing || !repeatable || attempt == MOST_ATTEMPTS {
                return Err(doubt.unwrap_or(failure));
            }
            tokio::time::sleep(retry::delay(attempt, fastrand::f64())).await;
        }
    }

    async fn start_once(&self, order: &StartOrder) -> Result<Started, Failure> {
        let body = StartExecutionInput {
            state_machine_arn: order.machine.as_str(),
            name: order.name.as_str(),
            input: order.input.as_str(),
        };
        let body = serde_json::to_vec(&body)
            .map_err(|error| Failure::without_answer(FailureKind::Client, error.to_string()))?;
        self.post(&self.endpoint().start_route, body, read).await
    }
}

pub(super) fn read(answer: &[u8]) -> Result<Started, Failure> {
    let wire: StartExecutionOutput = serde_json::from_slice(answer).map_err(undecodable)?;
    Ok(Started {
        execution_arn: ExecutionArn::parse(&wire.execution_arn).map_err(undecodable)?,
        start_date: Timestamp::from_wire(wire.start_date),
    })
}
