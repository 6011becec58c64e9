//! `GetExecutionHistory`.

use serde::Deserialize;

use crate::actions::checks::{execution, invalid_token, no_such_execution, page_size, read};
use crate::gateway::Gateway;
use crate::responses::{self, ServiceError};
use crate::timestamp::Timestamp;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GetExecutionHistoryInput {
    execution_arn: Option<String>,
    max_results: Option<usize>,
    #[serde(default)]
    reverse_order: bool,
    #[serde(default = "default_true")]
    include_execution_data: bool,
    next_token: Option<String>,
}

fn default_true() -> bool {
    true
}

/// `GetExecutionHistory`. The token is the id of the last event of the previous page.
pub(super) fn get_execution_history(gateway: &Gateway, body: &[u8], now: Timestamp) -> Result<String, ServiceError> {
    let wire: GetExecutionHistoryInput = read(body)?;
    let arn = execution(wire.execution_arn)?;
    let max = page_size(wire.max_results)?;
    let after = wire.next_token.map(|token| token.parse::<usize>().map_err(|_| invalid_token())).transpose()?;
    let entry = gateway.registry().find(&arn).ok_or_else(|| no_such_execution(&arn))?;
    let mut events = entry.history(now);
    if wire.reverse_order {
        events.reverse();
    }
    let is_after = |id: usize| after.is_none_or(|last| if wire.reverse_order { id < last } else { id > last });
    events.retain(|event| is_after(event.id));
    let next = events.get(max).and_then(|_| events.get(max - 1)).map(|last| last.id.to_string());
    events.truncate(max);
    Ok(responses::history(&events, wire.include_execution_data, next))
}
