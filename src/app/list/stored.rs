//! Reading from the store: executions of earlier runs, older pages, payloads.

use crate::app::batch;
use crate::app::effect::Effect;
use crate::app::list::executions::Older;
use crate::app::list::row::{Group, PayloadLocation, Row, RowState};
use crate::app::model::Model;
use crate::app::shell::endpoint_choice;
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;
use crate::app::shell::pane::Pane;
use crate::app::start;
use stepgate_core::domain::{
    ExecutionId, ExecutionRecord, Failure, FailureKind, GatewayTotals, Page, Remembered, StoredPayloads, Timestamp,
    counted,
};

/// Adds the executions of earlier runs and watches those that may still be running.
pub(in crate::app) fn on_loaded(model: &mut Model, remembered: Remembered) -> Vec<Effect> {
    let Remembered { page, running, unresolved, never_started, batches, totals, scope, ui_choices, .. } = remembered;
    model.list.scope = scope;
    endpoint_choice::restore(model, &ui_choices);
    batch::unfinished::set_unfinished(model, batches);
    model.list.executions_mut().set_totals(totals);
    let rows: Vec<_> = running.into_iter().map(|record| row(model, record)).collect();
    model.list.executions_mut().add_stored(rows);
    add_page(model, page);
    for (starts, state) in
        [(unresolved, RowState::Unresolved as fn(_) -> _), (never_started, RowState::NeverStarted as fn(_) -> _)]
    {
        for unresolved in starts {
            let row = Row::from_unresolved(unresolved, state);
            // The current name of the endpoint that it was sent to.
            let endpoint = model.shell.endpoints().at(&row.gateway, &row.endpoint).cloned();
            model.list.executions_mut().add(Row { endpoint: endpoint.unwrap_or_else(|| row.endpoint.clone()), ..row });
        }
    }
    model.list.executions_mut().select_place(0);
    if !model.list.executions().is_empty() {
        model.shell.set_focus(Pane::Executions);
    }
    model.list.count_running();
    let rows = model.list.executions().rows().filter(|row| needs_watching(model, row));
    let watched: Vec<_> = rows.map(|row| start::update::watched(model, row)).collect();
    if watched.is_empty() { Vec::new() } else { vec![Effect::Watch(watched)] }
}

/// Returns whether a row is running or unresolved and its gateway is still in the configuration.
pub(super) fn needs_watching(model: &Model, row: &Row) -> bool {
    let is_open = match &row.state {
        RowState::Unresolved(_) => true,
        RowState::Synchronous(_) => false,
        _ => row.group() == Group::Running,
    };
    is_open && model.shell.endpoints().at(&row.gateway, &row.endpoint).is_some()
}

/// Returns the row of a record, and the group in which the store counts it.
pub(super) fn row(model: &Model, record: ExecutionRecord) -> (Group, Row) {
    let known = model.shell.endpoints().at(&record.gateway, &record.endpoint).cloned();
    let is_gone = known.is_none();
    let endpoint = known.unwrap_or_else(|| record.endpoint.clone());
    let mut row = Row::from_record(record, endpoint);
    let counted = row.group();
    if is_gone && counted == Group::Running {
        let failure = Failure::without_response(FailureKind::EndpointGone, row.gateway.as_str());
        let seen = row.seen().cloned();
        row.state = RowState::Lost(failure, seen);
    }
    (counted, row)
}

fn add_page(model: &mut Model, page: Page) {
    let rows: Vec<_> = page.records.into_iter().map(|record| row(model, record)).collect();
    model.list.executions_mut().add_page(rows, page.next);
    if model.list.executions().is_complete() {
        // Everything else has been pruned meanwhile.
        model.list.executions_mut().set_totals(GatewayTotals::default());
    }
}

/// Adds a page of older executions.
pub(in crate::app) fn on_page(model: &mut Model, result: Result<Page, String>) {
    match result {
        Ok(page) => {
            add_page(model, page);
            if model.list.seeks_end {
                model.list.executions_mut().select_place(usize::MAX);
                model.list.seeks_end = matches!(model.list.executions().older(), Older::From(_) | Older::Reading);
            }
        }
        Err(message) => {
            model.list.executions_mut().set_older(Older::Unreadable);
            model.list.seeks_end = false;
            model.shell.show(Level::Error, format!("Older executions cannot be read: {message}"));
        }
    }
}

/// Handles that the store has deleted old executions. The selected one stays until another is selected.
pub(in crate::app) fn on_pruned(model: &mut Model, before: Timestamp, totals: GatewayTotals) {
    model.list.executions_mut().prune(before, totals);
    model.list.refresh_groups(model.shell.now());
    if model.list.executions().selected().is_none() {
        model.list.executions_mut().select_place(0);
    }
}

/// Sets the payloads of an execution.
pub(in crate::app) fn on_payloads(model: &mut Model, id: ExecutionId, result: Result<StoredPayloads, String>) {
    match result {
        Ok(payloads) => model.list.executions_mut().change(id, |row| {
            // A response from the gateway may have arrived first, and is newer.
            if row.payloads == PayloadLocation::Reading {
                row.set_payloads(payloads);
            }
        }),
        Err(message) => {
            model.list.executions_mut().change(id, |row| {
                if row.payloads == PayloadLocation::Reading {
                    row.payloads = PayloadLocation::Unreadable;
                }
            });
            drop_deferred(model, id);
            model.shell.reply(Level::Error, format!("Input and output cannot be read: {message}"));
        }
    }
}

/// Makes the unreadable payloads of a row be read again when it is next selected.
pub(in crate::app) fn retry_later(model: &mut Model, id: ExecutionId) {
    if model.list.executions().get(id).is_some_and(|row| row.payloads == PayloadLocation::Unreadable) {
        model.list.executions_mut().change(id, |row| row.payloads = PayloadLocation::InStore);
    }
}

/// Returns the reads to run now: the next page if the end of the list is near, and the payloads of the selected row.
pub(in crate::app) fn due_reads(model: &mut Model) -> Vec<Effect> {
    let mut effects = Vec::new();
    if let Older::From(cursor) = model.list.executions().older() {
        let bottom = model.list.executions().selected_place().unwrap_or(0) + 2 * usize::from(model.shell.size().height);
        if model.list.seeks_end || bottom >= model.list.executions().shown() {
            model.list.executions_mut().set_older(Older::Reading);
            effects.push(Effect::ReadPage(cursor));
        }
    }
    let lacks = model.list.executions().selected().filter(|row| row.payloads == PayloadLocation::InStore);
    if let Some((id, gateway, arn)) = lacks.map(|row| (row.id, row.gateway.clone(), row.arn.clone())) {
        model.list.executions_mut().change(id, |row| row.payloads = PayloadLocation::Reading);
        effects.push(Effect::ReadPayloads(id, gateway, arn));
    }
    effects
}

/// Handles that the store has started or stopped working.
pub(in crate::app) fn on_store_health(model: &mut Model, store_error: Option<String>) {
    if model.list.store_error.is_some() && store_error.is_none() {
        let is_missing =
            |row: &&Row| matches!(&row.state, RowState::Unresolved(unresolved) if unresolved.request_id.is_none());
        let text = match model.list.executions().rows().filter(is_missing).count() {
            0 => "The store works again.".to_owned(),
            1 => "The store works again. One unresolved start has no record.".to_owned(),
            count => format!("The store works again. {} have no record.", counted(count, "unresolved start")),
        };
        model.shell.show(Level::Info, text);
    }
    model.list.store_error = store_error;
}

/// Drops the waiting keys of an execution whose texts cannot be read.
fn drop_deferred(model: &mut Model, id: ExecutionId) {
    if model.keys.deferred().is_none_or(|deferred| !deferred.waits_for(id)) {
        return;
    }
    model.keys.take_deferred();
    if matches!(model.shell.overlay(), Overlay::Copy(_) | Overlay::Palette(_)) {
        model.shell.close_overlay();
    }
}
