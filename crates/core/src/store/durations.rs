//! Durations of a machine's executions.

use std::time::Duration;

use rusqlite::{Connection, params};

use crate::domain::{GatewayId, StateMachineArn};

/// Number of executions: more than the watcher's model remembers.
const LAST: i64 = 1_000;

/// Returns the durations of the last executions that ended on their own, earliest first, including those started
/// through a version or alias of the machine.
pub(super) fn last(
    connection: &Connection,
    gateway: &GatewayId,
    machine: &StateMachineArn,
) -> rusqlite::Result<Vec<Duration>> {
    // One index range for each: `;` follows `:`. The running time of redriven executions is unknown.
    let of = |condition: &str| {
        format!(
            "SELECT started, stopped - started FROM executions WHERE standing = 1 AND place = ?1 AND {condition} \
             AND stopped >= started AND coalesce(redrive_count, 0) = 0 AND status <> 'ABORTED' \
             ORDER BY started DESC LIMIT ?3"
        )
    };
    let (machine, gateway) = (machine.as_str(), gateway.as_str());
    let mut found: Vec<(i64, i64)> = Vec::new();
    for condition in ["machine_arn = ?2", "machine_arn > ?2 || ':' AND machine_arn < ?2 || ';'"] {
        let mut statement = connection.prepare_cached(&of(condition))?;
        let rows = statement.query_map(params![gateway, machine, LAST], |row| Ok((row.get(0)?, row.get(1)?)))?;
        found.extend(rows.collect::<rusqlite::Result<Vec<_>>>()?);
    }
    found.sort_unstable();
    Ok(found.into_iter().map(|(_, millis)| Duration::from_millis(millis.unsigned_abs())).collect())
}
