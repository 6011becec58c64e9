//! What comes from the store: the executions of earlier launches, older pages, large members.

use crate::app::batch;
use crate::app::effect::Effect;
use crate::app::list::executions::Older;
use crate::app::list::row::{Group, PayloadLocation, Row, RowState};
use crate::app::model::Model;
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;
use crate::app::start;
use stepgate_core::domain::{
    ExecutionId, ExecutionRecord, Failure, FailureKind, Page, Remembered, StoredPayloads, Timestamp, Totals,
};

/// Takes what earlier launches have left; whatever may still run is watched again.
pub(in crate::app) fn remembered(model: &mut Model, remembered: Remembered) -> Vec<Effect> {
    let Remembered { page, running, unresolved, never_started, batches, totals, .. } = remembered;
    batch::update::left(model, batches);
    model.executions.set_totals(totals);
    let rows: Vec<_> = running.into_iter().map(|record| row(model, record)).collect();
    model.executions.add_kept(rows);
    take_page(model, page);
    for (doubts, standing) in
        [(unresolved, RowState::Unresolved as fn(_) -> _), (never_started, RowState::NeverStarted as fn(_) -> _)]
    {
        for unresolved in doubts {
            let row = Row::of_doubt(unresolved, standing);
            // Today's name of the gateway that it was sent to.
            let endpoint = model.endpoint_at(&row.gateway, &row.endpoint).cloned();
            model.executions.add(Row { endpoint: endpoint.unwrap_or_else(|| row.endpoint.clone()), ..row });
        }
    }
    model.executions.select_place(0);
    let mut watched = Vec::new();
    for row in model.executions.rows() {
        if is_to_be_watched(model, row) {
            watched.push(start::update::watched(model, row));
        }
        if row.group() == Group::Running {
            model.machines.count_start(&row.machine_name, &row.endpoint);
        }
    }
    if watched.is_empty() { Vec::new() } else { vec![Effect::Watch(watched)] }
}

/// What runs, and unresolved starts, where the configuration still has the gateway.
fn is_to_be_watched(model: &Model, row: &Row) -> bool {
    let is_open = match &row.standing {
        RowState::Unresolved(_) => true,
        _ => row.group() == Group::Running,
    };
    is_open && model.endpoint_at(&row.gateway, &row.endpoint).is_some()
}

/// The row of a record, and the group that it counts in where its endpoint does not matter.
fn row(model: &Model, record: ExecutionRecord) -> (Group, Row) {
    let known = model.endpoint_at(&record.gateway, &record.endpoint).cloned();
    let is_gone = known.is_none();
    let endpoint = known.unwrap_or_else(|| record.endpoint.clone());
    let mut row = Row::of_record(record, endpoint);
    let counted = row.group();
    if is_gone && counted == Group::Running {
        let failure = Failure::without_response(FailureKind::EndpointGone, row.gateway.as_str());
        let seen = row.seen().cloned();
        row.standing = RowState::Lost(failure, seen);
    }
    (counted, row)
}

fn take_page(model: &mut Model, page: Page) {
    let rows: Vec<_> = page.records.into_iter().map(|record| row(model, record)).collect();
    model.executions.add_page(rows, page.next);
    if model.executions.is_complete() {
        // What is not here by now has been pruned meanwhile.
        model.executions.set_totals(Totals::default());
    }
}

/// Older executions have come.
pub(in crate::app) fn page(model: &mut Model, result: Result<Page, String>) {
    match result {
        Ok(page) => {
            take_page(model, page);
            if model.seeks_end {
                model.executions.select_place(usize::MAX);
                model.seeks_end = matches!(model.executions.older, Older::From(_) | Older::Coming);
            }
        }
        Err(words) => {
            model.executions.older = Older::Unreadable;
            model.seeks_end = false;
            model.notices.say(Level::Error, format!("Older executions cannot be read: {words}"), model.now);
        }
    }
}

/// Handles that the store has deleted old executions. The selected one stays until another is selected.
pub(in crate::app) fn pruned(model: &mut Model, before: Timestamp, totals: Totals) {
    model.executions.prune(before, totals);
    if let Some(groups) = &mut model.groups {
        groups.refresh(&model.executions, model.now);
    }
    if model.executions.selected().is_none() {
        model.executions.select_place(0);
    }
}

/// The large members of an execution have come.
pub(in crate::app) fn payloads(model: &mut Model, id: ExecutionId, result: Result<StoredPayloads, String>) {
    match result {
        Ok(payloads) => model.executions.change(id, |row| {
            // An answer of the gateway may have been faster, and is newer.
            if row.kept == PayloadLocation::Reading {
                row.take_payloads(payloads);
            }
        }),
        Err(words) => {
            model.executions.change(id, |row| {
                if row.kept == PayloadLocation::Reading {
                    row.kept = PayloadLocation::Unreadable;
                }
            });
            drop_deferred(model, id);
            model.notices.say(Level::Error, format!("Input and output cannot be read: {words}"), model.now);
        }
    }
}

/// Lets the texts of a row that could not be read be read again when the row is selected the next time.
pub(in crate::app) fn retry_later(model: &mut Model, id: ExecutionId) {
    if model.executions.get(id).is_some_and(|row| row.kept == PayloadLocation::Unreadable) {
        model.executions.change(id, |row| row.kept = PayloadLocation::InStore);
    }
}

/// What is wanted from the store now: the next page when the end of the list is near, and what the
/// selected row lacks.
pub(in crate::app) fn wanted(model: &mut Model) -> Vec<Effect> {
    let mut effects = Vec::new();
    if let Older::From(cursor) = model.executions.older {
        let in_sight = model.executions.selected_place().unwrap_or(0) + 2 * usize::from(model.size.height);
        if model.seeks_end || in_sight >= model.executions.shown() {
            model.executions.older = Older::Coming;
            effects.push(Effect::ReadPage(cursor));
        }
    }
    let lacks = model.executions.selected().filter(|row| row.kept == PayloadLocation::InStore);
    if let Some((id, gateway, arn)) = lacks.map(|row| (row.id, row.gateway.clone(), row.arn.clone())) {
        model.executions.change(id, |row| row.kept = PayloadLocation::Reading);
        effects.push(Effect::ReadPayloads(id, gateway, arn));
    }
    effects
}

/// Whether things are kept has changed.
pub(in crate::app) fn health(model: &mut Model, not_kept: Option<String>, now: Timestamp) {
    if model.not_kept.is_some() && not_kept.is_none() {
        let is_missing =
            |row: &&Row| matches!(&row.standing, RowState::Unresolved(unresolved) if unresolved.request_id.is_none());
        let text = match model.executions.rows().filter(is_missing).count() {
            0 => "History is kept again.".to_owned(),
            1 => "History is kept again, except for an unresolved start without a record.".to_owned(),
            count => format!("History is kept again, except for {count} unresolved starts without a record."),
        };
        model.notices.say(Level::Info, text, now);
    }
    model.not_kept = not_kept;
}

/// Drops the waiting keys of an execution whose texts cannot be read.
fn drop_deferred(model: &mut Model, id: ExecutionId) {
    if model.deferred.take_if(|deferred| deferred.of == id).is_some()
        && matches!(model.overlay, Overlay::Copy(_) | Overlay::Palette(_))
    {
        model.overlay = Overlay::None;
    }
}
