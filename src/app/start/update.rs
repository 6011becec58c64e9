//! What comes of starts: an execution, a refusal, or a doubt that becomes a row of its own.

use crate::app::effect::Effect;
use crate::app::list::row::{PayloadLocation, Row, RowState};
use crate::app::model::{Model, PendingStart};
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;
use crate::app::shell::pane::Pane;
use crate::app::start::form::{Form, Stage};
use stepgate_core::domain::{
    ExecutionId, ExecutionRecord, Failure, FailureKind, Observation, Settled, StartId, StartOrder, StartRequestId,
    Started, UnresolvedStart, Warning,
};
use stepgate_core::lifecycle::execution::{self, KnownExecution};
use stepgate_core::lifecycle::{Tracked, Watched};

/// A start was answered.
pub(in crate::app) fn answered(
    model: &mut Model,
    id: StartId,
    record: Option<StartRequestId>,
    settled: Settled,
) -> Vec<Effect> {
    let Some(gateway) = model.starts.iter().position(|start| start.id == id) else { return Vec::new() };
    let pending = model.starts.remove(gateway);
    match settled {
        Settled::Confirmed(started) => confirmed(model, pending, &started),
        Settled::Refused(failure) => {
            refused(model, &pending, failure);
            Vec::new()
        }
        Settled::Unresolved(start) => {
            unresolved(model, pending.id, UnresolvedStart { request_id: start.request_id.or(record), ..*start })
        }
        // Told by status answers only.
        Settled::NeverStarted => Vec::new(),
    }
}

/// Closes the form of a start that needs it no more; whether it was open.
fn close_form(model: &mut Model, id: StartId) -> bool {
    let was_open = matches!(&model.overlay, Overlay::Start(form) if form.stage == Stage::Sent(id));
    if was_open {
        model.overlay = Overlay::None;
    }
    model.drafts.retain(|form| form.stage != Stage::Sent(id));
    was_open
}

/// Shows the row of a start whose form was open. One that was left stays left: the user is doing
/// something else by now.
fn show(model: &mut Model, id: ExecutionId, was_open: bool) {
    if was_open || model.executions.len() == 1 {
        model.timeline = None;
        model.executions.select(Some(id));
        model.focus = Pane::Executions;
        if model.executions.selected_place().is_none() {
            model.executions.set_filter("");
            model.notices.say(Level::Info, "The filter is off: it would have hidden the new execution.", model.now);
        }
    }
}

fn confirmed(model: &mut Model, pending: PendingStart, started: &Started) -> Vec<Effect> {
    let was_open = close_form(model, pending.id);
    let (id, effects) = confirm(model, pending.order, started);
    show(model, id, was_open);
    effects
}

/// There is an execution: its row, and what is to be done about it.
pub(in crate::app) fn confirm(model: &mut Model, order: StartOrder, started: &Started) -> (ExecutionId, Vec<Effect>) {
    let order = here(model, order);
    let record = execution::new_record(&order, started, model.now);
    let known = model.executions.find(&order.gateway, &record.arn).map(|row| (row.id, is_open(row)));
    let id = match known {
        Some((id, false)) => {
            let text = format!("{} was started already; this is the same execution.", record.arn.name());
            model.notices.say(Level::Info, text, model.now);
            return (id, Vec::new());
        }
        Some((id, true)) => id,
        None => model.executions.add(Row {
            input: Some(order.input),
            kept: PayloadLocation::Here,
            ..of_record(record.clone())
        }),
    };
    model.executions.change(id, |row| {
        let (endpoint, input) = (row.endpoint.clone(), row.input.clone());
        *row = Row { id, input, kept: PayloadLocation::Here, ..Row::of_record(record.clone(), endpoint) };
        if record.seen.is_some() {
            row.observe(record.clone());
        }
    });
    if let Some(warning) = &record.warning {
        model.notices.say(Level::Error, format!("{}: {warning}.", record.arn.name()), model.now);
    }
    let is_over = record.given_up.is_some() || record.seen.as_ref().is_some_and(Observation::is_ended);
    let mut effects = if is_over { Vec::new() } else { begin_watch(model, id) };
    effects.extend(record.seen.is_some().then(|| Effect::Keep(Box::new(record))));
    (id, effects)
}

fn of_record(record: ExecutionRecord) -> Row {
    let endpoint = record.endpoint.clone();
    Row::of_record(record, endpoint)
}

/// The order with today's name of its endpoint, which the watcher goes by.
fn here(model: &Model, order: StartOrder) -> StartOrder {
    let endpoint = model.endpoint_at(&order.gateway, &order.endpoint).cloned();
    StartOrder { endpoint: endpoint.unwrap_or_else(|| order.endpoint.clone()), ..order }
}

/// Counts a running execution with its machine, and has it watched.
pub(in crate::app) fn begin_watch(model: &mut Model, id: ExecutionId) -> Vec<Effect> {
    let Some(row) = model.executions.get(id) else { return Vec::new() };
    let (watched, machine_name, endpoint) = (watched(model, row), row.machine_name.clone(), row.endpoint.clone());
    model.machines.count_start(&machine_name, &endpoint);
    vec![Effect::Watch(vec![watched])]
}

fn is_open(row: &Row) -> bool {
    matches!(row.standing, RowState::Unresolved(_) | RowState::NeverStarted(_))
}

/// What the watcher is to know of a row.
pub(in crate::app) fn watched(model: &Model, row: &Row) -> Watched {
    let tracked = match (&row.standing, row.record()) {
        (RowState::Unresolved(start) | RowState::NeverStarted(start), _) => Tracked::from_start((**start).clone()),
        (_, Some(record)) => Tracked::from_record(&record),
        (_, None) => Tracked::Execution(Box::new(KnownExecution::new(row.arn.clone(), None)), row.arn.clone()),
    };
    Watched {
        id: row.id,
        endpoint: row.endpoint.clone(),
        // A redriven one ends when the rest of it is done.
        age: model.now.since(row.seen().and_then(|seen| seen.redrive.date).unwrap_or(row.started)),
        tracked,
    }
}

/// It is not known whether there is an execution.
fn unresolved(model: &mut Model, id: StartId, start: UnresolvedStart) -> Vec<Effect> {
    let was_open = close_form(model, id);
    let reason = start.reason.as_ref().map(ToString::to_string).unwrap_or_default();
    model.notices.say(Level::Error, format!("{} is unresolved: {reason}", start.order.name), model.now);
    let (id, effects) = add_unresolved(model, start);
    show(model, id, was_open);
    effects
}

/// The row of a start whose outcome is open; the watcher finds out what can be found out.
pub(in crate::app) fn add_unresolved(model: &mut Model, start: UnresolvedStart) -> (ExecutionId, Vec<Effect>) {
    let start = UnresolvedStart { order: here(model, start.order), ..start };
    let arn = start.order.machine.execution(&start.order.name);
    let known = model.executions.find(&start.order.gateway, &arn).map(|row| (row.id, is_open(row)));
    let id = match known {
        // It is there and watched; whether this start has begun it or another does not matter.
        Some((id, false)) => return (id, Vec::new()),
        Some((id, true)) => {
            model.executions.change(id, |row| {
                row.standing = RowState::Unresolved(Box::new(start));
                row.trouble = None;
            });
            id
        }
        None => model.executions.add(Row::of_doubt(start, RowState::Unresolved)),
    };
    let watched = model.executions.get(id).map(|row| watched(model, row));
    (id, watched.map(|watched| Effect::Watch(vec![watched])).into_iter().collect())
}

fn refused(model: &mut Model, pending: &PendingStart, failure: Failure) {
    let name = &pending.order.name;
    let mut text = format!("{name} was not started: {failure}");
    let is_taken = failure.kind == FailureKind::ExecutionAlreadyExists;
    let is_sent = |form: &Form| form.stage == Stage::Sent(pending.id);
    if let Overlay::Start(form) = &mut model.overlay
        && is_sent(form)
    {
        form.refuse(failure);
        if is_taken {
            text.push_str(" Ctrl-T watches the execution that has it.");
        }
    } else if let Some(form) = model.drafts.iter_mut().find(|form| is_sent(form)) {
        form.refuse(failure);
        // The user is doing something else by now, and the keys should go on meaning that.
        text.push_str(" The form is kept: open its machine again.");
    }
    model.notices.say(Level::Error, text, model.now);
}

/// Starts what turned out not to have been started, under the same name and with the same bytes.
pub(in crate::app) fn start_now(model: &mut Model) -> Vec<Effect> {
    let unresolved = match model.executions.selected().map(|row| &row.standing) {
        Some(RowState::NeverStarted(unresolved)) if !model.read_only => (**unresolved).clone(),
        Some(RowState::NeverStarted(_)) => {
            let text = "The configuration says read-only = true: nothing can be started here.";
            model.notices.say(Level::Info, text, model.now);
            return Vec::new();
        }
        Some(RowState::Unresolved(_)) => {
            let text = "It may be running. It can be started once it is known that it was never started.";
            model.notices.say(Level::Info, text, model.now);
            return Vec::new();
        }
        _ => {
            let text = "Only what has not been started can be started now; r starts this one again.";
            model.notices.say(Level::Info, text, model.now);
            return Vec::new();
        }
    };
    if model.starts.iter().any(|start| start.order == unresolved.order) {
        return Vec::new();
    }
    let id = model.next_start();
    model.notices.say(Level::Info, format!("Starting {}.", unresolved.order.name), model.now);
    model.starts.push(PendingStart { id, order: unresolved.order.clone() });
    vec![Effect::Start(id, unresolved.order, unresolved.request_id)]
}

/// Watches the execution that has the name which was chosen in the form.
pub(in crate::app) fn follow(model: &mut Model) -> Vec<Effect> {
    let Overlay::Start(form) = &model.overlay else { return Vec::new() };
    let Some(order) = form.taken().cloned() else {
        let text = "This is for a name that has been used already.";
        model.notices.say(Level::Info, text, model.now);
        return Vec::new();
    };
    model.overlay = Overlay::None;
    model.notices.dismiss();
    let arn = order.machine.execution(&order.name);
    if let Some(id) = model.executions.find(&order.gateway, &arn).map(|row| row.id) {
        show(model, id, true);
        return Vec::new();
    }
    let record = execution::new_record(&order, &Started::new(arn, None), model.now);
    // Somebody else has started it, with whatever input.
    let id = model.executions.add(Row { input_digest: None, kept: PayloadLocation::Here, ..of_record(record) });
    show(model, id, true);
    begin_watch(model, id)
}

fn unresolved_start(model: &Model, id: ExecutionId) -> Option<UnresolvedStart> {
    match &model.executions.get(id)?.standing {
        RowState::Unresolved(start) => Some((**start).clone()),
        _ => None,
    }
}

/// An unresolved start has led to an execution.
pub(in crate::app) fn found(
    model: &mut Model,
    id: ExecutionId,
    started: Started,
    warning: Option<Warning>,
) -> Vec<Effect> {
    let Some(start) = unresolved_start(model, id) else { return Vec::new() };
    let Some(row) = model.executions.get(id) else { return Vec::new() };
    let (machine_name, endpoint) = (row.machine_name.clone(), row.endpoint.clone());
    model.machines.count_start(&machine_name, &endpoint);
    model.executions.change(id, |row| {
        row.standing = RowState::Started;
        row.started = started.start_date.unwrap_or(row.started);
        row.trouble = None;
        row.warning = warning.or(row.warning.take());
    });
    // In the place of what was said before.
    model.notices.say(Level::Info, format!("{} was started.", start.order.name), model.now);
    start.request_id.map(|record| Effect::Settle(record, Settled::Confirmed(started))).into_iter().collect()
}

/// The name of an unresolved start belongs to another execution.
pub(in crate::app) fn name_taken(model: &mut Model, id: ExecutionId, failure: Failure) -> Vec<Effect> {
    let Some(start) = unresolved_start(model, id) else { return Vec::new() };
    let text = format!("{} was not started: {failure}", start.order.name);
    model.notices.say(Level::Error, text, model.now);
    let record = start.request_id;
    let not_started = UnresolvedStart { reason: Some(failure.clone()), ..start };
    model.executions.change(id, |row| row.standing = RowState::NeverStarted(Box::new(not_started)));
    record.map(|record| Effect::Settle(record, Settled::Refused(failure))).into_iter().collect()
}

/// An unresolved start has led to no execution.
pub(in crate::app) fn not_found(model: &mut Model, id: ExecutionId) -> Vec<Effect> {
    let Some(start) = unresolved_start(model, id) else { return Vec::new() };
    let text = format!("{} was never started. Press s to start it now.", start.order.name);
    model.notices.say(Level::Info, text, model.now);
    let record = start.request_id;
    model.executions.change(id, |row| {
        row.standing = RowState::NeverStarted(Box::new(start));
        row.trouble = None;
    });
    record.map(|record| Effect::Settle(record, Settled::NeverStarted)).into_iter().collect()
}

/// What became of an unresolved start cannot be found out.
pub(in crate::app) fn unknown(model: &mut Model, id: ExecutionId, failure: Failure) -> Vec<Effect> {
    let Some(start) = unresolved_start(model, id) else { return Vec::new() };
    let is_news = start.reason.as_ref() != Some(&failure);
    if is_news {
        let text = format!("{} stays unresolved: {failure}", start.order.name);
        model.notices.note(Level::Error, text, model.now);
    }
    model.executions.change(id, |row| row.trouble = Some(failure).filter(|_| is_news));
    Vec::new()
}
