//! Starts: recording them, their results, and taking over those of processes that have exited.

use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, named_params, params};

use crate::domain::{
    EndpointName, ExecutionArn, ExecutionName, GatewayId, InputDigest, MachineType, NameOrigin, OpenStart, Payload,
    Settled, StartOrder, StartRequestId, Started, StateMachineArn, Timestamp, UnresolvedStart,
};
use crate::lifecycle::execution::new_record;
use crate::store::processes::ThisProcess;
use crate::store::{executions, failure_column, gateways, inputs, removal};

/// The columns that [`unresolved`] reads.
pub(super) const UNRESOLVED_COLUMNS: &str = "s.id, s.place, s.endpoint, s.profile, s.machine_arn, s.machine_type, s.name, s.name_origin, \
                                coalesce(i.input, s.input) AS input, coalesce(s.sent, s.intended) AS sent, \
                                coalesce(s.first_sent, s.sent, s.intended) AS first_sent, s.type_known, s.reason \
                                FROM starts s LEFT JOIN inputs i ON i.start = s.id";

/// The state of a start when it is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Planned: others are sent first. After a crash, it has certainly not been sent.
    Planned,
    /// Sent as soon as it is recorded.
    Sent,
}

/// Inserts a start.
pub(super) fn insert(
    connection: &Connection,
    order: &StartOrder,
    phase: Phase,
    owner: &str,
    now: Timestamp,
) -> rusqlite::Result<StartRequestId> {
    let sql = "INSERT INTO starts (owner, place, endpoint, profile, machine_arn, machine_type, name, name_origin, \
               state, intended, sent, first_sent, input_digest, type_known) VALUES (:owner, :place, :endpoint, \
               :profile, :machine_arn, :machine_type, :name, :name_origin, :state, :intended, :sent, :sent, \
               :input_digest, :type_known)";
    let is_sent = phase == Phase::Sent;
    connection.prepare_cached(sql)?.execute(named_params! {
        ":owner": owner,
        ":place": order.gateway.as_str(),
        ":endpoint": order.endpoint.as_str(),
        ":profile": &*order.machine_name,
        ":machine_arn": order.machine.as_str(),
        ":machine_type": if order.machine_type == MachineType::Express { "EXPRESS" } else { "STANDARD" },
        ":type_known": order.machine_type != MachineType::Unknown,
        ":input_digest": order.input.digest().as_ref().map(InputDigest::as_str),
        ":name": order.name.as_str(),
        ":name_origin": origin_word(order.origin),
        ":state": if is_sent { "sent" } else { "intended" },
        ":intended": now.as_millis(),
        ":sent": is_sent.then_some(now.as_millis()),
    })?;
    let id = StartRequestId(connection.last_insert_rowid());
    inputs::insert(connection, id, order.input.as_str())?;
    Ok(id)
}

/// Records that this process is about to send a start.
pub(super) fn mark_sending(
    connection: &Connection,
    id: StartRequestId,
    owner: &str,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let sql = "UPDATE starts SET state = 'sent', sent = ?2, first_sent = coalesce(first_sent, ?2), owner = ?3 \
               WHERE id = ?1 AND state <> 'confirmed'";
    connection.prepare_cached(sql)?.execute(params![id.0, now.as_millis(), owner]).map(drop)
}

/// Returns a start that was about to be sent to the planned state: it has certainly not been executed.
pub(super) fn mark_unsent(connection: &Connection, id: StartRequestId) -> rusqlite::Result<()> {
    let sql = "UPDATE starts SET state = 'intended', sent = NULL, first_sent = NULL WHERE id = ?1 AND state = 'sent'";
    connection.prepare_cached(sql)?.execute([id.0]).map(drop)
}

/// Who reports the result of a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reporter {
    /// The process that sent it.
    Sender,
    /// A process that polled it while it was unresolved. It may have been sent again meanwhile.
    Watcher,
}

/// Records the result of a start. A confirmed start stays confirmed.
pub(super) fn settle(
    connection: &Connection,
    (id, word): (StartRequestId, Reporter),
    settled: &Settled,
    keeps_payloads: bool,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let (state, reason) = match settled {
        Settled::Confirmed(started) => return confirm(connection, id, started, keeps_payloads, now),
        Settled::Refused(failure) => ("refused", Some(failure)),
        Settled::Unresolved(start) => ("unresolved", start.reason.as_ref()),
        Settled::NeverStarted => ("never-started", None),
    };
    // Only starts that will not be sent again lose their input.
    let forgets = matches!(settled, Settled::Refused(_)) && !keeps_payloads;
    // A batch line that was not started becomes unsent again.
    let sql = "UPDATE starts SET state = iif(?2 = 'never-started' AND batch IS NOT NULL, 'intended', ?2), \
               owner = iif(?2 = 'never-started' AND batch IS NOT NULL, '', owner), \
               reason = ?3, settled = ?4, input = iif(?5, NULL, input) \
               WHERE id = ?1 AND iif(?6, state = 'unresolved', state <> 'confirmed')";
    let is_watcher = word == Reporter::Watcher;
    let changed = connection.prepare_cached(sql)?.execute(params![
        id.0,
        state,
        reason.map(failure_column::to_text),
        now.as_millis(),
        forgets,
        is_watcher
    ])?;
    if forgets && changed > 0 { inputs::delete(connection, id) } else { Ok(()) }
}

/// Records that there is an execution. Its input is the start's unless a response says otherwise.
fn confirm(
    connection: &Connection,
    id: StartRequestId,
    started: &Started,
    keeps_payloads: bool,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let arn = &started.execution_arn;
    removal::restore_started(connection, id, arn)?;
    let given_up = started.why_not_followed();
    let sql = "INSERT INTO executions (place, endpoint, profile, machine_arn, arn, standing, started, given_up, \
               input_digest) SELECT place, endpoint, profile, machine_arn, :arn, :standing, \
               coalesce(:started, first_sent, intended), :given_up, input_digest FROM starts WHERE id = :id \
               ON CONFLICT (place, arn) DO UPDATE SET input_digest = coalesce(input_digest, excluded.input_digest), \
               others = 0";
    connection.prepare_cached(sql)?.execute(named_params! {
        ":id": id.0,
        ":arn": arn.as_str(),
        ":standing": if given_up.is_some() { 2 } else { 0 },
        ":started": started.start_date.map(Timestamp::as_millis),
        ":given_up": given_up.as_ref().map(failure_column::to_text),
    })?;
    let sql = "SELECT place, machine_arn FROM starts WHERE id = ?1";
    let ordered = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
    if let Some((gateway, machine)) = connection.prepare_cached(sql)?.query_row([id.0], ordered).optional()?
        && let Ok(machine) = StateMachineArn::parse(&machine)
        && machine.unqualified() == arn.machine()
    {
        gateways::learn_type(connection, &gateway, &machine, !arn.is_describable())?;
    }
    // In the same transaction: nothing can ask again for the outcome in the response of `StartSyncExecution`.
    if started.seen.is_some()
        && let Some(start) = read(connection, id.0)?
    {
        executions::keep(connection, &new_record(&start.order, started, now), keeps_payloads)?;
    }
    if keeps_payloads {
        // An older version stored it in the start's row.
        let sql = "INSERT INTO payloads (execution, input) SELECT e.id, s.input FROM starts s \
                   JOIN executions e ON e.place = s.place AND e.arn = ?2 WHERE s.id = ?1 AND s.input IS NOT NULL \
                   ON CONFLICT (execution) DO UPDATE SET input = coalesce(input, excluded.input)";
        connection.prepare_cached(sql)?.execute(params![id.0, arn.as_str()])?;
    } else {
        inputs::delete(connection, id)?;
    }
    let sql =
        "UPDATE starts SET state = 'confirmed', arn = ?2, settled = ?3, reason = NULL, input = NULL WHERE id = ?1";
    connection.prepare_cached(sql)?.execute(params![id.0, arn.as_str(), now.as_millis()]).map(drop)
}

/// Takes over from processes that have exited: starts sent without a recorded result are unresolved, and unsent ones
/// wait for another process.
pub(super) fn take_over(connection: &mut Connection, process: &ThisProcess) -> rusqlite::Result<()> {
    let owners: Vec<String> = connection
        .prepare("SELECT DISTINCT owner FROM starts WHERE state IN ('sent', 'intended') AND owner <> ''")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let gone: Vec<String> = owners.into_iter().filter(|name| process.is_gone(name)).collect();
    if gone.is_empty() {
        return Ok(());
    }
    let work = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for name in gone {
        let sql = "UPDATE starts SET state = 'unresolved', owner = ?2 WHERE state = 'sent' AND owner = ?1";
        work.execute(sql, params![name, process.name()])?;
        work.execute("UPDATE starts SET owner = '' WHERE state = 'intended' AND owner = ?1", [name])?;
    }
    work.commit()?;
    process.wake_others();
    Ok(())
}

/// Returns the starts in this state, `unresolved` or `never-started`, newest first.
pub(super) fn in_state(connection: &Connection, state: &str) -> rusqlite::Result<Vec<UnresolvedStart>> {
    let sql = format!("SELECT {UNRESOLVED_COLUMNS} WHERE s.state = ?1 ORDER BY s.id DESC");
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_map([state], unresolved)?;
    let found = found.filter_map(Result::transpose);
    found.map(|unresolved| unresolved.and_then(|unresolved| typed(connection, unresolved))).collect()
}

/// Returns a start if it is unresolved or was never started; `None` otherwise.
pub(super) fn open(connection: &Connection, id: i64) -> rusqlite::Result<Option<OpenStart>> {
    let state: Option<String> = connection
        .prepare_cached("SELECT state FROM starts WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    let start = read(connection, id)?.map(|start| typed(connection, start)).transpose()?;
    Ok(match state.as_deref() {
        Some("unresolved") => start.map(OpenStart::Unresolved),
        Some("never-started") => start.map(OpenStart::NeverStarted),
        _ => None,
    })
}

fn read(connection: &Connection, id: i64) -> rusqlite::Result<Option<UnresolvedStart>> {
    let sql = format!("SELECT {UNRESOLVED_COLUMNS} WHERE s.id = ?1");
    Ok(connection.prepare_cached(&sql)?.query_row([id], unresolved).optional()?.flatten())
}

/// Returns the start with the machine type shown by executions since.
pub(super) fn typed(connection: &Connection, mut start: UnresolvedStart) -> rusqlite::Result<UnresolvedStart> {
    match gateways::machine_type(connection, &start.order.gateway, &start.order.machine)? {
        MachineType::Unknown => {}
        MachineType::Standard if start.order.machine_type == MachineType::Express => {}
        shown => start.order.machine_type = shown,
    }
    Ok(start)
}

/// Returns whether another start has led to this execution.
pub(super) fn is_claimed(
    connection: &Connection,
    gateway: &GatewayId,
    arn: &ExecutionArn,
    by: Option<StartRequestId>,
) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM starts WHERE place = ?1 AND arn = ?2 AND id <> ?3)";
    let by = by.map_or(-1, |id| id.0);
    connection.prepare_cached(sql)?.query_row(params![gateway.as_str(), arn.as_str(), by], |row| row.get(0))
}

/// Reads a start; `None` for a row of another version that this one cannot read.
pub(super) fn unresolved(row: &Row<'_>) -> rusqlite::Result<Option<UnresolvedStart>> {
    let text = |column: &str| row.get::<_, String>(column);
    let (Ok(machine), Ok(name)) = (StateMachineArn::parse(&text("machine_arn")?), ExecutionName::parse(&text("name")?))
    else {
        return Ok(None);
    };
    let Some(input) = row.get::<_, Option<String>>("input")? else { return Ok(None) };
    let order = StartOrder {
        endpoint: EndpointName::new(&text("endpoint")?),
        gateway: GatewayId::new(&text("place")?),
        machine_name: text("profile")?.into(),
        machine,
        machine_type: match text("machine_type")?.as_str() {
            "EXPRESS" => MachineType::Express,
            _ if row.get("type_known")? => MachineType::Standard,
            _ => MachineType::Unknown,
        },
        name,
        origin: if text("name_origin")? == "chosen" { NameOrigin::Chosen } else { NameOrigin::Generated },
        input: Payload::received(input),
    };
    Ok(Some(UnresolvedStart {
        order,
        request_id: Some(StartRequestId(row.get("id")?)),
        first_sent: Timestamp::from_millis(row.get("first_sent")?),
        sent: Timestamp::from_millis(row.get("sent")?),
        reason: failure_column::parse(row.get("reason")?),
    }))
}

fn origin_word(origin: NameOrigin) -> &'static str {
    match origin {
        NameOrigin::Generated => "generated",
        NameOrigin::Chosen => "chosen",
    }
}
