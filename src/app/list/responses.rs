//! What status responses have changed, as `lifecycle` reads them. They find their row by id, however late they come.

use crate::app::effect::Effect;
use crate::app::list::executions::Executions;
use crate::app::list::row::{Group, Row, RowState};
use crate::app::model::Model;
use crate::app::shell::notice::Level;
use crate::app::start;
use stepgate_core::domain::{ExecutionId, ExecutionRecord, Failure, Observation, Timestamp, Verdict, Warning};
use stepgate_core::lifecycle::{Change, StatusReport, execution};

/// A status question was answered.
pub(in crate::app) fn status(model: &mut Model, answered: StatusReport) -> Vec<Effect> {
    let StatusReport { endpoint, id, change, verdict, is_paused: is_held_back, rate, backlog } = answered;
    if model.executions.get(id).is_none() {
        return Vec::new();
    }
    let now = model.now;
    let next_question = match &verdict {
        Verdict::Stale => return Vec::new(),
        Verdict::Watching(after) | Verdict::Postponed(after) => Some(now.plus(*after)),
        Verdict::Slowed | Verdict::BackingOff(_) | Verdict::Ended | Verdict::GivenUp => None,
    };
    model.endpoint_stats.is_behind(&endpoint, backlog);
    if model.endpoint_stats.paced(&endpoint, rate) && verdict == Verdict::Slowed {
        let told = format!("{endpoint} is throttling: polling at half the rate, which recovers gradually");
        model.notices.note(Level::Info, told, now);
    }
    if let (Change::Failed(failure), Verdict::BackingOff(pause)) = (&change, &verdict) {
        if model.endpoint_stats.is_news(&endpoint, failure) {
            model.notices.note(Level::Error, format!("{endpoint}: {failure}"), now);
        }
        model.endpoint_stats.held_back(&endpoint, failure.clone(), now.plus(*pause));
        return Vec::new();
    }
    if !is_held_back {
        model.endpoint_stats.recovered(&endpoint);
    }
    if verdict == Verdict::Slowed {
        return Vec::new();
    }
    model.executions.change(id, |row| row.next_question = next_question);
    let mut effects = Vec::new();
    let seen = match change {
        // A brand-new execution that is not known yet, too.
        Change::Nothing | Change::Contradicted(_) => None,
        Change::Failed(failure) => {
            if matches!(verdict, Verdict::Postponed(_)) {
                postponed(model, id, failure);
            }
            None
        }
        Change::Seen(seen, warning) => Some((seen, warning)),
        Change::Confirmed(started, seen, warning) => {
            effects.extend(start::update::found(model, id, started, warning.clone()));
            seen.map(|seen| (seen, warning))
        }
        Change::Refused(failure) => return start::update::name_taken(model, id, failure),
        Change::NotStarted => return start::update::not_found(model, id),
        Change::Unknown(failure) => return start::update::unknown(model, id, failure),
        Change::GivenUp(failure) => {
            let before = model.executions.get(id).and_then(Row::record);
            given_up(model, id, failure);
            return changed(model, id, before);
        }
    };
    let Some((seen, warning)) = seen else { return effects };
    let Some(before) = model.executions.get(id).map(|row| (row.group(), row.record())) else { return effects };
    see(&mut model.executions, id, *seen, warning, now);
    warn(model, id, before.1.as_ref());
    effects.extend(changed(model, id, before.1));
    let Some(row) = model.executions.get(id) else { return effects };
    if before.0 == Group::Running && row.group() != Group::Running {
        let (machine_name, endpoint) = (row.machine_name.clone(), row.endpoint.clone());
        let told = format!("{} {}", row.arn.name(), row.word());
        model.machines.count_end(&machine_name, &endpoint);
        // What is on the screen of a window that nobody looks at is not seen.
        let is_looked_at = model.has_focus && model.executions.selected().is_some_and(|row| row.id == id);
        if !is_looked_at {
            effects.extend(model.end_notifier.tell(told, now).map(Effect::Notify));
        }
    }
    effects
}

/// Keeps the row if there is something new: that it was asked about once more is not.
fn changed(model: &Model, id: ExecutionId, before: Option<ExecutionRecord>) -> Vec<Effect> {
    let after = model.executions.get(id).and_then(Row::record);
    let without_date = |record: ExecutionRecord| ExecutionRecord { last_response: None, ..record };
    let is_news = before.map(without_date) != after.clone().map(without_date);
    after.filter(|_| is_news).map(|record| Effect::Keep(Box::new(record))).into_iter().collect()
}

fn see(executions: &mut Executions, id: ExecutionId, seen: Observation, warning: Option<Warning>, now: Timestamp) {
    executions.change(id, |row| {
        if let Some(record) = row.record() {
            row.observe(execution::with_observation(record, seen, warning, now));
        }
    });
}

/// Says what is suspicious, once.
fn warn(model: &mut Model, id: ExecutionId, before: Option<&ExecutionRecord>) {
    let Some(row) = model.executions.get(id) else { return };
    let was = before.and_then(|record| record.warning.as_ref());
    if let Some(warning) = row.warning.as_ref().filter(|warning| Some(*warning) != was) {
        model.notices.say(Level::Error, format!("{}: {warning}.", row.arn.name()), model.now);
    }
}

fn given_up(model: &mut Model, id: ExecutionId, failure: Failure) {
    let Some(row) = model.executions.get(id) else { return };
    let now = model.now;
    model.notices.say(Level::Error, format!("{} is no longer watched: {failure}", row.arn.name()), now);
    model.executions.change(id, |row| {
        let seen = row.seen().cloned();
        row.standing = RowState::Lost(failure, seen);
        row.answered = Some(now);
        row.trouble = None;
    });
}

fn postponed(model: &mut Model, id: ExecutionId, failure: Failure) {
    let is_start = |row: &Row| matches!(row.standing, RowState::Unresolved(_));
    if let Some(row) = model.executions.get(id).filter(|row| row.trouble.is_none() && !is_start(row)) {
        model.notices.say(Level::Error, format!("{}: {failure}", row.arn.name()), model.now);
    }
    model.executions.change(id, |row| row.trouble = Some(failure));
}
