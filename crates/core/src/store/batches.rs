//! Batches: each line is a start of its own, and all are recorded before the first one is sent.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use sha2::{Digest as _, Sha256};

use crate::domain::{
    BatchId, BatchLine, BatchPage, BatchQuery, EndpointName, ExecutionArn, ExecutionName, ExecutionRecord, GatewayId,
    InputDigest, LineOrder, LineState, StartOrder, StartRequestId, StateMachineArn, Timestamp, UnsentBatch,
};
use crate::store::processes::ThisProcess;
use crate::store::starts::{self, Phase};
use crate::store::{executions, failure_column};

/// Inserts a batch and the starts of its lines.
pub(super) fn insert(
    connection: &Connection,
    file: &str,
    lines: &[LineOrder],
    owner: &str,
    now: Timestamp,
) -> rusqlite::Result<BatchId> {
    let count = i64::try_from(lines.len()).unwrap_or(i64::MAX);
    let sql = "INSERT INTO batches (file, begun, lines, digest) VALUES (?1, ?2, ?3, ?4)";
    connection.execute(sql, params![file, now.as_millis(), count, digest(lines)])?;
    let batch = BatchId(connection.last_insert_rowid());
    let mut update = connection.prepare_cached("UPDATE starts SET batch = ?2, line = ?3 WHERE id = ?1")?;
    for LineOrder { line, order } in lines {
        let id = starts::insert(connection, order, Phase::Planned, owner, now)?;
        update.execute(params![id.0, batch.0, i64::try_from(*line).unwrap_or(i64::MAX)])?;
    }
    Ok(batch)
}

/// Returns a digest of lines and their targets. SHA-256, because a collision would mean lines that are never started.
pub(super) fn digest(lines: &[LineOrder]) -> String {
    let mut hash = Sha256::new();
    // Each text follows its length, so that different lists never look the same.
    let mut add = |text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    };
    for LineOrder { line, order } in lines {
        add(order.gateway.as_str());
        add(order.machine.as_str());
        add(&line.to_string());
        add(order.input.as_str());
    }
    format!("{:x}", hash.finalize())
}

/// Returns the latest batch with this digest that still has starts. Those of a pruned one are gone.
pub(super) fn with_digest(connection: &Connection, digest: &str) -> rusqlite::Result<Option<BatchId>> {
    let sql = "SELECT id FROM batches b WHERE digest = ?1 AND EXISTS (SELECT 1 FROM starts s WHERE s.batch = b.id) \
               ORDER BY id DESC LIMIT 1";
    connection.prepare_cached(sql)?.query_row([digest], |row| row.get(0).map(BatchId)).optional()
}

/// Returns all lines of a batch, in order.
pub(super) fn lines(connection: &Connection, batch: BatchId) -> rusqlite::Result<Vec<BatchLine>> {
    let query = BatchQuery { batch, only_not_started: false, from: 0, count: usize::MAX };
    lines_of(connection, query)
}

/// Returns some of a batch's lines, and how many there are.
pub(super) fn page(connection: &Connection, query: BatchQuery) -> rusqlite::Result<BatchPage> {
    let sql = format!("SELECT count(*) FROM starts s WHERE s.batch = ?1 AND {NOT_STARTED}");
    let params = params![query.batch.0, query.only_not_started];
    let total: i64 = connection.prepare_cached(&sql)?.query_row(params, |row| row.get(0))?;
    Ok(BatchPage { total: usize::try_from(total).unwrap_or(0), lines: lines_of(connection, query)? })
}

/// The condition of [`BatchQuery::only_not_started`], its second parameter.
const NOT_STARTED: &str = "(NOT ?2 OR s.state IN ('refused', 'unresolved', 'never-started'))";

fn lines_of(connection: &Connection, query: BatchQuery) -> rusqlite::Result<Vec<BatchLine>> {
    let sql = format!(
        "SELECT s.line, s.state, s.owner, s.id, s.place, s.endpoint, s.profile, s.machine_arn, s.machine_type, \
               s.name, s.name_origin, coalesce(s.sent, s.intended) AS sent, \
               coalesce(s.first_sent, s.sent, s.intended) AS first_sent, s.type_known, s.input_digest, s.reason, s.arn, \
               iif(s.state IN ('unresolved', 'never-started'), coalesce(i.input, s.input), NULL) AS input \
               FROM starts s LEFT JOIN inputs i ON i.start = s.id WHERE s.batch = ?1 AND {NOT_STARTED} \
               ORDER BY s.line LIMIT ?3 OFFSET ?4"
    );
    let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(&sql)?;
    let params = params![query.batch.0, query.only_not_started, number(query.count), number(query.from)];
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let standing = match row.get::<_, String>("state")?.as_str() {
            "intended" => LineState::Waiting,
            "sent" => LineState::Sent,
            "confirmed" => {
                let (gateway, arn): (String, String) = (row.get("place")?, row.get("arn")?);
                let record = match executions::at(connection, &gateway, &arn)? {
                    Some(record) => Some(record),
                    None => new_record(row, &arn)?,
                };
                record.map_or(LineState::NotStarted(None), |record| LineState::Started(Box::new(record)))
            }
            "refused" => LineState::NotStarted(failure_column::parse(row.get("reason")?)),
            _ => match starts::unresolved(row)? {
                Some(start) => LineState::Unresolved(Box::new(starts::typed(connection, start)?)),
                None => LineState::NotStarted(None),
            },
        };
        // No version of this program has written an invalid name.
        let Ok(name) = ExecutionName::parse(&row.get::<_, String>("name")?) else { continue };
        let line = usize::try_from(row.get::<_, i64>("line")?).unwrap_or(0);
        found.push(BatchLine { line, request_id: StartRequestId(row.get("id")?), name, state: standing });
    }
    Ok(found)
}

/// Claims the unsent lines of a batch from processes that have exited or stopped it. Returns the number of lines that
/// this process is to send.
pub(super) fn claim(connection: &Connection, batch: BatchId, process: &ThisProcess) -> rusqlite::Result<usize> {
    let owners: Vec<String> = connection
        .prepare_cached("SELECT DISTINCT owner FROM starts WHERE batch = ?1 AND state = 'intended'")?
        .query_map([batch.0], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let sql = "UPDATE starts SET owner = ?3 WHERE batch = ?1 AND state = 'intended' AND owner = ?2";
    for name in owners.iter().filter(|name| name.is_empty() || process.is_gone(name)) {
        connection.execute(sql, params![batch.0, name, process.name()])?;
    }
    let sql = "SELECT count(*) FROM starts WHERE batch = ?1 AND state = 'intended' AND owner = ?2";
    let lines: i64 = connection.query_row(sql, params![batch.0, process.name()], |row| row.get(0))?;
    Ok(usize::try_from(lines).unwrap_or(0))
}

/// Returns the record of a started execution of which only the start is stored.
fn new_record(row: &Row<'_>, arn: &str) -> rusqlite::Result<Option<ExecutionRecord>> {
    let text = |column: &str| row.get::<_, String>(column);
    let (Ok(arn), Ok(machine)) = (ExecutionArn::parse(arn), StateMachineArn::parse(&text("machine_arn")?)) else {
        return Ok(None);
    };
    let (gateway, endpoint) = (GatewayId::new(&text("place")?), EndpointName::new(&text("endpoint")?));
    let sent = Timestamp::from_millis(row.get("sent")?);
    let input_digest = row.get::<_, Option<String>>("input_digest")?.map(|text| InputDigest::from_text(&text));
    let record = ExecutionRecord::unanswered(gateway, endpoint, text("profile")?, arn, sent);
    Ok(Some(ExecutionRecord { machine, input_digest, ..record }))
}

/// Returns the next lines for this process to send, in order.
pub(super) fn waiting(
    connection: &Connection,
    batch: BatchId,
    owner: &str,
    count: usize,
) -> rusqlite::Result<Vec<(StartRequestId, StartOrder)>> {
    let sql = format!(
        "SELECT {} WHERE s.batch = ?1 AND s.state = 'intended' AND s.owner = ?2 ORDER BY s.line LIMIT ?3",
        starts::UNRESOLVED_COLUMNS
    );
    let limit = i64::try_from(count).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(&sql)?;
    let doubts = statement.query_map(params![batch.0, owner, limit], starts::unresolved)?;
    let found = doubts.filter_map(Result::transpose).map(|unresolved| {
        unresolved.map(|unresolved| (unresolved.request_id.unwrap_or(StartRequestId(0)), unresolved.order))
    });
    found.collect()
}

/// Returns the batches with unsent lines that no live process owns.
pub(super) fn left(connection: &Connection) -> rusqlite::Result<Vec<UnsentBatch>> {
    let sql = "SELECT b.id, b.file, b.lines, count(*), min(s.profile), min(s.endpoint), \
               min(s.place) FROM starts s JOIN batches b ON b.id = s.batch \
               WHERE s.state = 'intended' AND s.owner = '' GROUP BY b.id ORDER BY b.id DESC";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| {
        let count = |index: usize| row.get::<_, i64>(index).map(|count| usize::try_from(count).unwrap_or(0));
        let text = |index: usize| row.get::<_, String>(index);
        Ok(UnsentBatch {
            id: BatchId(row.get(0)?),
            file: row.get(1)?,
            lines: count(2)?,
            unsent: count(3)?,
            machine_name: text(4)?.into(),
            endpoint: EndpointName::new(&text(5)?),
            gateway: GatewayId::new(&text(6)?),
        })
    })?;
    rows.collect()
}

/// Releases the unsent lines, so that another process may claim them.
pub(super) fn stop(connection: &Connection, batch: BatchId, owner: &str) -> rusqlite::Result<()> {
    let sql = "UPDATE starts SET owner = '' WHERE batch = ?1 AND state = 'intended' AND owner = ?2";
    connection.execute(sql, params![batch.0, owner]).map(drop)
}

/// Cancels the unsent lines, which count as never started.
pub(super) fn forget(connection: &Connection, batch: BatchId, now: Timestamp) -> rusqlite::Result<()> {
    let sql = "DELETE FROM inputs WHERE start IN \
               (SELECT id FROM starts WHERE batch = ?1 AND state = 'intended' AND owner = '')";
    connection.execute(sql, [batch.0])?;
    let sql = "UPDATE starts SET state = 'refused', settled = ?2, input = NULL \
               WHERE batch = ?1 AND state = 'intended' AND owner = ''";
    connection.execute(sql, params![batch.0, now.as_millis()]).map(drop)
}

/// Deletes a few batches that began before this time and have no starts left: those were pruned, so there is nothing to
/// resume. Returns the number of deleted rows.
pub(super) fn prune(connection: &Connection, before: Timestamp, few: i64) -> rusqlite::Result<usize> {
    let sql = "DELETE FROM batches WHERE id IN (SELECT id FROM batches b WHERE begun < ?1 \
               AND NOT EXISTS (SELECT 1 FROM starts s WHERE s.batch = b.id) LIMIT ?2)";
    connection.execute(sql, params![before.as_millis(), few])
}
