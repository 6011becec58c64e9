//! The actions of Step Functions that the local gateway supports, one per file.

mod checks;
mod definition;
mod describe;
mod history;
mod list;
mod redrive;
mod start;
mod stop;

use crate::gateway::Gateway;
use crate::responses::ServiceError;
use crate::timestamp::Timestamp;

/// Handles the body of a request and returns the body of the response.
pub(super) type Action = fn(&Gateway, &[u8], Timestamp) -> Result<String, ServiceError>;

/// Returns the action of a route, by its path below the stage.
pub(super) fn action(route: &str) -> Option<Action> {
    Some(match route {
        "execution" => start::start_execution,
        "execution/status" => describe::describe_execution,
        "execution/stop" => stop::stop_execution,
        "execution/redrive" => redrive::redrive_execution,
        "execution/history" => history::get_execution_history,
        "execution/definition" => definition::describe_state_machine,
        "executions" => list::list_executions,
        _ => return None,
    })
}
