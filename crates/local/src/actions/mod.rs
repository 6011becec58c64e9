//! The actions of Step Functions that the local gateway has, one a file: from a request's body to an answer's.

mod checks;
mod definition;
mod describe;
mod history;
mod list;
mod redrive;
mod start;
mod stop;

use crate::answers::ServiceError;
use crate::gateway::Gateway;
use crate::timestamp::Timestamp;

/// What an action does with a request's body.
pub(super) type Action = fn(&Gateway, &[u8], Timestamp) -> Result<String, ServiceError>;

/// The action of a route, by the path below the stage.
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
