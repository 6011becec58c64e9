//! Results of start requests: an execution, a refusal, or an unresolved start with a row of its own.

use crate::app::effect::Effect;
use crate::app::guard;
use crate::app::guard::Purpose;
use crate::app::list::row::{PayloadLocation, Row, RowState};
use crate::app::model::Model;
use crate::app::shell::notice::{About, Level};
use crate::app::shell::overlay::Overlay;
use crate::app::start::form::{Form, Stage};
use crate::app::start::show::show;
use crate::app::start::starts::PendingStart;
use crate::app::start::synchronous;
use stepgate_core::domain::{
    ExecutionId, ExecutionRecord, Failure, FailureKind, Observation, Permit, Settled, StartId, StartOrder,
    StartRequestId, Started, UnresolvedStart,
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
    let Some(pending) = model.starts.take_pending(id) else { return Vec::new() };
    let was_selected = synchronous::on_finished(model, &pending.order);
    let (row, effects) = match settled {
        Settled::Confirmed(started) => on_confirmed(model, pending, &started),
        Settled::Refused(failure) => {
            on_refused(model, &pending, failure);
            return Vec::new();
        }
        Settled::Unresolved(start) => {
            on_unresolved(model, pending.id, UnresolvedStart { request_id: start.request_id.or(record), ..*start })
        }
        // Only status responses report this.
        Settled::NeverStarted => return Vec::new(),
    };
    synchronous::replace(model, was_selected, row);
    effects
}

/// Closes the form of a finished start and returns whether it was open.
fn close_form(model: &mut Model, id: StartId) -> bool {
    let was_open = matches!(model.shell.overlay(), Overlay::Start(form) if form.stage == Stage::Sent(id));
    if was_open {
        model.shell.close_overlay();
    }
    model.starts.drop_sent_draft(id);
    was_open
}

fn on_confirmed(model: &mut Model, pending: PendingStart, started: &Started) -> (ExecutionId, Vec<Effect>) {
    let was_open = close_form(model, pending.id);
    let (id, effects) = confirm(model, pending.order, started);
    show(model, id, was_open);
    (id, effects)
}

/// Adds or updates the row of a confirmed start, and returns its id with the effects to run.
pub(in crate::app) fn confirm(model: &mut Model, order: StartOrder, started: &Started) -> (ExecutionId, Vec<Effect>) {
    let order = with_current_endpoint(model, order);
    let record = execution::new_record(&order, started, model.shell.now());
    let mut effects = Vec::new();
    // A list of the gateway came before the response.
    if model.list.executions().find(&order.gateway, &record.arn).is_some_and(|row| row.is_others) {
        effects = model.remove_rows(&[(order.gateway.clone(), record.arn.clone())]);
    }
    let known = model.list.executions().find(&order.gateway, &record.arn).map(|row| (row.id, is_open(row)));
    let id = match known {
        Some((id, false)) => {
            let text = format!("{} was already started; this is the same execution.", record.arn.name());
            model.shell.show(Level::Info, text);
            return (id, Vec::new());
        }
        Some((id, true)) => id,
        None => model.list.executions_mut().add(Row {
            input: Some(order.input),
            payloads: PayloadLocation::Here,
            ..from_record(record.clone())
        }),
    };
    model.list.executions_mut().change(id, |row| {
        let (endpoint, input) = (row.endpoint.clone(), row.input.clone());
        *row = Row { id, input, payloads: PayloadLocation::Here, ..Row::from_record(record.clone(), endpoint) };
        if record.seen.is_some() {
            row.observe(record.clone());
        }
    });
    if let Some(warning) = &record.warning {
        model.shell.show(Level::Error, format!("{}: {warning}.", record.arn.name()));
    }
    let has_ended = record.given_up.is_some() || record.seen.as_ref().is_some_and(Observation::is_ended);
    effects.extend(if has_ended { Vec::new() } else { start_watching(model, id) });
    effects.extend(record.seen.is_some().then(|| Effect::SaveRecord(Box::new(record))));
    (id, effects)
}

fn from_record(record: ExecutionRecord) -> Row {
    let endpoint = record.endpoint.clone();
    Row::from_record(record, endpoint)
}

/// Returns the order with the current name of its endpoint, which the watcher uses.
fn with_current_endpoint(model: &Model, order: StartOrder) -> StartOrder {
    let endpoint = model.shell.endpoints().at(&order.gateway, &order.endpoint).cloned();
    StartOrder { endpoint: endpoint.unwrap_or_else(|| order.endpoint.clone()), ..order }
}

/// Counts a running execution for its machine and starts watching it.
pub(in crate::app) fn start_watching(model: &mut Model, id: ExecutionId) -> Vec<Effect> {
    let Some(row) = model.list.executions().get(id) else { return Vec::new() };
    let (watched, machine_name, endpoint) = (watched(model, row), row.machine_name.clone(), row.endpoint.clone());
    model.list.machines_mut().count_start(&machine_name, &endpoint);
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
        age: model.shell.now().since(row.seen().and_then(|seen| seen.redrive.date).unwrap_or(row.started)),
        tracked,
    }
}

/// Handles a start request that may or may not have led to an execution.
fn on_unresolved(model: &mut Model, id: StartId, start: UnresolvedStart) -> (ExecutionId, Vec<Effect>) {
    let was_open = close_form(model, id);
    let reason = start.reason.as_ref().map(ToString::to_string).unwrap_or_default();
    let text = format!("{} is unresolved: {reason}", start.order.name);
    let (id, effects) = add_unresolved(model, start);
    model.shell.show_about(About::Row(id), Level::Error, text);
    show(model, id, was_open);
    (id, effects)
}

/// Adds the row of an unresolved start and has the watcher check it.
pub(in crate::app) fn add_unresolved(model: &mut Model, start: UnresolvedStart) -> (ExecutionId, Vec<Effect>) {
    let start = UnresolvedStart { order: with_current_endpoint(model, start.order), ..start };
    let arn = start.order.machine.execution(&start.order.name);
    let known = model.list.executions().find(&start.order.gateway, &arn).map(|row| (row.id, is_open(row)));
    let id = match known {
        // The execution is known and watched; which request started it does not matter.
        Some((id, false)) => return (id, Vec::new()),
        Some((id, true)) => {
            model.list.executions_mut().change(id, |row| {
                row.state = RowState::Unresolved(Box::new(start));
                row.poll_failure = None;
            });
            id
        }
        None => model.list.executions_mut().add(Row::from_unresolved(start, RowState::Unresolved)),
    };
    let watched = model.list.executions().get(id).map(|row| watched(model, row));
    (id, watched.map(|watched| Effect::Watch(vec![watched])).into_iter().collect())
}

fn on_refused(model: &mut Model, pending: &PendingStart, failure: Failure) {
    let name = &pending.order.name;
    let mut text = format!("{name} was not started: {failure}");
    let mut about = About::Event;
    let is_name_used = failure.kind == FailureKind::ExecutionAlreadyExists;
    let is_sent = |form: &Form| form.stage == Stage::Sent(pending.id);
    if let Overlay::Start(form) = model.shell.overlay_mut()
        && is_sent(form)
    {
        form.refuse(failure);
        about = About::Screen;
        if is_name_used {
            text.push_str(" Ctrl-T watches the execution that has it.");
        }
    } else if let Some(form) = model.starts.sent_draft(pending.id) {
        form.refuse(failure);
        // The user is doing something else, so the form must not take the focus.
        text.push_str(" The form was kept: open its machine again.");
    }
    model.shell.show_about(about, Level::Error, text);
}

/// Starts an execution that was not started, with the same name and the same bytes: the selected one, or the one for which
/// there is a permission.
pub(in crate::app) fn start_now(model: &mut Model, permitted: Option<(ExecutionId, Permit)>) -> Vec<Effect> {
    let executions = model.list.executions();
    let row = match &permitted {
        Some((id, _)) => executions.get(*id),
        None => executions.selected(),
    };
    let (row_id, state) = row.map(|row| (row.id, &row.state)).unzip();
    let unresolved = match state {
        Some(RowState::NeverStarted(unresolved)) if !model.shell.is_read_only() => (**unresolved).clone(),
        Some(RowState::NeverStarted(_)) => {
            let text = "Starting is disabled: the configuration says read-only = true.";
            model.shell.reply(Level::Info, text);
            return Vec::new();
        }
        Some(RowState::Unresolved(_)) => {
            let text = "It may be running. It can be started only once it is known that it was not started.";
            model.shell.reply(Level::Info, text);
            return Vec::new();
        }
        _ => {
            let text = "It was already started. Press r to start it again.";
            model.shell.reply(Level::Info, text);
            return Vec::new();
        }
    };
    if model.starts.pending().iter().any(|start| start.order == unresolved.order) {
        return Vec::new();
    }
    let guard = guard::update::guard(model, [(&unresolved.order.gateway, &unresolved.order.endpoint)]);
    let Some(permit) = permitted.map(|(_, permit)| permit).or_else(|| guard.permit("")) else {
        if let Some(row) = row_id {
            guard::update::open(model, Purpose::StartNow(row), guard);
        }
        return Vec::new();
    };
    let id = model.starts.next_id();
    model.shell.show(Level::Info, format!("Starting {}.", unresolved.order.name));
    model.starts.add_pending(id, unresolved.order.clone());
    vec![Effect::Start(id, unresolved.order, unresolved.request_id, permit)]
}

/// Watches the existing execution whose name was chosen in the form.
pub(in crate::app) fn follow(model: &mut Model) -> Vec<Effect> {
    let Overlay::Start(form) = model.shell.overlay() else { return Vec::new() };
    let Some(order) = form.order_with_used_name().cloned() else {
        let text = "No start was refused because its name is in use.";
        model.shell.reply(Level::Info, text);
        return Vec::new();
    };
    model.shell.close_overlay();
    let arn = order.machine.execution(&order.name);
    if let Some(id) = model.list.executions().find(&order.gateway, &arn).map(|row| row.id) {
        show(model, id, true);
        return Vec::new();
    }
    let record = execution::new_record(&order, &Started::new(arn, None), model.shell.now());
    // Started elsewhere, so its input is unknown.
    let id = model.list.executions_mut().add(Row {
        input_digest: None,
        payloads: PayloadLocation::Here,
        ..from_record(record)
    });
    show(model, id, true);
    start_watching(model, id)
}
