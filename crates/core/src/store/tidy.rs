//! Keeps the file small and free of deleted data: releases free pages a few at a time and empties the log. `SQLite`
//! overwrites what is deleted within a page that stays, but leaves pages that become free as they are.

use std::time::Duration;

use rusqlite::Connection;

use crate::bounded::Stopwatch;
use crate::store::lock_wait::is_locked;

/// How long to release free pages in one transaction, without a noticeable delay of a start.
const STEP: Duration = Duration::from_millis(10);
/// Free pages above which a file is rebuilt if more than half of it is free. For each page that it moves to the front of
/// the file, `SQLite` searches the list of free pages, most of which are further back.
const MANY_PAGES: i64 = 20_000;
/// How long the store must be idle before a file of an older version is rebuilt, which takes a while and is interrupted
/// by the next write.
const QUIET: Duration = Duration::from_secs(2);
/// How long to wait before trying again while others use the log.
const IN_USE: Duration = Duration::from_secs(1);
/// Number of attempts while others prevent a step.
const ATTEMPTS: u32 = 10;

/// The next step when there is nothing to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tidying {
    /// Check for free pages. `deleted` says whether this process has deleted anything, which the log then contains.
    Look { deleted: bool },
    /// Rebuild the file, which cannot shrink yet or would do so slowly.
    Rebuild { attempts: u32 },
    /// Release free pages.
    Shrink,
    /// Empty the log.
    EmptyLog { attempts: u32 },
    /// Nothing is left.
    Done,
}

impl Tidying {
    /// Returns how long the store must be idle before the next step.
    pub(super) fn quiet(self) -> Duration {
        match self {
            Self::Rebuild { attempts } => QUIET * 2_u32.pow(attempts),
            Self::EmptyLog { attempts: 1.. } => IN_USE,
            Self::Look { .. } | Self::Shrink | Self::EmptyLog { .. } | Self::Done => Duration::ZERO,
        }
    }

    /// Returns whether there is a next step that is not noticeable.
    pub(super) fn is_short(self) -> bool {
        match self {
            Self::Look { .. } | Self::Shrink | Self::EmptyLog { attempts: 0 } => true,
            Self::Rebuild { .. } | Self::EmptyLog { .. } | Self::Done => false,
        }
    }

    /// Returns the next step if there is no time for a rebuild.
    pub(super) fn in_a_hurry(self, connection: &Connection) -> Self {
        match self {
            Self::Rebuild { .. } => without_rebuild(connection),
            other => other,
        }
    }

    /// Runs the next step and returns what is left after it.
    pub(super) fn step(self, connection: &Connection) -> Self {
        let done = match self {
            Self::Look { deleted } => look(connection, deleted),
            Self::Rebuild { attempts } => Ok(rebuild(connection, attempts)),
            Self::Shrink => shrink(connection),
            Self::EmptyLog { attempts } => empty_log(connection, attempts),
            Self::Done => Ok(Self::Done),
        };
        done.unwrap_or_else(|error| {
            tracing::debug!(%error, "the store cannot be tidied");
            // Another process has begun to write meanwhile. Otherwise the next launch tries again.
            if is_locked(&error) { self } else { Self::Done }
        })
    }
}

fn number(connection: &Connection, pragma: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, pragma, |row| row.get(0))
}

/// Returns whether the file can release pages without a rebuild.
fn can_shrink(connection: &Connection) -> rusqlite::Result<bool> {
    const INCREMENTAL: i64 = 2;
    Ok(number(connection, "auto_vacuum")? == INCREMENTAL)
}

fn look(connection: &Connection, deleted: bool) -> rusqlite::Result<Tidying> {
    let (free, pages) = (number(connection, "freelist_count")?, number(connection, "page_count")?);
    let is_slow = free > MANY_PAGES && free > pages / 2;
    Ok(match free {
        0 if deleted => Tidying::EmptyLog { attempts: 0 },
        0 => Tidying::Done,
        _ if can_shrink(connection)? && !is_slow => Tidying::Shrink,
        _ => Tidying::Rebuild { attempts: 0 },
    })
}

fn without_rebuild(connection: &Connection) -> Tidying {
    if can_shrink(connection).unwrap_or(false) { Tidying::Shrink } else { Tidying::Done }
}

/// An interrupted rebuild leaves the file unchanged.
fn rebuild(connection: &Connection, attempts: u32) -> Tidying {
    match connection.execute_batch("PRAGMA auto_vacuum = INCREMENTAL; VACUUM") {
        Ok(()) => Tidying::EmptyLog { attempts: 0 },
        Err(error) => {
            tracing::debug!(%error, attempts, "the store was not rebuilt");
            // Each time after a longer pause.
            if attempts < ATTEMPTS / 2 {
                Tidying::Rebuild { attempts: attempts + 1 }
            } else {
                without_rebuild(connection)
            }
        }
    }
}

fn shrink(connection: &Connection) -> rusqlite::Result<Tidying> {
    // It releases one page for each row that is read.
    let mut statement = connection.prepare("PRAGMA incremental_vacuum")?;
    let (began, mut rows) = (Stopwatch::start(), statement.query([])?);
    while rows.next()?.is_some() && began.elapsed() < STEP {}
    drop(rows);
    drop(statement);
    let is_done = number(connection, "freelist_count")? == 0;
    Ok(if is_done { Tidying::EmptyLog { attempts: 0 } } else { Tidying::Shrink })
}

fn empty_log(connection: &Connection, attempts: u32) -> rusqlite::Result<Tidying> {
    // Does not wait for readers: a start may come in.
    let busy_timeout = number(connection, "busy_timeout")?;
    connection.busy_timeout(Duration::ZERO)?;
    let emptied = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
    connection.busy_timeout(Duration::from_millis(busy_timeout.unsigned_abs()))?;
    Ok(if emptied? == 0 || attempts == ATTEMPTS { Tidying::Done } else { Tidying::EmptyLog { attempts: attempts + 1 } })
}
