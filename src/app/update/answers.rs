//! Answers to status questions. They find their row by id, however late they come.

use crate::app::executions::Executions;
use crate::app::model::Model;
use crate::app::msg::Effect;
use crate::app::notice::Level;
use crate::app::row::{Group, Kept, Row, Standing};
use crate::app::update::starts;
use crate::domain::{ExecutionId, Failure, FailureKind, Observation, Record, StatusAnswer, Timestamp, Verdict};

/// A status question was answered.
pub(super) fn status(model: &mut Model, answered: StatusAnswer) -> Vec<Effect> {
    let StatusAnswer { endpoint, id, answer, verdict, is_held_back, rate } = answered;
    let Some(row) = model.executions.get(id) else { return Vec::new() };
    let doubt = match &row.standing {
        Standing::Unresolved(doubt) => Some(doubt.clone()),
        _ => None,
    };
    let now = model.now;
    let next_question = match &verdict {
        Verdict::Stale => return Vec::new(),
        Verdict::Watching(after) | Verdict::Postponed(after) => Some(now.plus(*after)),
        Verdict::Slowed | Verdict::BackingOff(_) | Verdict::Ended | Verdict::GivenUp => None,
    };
    if model.traffic.paced(&endpoint, rate) && verdict == Verdict::Slowed {
        let told =
            format!("{endpoint} throttles: the watcher asks half as often, and speeds up again little by little");
        model.notices.note(Level::Info, told, now);
    }
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
    if verdict == Verdict::Slowed {
        return Vec::new();
    }
    model.executions.change(id, |row| row.next_question = next_question);
    let mut effects = Vec::new();
    if let Some(doubt) = &doubt {
        match (&answer, &verdict) {
            (Ok(seen), _) => effects.extend(starts::found(model, id, doubt, seen)),
            (Err(failure), Verdict::GivenUp) if failure.kind == FailureKind::ExecutionDoesNotExist => {
                return starts::not_found(model, id, doubt);
            }
            (Err(failure), Verdict::GivenUp | Verdict::Postponed(_)) => {
                let failure = failure.clone();
                model.executions.change(id, |row| row.trouble = Some(failure));
                return effects;
            }
            (Err(_), _) => return effects,
        }
    }
    let Some(row) = model.executions.get(id).filter(|row| row.record().is_some()) else { return effects };
    if let (Ok(seen), Verdict::Ended) = (&answer, &verdict)
        && seen.redrive.count.unwrap_or(0) < row.seen().and_then(|seen| seen.redrive.count).unwrap_or(0)
    {
        // DescribeExecution lags: this is the end before the redrive.
        effects.push(Effect::Watch(vec![starts::watched(model, row)]));
        return effects;
    }
    let before = (row.group(), row.record());
    match (answer, verdict) {
        (Err(failure), Verdict::GivenUp) => given_up(model, id, failure),
        (Err(failure), Verdict::Postponed(_)) => postponed(model, id, failure),
        // A brand-new execution that is not known yet; nothing to tell.
        (Err(_), _) => {}
        (Ok(seen), _) => see(&mut model.executions, id, seen, now),
    }
    let Some(row) = model.executions.get(id) else { return effects };
    effects.extend(changed(before.1.as_ref(), row).then(|| row.record().map(Box::new).map(Effect::Keep)).flatten());
    if before.0 == Group::Running && row.group() != Group::Running {
        let (profile, endpoint) = (row.profile.clone(), row.endpoint.clone());
        let told = format!("{} {}", row.arn.name(), row.word());
        model.machines.count_end(&profile, &endpoint);
        // What is on the screen of a window that nobody looks at is not seen.
        let is_looked_at = model.has_focus && model.executions.selected().is_some_and(|row| row.id == id);
        if !is_looked_at {
            effects.extend(model.ends.tell(told, now));
        }
    }
    effects
}

/// Whether there is something new to keep: that it was asked once more is not.
fn changed(before: Option<&Record>, row: &Row) -> bool {
    let after = row.record();
    let without_date = |record: &Record| (record.seen.clone(), record.given_up.clone(), record.started);
    before.map(without_date) != after.as_ref().map(without_date)
}

fn see(executions: &mut Executions, id: ExecutionId, seen: Observation, now: Timestamp) {
    executions.change(id, |row| {
        row.started = seen.start_date;
        if let Some(input) = &seen.input {
            row.input = Some(input.clone());
        }
        row.standing = Standing::Seen(seen);
        row.kept = Kept::Here;
        row.answered = Some(now);
        row.trouble = None;
    });
}

fn given_up(model: &mut Model, id: ExecutionId, failure: Failure) {
    let Some(row) = model.executions.get(id) else { return };
    let now = model.now;
    model.notices.say(Level::Error, format!("{} is not watched any more: {failure}", row.arn.name()), now);
    model.executions.change(id, |row| {
        let seen = row.seen().cloned();
        row.standing = Standing::Lost(failure, seen);
        row.answered = Some(now);
        row.trouble = None;
    });
}

fn postponed(model: &mut Model, id: ExecutionId, failure: Failure) {
    if let Some(row) = model.executions.get(id).filter(|row| row.trouble.is_none()) {
        model.notices.say(Level::Error, format!("{}: {failure}", row.arn.name()), model.now);
    }
    model.executions.change(id, |row| row.trouble = Some(failure));
}
