//! `GetExecutionHistory`.

use serde::Deserialize;

use crate::actions::checks::{execution, invalid_token, no_such_execution, page, read};
use crate::answers::{self, ServiceError};
use crate::gateway::Gateway;
use crate::timestamp::Timestamp;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GetExecutionHistoryInput {
    execution_arn: Option<String>,
    max_results: Option<usize>,
    #[serde(default)]
    reverse_order: bool,
    #[serde(default = "yes")]
    include_execution_data: bool,
    next_token: Option<String>,
}

fn yes() -> bool {
    true
}

/// `GetExecutionHistory`. The token is the id of the last event of the page before.
pub(super) fn get_execution_history(gateway: &Gateway, body: &[u8], now: Timestamp) -> Result<String, ServiceError> {
    let wire: GetExecutionHistoryInput = read(body)?;
    let arn = execution(wire.execution_arn)?;
    let most = page(wire.max_results)?;
    let behind = wire.next_token.map(|token| token.parse::<usize>().map_err(|_| invalid_token())).transpose()?;
    let entry = gateway.registry().find(&arn).ok_or_else(|| no_such_execution(&arn))?;
    let mut events = entry.history(now);
    if wire.reverse_order {
        events.reverse();
    }
    let is_behind = |id: usize| behind.is_none_or(|last| if wire.reverse_order { id < last } else { id > last });
    events.retain(|event| is_behind(event.id));
    let next = events.get(most).and_then(|_| events.get(most - 1)).map(|last| last.id.to_string());
    events.truncate(most);
    Ok(answers::history(&events, wire.include_execution_data, next))
}
