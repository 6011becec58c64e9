//! The batch feature's part of the model: the latest batch, and those that earlier runs have not finished.

use crate::app::batch::lines::LineWindow;
use crate::app::batch::{Batch, Stage};
use stepgate_core::domain::UnsentBatch;

/// The latest batch and the unfinished ones of earlier runs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Batches {
    latest: Option<Batch>,
    lines: LineWindow,
    /// The newest last.
    unfinished: Vec<UnsentBatch>,
}

impl Batches {
    /// Returns the latest batch.
    pub(crate) fn latest(&self) -> Option<&Batch> {
        self.latest.as_ref()
    }

    /// Returns the latest batch, mutably.
    pub(super) fn latest_mut(&mut self) -> Option<&mut Batch> {
        self.latest.as_mut()
    }

    /// Returns the lines of the latest batch.
    pub(crate) fn lines(&self) -> &LineWindow {
        &self.lines
    }

    /// Returns the lines of the latest batch, mutably.
    pub(super) fn lines_mut(&mut self) -> &mut LineWindow {
        &mut self.lines
    }

    /// Returns whether the latest batch has lines that are not finished.
    pub(super) fn has_rest(&self) -> bool {
        self.latest.as_ref().is_some_and(|batch| batch.is_active() || batch.remaining > 0)
    }

    /// Begins a batch.
    pub(super) fn begin(&mut self, batch: Batch) {
        self.latest = Some(batch);
        self.lines = LineWindow::default();
    }

    /// Forgets the latest batch.
    pub(super) fn forget(&mut self) {
        self.latest = None;
        self.lines = LineWindow::default();
    }

    /// Sets the unfinished batches of earlier runs, the newest first.
    pub(super) fn set_unfinished(&mut self, batches: Vec<UnsentBatch>) {
        self.unfinished = batches;
        self.unfinished.reverse();
    }

    /// Makes the next unfinished batch the latest one and returns it, unless another one has a rest.
    pub(super) fn next_unfinished(&mut self) -> Option<&Batch> {
        if self.has_rest() {
            return None;
        }
        let UnsentBatch { id, file, gateway, endpoint, machine_name, lines, unsent } = self.unfinished.pop()?;
        self.lines = LineWindow::default();
        let batch = Batch::new(file, machine_name, (gateway, endpoint), (lines, unsent), Stage::Stopped(None));
        Some(self.latest.insert(Batch { id: Some(id), ..batch }))
    }
}
