//! Deletes data older than the retention.

use rusqlite::{Connection, params};

use crate::domain::Timestamp;
use crate::store::{batches, change_log, removal};

/// Deletes a few of the executions that ended before this time, the starts settled before it, batches without starts,
/// and marks of removed executions. Returns the number of deleted rows.
pub(super) fn prune(connection: &Connection, before: Timestamp) -> rusqlite::Result<usize> {
    const FEW: i64 = 500;
    // The end of a given-up execution is unknown: the last response counts.
    let sql = "DELETE FROM executions WHERE id IN (SELECT id FROM executions \
               WHERE coalesce(stopped, answered, started) < ?1 AND standing <> 0 \
               ORDER BY coalesce(stopped, answered, started) LIMIT ?2)";
    let executions = connection.execute(sql, params![before.as_millis(), FEW])?;
    // Those of others are only watched while they are shown, so their end may never be known.
    let sql = "DELETE FROM executions WHERE id IN (SELECT id FROM executions \
               WHERE standing = 0 AND others = 1 AND coalesce(answered, started) < ?1 LIMIT ?2)";
    let executions = executions + connection.execute(sql, params![before.as_millis(), FEW])?;
    if executions > 0 {
        change_log::note_pruning(connection, before)?;
    }
    // The start of an execution is deleted with it, or later. An unresolved EXPRESS start will never be settled.
    let sql = "DELETE FROM starts WHERE id IN (SELECT id FROM starts \
               WHERE (state IN ('confirmed', 'refused', 'never-started') AND settled < ?1 \
               AND NOT EXISTS (SELECT 1 FROM executions e WHERE e.place = starts.place AND e.arn = starts.arn)) \
               OR (state = 'unresolved' AND machine_type = 'EXPRESS' AND sent < ?1) LIMIT ?2)";
    let starts = connection.execute(sql, params![before.as_millis(), FEW])?;
    let batches = if executions + starts == 0 { batches::prune(connection, before, FEW)? } else { 0 };
    let removed = removal::prune(connection, before, FEW)?;
    Ok(executions + starts + batches + removed)
}
