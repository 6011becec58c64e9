//! Batches that earlier runs have not finished.

use crate::app::model::Model;
use crate::app::shell::notice::{About, Level};
use stepgate_core::domain::{UnsentBatch, agreeing, counted};

/// Sets the unfinished batches of earlier runs.
pub(in crate::app) fn set_unfinished(model: &mut Model, batches: Vec<UnsentBatch>) {
    model.batches.set_unfinished(batches);
    next_unfinished(model);
}

/// Shows the next unfinished batch, unless another one is in progress.
pub(super) fn next_unfinished(model: &mut Model) {
    let Some(batch) = model.batches.next_unfinished() else { return };
    let text = format!(
        "{} of {} of {} {} not been started. Press b to continue.",
        batch.remaining,
        counted(batch.lines, "line"),
        batch.file,
        agreeing(batch.remaining, "has", "have")
    );
    model.shell.show_about(About::Batch, Level::Error, text);
}
