//! Stopping and redriving: one request, sent again when that may go better, and a look at what came of it.

use std::time::Duration;

use crate::app::control::StopReason;
use stepgate_core::domain::{ExecutionArn, Failure, FailureKind, Observation, Timestamp, Unreachable};
use stepgate_core::gateway::Client;
use stepgate_core::lifecycle::control::{ControlResult, was_redriven};
use stepgate_core::lifecycle::{attribution, retry};

/// When the status is asked for after a stop: `DescribeExecution` is eventually consistent.
const LOOKS: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(200), Duration::from_millis(600), Duration::from_millis(1_200)];

/// How long the status after a stop is waited for.
const LONGEST_LOOK: Duration = Duration::from_secs(5);

/// What is asked for.
#[derive(Debug, Clone)]
pub(super) enum Request {
    /// `StopExecution`.
    Stop(StopReason),
    /// `RedriveExecution`, with its `clientToken` and what is known of the execution.
    Redrive(String, Option<Box<Observation>>),
}

impl Request {
    /// Sends it until there is an answer that stays.
    pub(super) async fn carry_out(&self, client: &Client, arn: &ExecutionArn) -> Result<ControlResult, Failure> {
        match self {
            Self::Stop(told) => {
                let date = stop(client, arn, told).await?;
                Ok(ControlResult { date, seen: after_stop(client, arn).await.ok().map(Box::new) })
            }
            Self::Redrive(token, before) => {
                Ok(ControlResult { date: redrive(client, arn, before.as_deref(), token).await?, seen: None })
            }
        }
    }
}

/// Stops an execution. A second stop does no harm, so what may go better is tried again.
async fn stop(client: &Client, arn: &ExecutionArn, told: &StopReason) -> Result<Option<Timestamp>, Failure> {
    let mut attempt = 1;
    loop {
        let failure = match client.stop(arn, told.error.as_deref(), told.cause.as_deref()).await {
            Ok(date) => return Ok(date),
            Err(failure) => failure,
        };
        let Some(pause) = retry::backoff(attempt, &failure, fastrand::f64()) else { return Err(failure) };
        attempt += 1;
        tokio::time::sleep(pause).await;
    }
}

/// Redrives an execution of which `before` is known, and returns when that was, if the response says so. The
/// `clientToken` makes a second request harmless only where the gateway passes it on, so after a response that leaves
/// it open the status is asked for first.
pub async fn redrive(
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
        let Some(pause) = retry::backoff(attempt, &failure, fastrand::f64()) else { return Err(failure) };
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

/// How an execution has ended after it was stopped; what was seen last if it has not.
pub async fn after_stop(client: &Client, arn: &ExecutionArn) -> Result<Observation, Failure> {
    let mut last = Err(Failure::without_response(FailureKind::Unreachable(Unreachable::Deadline), ""));
    let looking = async {
        for pause in LOOKS {
            tokio::time::sleep(pause).await;
            let seen = client.status(arn).await.and_then(|seen| match attribution::check_status(arn, &seen.subject) {
                Some(failure) => Err(failure),
                None => Ok(seen),
            });
            let is_over = seen.as_ref().is_ok_and(Observation::is_ended);
            if seen.is_ok() || last.is_err() {
                last = seen;
            }
            if is_over {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(LONGEST_LOOK, looking).await;
    last
}
