//! The actions that the local gateway supports, one per file: those of Step Functions, and `FilterLogEvents` of CloudWatch
//! Logs.

mod checks;
mod definition;
mod describe;
mod history;
mod list;
mod logs;
mod machines;
mod redrive;
mod start;
mod stop;
mod sync;

use std::sync::Arc;

use crate::express::ExpressExecution;
use crate::gateway::Gateway;
use crate::responses::ServiceError;
use crate::timestamp::Timestamp;

/// Handles the body of a request.
type Handler<T> = fn(&Gateway, &[u8], Timestamp) -> Result<T, ServiceError>;

/// An action, by when it responds.
pub(super) enum Action {
    /// At once, with this body.
    Immediate(Handler<String>),
    /// When the execution has ended.
    Sync(Handler<Arc<ExpressExecution>>),
}

/// Returns the action of a route, by its path below the stage.
pub(super) fn action(route: &str) -> Option<Action> {
    let handler = match route {
        "execution/sync" => return Some(Action::Sync(sync::start_sync_execution)),
        "execution/logs" => logs::filter_log_events,
        "machines" => machines::list_state_machines,
        "execution" => start::start_execution,
        "execution/status" => describe::describe_execution,
        "execution/stop" => stop::stop_execution,
        "execution/redrive" => redrive::redrive_execution,
        "execution/history" => history::get_execution_history,
        "execution/definition" => definition::describe_state_machine,
        "executions" => list::list_executions,
        _ => return None,
    };
    Some(Action::Immediate(handler))
}

#[cfg(test)]
mod tests;
