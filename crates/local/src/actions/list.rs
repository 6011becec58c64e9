//! `ListExecutions`.

use std::cmp::Reverse;
use std::sync::Arc;

use serde::Deserialize;

use crate::actions::checks::{
    invalid_arn, invalid_token, missing, no_such_machine, page_size, read, type_not_supported,
};
use crate::arn::StateMachineArn;
use crate::gateway::Gateway;
use crate::machines::MachineType;
use crate::registry::Entry;
use crate::responses::{self, ServiceError};
use crate::timestamp::Timestamp;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListExecutionsInput {
    state_machine_arn: Option<String>,
    status_filter: Option<String>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

/// `ListExecutions`, newest first. The token is the start and the name of the last execution of the previous
/// page, so that new executions do not shift the pages.
pub(super) fn list_executions(gateway: &Gateway, body: &[u8], now: Timestamp) -> Result<String, ServiceError> {
    let wire: ListExecutionsInput = read(body)?;
    let text = wire.state_machine_arn.ok_or_else(|| missing("stateMachineArn"))?;
    let machine = StateMachineArn::parse(&text).map_err(|error| invalid_arn(&text, &error))?.unqualified();
    let max = page_size(wire.max_results)?;
    let filter = wire.status_filter.map(|word| match word.as_str() {
        "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED" | "PENDING_REDRIVE" => Ok(word),
        _ => Err(ServiceError::validation(&format!(
            "Value '{word}' at 'statusFilter' failed to satisfy constraint: Member must satisfy enum value set: \
             [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]"
        ))),
    });
    let filter = filter.transpose()?;
    let after = wire.next_token.map(|token| {
        let (start, name) = token.split_once(' ').ok_or_else(invalid_token)?;
        Ok((Reverse(start.parse::<i64>().map_err(|_| invalid_token())?), name.to_owned()))
    });
    let after = after.transpose()?;
    let known = gateway.machines().get(&machine).ok_or_else(|| no_such_machine(&machine))?;
    if known.machine_type == MachineType::Express {
        return Err(type_not_supported());
    }
    let mut found = gateway.registry().all();
    found.retain(|entry| entry.machine.unqualified() == machine);
    found.retain(|entry| filter.as_ref().is_none_or(|word| responses::status(entry, now) == word));
    found.sort_by_cached_key(|entry| (Reverse(entry.start.as_millis()), entry.arn.name().to_owned()));
    let key = |entry: &Arc<Entry>| (Reverse(entry.start.as_millis()), entry.arn.name().to_owned());
    found.retain(|entry| after.as_ref().is_none_or(|last| key(entry) > *last));
    let next = found.get(max).and_then(|_| found.get(max - 1));
    let next = next.map(|last| format!("{} {}", last.start.as_millis(), last.arn.name()));
    found.truncate(max);
    Ok(responses::listed(&found, now, next))
}
