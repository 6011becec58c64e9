//! Inputs: each is stored once with its start, and then belongs to the execution.

use std::collections::HashSet;

use rusqlite::{Connection, params};

use crate::domain::{EarlierInput, ExecutionArn, GatewayId, Payload, StartRequestId, StateMachineArn, Timestamp};

/// For queries of `executions`: the sent input, if this store has the start. Older versions stored it in the start's
/// own row.
pub(super) const SENT: &str = "(SELECT coalesce(i.input, s.input) FROM starts s LEFT JOIN inputs i ON i.start = s.id \
                               WHERE s.place = executions.place AND s.arn = executions.arn ORDER BY s.id LIMIT 1)";

/// Maximum number of executions to read earlier inputs from.
const LAST: usize = 200;

/// Stores the input of a start.
pub(super) fn insert(connection: &Connection, start: StartRequestId, input: &str) -> rusqlite::Result<()> {
    let sql = "INSERT INTO inputs (start, input) VALUES (?1, ?2)";
    connection.prepare_cached(sql)?.execute(params![start.0, input]).map(drop)
}

/// Deletes the input of a start.
pub(super) fn delete(connection: &Connection, start: StartRequestId) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM inputs WHERE start = ?1")?.execute([start.0]).map(drop)
}

/// Returns the distinct inputs of the last executions of a machine, newest first.
pub(super) fn last(
    connection: &Connection,
    gateway: &GatewayId,
    machine: &StateMachineArn,
) -> rusqlite::Result<Vec<EarlierInput>> {
    let sql = format!(
        "SELECT arn, started, coalesce(sent, {SENT}, input) FROM executions \
         LEFT JOIN payloads ON payloads.execution = executions.id \
         WHERE place = ?1 AND machine_arn = ?2 ORDER BY started DESC, id DESC"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([gateway.as_str(), machine.as_str()])?;
    let (mut inputs, mut seen, mut read) = (Vec::new(), HashSet::new(), 0);
    while read < LAST
        && let Some(row) = rows.next()?
    {
        let (arn, started, input): (String, i64, Option<String>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (Ok(arn), Some(input)) = (ExecutionArn::parse(&arn), input.map(Payload::received)) else { continue };
        read += 1;
        if seen.insert(input.clone()) {
            inputs.push(EarlierInput { arn, started: Timestamp::from_millis(started), input });
        }
    }
    Ok(inputs)
}
