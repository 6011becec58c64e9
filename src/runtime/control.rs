//! Stops and redrives executions, with retries, and requests their status afterwards.

use std::time::Duration;

use crate::app::control::StopReason;
use stepgate_core::domain::{ExecutionArn, Failure, FailureKind, Observation, Timestamp, Unreachable};
use stepgate_core::gateway::Client;
use stepgate_core::lifecycle::control::{ControlResult, was_redriven};
use stepgate_core::lifecycle::{attribution, backoff};

/// Pauses before status requests after a stop: `DescribeExecution` is eventually consistent.
const STATUS_PAUSES: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(200), Duration::from_millis(600), Duration::from_millis(1_200)];

/// How long to wait for the status after a stop.
const STATUS_TIMEOUT: Duration = Duration::from_secs(5);

/// A request that changes an execution.
#[derive(Debug, Clone)]
pub(super) enum Request {
    /// `StopExecution`.
    Stop(StopReason),
    /// `RedriveExecution`, with its `clientToken` and the last observation of the execution.
    Redrive(String, Option<Box<Observation>>),
}

impl Request {
    /// Sends the request, with retries.
    pub(super) async fn send(&self, client: &Client, arn: &ExecutionArn) -> Result<ControlResult, Failure> {
        match self {
            Self::Stop(reason) => {
                let date = stop(client, arn, reason).await?;
                Ok(ControlResult { date, seen: after_stop(client, arn).await.ok().map(Box::new) })
            }
            Self::Redrive(token, before) => {
                Ok(ControlResult { date: redrive(client, arn, before.as_deref(), token).await?, seen: None })
            }
        }
    }
}

/// Stops an execution. A second stop is harmless, so transient failures are retried.
async fn stop(client: &Client, arn: &ExecutionArn, reason: &StopReason) -> Result<Option<Timestamp>, Failure> {
    let mut attempt = 1;
    loop {
        let failure = match client.stop(arn, reason.error.as_deref(), reason.cause.as_deref()).await {
            Ok(date) => return Ok(date),
            Err(failure) => failure,
        };
        let Some(pause) = backoff::retry_delay(attempt, &failure, fastrand::f64()) else { return Err(failure) };
        attempt += 1;
        tokio::time::sleep(pause).await;
    }
}

/// Redrives an execution and returns the redrive date, if the response has one; `before` is its last observation. The
/// `clientToken` makes a retry harmless only if the gateway passes it on, so if the outcome is unknown, the status is
/// requested before a retry.
pub(crate) async fn redrive(
    client: &Client,
    arn: &ExecutionArn,
    before: Option<&Observation>,
    token: &str,
) -> Result<Option<Timestamp>, Failure> {
    let mut attempt = 1;
    loop {
        let failure = match client.redrive(arn, token).await {
            Ok(date) => return Ok(date),
            Err(failure) => failure,
        };
        let Some(pause) = backoff::retry_delay(attempt, &failure, fastrand::f64()) else { return Err(failure) };
        attempt += 1;
        tokio::time::sleep(pause).await;
        if failure.leaves_outcome_open()
            && let Ok(seen) = client.status(arn).await
            && attribution::check_status(arn, &seen.subject).is_none()
            && was_redriven(before, &seen)
        {
            return Ok(seen.redrive.date);
        }
    }
}

/// Returns the status of a stopped execution once it has ended, or else the last observation.
pub(crate) async fn after_stop(client: &Client, arn: &ExecutionArn) -> Result<Observation, Failure> {
    let mut last = Err(Failure::without_response(FailureKind::Unreachable(Unreachable::Deadline), ""));
    let polling = async {
        for pause in STATUS_PAUSES {
            tokio::time::sleep(pause).await;
            let seen = client.status(arn).await.and_then(|seen| match attribution::check_status(arn, &seen.subject) {
                Some(failure) => Err(failure),
                None => Ok(seen),
            });
            let is_ended = seen.as_ref().is_ok_and(Observation::is_ended);
            if seen.is_ok() || last.is_err() {
                last = seen;
            }
            if is_ended {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(STATUS_TIMEOUT, polling).await;
    last
}
