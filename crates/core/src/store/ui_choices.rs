//! What the user chose in the UI, for the next launch.

use rusqlite::{Connection, params};

use crate::domain::{Scope, UiChoices};

/// The longest value: a corrupt file must not fill the memory.
const MAX_VALUE: usize = 1_000;

/// Stores a choice in place of the earlier one; without a value, it is forgotten.
pub(super) fn set(connection: &Connection, key: &str, value: Option<&str>) -> rusqlite::Result<()> {
    let changed = match value.filter(|value| value.len() <= MAX_VALUE) {
        Some(value) => {
            let sql = "INSERT INTO ui_choices VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
            connection.prepare_cached(sql)?.execute(params![key, value])
        }
        None => connection.prepare_cached("DELETE FROM ui_choices WHERE key = ?1")?.execute([key]),
    };
    changed.map(drop)
}

/// Returns whose executions the list shows.
pub(super) fn scope(connection: &Connection) -> rusqlite::Result<Scope> {
    all(connection).map(|choices| Scope::from_choices(&choices))
}

/// Returns all choices.
pub(super) fn all(connection: &Connection) -> rusqlite::Result<UiChoices> {
    let sql = "SELECT key, value FROM ui_choices WHERE length(key) <= ?1 AND length(value) <= ?1 LIMIT 100";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([i64::try_from(MAX_VALUE).unwrap_or(0)], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect::<rusqlite::Result<Vec<(String, String)>>>().map(UiChoices::from)
}
