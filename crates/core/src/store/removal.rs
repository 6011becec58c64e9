//! Removing executions from the list, so that no process stores them or shows them again.

use std::collections::BTreeSet;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::domain::{ExecutionArn, GatewayId, StartRequestId, Timestamp};
use crate::store::{Store, StoreError, change_log};

/// How long an execution may run: a year (quotas of Step Functions).
const LONGEST_RUN: Duration = Duration::from_secs(366 * 24 * 3_600);

impl Store {
    /// Returns which of these executions the user has removed, as far as that is written.
    pub async fn removed_of(
        &self,
        gateway: GatewayId,
        arns: Vec<ExecutionArn>,
    ) -> Result<BTreeSet<ExecutionArn>, StoreError> {
        let read = move |connection: &Connection| {
            let mut removed = BTreeSet::new();
            for arn in arns {
                if is_removed(connection, &gateway, &arn)? {
                    removed.insert(arn);
                }
            }
            Ok(removed)
        };
        self.reader.run(read).await
    }
}

/// Deletes an execution with its payloads. Its start stays until it is pruned: a batch must not send it again, and no
/// other start may claim the execution.
///
/// The mark is pruned when the retention has passed since the end of the execution, not since its removal: until then,
/// lists of the gateway may contain it (see [`Store::oldest_kept`]). The end of a running one is not known yet.
pub(super) fn remove(
    connection: &Connection,
    gateway: &GatewayId,
    arn: &ExecutionArn,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let key = [gateway.as_str(), arn.as_str()];
    let sql = "SELECT standing <> 0 FROM executions WHERE place = ?1 AND arn = ?2";
    let has_ended: Option<bool> = connection.prepare_cached(sql)?.query_row(key, |row| row.get(0)).optional()?;
    connection.prepare_cached("DELETE FROM executions WHERE place = ?1 AND arn = ?2")?.execute(key)?;
    // Even if nothing was stored: another process may show it.
    change_log::note_removal(connection, key)?;
    let last_end = if has_ended == Some(true) { now } else { now.plus(LONGEST_RUN) };
    let sql = "DELETE FROM inputs WHERE start IN (SELECT id FROM starts WHERE place = ?1 AND arn = ?2)";
    connection.prepare_cached(sql)?.execute(key)?;
    let sql = "UPDATE starts SET input = NULL WHERE place = ?1 AND arn = ?2";
    connection.prepare_cached(sql)?.execute(key)?;
    let sql = "INSERT INTO removed (place, arn, removed) VALUES (?1, ?2, ?3) \
               ON CONFLICT DO UPDATE SET removed = excluded.removed";
    connection.prepare_cached(sql)?.execute(params![gateway.as_str(), arn.as_str(), last_end.as_millis()]).map(drop)
}

/// Returns whether the execution was removed.
pub(super) fn is_removed(connection: &Connection, gateway: &GatewayId, arn: &ExecutionArn) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM removed WHERE place = ?1 AND arn = ?2)";
    connection.prepare_cached(sql)?.query_row([gateway.as_str(), arn.as_str()], |row| row.get(0))
}

/// Allows a removed execution to be stored again.
pub(super) fn restore(connection: &Connection, gateway: &GatewayId, arn: &ExecutionArn) -> rusqlite::Result<()> {
    let sql = "DELETE FROM removed WHERE place = ?1 AND arn = ?2";
    connection.prepare_cached(sql)?.execute([gateway.as_str(), arn.as_str()]).map(drop)
}

/// The same for the execution that a start has led to.
pub(super) fn restore_started(connection: &Connection, id: StartRequestId, arn: &ExecutionArn) -> rusqlite::Result<()> {
    let sql = "DELETE FROM removed WHERE arn = ?2 AND place = (SELECT place FROM starts WHERE id = ?1)";
    connection.prepare_cached(sql)?.execute(params![id.0, arn.as_str()]).map(drop)
}

/// Forgets a few of the removed executions that ended before this time: nothing watches or lists them any more.
pub(super) fn prune(connection: &Connection, before: Timestamp, few: i64) -> rusqlite::Result<usize> {
    let sql = "DELETE FROM removed WHERE (place, arn) IN (SELECT place, arn FROM removed WHERE removed < ?1 LIMIT ?2)";
    connection.execute(sql, params![before.as_millis(), few])
}
