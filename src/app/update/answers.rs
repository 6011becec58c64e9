//! Answers from the gateway. They find their place by id, however late they come.

use crate::app::executions::{Group, Row, Standing};
use crate::app::form::{Form, Stage};
use crate::app::model::{Model, Overlay, PendingStart};
use crate::app::msg::Effect;
use crate::app::notice::Level;
use crate::app::pane::Pane;
use crate::domain::{
    ExecutionArn, Failure, FailureKind, MachineType, NameOrigin, StartId, StartOrder, Started, StatusAnswer, Verdict,
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
    let begun = |order: &StartOrder| order.machine == pending.order.machine && order.name == pending.order.name;
    model.doubtful.retain(|order| !begun(order));
    model.drafts.retain(|form| form.stage != Stage::Sent(pending.id));
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
    let name = &pending.order.name;
    let was_in_doubt = model.doubtful.contains(&pending.order);
    if failure.leaves_doubt() && !was_in_doubt {
        model.doubtful.push(pending.order.clone());
    }
    let text = if !failure.leaves_doubt() && !was_in_doubt {
        format!("{name} was not started: {failure}")
    } else if pending.order.machine_type == MachineType::Express {
        format!("{name} may or may not be running: {failure} An EXPRESS start cannot be repeated safely.")
    } else if pending.order.origin == NameOrigin::Chosen {
        format!("{name} may or may not be running: {failure} Starting it again tells whether its name is taken.")
    } else {
        format!("{name} may or may not be running: {failure} With the same input it is safe to start it again.")
    };
    let is_sent = |form: &Form| form.stage == Stage::Sent(pending.id);
    if let Overlay::Start(form) = &mut model.overlay
        && is_sent(form)
    {
        form.stage = Stage::Refused(failure);
        model.notices.say(Level::Error, text, model.now);
    } else if let Some(form) = model.drafts.iter_mut().find(|form| is_sent(form)) {
        form.stage = Stage::Refused(failure);
        // The user is doing something else by now, and the keys should go on meaning that.
        model.notices.say(Level::Error, format!("{text} The form is kept: open its machine again."), model.now);
    }
}

/// A status question was answered.
pub(super) fn status(model: &mut Model, answered: StatusAnswer) -> Vec<Effect> {
    let StatusAnswer { endpoint, id, answer, verdict, is_held_back } = answered;
    let Some(row) = model.executions.get(id) else { return Vec::new() };
    let (was_running, name, machine) = (row.group() == Group::Running, row.arn.clone(), row.machine.clone());
    let now = model.now;
    let next_question = match &verdict {
        Verdict::Stale => return Vec::new(),
        Verdict::Watching(after) | Verdict::Postponed(after) => Some(now.plus(*after)),
        Verdict::BackingOff(_) | Verdict::Ended | Verdict::GivenUp => None,
    };
    if let (Err(failure), Verdict::BackingOff(pause)) = (&answer, &verdict) {
        if model.traffic.is_news(&endpoint, failure) {
            model.notices.note(Level::Error, format!("{endpoint}: {failure}"), now);
        }
        model.traffic.held_back(&endpoint, failure.clone(), now.plus(*pause));
        return Vec::new();
    }
    if !is_held_back {
        model.traffic.recovered(&endpoint);
    }
    model.executions.change(id, |row| row.next_question = next_question);
    match (answer, verdict) {
        (Err(failure), Verdict::GivenUp) => {
            model.notices.say(Level::Error, format!("{} is not watched any more: {failure}", name.name()), now);
            model.executions.change(id, |row| {
                let seen = row.seen().cloned();
                row.standing = Standing::Lost(failure, seen);
                row.answered = Some(now);
                row.trouble = None;
            });
        }
        (Err(failure), Verdict::Postponed(_)) => {
            if model.executions.get(id).is_some_and(|row| row.trouble.is_none()) {
                model.notices.say(Level::Error, format!("{}: {failure}", name.name()), now);
            }
            model.executions.change(id, |row| row.trouble = Some(failure));
        }
        // A brand-new execution that is not known yet; nothing to tell.
        (Err(_), _) => {}
        (Ok(seen), _) => model.executions.change(id, |row| {
            row.started = seen.start_date;
            if let Some(input) = &seen.input {
                row.input = input.clone();
            }
            row.standing = Standing::Seen(seen);
            row.answered = Some(now);
            row.trouble = None;
        }),
    }
    let ends = was_running && model.executions.get(id).is_some_and(|row| row.group() != Group::Running);
    if !ends {
        return Vec::new();
    }
    model.machines.count_end(&machine, &endpoint);
    let is_looked_at = model.executions.selected().is_some_and(|row| row.id == id);
    let told = model.executions.get(id).map(|row| told(row, &name));
    told.filter(|_| !is_looked_at).map(Effect::Notify).into_iter().collect()
}

/// What a notification says of an end.
fn told(row: &Row, name: &ExecutionArn) -> String {
    format!("{} {}", name.name(), row.word())
}
