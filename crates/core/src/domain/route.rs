//! The routes of an endpoint: one path for each AWS action. `route_path` has their placeholders.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::shown_path::shown_path;

/// API Gateway's limit for an integration, unless the account has raised it.
const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(29);

/// A route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Route {
    /// `StartExecution`.
    Start,
    /// `DescribeExecution`.
    Status,
    /// `StopExecution`.
    Stop,
    /// `RedriveExecution`.
    Redrive,
    /// `GetExecutionHistory`.
    History,
    /// `ListExecutions`.
    List,
    /// `DescribeStateMachineForExecution`.
    Definition,
    /// `StartSyncExecution`, for EXPRESS machines.
    Sync,
    /// `FilterLogEvents` of `CloudWatch` Logs, on the log group of an EXPRESS machine.
    Logs,
    /// `ListStateMachines`.
    Machines,
}

/// What the requests of a route are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteSubject {
    /// A new execution: each request may start one.
    Start,
    /// An execution.
    Execution,
    /// A machine.
    Machine,
    /// All machines of the account and region.
    Account,
}

impl Route {
    /// All routes; the first two are mandatory.
    pub const ALL: [Self; 10] = [
        Self::Start,
        Self::Status,
        Self::Stop,
        Self::Redrive,
        Self::History,
        Self::List,
        Self::Definition,
        Self::Sync,
        Self::Logs,
        Self::Machines,
    ];

    /// Returns the key in `[endpoints.NAME.routes]`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Status => "status",
            Self::Stop => "stop",
            Self::Redrive => "redrive",
            Self::History => "history",
            Self::List => "list",
            Self::Definition => "definition",
            Self::Sync => "sync",
            Self::Logs => "logs",
            Self::Machines => "machines",
        }
    }

    /// Returns the AWS action; all but `FilterLogEvents` are of Step Functions.
    pub fn action(self) -> &'static str {
        match self {
            Self::Start => "StartExecution",
            Self::Status => "DescribeExecution",
            Self::Stop => "StopExecution",
            Self::Redrive => "RedriveExecution",
            Self::History => "GetExecutionHistory",
            Self::List => "ListExecutions",
            Self::Definition => "DescribeStateMachineForExecution",
            Self::Sync => "StartSyncExecution",
            Self::Logs => "FilterLogEvents",
            Self::Machines => "ListStateMachines",
        }
    }

    /// Returns the path in the template and the local gateway.
    pub fn default_path(self) -> &'static str {
        match self {
            Self::Start => "/execution",
            Self::Status => "/execution/status",
            Self::Stop => "/execution/stop",
            Self::Redrive => "/execution/redrive",
            Self::History => "/execution/history",
            Self::List => "/executions",
            Self::Definition => "/execution/definition",
            Self::Sync => "/execution/sync",
            Self::Logs => "/execution/logs",
            Self::Machines => "/machines",
        }
    }

    /// Returns what its requests are about.
    pub fn subject(self) -> RouteSubject {
        match self {
            Self::Start | Self::Sync => RouteSubject::Start,
            Self::Status | Self::Stop | Self::Redrive | Self::History | Self::Definition => RouteSubject::Execution,
            Self::List | Self::Logs => RouteSubject::Machine,
            Self::Machines => RouteSubject::Account,
        }
    }
}

/// The HTTP method of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// With a body.
    #[default]
    Post,
    /// Without a body.
    Get,
}

impl Method {
    /// Returns the word of HTTP.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Get => "GET",
        }
    }
}

/// How the gateway wants the requests of a route, and how its responses are read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RouteSettings {
    /// The path, with a query if it has one, and placeholders such as `{executionArn}`.
    pub path: String,
    /// The method.
    pub method: Method,
    /// The jq filter that turns the action's request into the body; `None` sends the action's request.
    pub request: Option<Arc<str>>,
    /// The jq filter that turns the body of a successful response into the action's response.
    pub answer: Option<Arc<str>>,
    /// For `sync`: how long the gateway waits for the end of the execution; `None` for API Gateway's 29 s.
    pub timeout: Option<Duration>,
}

impl From<&str> for RouteSettings {
    fn from(path: &str) -> Self {
        Self { path: path.to_owned(), ..Self::default() }
    }
}

impl RouteSettings {
    /// Returns how long the gateway waits for the end of an execution, if this is the route `sync`.
    pub fn sync_timeout(&self) -> Duration {
        self.timeout.unwrap_or(INTEGRATION_TIMEOUT)
    }

    /// Returns whether the gateway has a path or responses of its own, so that its errors may be its own as well.
    pub fn is_own(&self, route: Route) -> bool {
        self.path != route.default_path() || self.answer.is_some()
    }

    /// Returns method and path, for messages.
    pub fn line(&self) -> String {
        format!("{} {}", self.method.as_str(), shown_path(&self.path))
    }
}

/// The optional routes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OptionalRoutes {
    /// `StopExecution`.
    pub stop: Option<RouteSettings>,
    /// `RedriveExecution`.
    pub redrive: Option<RouteSettings>,
    /// `GetExecutionHistory`.
    pub history: Option<RouteSettings>,
    /// `ListExecutions`.
    pub list: Option<RouteSettings>,
    /// `DescribeStateMachineForExecution`.
    pub definition: Option<RouteSettings>,
    /// `StartSyncExecution`.
    pub sync: Option<RouteSettings>,
    /// `FilterLogEvents`.
    pub logs: Option<RouteSettings>,
    /// `ListStateMachines`.
    pub machines: Option<RouteSettings>,
}

impl OptionalRoutes {
    /// Returns all of them with the paths of the template and the local gateway.
    pub fn with_default_paths() -> Self {
        let path = |route: Route| Some(route.default_path().into());
        Self {
            stop: path(Route::Stop),
            redrive: path(Route::Redrive),
            history: path(Route::History),
            list: path(Route::List),
            definition: path(Route::Definition),
            sync: path(Route::Sync),
            logs: path(Route::Logs),
            machines: path(Route::Machines),
        }
    }
}
