//! The routes of an endpoint: one path for each Step Functions action.

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
}

impl Route {
    /// All routes; the first two are mandatory.
    pub const ALL: [Self; 7] =
        [Self::Start, Self::Status, Self::Stop, Self::Redrive, Self::History, Self::List, Self::Definition];

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
        }
    }

    /// Returns the action of the Step Functions API.
    pub fn action(self) -> &'static str {
        match self {
            Self::Start => "StartExecution",
            Self::Status => "DescribeExecution",
            Self::Stop => "StopExecution",
            Self::Redrive => "RedriveExecution",
            Self::History => "GetExecutionHistory",
            Self::List => "ListExecutions",
            Self::Definition => "DescribeStateMachineForExecution",
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
        }
    }
}

/// Paths of the optional routes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OptionalRoutes {
    /// `StopExecution`.
    pub stop: Option<String>,
    /// `RedriveExecution`.
    pub redrive: Option<String>,
    /// `GetExecutionHistory`.
    pub history: Option<String>,
    /// `ListExecutions`.
    pub list: Option<String>,
    /// `DescribeStateMachineForExecution`.
    pub definition: Option<String>,
}

impl OptionalRoutes {
    /// Returns all five with the paths of the template and the local gateway.
    pub fn with_default_paths() -> Self {
        let path = |route: Route| Some(route.default_path().to_owned());
        Self {
            stop: path(Route::Stop),
            redrive: path(Route::Redrive),
            history: path(Route::History),
            list: path(Route::List),
            definition: path(Route::Definition),
        }
    }
}
