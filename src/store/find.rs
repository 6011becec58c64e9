//! Finding executions: those that somebody lists, and those that somebody names.

use rusqlite::{Connection, params};

use crate::domain::{KeptPayloads, Listing, Place, Record, Timestamp};
use crate::store::executions::{self, COLUMNS};

/// The executions of a listing, newest first, with what is kept of their payloads.
pub(super) fn listed(connection: &Connection, listing: &Listing) -> rusqlite::Result<Vec<(Record, KeptPayloads)>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM executions WHERE started >= ?1 AND (?2 IS NULL OR place = ?2) \
         ORDER BY started DESC, id DESC"
    );
    let since = listing.since.map_or(i64::MIN, Timestamp::as_millis);
    let place = listing.place.as_ref().map(Place::as_str);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![since, place])?;
    let mut found = Vec::new();
    while found.len() < listing.limit
        && let Some(row) = rows.next()?
    {
        let Some(record) = executions::record(row)?.filter(|record| listing.takes(record)) else { continue };
        let payloads = executions::payloads(connection, &record.place, &record.arn)?;
        found.push((record, payloads));
    }
    Ok(found)
}

/// The executions with this ARN or this name, newest first.
pub(super) fn named(connection: &Connection, text: &str) -> rusqlite::Result<Vec<Record>> {
    // A name cannot contain a colon, so whatever ends with one and the name has that name.
    let sql = format!(
        "SELECT {COLUMNS} FROM executions WHERE arn = ?1 OR substr(arn, -length(?2)) = ?2 \
         ORDER BY started DESC, id DESC"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let ending = if text.contains(':') { text.to_owned() } else { format!(":{text}") };
    let found = statement.query_map([text, &ending], executions::record)?;
    let records: Vec<Record> = found.filter_map(Result::transpose).collect::<rusqlite::Result<_>>()?;
    Ok(records.into_iter().filter(|record| record.arn.as_str() == text || record.arn.name() == text).collect())
}
