//! Many starts from one file: each line is an intent of its own, all written down before the first one is
//! sent.

use rusqlite::{Connection, params};

use crate::domain::{BatchId, BatchLeft, RecordId, StartOrder, Timestamp};
use crate::store::owner::Owner;
use crate::store::starts::{self, Phase};

/// Writes a batch and the intents of its lines.
pub(super) fn insert(
    connection: &Connection,
    file: &str,
    orders: &[StartOrder],
    owner: &str,
    now: Timestamp,
) -> rusqlite::Result<BatchId> {
    let lines = i64::try_from(orders.len()).unwrap_or(i64::MAX);
    let sql = "INSERT INTO batches (file, begun, lines) VALUES (?1, ?2, ?3)";
    connection.execute(sql, params![file, now.as_millis(), lines])?;
    let batch = BatchId(connection.last_insert_rowid());
    let mut place = connection.prepare_cached("UPDATE starts SET batch = ?2, line = ?3 WHERE id = ?1")?;
    for (line, order) in (1_i64..).zip(orders) {
        let id = starts::insert(connection, order, Phase::Intended, owner, now)?;
        place.execute(params![id.0, batch.0, line])?;
    }
    Ok(batch)
}

/// Takes over the lines of a batch that nobody is about to send: of processes that are gone, or that have
/// stopped. Returns how many are this process's to send now.
pub(super) fn claim(connection: &Connection, batch: BatchId, owner: &Owner) -> rusqlite::Result<usize> {
    let owners: Vec<String> = connection
        .prepare_cached("SELECT DISTINCT owner FROM starts WHERE batch = ?1 AND state = 'intended'")?
        .query_map([batch.0], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let sql = "UPDATE starts SET owner = ?3 WHERE batch = ?1 AND state = 'intended' AND owner = ?2";
    for name in owners.iter().filter(|name| name.is_empty() || owner.is_gone(name)) {
        connection.execute(sql, params![batch.0, name, owner.name()])?;
    }
    let sql = "SELECT count(*) FROM starts WHERE batch = ?1 AND state = 'intended' AND owner = ?2";
    let lines: i64 = connection.query_row(sql, params![batch.0, owner.name()], |row| row.get(0))?;
    Ok(usize::try_from(lines).unwrap_or(0))
}

/// The next lines of a batch that this process is to send, in their order.
pub(super) fn waiting(
    connection: &Connection,
    batch: BatchId,
    owner: &str,
    count: usize,
) -> rusqlite::Result<Vec<(RecordId, StartOrder)>> {
    let sql = "SELECT id, place, endpoint, profile, machine_arn, machine_type, name, name_origin, input, \
               coalesce(sent, intended) AS sent, reason FROM starts \
               WHERE batch = ?1 AND state = 'intended' AND owner = ?2 ORDER BY line LIMIT ?3";
    let limit = i64::try_from(count).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(sql)?;
    let doubts = statement.query_map(params![batch.0, owner, limit], starts::doubt)?;
    let found = doubts
        .filter_map(Result::transpose)
        .map(|doubt| doubt.map(|doubt| (doubt.record.unwrap_or(RecordId(0)), doubt.order)));
    found.collect()
}

/// Batches with lines that nobody is about to send.
pub(super) fn left(connection: &Connection) -> rusqlite::Result<Vec<BatchLeft>> {
    let sql = "SELECT b.id, b.file, b.lines, count(*), min(s.profile) FROM starts s JOIN batches b ON b.id = s.batch \
               WHERE s.state = 'intended' AND s.owner = '' GROUP BY b.id ORDER BY b.id DESC";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| {
        let count = |index: usize| row.get::<_, i64>(index).map(|count| usize::try_from(count).unwrap_or(0));
        let profile: String = row.get(4)?;
        Ok(BatchLeft {
            id: BatchId(row.get(0)?),
            file: row.get(1)?,
            lines: count(2)?,
            left: count(3)?,
            profile: profile.into(),
        })
    })?;
    rows.collect()
}

/// Stops: the lines that have not been sent wait for whoever goes on with them.
pub(super) fn stop(connection: &Connection, batch: BatchId, owner: &str) -> rusqlite::Result<()> {
    let sql = "UPDATE starts SET owner = '' WHERE batch = ?1 AND state = 'intended' AND owner = ?2";
    connection.execute(sql, params![batch.0, owner]).map(drop)
}

/// Forgets the lines that have not been sent: they count as never started.
pub(super) fn forget(connection: &Connection, batch: BatchId, now: Timestamp) -> rusqlite::Result<()> {
    let sql = "UPDATE starts SET state = 'refused', settled = ?2, input = NULL \
               WHERE batch = ?1 AND state = 'intended' AND owner = ''";
    connection.execute(sql, params![batch.0, now.as_millis()]).map(drop)
}
