//! `ListStateMachines`.

use serde::Deserialize;

use crate::actions::checks::{invalid_token, page_size, read};
use crate::gateway::Gateway;
use crate::responses::{self, ServiceError};
use crate::timestamp::Timestamp;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListStateMachinesInput {
    max_results: Option<usize>,
    next_token: Option<String>,
}

/// `ListStateMachines`. The token is the name of the last machine of the previous page.
pub(super) fn list_state_machines(gateway: &Gateway, body: &[u8], _: Timestamp) -> Result<String, ServiceError> {
    let wire: ListStateMachinesInput = read(body)?;
    let max = page_size(wire.max_results)?;
    let mut machines: Vec<_> = gateway.machines().list().collect();
    if let Some(last) = wire.next_token {
        let index = machines.iter().position(|(name, ..)| *name == last).ok_or_else(invalid_token)?;
        machines.drain(..=index);
    }
    let next = machines.get(max).and_then(|_| machines.get(max - 1)).map(|(name, ..)| (*name).to_owned());
    machines.truncate(max);
    Ok(responses::machines(&machines, next))
}
