//! Notes changes in a short table, for other processes that show the executions. Triggers note new and changed ones; a note
//! adds a few bytes to the table's last page.

use rusqlite::Connection;

use crate::domain::{Revision, Timestamp};

/// Returns the revision of the latest change.
pub(super) fn latest(connection: &Connection) -> rusqlite::Result<Revision> {
    let sql = "SELECT coalesce(max(revision), 0) FROM changes";
    connection.prepare_cached(sql)?.query_row([], |row| row.get(0)).map(Revision)
}

/// Notes that the user removed an execution, given by gateway and ARN.
pub(super) fn note_removal(connection: &Connection, key: [&str; 2]) -> rusqlite::Result<()> {
    connection.prepare_cached("INSERT INTO changes (place, arn) VALUES (?1, ?2)")?.execute(key).map(drop)
}

/// Notes the deletion of executions that ended before this time.
pub(super) fn note_pruning(connection: &Connection, before: Timestamp) -> rusqlite::Result<()> {
    connection.prepare_cached("INSERT INTO changes (pruned) VALUES (?1)")?.execute([before.as_millis()]).map(drop)
}
