//! What has changed since a revision. The table of changes is short, so that reading it costs the same for any number of
//! executions.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::domain::{
    ExecutionArn, ExecutionRecord, GatewayId, Revision, Scope, StartRequestId, StoreChanges, Timestamp, WatchedBy,
};
use crate::store::change_log::latest;
use crate::store::executions::{self, COLUMNS};
use crate::store::processes::ThisProcess;
use crate::store::{Store, StoreError, starts, ui_choices};

/// Number of changes read at once: a frame shows the result of each part.
const PART: i64 = 500;

impl Store {
    /// Returns the changes since a revision, at most a part of them, and the revision of the last one returned. Includes
    /// what this process has handed over.
    pub async fn changes_since(&self, known: Revision) -> Result<(StoreChanges, Revision), StoreError> {
        let writes = self.writer.handed_over();
        self.writer.catch_up().await;
        let process = self.process.clone();
        let read = move |connection: &Connection| since(connection, &process, known, ui_choices::scope(connection)?);
        let (changes, revision) = self.reader.run(read).await?;
        Ok((StoreChanges { writes, ..changes }, revision))
    }

    /// Returns the current records of these executions.
    pub async fn records(
        &self,
        keys: Vec<(GatewayId, ExecutionArn)>,
    ) -> Result<Vec<(ExecutionRecord, WatchedBy)>, StoreError> {
        let process = self.process.clone();
        let read = move |connection: &Connection| {
            let mut watchers = Watchers { connection, process: &process, by_owner: BTreeMap::new() };
            let mut found = Vec::new();
            for (gateway, arn) in keys {
                if let Some(record) = executions::at(connection, gateway.as_str(), arn.as_str())? {
                    found.push(watchers.with(record)?);
                }
            }
            Ok(found)
        };
        self.reader.run(read).await
    }

    /// Returns whether the process of this name still watches what it has started. Blocks briefly.
    pub fn is_watching(&self, process: &str) -> bool {
        self.process.is_watching(process)
    }

    /// Returns how many changes this process has handed over: [`StoreChanges::writes`] counts the ones that were read.
    pub fn handed_over(&self) -> u64 {
        self.writer.handed_over()
    }
}

fn since(
    connection: &Connection,
    process: &ThisProcess,
    known: Revision,
    scope: Scope,
) -> rusqlite::Result<(StoreChanges, Revision)> {
    let oldest: Option<i64> = connection
        .prepare_cached("SELECT min(revision) FROM changes")?
        .query_row([], |row| row.get(0))
        .optional()
        .map(Option::flatten)?;
    let newest = latest(connection)?;
    // A lower number than known: the file was restored from a copy.
    if newest < known || oldest.is_some_and(|oldest| oldest > known.0 + 1) {
        let mut watchers = Watchers { connection, process, by_owner: BTreeMap::new() };
        let running = executions::running(connection, scope)?;
        let changed = running.into_iter().map(|record| watchers.with(record)).collect::<rusqlite::Result<_>>()?;
        let totals = Some(executions::totals(connection, scope)?);
        return Ok((StoreChanges { changed, has_gap: true, totals, ..StoreChanges::default() }, newest));
    }
    let mut changes = StoreChanges::default();
    let (mut ids, mut settled, mut last, mut count) = (BTreeSet::new(), BTreeSet::new(), known, 0);
    let sql = "SELECT revision, execution, place, arn, pruned, start FROM changes WHERE revision > ?1 ORDER BY revision LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![known.0, PART])?;
    while let Some(row) = rows.next()? {
        count += 1;
        last = Revision(row.get("revision")?);
        ids.extend(row.get::<_, Option<i64>>("execution")?);
        settled.extend(row.get::<_, Option<i64>>("start")?);
        let (place, arn) = (row.get::<_, Option<String>>("place")?, row.get::<_, Option<String>>("arn")?);
        let removed =
            place.zip(arn).and_then(|(place, arn)| Some((GatewayId::new(&place), ExecutionArn::parse(&arn).ok()?)));
        changes.removed.extend(removed);
        let pruned = row.get::<_, Option<i64>>("pruned")?.map(Timestamp::from_millis);
        changes.pruned = changes.pruned.max(pruned);
    }
    let mut watchers = Watchers { connection, process, by_owner: BTreeMap::new() };
    let sql = format!("SELECT {COLUMNS} FROM executions WHERE id = ?1 AND others <= ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    for id in ids {
        let found = statement.query_row(params![id, scope == Scope::Everyone], executions::record).optional()?;
        if let Some(record) = found.flatten() {
            changes.changed.push(watchers.with(record)?);
        }
    }
    for id in settled {
        match starts::open(connection, id)? {
            Some(start) => changes.starts.push(start),
            None => changes.settled.push(StartRequestId(id)),
        }
    }
    // Removed and started again since.
    let is_back = |key: &(GatewayId, ExecutionArn)| {
        changes.changed.iter().any(|(record, _)| record.gateway == key.0 && record.arn == key.1)
    };
    changes.removed = changes.removed.iter().filter(|key| !is_back(key)).cloned().collect();
    if count < PART {
        changes.totals = Some(executions::totals(connection, scope)?);
    }
    Ok((changes, last))
}

/// Finds out who watches executions, from the processes that have started them.
struct Watchers<'a> {
    connection: &'a Connection,
    process: &'a ThisProcess,
    by_owner: BTreeMap<String, WatchedBy>,
}

impl Watchers<'_> {
    fn with(&mut self, record: ExecutionRecord) -> rusqlite::Result<(ExecutionRecord, WatchedBy)> {
        let sql = "SELECT owner FROM starts WHERE place = ?1 AND arn = ?2 ORDER BY id DESC LIMIT 1";
        let key = [record.gateway.as_str(), record.arn.as_str()];
        let starter: Option<String> =
            self.connection.prepare_cached(sql)?.query_row(key, |row| row.get(0)).optional()?;
        let Some(starter) = starter else { return Ok((record, WatchedBy::Unknown)) };
        let process = self.process;
        let watched = self.by_owner.entry(starter).or_insert_with_key(|name| {
            if *name == process.name() {
                WatchedBy::This
            } else if process.is_watching(name) {
                WatchedBy::Another(name.as_str().into())
            } else {
                WatchedBy::Unknown
            }
        });
        Ok((record, watched.clone()))
    }
}
