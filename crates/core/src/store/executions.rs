//! Executions: storing the last observation, and reading them in pages.

use rusqlite::{Connection, OptionalExtension as _, Row, named_params, params};

use crate::domain::{
    Cursor, EndpointName, ExecutionArn, ExecutionRecord, GatewayId, GatewayTotals, InputDigest, Observation,
    OtherMembers, Outcome, Page, Payload, Redrive, Scope, StateMachineArn, Status, StoredPayloads, Subject, Timestamp,
    Warning,
};
use crate::lifecycle;
use crate::store::{change_log, failure_column, gateways, inputs, removal};

const RUNNING: i64 = 0;
const ENDED: i64 = 1;
const GIVEN_UP: i64 = 2;
/// Added to these for the totals of others' executions.
const OTHERS: i64 = 10;

pub(super) const COLUMNS: &str = "id, place, endpoint, profile, machine_arn, arn, standing, status, started, stopped, answered, \
                       error, redrive_count, redrive_date, redrive_status, redrive_status_reason, given_up, \
                       input_digest, warning, state_machine_arn, others";

/// Stores a record, unless another process has stored a newer one or removed the execution.
pub(super) fn keep(connection: &Connection, record: &ExecutionRecord, keeps_payloads: bool) -> rusqlite::Result<()> {
    let mut known = at(connection, record.gateway.as_str(), record.arn.as_str())?;
    if let Some(Observation { others, .. }) = known.as_mut().and_then(|known| known.seen.as_mut()) {
        *others = payloads(connection, &record.gateway, &record.arn)?.others;
    }
    if known.is_none() && removal::is_removed(connection, &record.gateway, &record.arn)? {
        // The process that listed it may have asked just before the removal, and shows it.
        let key = [record.gateway.as_str(), record.arn.as_str()];
        return if record.is_others { change_log::note_removal(connection, key) } else { Ok(()) };
    }
    let merged = match &known {
        Some(known) => lifecycle::execution::merged(known, record.clone()),
        None => Some(record.clone()),
    };
    let Some(record) = merged else { return Ok(()) };
    let seen = record.seen.as_ref();
    let is_ended = seen.is_some_and(Observation::is_ended);
    let standing = match &record.given_up {
        Some(_) => GIVEN_UP,
        None if is_ended => ENDED,
        None => RUNNING,
    };
    let sql = "INSERT INTO executions (place, endpoint, profile, machine_arn, arn, standing, status, started, stopped, \
               answered, error, redrive_count, redrive_date, redrive_status, redrive_status_reason, given_up, \
               input_digest, warning, state_machine_arn, others) \
               VALUES (:place, :endpoint, :profile, :machine_arn, :arn, :standing, :status, :started, :stopped, \
               :answered, :error, :redrive_count, :redrive_date, :redrive_status, :redrive_status_reason, :given_up, \
               :input_digest, :warning, :state_machine_arn, :others) \
               ON CONFLICT (place, arn) DO UPDATE SET standing = excluded.standing, \
               status = coalesce(excluded.status, status), started = excluded.started, stopped = excluded.stopped, \
               answered = excluded.answered, error = excluded.error, redrive_count = excluded.redrive_count, \
               redrive_date = excluded.redrive_date, redrive_status = excluded.redrive_status, \
               redrive_status_reason = excluded.redrive_status_reason, given_up = excluded.given_up, \
               input_digest = excluded.input_digest, warning = excluded.warning, \
               state_machine_arn = coalesce(excluded.state_machine_arn, state_machine_arn), \
               others = excluded.others";
    connection.prepare_cached(sql)?.execute(named_params! {
        ":place": record.gateway.as_str(),
        ":endpoint": record.endpoint.as_str(),
        ":profile": &*record.machine_name,
        ":machine_arn": record.machine.as_str(),
        ":arn": record.arn.as_str(),
        ":standing": standing,
        ":status": seen.map(|seen| seen.status.as_str()),
        ":started": record.started.as_millis(),
        ":stopped": seen.and_then(|seen| seen.stop_date).map(Timestamp::as_millis),
        ":answered": record.last_response.map(Timestamp::as_millis),
        ":error": seen.and_then(|seen| seen.error.as_deref()),
        ":redrive_count": seen.and_then(|seen| seen.redrive.count),
        ":redrive_date": seen.and_then(|seen| seen.redrive.date).map(Timestamp::as_millis),
        ":redrive_status": seen.and_then(|seen| seen.redrive.status.as_deref()),
        ":redrive_status_reason": seen.and_then(|seen| seen.redrive.status_reason.as_deref()),
        ":given_up": record.given_up.as_ref().map(failure_column::to_text),
        ":input_digest": record.input_digest.as_ref().map(InputDigest::as_str),
        ":warning": record.warning.as_ref().and_then(|warning| serde_json::to_string(warning).ok()),
        ":state_machine_arn": seen.and_then(|seen| seen.subject.machine_arn.as_deref()),
        ":others": record.is_others,
    })?;
    if known.is_none() {
        gateways::learn_type(connection, record.gateway.as_str(), &record.arn.machine(), !record.arn.is_describable())?;
    }
    let Some(seen) = seen else { return Ok(()) };
    let kept = |payload: &Option<Payload>| payload.clone().filter(|_| keeps_payloads);
    // The sent input is stored if the execution received a different one; otherwise the start has the input.
    let sql = format!(
        "INSERT INTO payloads (execution, input, output, cause, members) \
         SELECT id, iif(?3 = {}, NULL, ?3), ?4, ?5, ?8 FROM executions WHERE place = ?1 AND arn = ?2 \
         ON CONFLICT (execution) DO UPDATE SET sent = coalesce(sent, iif(?6 AND input <> excluded.input, input, NULL)), \
         input = coalesce(excluded.input, input), \
         output = iif(?7, coalesce(excluded.output, output), excluded.output), \
         cause = iif(?7, coalesce(excluded.cause, cause), excluded.cause), members = excluded.members",
        inputs::SENT
    );
    let (input, output) = (kept(&seen.input), kept(&seen.output));
    let (input, output) = (input.as_ref().map(Payload::as_str), output.as_ref().map(Payload::as_str));
    let members = if keeps_payloads { seen.others.to_json() } else { seen.others.without_payloads().to_json() };
    let is_changed = matches!(record.warning, Some(Warning::InputChanged(_)));
    let (gateway, arn) = (record.gateway.as_str(), record.arn.as_str());
    let values = params![gateway, arn, input, output, seen.cause, is_changed, is_ended, members];
    connection.prepare_cached(&sql)?.execute(values).map(drop)
}

/// Returns a page, newest first: the first one, or the one after a cursor.
pub(super) fn page(
    connection: &Connection,
    scope: Scope,
    from: Option<Cursor>,
    count: usize,
) -> rusqlite::Result<Page> {
    let limit = i64::try_from(count).unwrap_or(i64::MAX);
    let from = from.unwrap_or(Cursor { started: Timestamp::from_millis(i64::MAX), id: i64::MAX });
    let sql = format!(
        "SELECT {COLUMNS} FROM executions WHERE (started, id) < (?1, ?2) AND others <= ?4 \
         ORDER BY started DESC, id DESC LIMIT ?3"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![from.started.as_millis(), from.id, limit, scope == Scope::Everyone])?;
    let (mut page, mut read, mut last) = (Page::default(), 0, None);
    while let Some(row) = rows.next()? {
        read += 1;
        last = Some(Cursor { started: Timestamp::from_millis(row.get("started")?), id: row.get("id")? });
        page.records.extend(record(row)?);
    }
    page.next = last.filter(|_| read == count);
    Ok(page)
}

/// Returns all executions that have not ended, newest first.
pub(super) fn running(connection: &Connection, scope: Scope) -> rusqlite::Result<Vec<ExecutionRecord>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM executions WHERE standing = {RUNNING} AND others <= ?1 ORDER BY started DESC, id DESC"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_map([scope == Scope::Everyone], record)?.filter_map(Result::transpose).collect()
}

/// Returns the execution of a gateway with this ARN.
pub(super) fn at(connection: &Connection, gateway: &str, arn: &str) -> rusqlite::Result<Option<ExecutionRecord>> {
    let sql = format!("SELECT {COLUMNS} FROM executions WHERE place = ?1 AND arn = ?2");
    connection.prepare_cached(&sql)?.query_row([gateway, arn], record).optional().map(Option::flatten)
}

/// Returns the number of executions by status.
pub(super) fn totals(connection: &Connection, scope: Scope) -> rusqlite::Result<GatewayTotals> {
    let sql = "SELECT standing, status, count, place FROM totals";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut all = GatewayTotals::default();
    while let Some(row) = rows.next()? {
        let status = Status::from_wire(&row.get::<_, String>(1)?);
        let standing: i64 = row.get(0)?;
        if scope == Scope::Mine && standing >= OTHERS {
            continue;
        }
        let totals = all.at(&GatewayId::new(&row.get::<_, String>(3)?));
        let count = match (standing % OTHERS, status.outcome()) {
            (RUNNING, _) => &mut totals.running,
            (ENDED, Some(Outcome::Succeeded)) => &mut totals.succeeded,
            (ENDED, Some(Outcome::Failed)) => &mut totals.failed,
            (ENDED, Some(Outcome::TimedOut)) => &mut totals.timed_out,
            (ENDED, Some(Outcome::Aborted)) => &mut totals.aborted,
            _ => &mut totals.unknown,
        };
        *count += usize::try_from(row.get::<_, i64>(2)?).unwrap_or(0);
    }
    Ok(all)
}

pub(super) fn payloads_sql() -> String {
    format!(
        "SELECT input, output, cause, sent, members, warning, {} FROM executions \
         LEFT JOIN payloads ON payloads.execution = executions.id WHERE place = ?1 AND arn = ?2",
        inputs::SENT
    )
}

/// Returns the large members of an execution.
pub(super) fn payloads(
    connection: &Connection,
    gateway: &GatewayId,
    arn: &ExecutionArn,
) -> rusqlite::Result<StoredPayloads> {
    let read = |row: &Row<'_>| {
        let payload =
            |column: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<String>>(column)?.map(Payload::received));
        let (received, of_start) = (payload(0)?, payload(6)?);
        let is_changed = received.is_some() && matches!(warning(row)?, Some(Warning::InputChanged(_)));
        Ok(StoredPayloads {
            sent: payload(3)?.or_else(|| of_start.clone().filter(|_| is_changed)),
            input: received.or(of_start),
            output: payload(1)?,
            cause: row.get(2)?,
            others: row.get::<_, Option<String>>(4)?.map(|text| OtherMembers::from_json(&text)).unwrap_or_default(),
        })
    };
    let mut statement = connection.prepare_cached(&payloads_sql())?;
    let found = statement.query_row([gateway.as_str(), arn.as_str()], read).optional()?;
    Ok(found.unwrap_or_default())
}

/// Returns the earliest end of the stored executions.
pub(super) fn oldest_end(connection: &Connection) -> rusqlite::Result<Option<Timestamp>> {
    let sql = "SELECT min(coalesce(stopped, answered, started)) FROM executions WHERE standing <> 0";
    let millis: Option<i64> = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    Ok(millis.map(Timestamp::from_millis))
}

/// `None` for a row of another version that this one cannot read.
pub(super) fn record(row: &Row<'_>) -> rusqlite::Result<Option<ExecutionRecord>> {
    let text = |column: &str| row.get::<_, String>(column);
    let moment = |column: &str| row.get::<_, Option<i64>>(column).map(|millis| millis.map(Timestamp::from_millis));
    let (Ok(arn), Ok(machine)) = (ExecutionArn::parse(&text("arn")?), StateMachineArn::parse(&text("machine_arn")?))
    else {
        return Ok(None);
    };
    let started = Timestamp::from_millis(row.get("started")?);
    let status: Option<String> = row.get("status")?;
    let seen = match status {
        None => None,
        Some(word) => Some(Observation {
            subject: Subject { machine_arn: row.get("state_machine_arn")?, ..Subject::default() },
            stop_date: moment("stopped")?,
            error: row.get("error")?,
            redrive: Redrive {
                count: row.get("redrive_count")?,
                date: moment("redrive_date")?,
                status: row.get("redrive_status")?,
                status_reason: row.get("redrive_status_reason")?,
            },
            ..Observation::new(Status::from_wire(&word), started)
        }),
    };
    Ok(Some(ExecutionRecord {
        gateway: GatewayId::new(&text("place")?),
        endpoint: EndpointName::new(&text("endpoint")?),
        machine_name: text("profile")?.into(),
        machine,
        arn,
        started,
        last_response: moment("answered")?,
        seen,
        given_up: failure_column::parse(row.get("given_up")?),
        input_digest: row.get::<_, Option<String>>("input_digest")?.map(|text| InputDigest::from_text(&text)),
        warning: warning(row)?,
        is_others: row.get("others")?,
        start_members: OtherMembers::default(),
    }))
}

fn warning(row: &Row<'_>) -> rusqlite::Result<Option<Warning>> {
    Ok(row.get::<_, Option<String>>("warning")?.and_then(|text| serde_json::from_str(&text).ok()))
}
