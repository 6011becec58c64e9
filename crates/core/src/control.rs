//! Stops and redrives executions, with retries, and requests their status afterwards. `lifecycle::control` decides what
//! the responses mean.

use std::time::Duration;

use crate::domain::{ExecutionArn, Failure, FailureKind, Observation, Permit, StopReason, Timestamp, Unreachable};
use crate::gateway::Client;
use crate::lifecycle::control::{ControlResult, was_redriven};
use crate::lifecycle::{attribution, backoff};

/// Pauses before status requests after a stop: `DescribeExecution` is eventually consistent.
const STATUS_PAUSES: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(200), Duration::from_millis(600), Duration::from_millis(1_200)];

/// How long to wait for the status after a stop.
const STATUS_TIMEOUT: Duration = Duration::from_secs(5);

/// A request that changes an execution.
#[derive(Debug, Clone)]
pub enum ControlRequest {
    /// `StopExecution`.
    Stop(StopReason),
    /// `RedriveExecution`, with its `clientToken` and the last observation of the execution.
    Redrive(String, Option<Box<Observation>>),
}

impl ControlRequest {
    /// Sends the request, with retries. After a stop, the status is requested as well.
    pub async fn send(&self, client: &Client, arn: &ExecutionArn, permit: &Permit) -> Result<ControlResult, Failure> {
        match self {
            Self::Stop(reason) => {
                let date = stop(client, arn, permit, reason, |_: &Failure| {}).await?;
                Ok(ControlResult { date, seen: after_stop(client, arn).await.ok().map(Box::new) })
            }
            Self::Redrive(token, before) => {
                Ok(ControlResult { date: redrive(client, arn, permit, before.as_deref(), token).await?, seen: None })
            }
        }
    }
}

/// Stops an execution. A second stop is harmless, so transient failures are retried; `on_retry` is called before the
/// first retry.
pub async fn stop(
    client: &Client,
    arn: &ExecutionArn,
    _permit: &Permit,
    reason: &StopReason,
    on_retry: impl FnOnce(&Failure),
) -> Result<Option<Timestamp>, Failure> {
    let mut retries = Retries::new(on_retry);
    loop {
        match client.stop(arn, reason.error.as_deref(), reason.cause.as_deref()).await {
            Ok(date) => return Ok(date),
            Err(failure) => retries.wait_or_fail(failure).await?,
        }
    }
}

/// The retries of one request that is safe to repeat, after transient failures. An unreadable response is not one: it
/// would be unreadable again.
pub struct Retries<F> {
    attempt: u32,
    on_first: Option<F>,
}

impl<F: FnOnce(&Failure)> Retries<F> {
    /// `on_first` is called before the first retry.
    pub fn new(on_first: F) -> Self {
        Self { attempt: 1, on_first: Some(on_first) }
    }

    /// Waits until the request may be repeated. Returns the failure if a retry is useless.
    pub async fn wait_or_fail(&mut self, failure: Failure) -> Result<(), Failure> {
        let Some(pause) = backoff::read_retry_delay(self.attempt, &failure, fastrand::f64()) else {
            return Err(failure);
        };
        if let Some(on_first) = self.on_first.take() {
            on_first(&failure);
        }
        self.attempt += 1;
        tokio::time::sleep(pause).await;
        Ok(())
    }
}

/// Redrives an execution and returns the redrive date, if the response has one; `before` is its last observation. The
/// `clientToken` makes a retry harmless only if the gateway passes it on, so if the outcome is unknown, the status is
/// requested before a retry.
pub async fn redrive(
    client: &Client,
    arn: &ExecutionArn,
    _permit: &Permit,
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
pub async fn after_stop(client: &Client, arn: &ExecutionArn) -> Result<Observation, Failure> {
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
