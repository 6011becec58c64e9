//! `StartSyncExecution`.

use std::sync::Arc;

use crate::actions::start::{CheckedStart, check};
use crate::express::ExpressExecution;
use crate::gateway::Gateway;
use crate::machines::MachineType;
use crate::responses::ServiceError;
use crate::timestamp::Timestamp;

/// `StartSyncExecution`, for EXPRESS machines only. Each request is a new execution, also with the same name.
pub(super) fn start_sync_execution(
    gateway: &Gateway,
    body: &[u8],
    now: Timestamp,
) -> Result<Arc<ExpressExecution>, ServiceError> {
    let CheckedStart { arn, machine, name, input } = check(gateway, body, Some(MachineType::Express))?;
    Ok(gateway.express().start(arn, Arc::clone(&machine.loaded), name, input, now))
}
