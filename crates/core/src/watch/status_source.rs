//! What the watcher polls, and what it shares with other processes of stepgate.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::{
    EndpointName, ExecutionArn, Failure, GatewayFacts, HistoryEvent, HistoryQuery, ListQuery, ListedExecution,
    LogEvent, LogQuery, Observation, Paged, Route, StateMachineArn, Status, Timestamp, WatchLimits,
};
use crate::gateway::Client;
use crate::lifecycle::Context;
use crate::rate_limit::SharedRateLimit;
use crate::watch::schedule::Sweep;

/// Maximum page size of `ListExecutions` (API reference, `maxResults`).
const MOST_ON_A_PAGE: usize = 1_000;
/// Number of executions in a list of the latest ones.
const LATEST: usize = 100;

/// A gateway, as the watcher sees it.
pub trait StatusSource: Send + Sync + 'static {
    /// Sends one status request.
    fn status(&self, execution: &ExecutionArn) -> impl Future<Output = Result<Observation, Failure>> + Send;
    /// Requests a page of a machine's running executions.
    fn running(&self, sweep: Sweep) -> impl Future<Output = Result<Paged<ExecutionArn>, Failure>> + Send;
    /// Requests the latest executions of a machine, including those started by others.
    fn latest(&self, machine: StateMachineArn) -> impl Future<Output = Result<Vec<ListedExecution>, Failure>> + Send;
    /// Requests a page of an execution's history.
    fn history(&self, query: HistoryQuery) -> impl Future<Output = Result<Paged<HistoryEvent>, Failure>> + Send;
    /// Requests a page of a machine's log.
    fn logs(&self, query: LogQuery) -> impl Future<Output = Result<Paged<LogEvent>, Failure>> + Send;
    /// Returns whether it reads logs.
    fn reads_logs(&self) -> bool;
    /// Returns the rate limits.
    fn limits(&self) -> WatchLimits;
    /// Returns whether it lists executions.
    fn lists(&self) -> bool;
    /// Returns what is known beside its responses. The caller sets the time.
    fn context(&self) -> Context {
        Context::default()
    }
    /// Stores what responses have shown about the gateway.
    fn learn(&self, _: GatewayFacts) {}
    /// Returns whether requests fail until there are new credentials.
    fn needs_credentials(&self) -> bool {
        false
    }
    /// Returns whether requests are waiting for credentials.
    fn awaits_credentials(&self) -> bool {
        false
    }
    /// Waits for the next successful request to the endpoint, from any sender.
    fn next_success(&self) -> impl Future<Output = ()> + Send {
        std::future::pending()
    }
    /// Waits for new credentials.
    fn credentials_renewed(&self) -> impl Future<Output = ()> + Send {
        std::future::pending()
    }
}

impl StatusSource for Client {
    fn status(&self, execution: &ExecutionArn) -> impl Future<Output = Result<Observation, Failure>> + Send {
        Client::status(self, execution)
    }

    async fn running(&self, sweep: Sweep) -> Result<Paged<ExecutionArn>, Failure> {
        let Sweep { machine, token } = sweep;
        let query = ListQuery { machine, status: Some(Status::Running), page_size: MOST_ON_A_PAGE, token };
        let page = self.list(&query).await?;
        Ok(Paged { items: page.items.into_iter().map(|listed| listed.arn).collect(), next: page.next })
    }

    async fn latest(&self, machine: StateMachineArn) -> Result<Vec<ListedExecution>, Failure> {
        let query = ListQuery { machine, status: None, page_size: LATEST, token: None };
        self.list(&query).await.map(|page| page.items)
    }

    async fn history(&self, query: HistoryQuery) -> Result<Paged<HistoryEvent>, Failure> {
        Client::history(self, &query).await
    }

    async fn logs(&self, query: LogQuery) -> Result<Paged<LogEvent>, Failure> {
        Client::logs(self, &query).await
    }

    fn reads_logs(&self) -> bool {
        self.endpoint().route(Route::Logs).is_some()
    }

    fn limits(&self) -> WatchLimits {
        self.endpoint().watch
    }

    fn lists(&self) -> bool {
        self.endpoint().route(Route::List).is_some()
    }

    fn context(&self) -> Context {
        Context {
            offset: self.clock_offset(),
            facts: self.facts(),
            configured: self.endpoint().names,
            has_list: self.lists(),
            ..Context::default()
        }
    }

    fn learn(&self, facts: GatewayFacts) {
        Client::learn(self, facts);
    }

    fn needs_credentials(&self) -> bool {
        Client::needs_credentials(self)
    }

    fn awaits_credentials(&self) -> bool {
        Client::awaits_credentials(self)
    }

    fn next_success(&self) -> impl Future<Output = ()> + Send {
        Client::next_success(self)
    }

    fn credentials_renewed(&self) -> impl Future<Output = ()> + Send {
        Client::credentials_renewed(self)
    }
}

/// What the watcher shares with other processes of stepgate.
pub trait Shared: Send + Sync + 'static {
    /// Returns the durations of earlier executions of a machine, earliest first.
    fn durations(&self, endpoint: EndpointName, machine: StateMachineArn)
    -> impl Future<Output = Vec<Duration>> + Send;
    /// Stores what responses have shown about a gateway.
    fn learned(&self, endpoint: &EndpointName, facts: GatewayFacts);
    /// Returns the local time.
    fn now(&self) -> Timestamp;
    /// Returns the rate limit of a route, shared with other processes.
    fn shared_limit(&self, endpoint: &EndpointName, route: Route) -> Option<Arc<dyn SharedRateLimit>>;
}
