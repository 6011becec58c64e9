//! Forgetting the unsent lines of a batch, after a confirmation.

use crate::app::batch::unfinished::next_unfinished;
use crate::app::batch::{Batch, Stage};
use crate::app::effect::Effect;
use crate::app::keys::action::Action;
use crate::app::model::Model;
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;
use stepgate_core::domain::BatchId;

/// Opens the confirmation. A batch that is being sent continues until it is confirmed.
pub(super) fn open(model: &mut Model) {
    let Some(batch) = model.batches.latest().filter(|batch| batch.can_forget()) else { return };
    if let Some(id) = batch.id {
        model.shell.open(Overlay::ForgetBatch(id));
    }
}

/// Handles a key in the confirmation.
pub(in crate::app) fn press(model: &mut Model, action: Option<Action>) -> Vec<Effect> {
    let Overlay::ForgetBatch(id) = *model.shell.overlay() else { return Vec::new() };
    match action {
        Some(Action::Accept) => {
            model.shell.close_overlay();
            confirm(model, id)
        }
        Some(Action::Cancel) => {
            model.shell.close_overlay();
            Vec::new()
        }
        _ => Vec::new(),
    }
}

fn confirm(model: &mut Model, id: BatchId) -> Vec<Effect> {
    let is_meant = |batch: &&mut Batch| batch.id == Some(id) && batch.can_forget();
    let Some(batch) = model.batches.latest_mut().filter(is_meant) else { return Vec::new() };
    if matches!(batch.stage, Stage::Stopped(_)) {
        return forget(model, id);
    }
    // Lines in flight are not forgotten, so their responses are awaited first.
    batch.is_forgotten = true;
    batch.stage = Stage::Stopping;
    vec![Effect::StopBatch]
}

/// Forgets the lines of a batch that has stopped.
pub(super) fn forget(model: &mut Model, id: BatchId) -> Vec<Effect> {
    model.batches.forget();
    close_page(model);
    model.shell.show(Level::Info, "The unsent lines were forgotten.");
    next_unfinished(model);
    vec![Effect::ForgetBatch(id)]
}

/// Closes the page, and what is open over it.
pub(super) fn close_page(model: &mut Model) {
    if model.shell.overlay().is_batch_page() {
        model.shell.open(Overlay::None);
    }
}
