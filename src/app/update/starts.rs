//! What comes of starts: an execution, a refusal, or a doubt that becomes a row of its own.

use crate::app::form::{Form, Stage};
use crate::app::model::{Model, PendingStart};
use crate::app::msg::Effect;
use crate::app::notice::Level;
use crate::app::overlay::Overlay;
use crate::app::pane::Pane;
use crate::app::row::{Kept, Row, Standing};
use crate::domain::{
    Doubt, ExecutionArn, ExecutionId, Failure, FailureKind, GRACE, MachineType, Observation, RecordId, Settled,
    StartId, StartOrder, Started, Timestamp, Watched,
};

/// A start was answered.
pub(super) fn answered(model: &mut Model, id: StartId, record: Option<RecordId>, settled: Settled) -> Vec<Effect> {
    let Some(place) = model.starts.iter().position(|start| start.id == id) else { return Vec::new() };
    let pending = model.starts.remove(place);
    match settled {
        Settled::Confirmed(started) => confirmed(model, pending, started),
        Settled::Refused(failure) => {
            refused(model, &pending, failure);
            Vec::new()
        }
        Settled::Unresolved(failure) => unresolved(model, pending, record, failure),
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

fn confirmed(model: &mut Model, pending: PendingStart, started: Started) -> Vec<Effect> {
    let was_open = close_form(model, pending.id);
    let (id, effects) = confirm(model, pending.order, started);
    show(model, id, was_open);
    effects
}

/// There is an execution: its row, and what is to be done about it.
pub(super) fn confirm(model: &mut Model, order: StartOrder, started: Started) -> (ExecutionId, Vec<Effect>) {
    let arn = started.execution_arn;
    let began = started.start_date.unwrap_or(model.now);
    let known = model.executions.find(&order.place, &arn).map(|row| (row.id, is_in_doubt(row)));
    let id = match known {
        Some((id, true)) => {
            model.executions.change(id, |row| {
                row.standing = Standing::Started;
                row.started = began;
            });
            id
        }
        Some((id, false)) => {
            let text = format!("{} was started already; this is the same execution.", arn.name());
            model.notices.say(Level::Info, text, model.now);
            return (id, Vec::new());
        }
        None => {
            let order = here(model, order);
            model.executions.add(row(order, arn.clone(), Standing::Started, began))
        }
    };
    if !arn.is_describable() {
        let failure = Failure::without_answer(FailureKind::ExpressNotDescribable, "");
        model.executions.change(id, |row| row.standing = Standing::Lost(failure, None));
        return (id, Vec::new());
    }
    (id, begin_watch(model, id))
}

/// The order with today's name of its endpoint, which the watcher goes by.
fn here(model: &Model, order: StartOrder) -> StartOrder {
    let endpoint = model.endpoint_at(&order.place, &order.endpoint).cloned();
    StartOrder { endpoint: endpoint.unwrap_or_else(|| order.endpoint.clone()), ..order }
}

/// Counts a running execution with its machine, and has it watched.
pub(super) fn begin_watch(model: &mut Model, id: ExecutionId) -> Vec<Effect> {
    let Some(row) = model.executions.get(id) else { return Vec::new() };
    let (watched, profile, endpoint) = (watched(model, row), row.profile.clone(), row.endpoint.clone());
    model.machines.count_start(&profile, &endpoint);
    vec![Effect::Watch(vec![watched])]
}

fn row(order: StartOrder, arn: ExecutionArn, standing: Standing, started: Timestamp) -> Row {
    Row {
        id: ExecutionId(0),
        profile: order.profile,
        machine: order.machine,
        endpoint: order.endpoint,
        place: order.place,
        arn,
        input: Some(order.input),
        started,
        standing,
        kept: Kept::Here,
        answered: None,
        next_question: None,
        trouble: None,
    }
}

fn is_in_doubt(row: &Row) -> bool {
    matches!(row.standing, Standing::Unresolved(_) | Standing::NeverStarted(_))
}

/// What the watcher is to know of a row.
pub(super) fn watched(model: &Model, row: &Row) -> Watched {
    let grace = match &row.standing {
        Standing::Unresolved(doubt) => doubt.grace(model.now),
        _ => GRACE,
    };
    Watched {
        id: row.id,
        endpoint: row.endpoint.clone(),
        arn: row.arn.clone(),
        // A redriven one ends when the rest of it is done.
        age: model.now.since(row.seen().and_then(|seen| seen.redrive.date).unwrap_or(row.started)),
        grace,
    }
}

/// It is not known whether there is an execution; of a STANDARD machine that can be found out.
fn unresolved(model: &mut Model, pending: PendingStart, record: Option<RecordId>, failure: Failure) -> Vec<Effect> {
    let was_open = close_form(model, pending.id);
    let name = &pending.order.name;
    let is_standard = pending.order.machine_type == MachineType::Standard;
    let text = if is_standard {
        format!("{name} may or may not be running: {failure} It is being asked about.")
    } else {
        format!("{name} may or may not be running: {failure} An EXPRESS execution cannot be asked about.")
    };
    model.notices.say(Level::Error, text, model.now);
    let (id, effects) = doubt(model, pending.order, record, failure, is_standard);
    show(model, id, was_open);
    effects
}

/// The row of a start in doubt; one that can be asked about is watched.
pub(super) fn doubt(
    model: &mut Model,
    order: StartOrder,
    record: Option<RecordId>,
    failure: Failure,
    is_standard: bool,
) -> (ExecutionId, Vec<Effect>) {
    let order = here(model, order);
    let arn = order.machine.execution(&order.name);
    let known = model.executions.find(&order.place, &arn).map(|row| (row.id, is_in_doubt(row)));
    if let Some((id, false)) = known {
        // It is there and watched; whether this start has begun it or another does not matter.
        return (id, Vec::new());
    }
    let known = known.map(|(id, _)| id);
    let doubt = Doubt { order, record, sent: model.now, reason: Some(failure) };
    let id = match known {
        Some(id) => {
            model.executions.change(id, |row| row.standing = Standing::Unresolved(Box::new(doubt)));
            id
        }
        None => model.executions.add(Row::of_doubt(doubt, Standing::Unresolved)),
    };
    let watched = model.executions.get(id).filter(|_| is_standard).map(|row| watched(model, row));
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
pub(super) fn start_now(model: &mut Model) -> Vec<Effect> {
    let doubt = match model.executions.selected().map(|row| &row.standing) {
        Some(Standing::NeverStarted(doubt)) if !model.read_only => (**doubt).clone(),
        Some(Standing::NeverStarted(_)) => {
            let text = "The configuration says read-only = true: nothing can be started here.";
            model.notices.say(Level::Info, text, model.now);
            return Vec::new();
        }
        Some(Standing::Unresolved(_)) => {
            let text = "It may be running: it can be started when that is known not to be so.";
            model.notices.say(Level::Info, text, model.now);
            return Vec::new();
        }
        _ => {
            let text = "Only what has not been started can be started now; r starts this one again.";
            model.notices.say(Level::Info, text, model.now);
            return Vec::new();
        }
    };
    if model.starts.iter().any(|start| start.order == doubt.order) {
        return Vec::new();
    }
    let id = model.next_start();
    model.notices.say(Level::Info, format!("Starting {}.", doubt.order.name), model.now);
    model.starts.push(PendingStart { id, order: doubt.order.clone() });
    vec![Effect::Start(id, doubt.order, doubt.record)]
}

/// Watches the execution that has the name which was chosen in the form.
pub(super) fn follow(model: &mut Model) -> Vec<Effect> {
    let Overlay::Start(form) = &model.overlay else { return Vec::new() };
    let Some(order) = form.taken().cloned() else {
        let text = "This is for a name that has been used already.";
        model.notices.say(Level::Info, text, model.now);
        return Vec::new();
    };
    model.overlay = Overlay::None;
    model.notices.dismiss();
    let arn = order.machine.execution(&order.name);
    if let Some(id) = model.executions.find(&order.place, &arn).map(|row| row.id) {
        show(model, id, true);
        return Vec::new();
    }
    let now = model.now;
    let id = model.executions.add(Row { input: None, ..row(order, arn, Standing::Started, now) });
    show(model, id, true);
    begin_watch(model, id)
}

/// A start in doubt was asked about, and there is an execution of its name.
pub(super) fn found(model: &mut Model, id: ExecutionId, doubt: &Doubt, seen: &Observation) -> Vec<Effect> {
    let Some(row) = model.executions.get(id) else { return Vec::new() };
    let (arn, profile, endpoint) = (row.arn.clone(), row.profile.clone(), row.endpoint.clone());
    if doubt.is_answered_by(seen) {
        let started = Started { execution_arn: arn, start_date: Some(seen.start_date) };
        model.machines.count_start(&profile, &endpoint);
        model.executions.change(id, |row| row.standing = Standing::Started);
        // In the place of what was said about the doubt.
        model.notices.say(Level::Info, format!("{} was started.", doubt.order.name), model.now);
        return doubt.record.map(|record| Effect::Settle(record, Settled::Confirmed(started))).into_iter().collect();
    }
    let failure = Failure::without_answer(FailureKind::ExecutionAlreadyExists, "");
    let text = format!("{} was not started: {failure}", arn.name());
    model.notices.say(Level::Error, text, model.now);
    let not_started = Doubt { reason: Some(failure.clone()), ..doubt.clone() };
    model.executions.change(id, |row| row.standing = Standing::NeverStarted(Box::new(not_started)));
    let settle = doubt.record.map(|record| Effect::Settle(record, Settled::Refused(failure)));
    settle.into_iter().chain([Effect::Forget(id)]).collect()
}

/// A start in doubt was asked about until it was clear that there is no execution.
pub(super) fn not_found(model: &mut Model, id: ExecutionId, doubt: &Doubt) -> Vec<Effect> {
    let text = format!("{} was never started. Press s to start it now.", doubt.order.name);
    model.notices.say(Level::Info, text, model.now);
    model.executions.change(id, |row| {
        row.standing = Standing::NeverStarted(Box::new(doubt.clone()));
        row.trouble = None;
    });
    doubt.record.map(|record| Effect::Settle(record, Settled::NeverStarted)).into_iter().collect()
}
