//! Stopping and redriving: one request, sent again when that may go better.

use crate::app::steer::Told;
use crate::domain::{ExecutionArn, Failure, Timestamp};
use crate::gateway::{Client, retry};

/// What is asked for.
#[derive(Debug, Clone)]
pub(super) enum Request {
    /// `StopExecution`.
    Stop(Told),
    /// `RedriveExecution`, with its `clientToken`.
    Redrive(String),
}

impl Request {
    /// Sends it until there is an answer that stays, and returns when it was done.
    pub(super) async fn carry_out(&self, client: &Client, arn: &ExecutionArn) -> Result<Timestamp, Failure> {
        let mut attempt = 1;
        loop {
            let result = match self {
                Self::Stop(told) => client.stop(arn, told.error.as_deref(), told.cause.as_deref()).await,
                Self::Redrive(token) => client.redrive(arn, token).await,
            };
            let pause = result.as_ref().err().and_then(|failure| retry::pause(attempt, failure, fastrand::f64()));
            let Some(pause) = pause else { return result };
            attempt += 1;
            tokio::time::sleep(pause).await;
        }
    }
}
