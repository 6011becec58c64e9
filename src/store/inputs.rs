//! What the executions of a machine were started with.

use std::collections::HashSet;

use rusqlite::{Connection, params};

use crate::domain::{EarlierInput, ExecutionArn, Payload, Place, StateMachineArn, Timestamp};

/// So many of the last executions are looked at.
const LAST: i64 = 200;

/// The inputs of the last executions that were started there, the newest first, each once.
pub(super) fn last(
    connection: &Connection,
    place: &Place,
    machine: &StateMachineArn,
) -> rusqlite::Result<Vec<EarlierInput>> {
    let mut statement = connection.prepare_cached(
        "SELECT executions.arn, executions.started, coalesce(payloads.sent, payloads.input) FROM executions \
         JOIN payloads ON payloads.execution = executions.id \
         WHERE executions.place = ?1 AND executions.machine_arn = ?2 AND payloads.input IS NOT NULL \
         ORDER BY executions.started DESC, executions.id DESC LIMIT ?3",
    )?;
    let rows = statement.query_map(params![place.as_str(), machine.as_str(), LAST], |row| {
        let (arn, started, input): (String, i64, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok((arn, Timestamp::from_millis(started), Payload::received(input)))
    })?;
    let (mut inputs, mut seen) = (Vec::new(), HashSet::new());
    for row in rows {
        let (arn, started, input) = row?;
        if let (Ok(arn), true) = (ExecutionArn::parse(&arn), seen.insert(input.clone())) {
            inputs.push(EarlierInput { arn, started, input });
        }
    }
    Ok(inputs)
}
