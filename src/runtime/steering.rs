//! Stopping and redriving: one request, sent again when that may go better, and a look at what came of it.

use std::time::Duration;

use crate::app::steer::Told;
use crate::domain::{ExecutionArn, Failure, Observation};
use crate::gateway::Client;
use crate::lifecycle::control::Controlled;
use crate::lifecycle::{attribution, retry};

/// When the status is asked for after a stop: `DescribeExecution` is eventually consistent.
const LOOKS: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(200), Duration::from_millis(600), Duration::from_millis(1_200)];

/// What is asked for.
#[derive(Debug, Clone)]
pub(super) enum Request {
    /// `StopExecution`.
    Stop(Told),
    /// `RedriveExecution`, with its `clientToken`.
    Redrive(String),
}

impl Request {
    /// Sends it until there is an answer that stays.
    pub(super) async fn carry_out(&self, client: &Client, arn: &ExecutionArn) -> Result<Controlled, Failure> {
        let mut attempt = 1;
        let date = loop {
            let result = match self {
                Self::Stop(told) => client.stop(arn, told.error.as_deref(), told.cause.as_deref()).await,
                Self::Redrive(token) => client.redrive(arn, token).await,
            };
            let pause = result.as_ref().err().and_then(|failure| retry::pause(attempt, failure, fastrand::f64()));
            let Some(pause) = pause else { break result? };
            attempt += 1;
            tokio::time::sleep(pause).await;
        };
        let seen = match self {
            Self::Stop(_) => after_stop(client, arn).await.map(Box::new),
            Self::Redrive(_) => None,
        };
        Ok(Controlled { date, seen })
    }
}

/// How an execution has ended after it was stopped; what was seen last if it has not, or nothing if it cannot be told.
pub async fn after_stop(client: &Client, arn: &ExecutionArn) -> Option<Observation> {
    let mut last = None;
    for pause in LOOKS {
        tokio::time::sleep(pause).await;
        let Ok(seen) = client.status(arn).await else { continue };
        if attribution::of_status(arn, &seen.subject).is_some() {
            return None;
        }
        let has_ended = seen.is_ended();
        last = Some(seen);
        if has_ended {
            break;
        }
    }
    last
}
