//! What the doctor examines.

use std::path::PathBuf;
use std::time::Duration;

use stepgate_core::domain::{EarlierExecutions, Endpoint, ExecutionName, Machine, Timestamp};
use stepgate_core::rate_limit::LogTurns;

/// Maximum pause between requests, even if the rate limit is lower.
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// An endpoint and its machines.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    /// The endpoint.
    pub endpoint: &'a Endpoint,
    /// Its machines in the configuration.
    pub machines: Vec<&'a Machine>,
    /// Its latest executions in the store, if there is a store.
    pub earlier: Option<EarlierExecutions>,
    /// The folder of the store, if there is one: its processes share the rate limit of log requests.
    pub store: Option<PathBuf>,
    /// A name that no execution has.
    pub unused_name: ExecutionName,
    /// Returns the current time.
    pub clock: fn() -> Timestamp,
}

impl Target<'_> {
    /// Returns the pause between requests about executions: all users of the account share its quota.
    pub(super) fn pause(&self) -> Duration {
        let pause = Duration::try_from_secs_f64(1.0 / self.endpoint.watch.requests_per_second).unwrap_or(MAX_PAUSE);
        pause.min(MAX_PAUSE)
    }

    /// Waits until a log request is allowed.
    pub(super) async fn wait_for_log_turn(&self) {
        LogTurns::new(self.store.as_deref(), &self.endpoint.gateway()).wait_for_turn().await;
    }
}
