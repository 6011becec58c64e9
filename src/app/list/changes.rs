//! Executions that have changed in the store, mostly because other processes have written. `lifecycle` decides which
//! state is the current one.

use crate::app::effect::Effect;
use crate::app::list::row::{Group, Row, RowState};
use crate::app::list::{everyone, stored};
use crate::app::model::Model;
use crate::app::start;
use stepgate_core::domain::{ExecutionId, ExecutionRecord, OpenStart, Scope, StartRequestId, StoreChanges, WatchedBy};
use stepgate_core::lifecycle::{Watched, execution};

/// Applies changes from the store.
pub(in crate::app) fn on_changed(model: &mut Model, changes: StoreChanges) -> Vec<Effect> {
    let mut effects = Vec::new();
    let has_left = changes.has_gap || changes.pruned.is_some() || !changes.removed.is_empty();
    if changes.has_gap {
        effects.extend(reload(model));
    }
    effects.extend(model.remove_rows(&changes.removed));
    let (mut new, mut watched, mut is_awaited) = (Vec::new(), Vec::new(), false);
    for (record, watched_by) in changes.changed {
        match model.list.executions().find(&record.gateway, &record.arn).map(|row| row.id) {
            Some(id) => effects.extend(merge(model, id, record, &watched_by)),
            // The response to its start arrives as a message of its own. Until then, the totals count it and no row does.
            None if watched_by == WatchedBy::This => is_awaited = true,
            None => {
                let (counted, row) = stored::row(model, record);
                if row.group() == Group::Running || model.list.executions().reaches(row.started) {
                    watched.push((row.gateway.clone(), row.arn.clone(), watched_by));
                    new.push((counted, row));
                }
            }
        }
    }
    let was_empty = model.list.executions().is_empty();
    model.list.executions_mut().add_stored(new);
    let new = watched.into_iter().filter_map(|(gateway, arn, watched_by)| {
        let row = model.list.executions().find(&gateway, &arn)?;
        (row.group() == Group::Running).then_some((row.id, watched_by))
    });
    for (id, watched_by) in new.collect::<Vec<_>>() {
        effects.extend(begin_running(model, id, &watched_by));
    }
    effects.extend(apply_starts(model, changes.starts, &changes.settled));
    if let Some(before) = changes.pruned {
        model.list.executions_mut().set_pruned(before);
    }
    match changes.totals {
        Some(_) if is_awaited => effects.push(Effect::CheckStore),
        Some(totals) => model.list.executions_mut().set_stored_totals(totals),
        None => {}
    }
    if has_left {
        model.list.refresh_groups(model.shell.now());
    }
    if was_empty || model.list.executions().selected().is_none() {
        model.list.executions_mut().select_place(0);
    }
    combined(effects)
}

/// Adds starts without a known execution, and removes those that are settled and led to another row.
fn apply_starts(model: &mut Model, starts: Vec<OpenStart>, settled: &[StartRequestId]) -> Vec<Effect> {
    let mut effects = Vec::new();
    for start in starts {
        let (OpenStart::Unresolved(order) | OpenStart::NeverStarted(order)) = &start;
        let is_pending = model.starts.pending().iter().any(|pending| pending.order == order.order);
        let is_known = order.request_id.is_some_and(|request| model.list.executions().of_start(request).is_some());
        match start {
            // Its watcher, or the response to it, decides.
            _ if is_pending || is_known => {}
            OpenStart::Unresolved(start) => effects.extend(start::update::add_unresolved(model, start).1),
            OpenStart::NeverStarted(start) => {
                model.list.executions_mut().add(Row::from_unresolved(start, RowState::NeverStarted));
            }
        }
    }
    for request in settled {
        let is_unresolved = |id: &ExecutionId| {
            model.list.executions().get(*id).is_some_and(|row| matches!(row.state, RowState::Unresolved(_)))
        };
        if let Some(id) = model.list.executions().of_start(*request).filter(is_unresolved) {
            model.list.executions_mut().remove_start(id);
            effects.push(Effect::Forget(id));
        }
    }
    effects
}

/// Reads everything again except for what is in use, and forgets executions that are out of scope.
fn reload(model: &mut Model) -> Vec<Effect> {
    model.list.executions_mut().reload();
    if model.list.scope() == Scope::Mine { everyone::remove_others(model) } else { Vec::new() }
}

/// Merges a stored record into a row.
fn merge(model: &mut Model, id: ExecutionId, record: ExecutionRecord, watched_by: &WatchedBy) -> Vec<Effect> {
    let Some(row) = model.list.executions().get(id) else { return Vec::new() };
    let was_running = row.group() == Group::Running;
    let known = row.record();
    // A start that another process has resolved.
    let is_resolved = known.is_none();
    let merged = match &known {
        Some(known) => execution::merged(known, record),
        None => Some(record),
    };
    let without_date = |record: ExecutionRecord| ExecutionRecord { last_response: None, ..record };
    let is_news = |merged: &ExecutionRecord| known.clone().map(without_date) != Some(without_date(merged.clone()));
    if let Some(merged) = merged.filter(is_news) {
        let (_, new) = stored::row(model, merged);
        let location = model.list.released_to;
        model.list.executions_mut().change(id, |row| {
            let next_poll = row.next_poll;
            *row = Row { id, next_poll, ..new };
            row.release(location);
        });
    }
    let Some(row) = model.list.executions().get(id) else { return Vec::new() };
    let is_running = row.group() == Group::Running;
    let (machine_name, endpoint) = (row.machine_name.clone(), row.endpoint.clone());
    match (was_running, is_running) {
        (true, false) => {
            model.list.left_to_others.remove(&id);
            model.list.machines_mut().count_end(&machine_name, &endpoint);
            vec![Effect::Forget(id)]
        }
        (false, true) if is_resolved => {
            let mut effects = vec![Effect::Forget(id)];
            effects.extend(begin_running(model, id, watched_by));
            effects
        }
        (false, true) => begin_running(model, id, watched_by),
        (true, true) if !matches!(watched_by, WatchedBy::Another(_)) => take_over(model, id),
        (true, true) | (false, false) => Vec::new(),
    }
}

/// Counts a running execution, and watches it unless another process does.
fn begin_running(model: &mut Model, id: ExecutionId, watched_by: &WatchedBy) -> Vec<Effect> {
    let Some(row) = model.list.executions().get(id) else { return Vec::new() };
    let (machine_name, endpoint) = (row.machine_name.clone(), row.endpoint.clone());
    model.list.machines_mut().count_start(&machine_name, &endpoint);
    model.list.left_to_others.insert(id);
    if matches!(watched_by, WatchedBy::Another(_)) { Vec::new() } else { take_over(model, id) }
}

/// Watches an execution that was left to another process. The selected one is always watched: the other process may have
/// been stopped.
pub(in crate::app) fn take_over(model: &mut Model, id: ExecutionId) -> Vec<Effect> {
    if !model.list.left_to_others.remove(&id) {
        return Vec::new();
    }
    let watched = model.list.executions().get(id).filter(|row| stored::needs_watching(model, row));
    watched.map(|row| Effect::Watch(vec![start::update::watched(model, row)])).into_iter().collect()
}

/// Combines all watch effects into one.
fn combined(effects: Vec<Effect>) -> Vec<Effect> {
    let (mut others, mut watched): (Vec<Effect>, Vec<Watched>) = (Vec::new(), Vec::new());
    for effect in effects {
        match effect {
            Effect::Watch(more) => watched.extend(more),
            other => others.push(other),
        }
    }
    others.extend((!watched.is_empty()).then_some(Effect::Watch(watched)));
    others
}
