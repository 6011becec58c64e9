//! Finding executions: lists and lookups.

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::domain::{Cursor, ExecutionRecord, GatewayId, ListFilter, StoredPayloads, Timestamp};
use crate::store::executions::{self, COLUMNS};

/// Limits for a part of a list: executions, and bytes of payloads.
const PART: (usize, usize) = (500, 1024 * 1024);

/// A part of a list, and the cursor of the next part.
pub type ListedPart = (Vec<(ExecutionRecord, StoredPayloads)>, Option<Cursor>);

/// Returns a part of a list, newest first: the first part, or the one after a cursor.
pub(super) fn listed(
    connection: &Connection,
    listing: &ListFilter,
    from: Option<Cursor>,
    with_payloads: bool,
) -> rusqlite::Result<ListedPart> {
    let sql = format!(
        "SELECT {COLUMNS} FROM executions WHERE (started, id) < (?1, ?2) AND started >= ?3 \
         AND (?4 IS NULL OR place = ?4) AND others = 0 ORDER BY started DESC, id DESC"
    );
    let from = from.unwrap_or(Cursor { started: Timestamp::from_millis(i64::MAX), id: i64::MAX });
    let since = listing.since.map_or(i64::MIN, Timestamp::as_millis);
    let gateway = listing.gateway.as_ref().map(GatewayId::as_str);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![from.started.as_millis(), from.id, since, gateway])?;
    let (mut found, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let Some(record) = executions::record(row)?.filter(|record| listing.matches(record)) else { continue };
        let payloads = if with_payloads {
            executions::payloads(connection, &record.gateway, &record.arn)?
        } else {
            StoredPayloads::default()
        };
        bytes += payloads.bytes();
        found.push((record, payloads));
        if found.len() == PART.0.min(listing.limit) || bytes > PART.1 {
            let next = Cursor { started: Timestamp::from_millis(row.get("started")?), id: row.get("id")? };
            return Ok((found, Some(next)));
        }
    }
    Ok((found, None))
}

/// Returns the latest execution that was started from this machine.
pub(super) fn last_started(
    connection: &Connection,
    gateway: Option<&GatewayId>,
) -> rusqlite::Result<Option<ExecutionRecord>> {
    // Others may have been added to the list by their ARNs.
    let sql = format!(
        "SELECT {COLUMNS} FROM executions WHERE (?1 IS NULL OR place = ?1) AND EXISTS \
         (SELECT 1 FROM starts WHERE starts.place = executions.place AND starts.arn = executions.arn) \
         ORDER BY started DESC, id DESC LIMIT 1"
    );
    let found = connection.prepare_cached(&sql)?.query_row([gateway.map(GatewayId::as_str)], executions::record);
    found.optional().map(Option::flatten)
}

/// Returns the executions with this ARN or name, newest first.
pub(super) fn named(connection: &Connection, text: &str) -> rusqlite::Result<Vec<ExecutionRecord>> {
    // A name cannot contain a colon, so an ARN that ends with a colon and the name has that name; that of an EXPRESS execution
    // has the name before its last part.
    let sql = format!(
        "SELECT {COLUMNS} FROM executions WHERE arn = ?1 OR substr(arn, -length(?2)) = ?2 \
         OR (instr(arn, ':express:') > 0 AND instr(arn, ?2 || ':') > 0) ORDER BY started DESC, id DESC"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let ending = if text.contains(':') { text.to_owned() } else { format!(":{text}") };
    let found = statement.query_map([text, &ending], executions::record)?;
    let records: Vec<ExecutionRecord> = found.filter_map(Result::transpose).collect::<rusqlite::Result<_>>()?;
    Ok(records.into_iter().filter(|record| record.arn.as_str() == text || record.arn.name() == text).collect())
}
