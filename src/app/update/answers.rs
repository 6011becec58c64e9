//! Answers from the gateway. They find their place by id, however late they come.

use crate::app::executions::{Group, Row, Standing};
use crate::app::form::{Form, Stage};
use crate::app::model::{Model, Overlay, PendingStart};
use crate::app::msg::Effect;
use crate::app::notice::Level;
use crate::app::pane::Pane;
use crate::domain::{
    EndpointName, ExecutionArn, ExecutionId, Failure, FailureKind, MachineType, NameOrigin, Observation, StartId,
    Started, Verdict,
};

/// A start was answered.
pub(super) fn start(model: &mut Model, id: StartId, result: Result<Started, Failure>) -> Vec<Effect> {
    let Some(place) = model.starts.iter().position(|start| start.id == id) else { return Vec::new() };
    let pending = model.starts.remove(place);
    match result {
        Ok(started) => confirmed(model, pending, started),
        Err(failure) => {
            refused(model, &pending, failure);
            Vec::new()
        }
    }
}

fn confirmed(model: &mut Model, pending: PendingStart, started: Started) -> Vec<Effect> {
    let was_open = matches!(&model.overlay, Overlay::Start(form) if form.stage == Stage::Sent(pending.id));
    if was_open {
        model.overlay = Overlay::None;
    }
    model.drafts.retain(|_, form| form.stage != Stage::Sent(pending.id));
    let Some(machine) = model.machines.get(pending.machine) else { return Vec::new() };
    let name = machine.name.clone();
    if let Some(row) = model.executions.find(&started.execution_arn) {
        let (id, text) = (row.id, format!("{} was started already; this is the same execution.", row.arn.name()));
        model.executions.select(Some(id));
        model.notices.say(Level::Info, text, model.now);
        return Vec::new();
    }
    let arn = started.execution_arn;
    let is_describable = arn.is_describable();
    let id = model.executions.add(
        name.clone(),
        pending.order.endpoint.clone(),
        arn,
        pending.order.input,
        started.start_date.unwrap_or(model.now),
    );
    // A form that was left stays left: the user is doing something else by now.
    if was_open || model.executions.len() == 1 {
        model.executions.select(Some(id));
        model.focus = Pane::Executions;
    }
    if !is_describable {
        let failure = Failure::without_answer(FailureKind::ExpressNotDescribable, "");
        model.executions.change(id, |row| row.standing = Standing::Lost(failure, None));
        return Vec::new();
    }
    model.machines.count_start(&name, &pending.order.endpoint);
    let watched = model.executions.get(id).map(|row| model.executions.to_watch(row, model.now));
    watched.map(|watched| Effect::Watch(vec![watched])).into_iter().collect()
}

fn refused(model: &mut Model, pending: &PendingStart, failure: Failure) {
    let sent = |form: &Form| form.stage == Stage::Sent(pending.id);
    let mut text = format!("{} was not started: {failure}", pending.order.name);
    if failure.leaves_doubt() {
        text = match pending.order.machine_type {
            MachineType::Express => format!(
                "{} may or may not be running: {failure} An EXPRESS start cannot be repeated safely.",
                pending.order.name
            ),
            MachineType::Standard => format!(
                "{} may or may not be running: {failure} Starting it again is safe: it has the same name.",
                pending.order.name
            ),
        };
    }
    if failure.kind == FailureKind::ExecutionAlreadyExists && pending.order.origin == NameOrigin::Chosen {
        text = format!("Not started: {failure}");
    }
    model.notices.say(Level::Error, text, model.now);
    if let Overlay::Start(form) = &mut model.overlay
        && sent(form)
    {
        form.stage = Stage::Refused(failure);
        return;
    }
    let Some(place) = model.drafts.iter().find(|(_, form)| sent(form)).map(|(place, _)| *place) else { return };
    let Some(mut form) = model.drafts.remove(&place) else { return };
    form.stage = Stage::Refused(failure);
    if matches!(model.overlay, Overlay::None) {
        model.overlay = Overlay::Start(Box::new(form));
    } else {
        model.drafts.insert(place, form);
    }
}

/// A status question was answered.
pub(super) fn status(
    model: &mut Model,
    endpoint: &EndpointName,
    id: ExecutionId,
    answer: Result<Observation, Failure>,
    verdict: &Verdict,
) -> Vec<Effect> {
    let Some(row) = model.executions.get(id) else { return Vec::new() };
    let (was_running, name, machine) = (row.group() == Group::Running, row.arn.clone(), row.machine.clone());
    let now = model.now;
    match (answer, verdict) {
        (_, Verdict::Stale) => return Vec::new(),
        (Err(failure), Verdict::BackingOff(pause)) => {
            model.traffic.held_back(endpoint, failure, now.plus(*pause));
            return Vec::new();
        }
        (Err(failure), Verdict::GivenUp) => {
            model.traffic.recovered(endpoint);
            model.notices.say(Level::Error, format!("{} is not watched any more: {failure}", name.name()), now);
            model.executions.change(id, |row| {
                let seen = row.seen().cloned();
                row.standing = Standing::Lost(failure, seen);
                row.answered = Some(now);
            });
        }
        // A new execution that is not known yet; nothing to tell.
        (Err(_), _) => {
            model.traffic.recovered(endpoint);
            return Vec::new();
        }
        (Ok(seen), _) => {
            model.traffic.recovered(endpoint);
            model.executions.change(id, |row| {
                row.started = seen.start_date;
                if let Some(input) = &seen.input {
                    row.input = input.clone();
                }
                row.standing = Standing::Seen(seen);
                row.answered = Some(now);
            });
        }
    }
    let ends = was_running && model.executions.get(id).is_some_and(|row| row.group() != Group::Running);
    if !ends {
        return Vec::new();
    }
    model.machines.count_end(&machine, endpoint);
    let is_looked_at = model.executions.selected().is_some_and(|row| row.id == id);
    let told = model.executions.get(id).map(|row| told(row, &name));
    told.filter(|_| !is_looked_at).map(Effect::Notify).into_iter().collect()
}

/// What a notification says of an end.
fn told(row: &Row, name: &ExecutionArn) -> String {
    format!("{} {}", name.name(), row.word())
}
