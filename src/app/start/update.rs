//! Results of start requests: an execution, a refusal, or an unresolved start with a row of its own.

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

/// Handles the result of a start request.
pub(in crate::app) fn on_finished(
    model: &mut Model,
    id: StartId,
    record: Option<StartRequestId>,
    settled: Settled,
) -> Vec<Effect> {
    let Some(index) = model.starts.iter().position(|start| start.id == id) else { return Vec::new() };
    let pending = model.starts.remove(index);
    match settled {
        Settled::Confirmed(started) => on_confirmed(model, pending, &started),
        Settled::Refused(failure) => {
            on_refused(model, &pending, failure);
            Vec::new()
        }
        Settled::Unresolved(start) => {
            on_unresolved(model, pending.id, UnresolvedStart { request_id: start.request_id.or(record), ..*start })
        }
        // Only status responses report this.
        Settled::NeverStarted => Vec::new(),
    }
}

/// Closes the form of a finished start and returns whether it was open.
fn close_form(model: &mut Model, id: StartId) -> bool {
    let was_open = matches!(&model.overlay, Overlay::Start(form) if form.stage == Stage::Sent(id));
    if was_open {
        model.overlay = Overlay::None;
    }
    model.drafts.retain(|form| form.stage != Stage::Sent(id));
    was_open
}

/// Selects the row of a start whose form was open. If it was closed, the user is doing something else.
fn show(model: &mut Model, id: ExecutionId, was_open: bool) {
    if was_open || model.executions.len() == 1 {
        model.timeline = None;
        model.executions.select(Some(id));
        model.focus = Pane::Executions;
        if model.executions.selected_place().is_none() {
            model.executions.set_filter("");
            model.notices.show(Level::Info, "Filter cleared: it would have hidden the new execution.", model.now);
        }
    }
}

fn on_confirmed(model: &mut Model, pending: PendingStart, started: &Started) -> Vec<Effect> {
    let was_open = close_form(model, pending.id);
    let (id, effects) = confirm(model, pending.order, started);
    show(model, id, was_open);
    effects
}

/// Adds or updates the row of a confirmed start, and returns its id with the effects to run.
pub(in crate::app) fn confirm(model: &mut Model, order: StartOrder, started: &Started) -> (ExecutionId, Vec<Effect>) {
    let order = with_current_endpoint(model, order);
    let record = execution::new_record(&order, started, model.now);
    let known = model.executions.find(&order.gateway, &record.arn).map(|row| (row.id, is_open(row)));
    let id = match known {
        Some((id, false)) => {
            let text = format!("{} was already started; this is the same execution.", record.arn.name());
            model.notices.show(Level::Info, text, model.now);
            return (id, Vec::new());
        }
        Some((id, true)) => id,
        None => model.executions.add(Row {
            input: Some(order.input),
            payloads: PayloadLocation::Here,
            ..from_record(record.clone())
        }),
    };
    model.executions.change(id, |row| {
        let (endpoint, input) = (row.endpoint.clone(), row.input.clone());
        *row = Row { id, input, payloads: PayloadLocation::Here, ..Row::from_record(record.clone(), endpoint) };
        if record.seen.is_some() {
            row.observe(record.clone());
        }
    });
    if let Some(warning) = &record.warning {
        model.notices.show(Level::Error, format!("{}: {warning}.", record.arn.name()), model.now);
    }
    let has_ended = record.given_up.is_some() || record.seen.as_ref().is_some_and(Observation::is_ended);
    let mut effects = if has_ended { Vec::new() } else { start_watching(model, id) };
    effects.extend(record.seen.is_some().then(|| Effect::SaveRecord(Box::new(record))));
    (id, effects)
}

fn from_record(record: ExecutionRecord) -> Row {
    let endpoint = record.endpoint.clone();
    Row::from_record(record, endpoint)
}

/// Returns the order with the current name of its endpoint, which the watcher uses.
fn with_current_endpoint(model: &Model, order: StartOrder) -> StartOrder {
    let endpoint = model.endpoint_at(&order.gateway, &order.endpoint).cloned();
    StartOrder { endpoint: endpoint.unwrap_or_else(|| order.endpoint.clone()), ..order }
}

/// Counts a running execution for its machine and starts watching it.
pub(in crate::app) fn start_watching(model: &mut Model, id: ExecutionId) -> Vec<Effect> {
    let Some(row) = model.executions.get(id) else { return Vec::new() };
    let (watched, machine_name, endpoint) = (watched(model, row), row.machine_name.clone(), row.endpoint.clone());
    model.machines.count_start(&machine_name, &endpoint);
    vec![Effect::Watch(vec![watched])]
}

fn is_open(row: &Row) -> bool {
    matches!(row.state, RowState::Unresolved(_) | RowState::NeverStarted(_))
}

/// Returns what the watcher needs to know about a row.
pub(in crate::app) fn watched(model: &Model, row: &Row) -> Watched {
    let tracked = match (&row.state, row.record()) {
        (RowState::Unresolved(start) | RowState::NeverStarted(start), _) => Tracked::from_start((**start).clone()),
        (_, Some(record)) => Tracked::from_record(&record),
        (_, None) => Tracked::Execution(Box::new(KnownExecution::new(row.arn.clone(), None)), row.arn.clone()),
    };
    Watched {
        id: row.id,
        endpoint: row.endpoint.clone(),
        // A redriven execution only has to run the rest, so its age counts from the redrive.
        age: model.now.since(row.seen().and_then(|seen| seen.redrive.date).unwrap_or(row.started)),
        tracked,
    }
}

/// Handles a start request that may or may not have led to an execution.
fn on_unresolved(model: &mut Model, id: StartId, start: UnresolvedStart) -> Vec<Effect> {
    let was_open = close_form(model, id);
    let reason = start.reason.as_ref().map(ToString::to_string).unwrap_or_default();
    model.notices.show(Level::Error, format!("{} is unresolved: {reason}", start.order.name), model.now);
    let (id, effects) = add_unresolved(model, start);
    show(model, id, was_open);
    effects
}

/// Adds the row of an unresolved start and has the watcher check it.
pub(in crate::app) fn add_unresolved(model: &mut Model, start: UnresolvedStart) -> (ExecutionId, Vec<Effect>) {
    let start = UnresolvedStart { order: with_current_endpoint(model, start.order), ..start };
    let arn = start.order.machine.execution(&start.order.name);
    let known = model.executions.find(&start.order.gateway, &arn).map(|row| (row.id, is_open(row)));
    let id = match known {
        // The execution is known and watched; which request started it does not matter.
        Some((id, false)) => return (id, Vec::new()),
        Some((id, true)) => {
            model.executions.change(id, |row| {
                row.state = RowState::Unresolved(Box::new(start));
                row.poll_failure = None;
            });
            id
        }
        None => model.executions.add(Row::from_unresolved(start, RowState::Unresolved)),
    };
    let watched = model.executions.get(id).map(|row| watched(model, row));
    (id, watched.map(|watched| Effect::Watch(vec![watched])).into_iter().collect())
}

fn on_refused(model: &mut Model, pending: &PendingStart, failure: Failure) {
    let name = &pending.order.name;
    let mut text = format!("{name} was not started: {failure}");
    let is_name_used = failure.kind == FailureKind::ExecutionAlreadyExists;
    let is_sent = |form: &Form| form.stage == Stage::Sent(pending.id);
    if let Overlay::Start(form) = &mut model.overlay
        && is_sent(form)
    {
        form.refuse(failure);
        if is_name_used {
            text.push_str(" Ctrl-T watches the execution that has it.");
        }
    } else if let Some(form) = model.drafts.iter_mut().find(|form| is_sent(form)) {
        form.refuse(failure);
        // The user is doing something else, so the form must not take the focus.
        text.push_str(" The form was kept: open its machine again.");
    }
    model.notices.show(Level::Error, text, model.now);
}

/// Starts an execution that was never started, with the same name and the same bytes.
pub(in crate::app) fn start_now(model: &mut Model) -> Vec<Effect> {
    let unresolved = match model.executions.selected().map(|row| &row.state) {
        Some(RowState::NeverStarted(unresolved)) if !model.read_only => (**unresolved).clone(),
        Some(RowState::NeverStarted(_)) => {
            let text = "Starting is disabled: the configuration says read-only = true.";
            model.notices.show(Level::Info, text, model.now);
            return Vec::new();
        }
        Some(RowState::Unresolved(_)) => {
            let text = "It may be running. It can be started only once it is known that it was never started.";
            model.notices.show(Level::Info, text, model.now);
            return Vec::new();
        }
        _ => {
            let text = "It was already started. Press r to start it again.";
            model.notices.show(Level::Info, text, model.now);
            return Vec::new();
        }
    };
    if model.starts.iter().any(|start| start.order == unresolved.order) {
        return Vec::new();
    }
    let id = model.next_start_id();
    model.notices.show(Level::Info, format!("Starting {}.", unresolved.order.name), model.now);
    model.starts.push(PendingStart { id, order: unresolved.order.clone() });
    vec![Effect::Start(id, unresolved.order, unresolved.request_id)]
}

/// Watches the existing execution whose name was chosen in the form.
pub(in crate::app) fn follow(model: &mut Model) -> Vec<Effect> {
    let Overlay::Start(form) = &model.overlay else { return Vec::new() };
    let Some(order) = form.order_with_used_name().cloned() else {
        let text = "No start was refused because its name is in use.";
        model.notices.show(Level::Info, text, model.now);
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
    // Started elsewhere, so its input is unknown.
    let id = model.executions.add(Row { input_digest: None, payloads: PayloadLocation::Here, ..from_record(record) });
    show(model, id, true);
    start_watching(model, id)
}

fn unresolved_start(model: &Model, id: ExecutionId) -> Option<UnresolvedStart> {
    match &model.executions.get(id)?.state {
        RowState::Unresolved(start) => Some((**start).clone()),
        _ => None,
    }
}

/// Handles that an unresolved start has led to an execution.
pub(in crate::app) fn on_found(
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
        row.state = RowState::Started;
        row.started = started.start_date.unwrap_or(row.started);
        row.poll_failure = None;
        row.warning = warning.or(row.warning.take());
    });
    // Replaces the earlier message.
    model.notices.show(Level::Info, format!("{} was started.", start.order.name), model.now);
    start.request_id.map(|record| Effect::Settle(record, Settled::Confirmed(started))).into_iter().collect()
}

/// Handles that the name of an unresolved start belongs to another execution.
pub(in crate::app) fn on_name_in_use(model: &mut Model, id: ExecutionId, failure: Failure) -> Vec<Effect> {
    let Some(start) = unresolved_start(model, id) else { return Vec::new() };
    let text = format!("{} was not started: {failure}", start.order.name);
    model.notices.show(Level::Error, text, model.now);
    let record = start.request_id;
    let not_started = UnresolvedStart { reason: Some(failure.clone()), ..start };
    model.executions.change(id, |row| row.state = RowState::NeverStarted(Box::new(not_started)));
    record.map(|record| Effect::Settle(record, Settled::Refused(failure))).into_iter().collect()
}

/// Handles that an unresolved start has not led to an execution.
pub(in crate::app) fn on_not_started(model: &mut Model, id: ExecutionId) -> Vec<Effect> {
    let Some(start) = unresolved_start(model, id) else { return Vec::new() };
    let text = format!("{} was never started. Press s to start it now.", start.order.name);
    model.notices.show(Level::Info, text, model.now);
    let record = start.request_id;
    model.executions.change(id, |row| {
        row.state = RowState::NeverStarted(Box::new(start));
        row.poll_failure = None;
    });
    record.map(|record| Effect::Settle(record, Settled::NeverStarted)).into_iter().collect()
}

/// Handles that the outcome of an unresolved start cannot be determined.
pub(in crate::app) fn on_unknown(model: &mut Model, id: ExecutionId, failure: Failure) -> Vec<Effect> {
    let Some(start) = unresolved_start(model, id) else { return Vec::new() };
    let is_news = start.reason.as_ref() != Some(&failure);
    if is_news {
        let text = format!("{} stays unresolved: {failure}", start.order.name);
        model.notices.log(Level::Error, text, model.now);
    }
    model.executions.change(id, |row| row.poll_failure = Some(failure).filter(|_| is_news));
    Vec::new()
}
