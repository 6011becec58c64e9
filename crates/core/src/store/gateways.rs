//! What responses have shown about gateways and machines, and when the clock was known to be right, for later launches.

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::domain::{GatewayFacts, GatewayId, MachineType, Member, NameHandling, StateMachineArn, Timestamp};

const NAMES: [(&str, NameHandling); 3] =
    [("unknown", NameHandling::Unknown), ("passed-on", NameHandling::PassedOn), ("ignored", NameHandling::Ignored)];
const MEMBERS: [(&str, Member); 3] =
    [("unknown", Member::Unknown), ("returned", Member::Returned), ("omitted", Member::Omitted)];

fn word<T: PartialEq>(words: &[(&'static str, T)], value: &T) -> &'static str {
    words.iter().find(|(_, known)| known == value).map_or("unknown", |(word, _)| word)
}

fn value<T: Copy + Default>(words: &[(&str, T)], word: &str) -> T {
    words.iter().find(|(known, _)| *known == word).map(|(_, value)| *value).unwrap_or_default()
}

/// Stores the facts about a gateway.
pub(super) fn learn(connection: &Connection, gateway: &GatewayId, facts: GatewayFacts) -> rusqlite::Result<()> {
    let sql = "INSERT INTO gateways VALUES (?1, ?2, ?3, ?4) ON CONFLICT (place) DO UPDATE SET \
               names = excluded.names, output = excluded.output, stop_date = excluded.stop_date";
    let (output, stop_date) = (word(&MEMBERS, &facts.output), word(&MEMBERS, &facts.stop_date));
    connection
        .prepare_cached(sql)?
        .execute(params![gateway.as_str(), word(&NAMES, &facts.names), output, stop_date])
        .map(drop)
}

/// Returns the facts about all gateways.
pub(super) fn all(connection: &Connection) -> rusqlite::Result<Vec<(GatewayId, GatewayFacts)>> {
    let mut statement = connection.prepare_cached("SELECT place, names, output, stop_date FROM gateways")?;
    let rows = statement.query_map([], |row| {
        let word = |index: usize| row.get::<_, String>(index);
        let facts = GatewayFacts {
            names: value(&NAMES, &word(1)?),
            output: value(&MEMBERS, &word(2)?),
            stop_date: value(&MEMBERS, &word(3)?),
        };
        Ok((GatewayId::new(&word(0)?), facts))
    })?;
    rows.collect()
}

/// Stores the type that an execution's ARN shows.
pub(super) fn learn_type(
    connection: &Connection,
    gateway: &str,
    machine: &StateMachineArn,
    is_express: bool,
) -> rusqlite::Result<()> {
    let sql = "INSERT OR IGNORE INTO machines VALUES (?1, ?2, ?3)";
    let machine = machine.unqualified();
    let shown = if is_express { "EXPRESS" } else { "STANDARD" };
    connection.prepare_cached(sql)?.execute(params![gateway, machine.as_str(), shown]).map(drop)
}

/// Returns the type of a machine by its executions' ARNs; EXPRESS if any of them was.
pub(super) fn machine_type(
    connection: &Connection,
    gateway: &GatewayId,
    machine: &StateMachineArn,
) -> rusqlite::Result<MachineType> {
    // Rows of earlier versions may have a version or alias after the ARN.
    let sql = "SELECT min(machine_type) FROM machines WHERE place = ?1 \
               AND (machine_arn = ?2 OR substr(machine_arn, 1, length(?2) + 1) = ?2 || ':')";
    let machine = machine.unqualified();
    let shown: Option<String> =
        connection.prepare_cached(sql)?.query_row(params![gateway.as_str(), machine.as_str()], |row| row.get(0))?;
    Ok(match shown.as_deref() {
        Some("EXPRESS") => MachineType::Express,
        Some(_) => MachineType::Standard,
        None => MachineType::Unknown,
    })
}

/// Stores that the clock was right at this time.
pub(super) fn trust(connection: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    let sql = "INSERT INTO clock VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET trusted = excluded.trusted";
    connection.execute(sql, [now.as_millis()]).map(drop)
}

/// Returns the latest time of an earlier launch: when its clock was known to be right, or else the latest start.
pub(super) fn last_launch(connection: &Connection) -> rusqlite::Result<Option<Timestamp>> {
    let trusted: Option<i64> = connection.query_row("SELECT trusted FROM clock", [], |row| row.get(0)).optional()?;
    let latest = || connection.query_row("SELECT max(started) FROM executions", [], |row| row.get::<_, Option<i64>>(0));
    Ok(match trusted {
        Some(trusted) => Some(trusted),
        None => latest()?,
    }
    .map(Timestamp::from_millis))
}
