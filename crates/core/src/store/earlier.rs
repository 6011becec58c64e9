//! Reads what the store knows about a gateway's executions without opening it for writing, for the doctor.

use std::path::Path;

use rusqlite::{Connection, params};

use crate::domain::{EarlierExecution, EarlierExecutions, GatewayId, Payload};
use crate::store::error::StoreError;
use crate::store::executions::{self, COLUMNS};
use crate::store::{file, gateways, inputs, schema};

/// Number of executions to read.
const LAST: i64 = 50;

/// Returns the latest executions of a gateway, and what responses of its routes have shown; `None` if there is no store.
pub fn earlier(
    folder: &Path,
    gateway: &GatewayId,
    facts_key: &GatewayId,
) -> Result<Option<EarlierExecutions>, StoreError> {
    let path = folder.join(file::NAME);
    if !path.is_file() {
        return Ok(None);
    }
    let connection = file::connect_to_read(&path)?;
    schema::check(&connection, &path)?;
    read(&connection, gateway, facts_key).map(Some).map_err(|error| StoreError::from_sqlite(&path, &error))
}

fn read(connection: &Connection, gateway: &GatewayId, facts_key: &GatewayId) -> rusqlite::Result<EarlierExecutions> {
    let known = gateways::all(connection)?.into_iter().find(|(known, _)| known == facts_key);
    let facts = known.map(|(_, facts)| facts).unwrap_or_default();
    let sql = format!(
        "SELECT {COLUMNS}, coalesce(sent, {}) AS sent_input, input AS received_input FROM executions \
         LEFT JOIN payloads ON payloads.execution = executions.id \
         WHERE place = ?1 ORDER BY started DESC, id DESC LIMIT ?2",
        inputs::SENT
    );
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query(params![gateway.as_str(), LAST])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let payload = |column: &str| row.get::<_, Option<String>>(column).map(|text| text.map(Payload::received));
        let (sent, received) = (payload("sent_input")?, payload("received_input")?);
        found.extend(executions::record(row)?.map(|record| EarlierExecution { record, sent, received }));
    }
    Ok(EarlierExecutions { facts, executions: found })
}
