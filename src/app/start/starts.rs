//! The start feature's part of the model: start requests in flight, unfinished forms, and generated names.

use crate::app::list::machines::MachineIndex;
use crate::app::start::form::{Form, Stage};
use stepgate_core::domain::{ExecutionId, ExecutionName, NameGenerator, StartId, StartOrder};

/// Limit for kept forms of executions to start again: each may hold an input of 256 KiB.
const MOST_AGAIN: usize = 20;

/// A start request whose response has not arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PendingStart {
    /// Identifies the reply.
    pub id: StartId,
    /// What to start.
    pub order: StartOrder,
}

/// Start requests in flight, unfinished forms, and generated names.
#[derive(Debug, Clone)]
pub(crate) struct Starts {
    pending: Vec<PendingStart>,
    /// Forms that were closed unfinished, the latest last.
    drafts: Vec<Form>,
    names: NameGenerator,
    ids: u64,
}

impl Starts {
    /// Returns the state before the first start. The suffix is different for every run of the program.
    pub(in crate::app) fn new(name_suffix: &str) -> Self {
        Self { pending: Vec::new(), drafts: Vec::new(), names: NameGenerator::new(name_suffix), ids: 0 }
    }

    /// Generates a name for an execution of a machine, unique across runs of the program.
    pub(in crate::app) fn generate_name(&mut self, machine: &str) -> Option<ExecutionName> {
        self.names.next(machine).ok()
    }

    /// Returns a new start id.
    pub(super) fn next_id(&mut self) -> StartId {
        self.ids += 1;
        StartId(self.ids)
    }

    /// Returns the start requests without a response.
    pub(crate) fn pending(&self) -> &[PendingStart] {
        &self.pending
    }

    /// Adds a start request that is about to be sent.
    pub(super) fn add_pending(&mut self, id: StartId, order: StartOrder) {
        self.pending.push(PendingStart { id, order });
    }

    /// Removes and returns a start request whose response has arrived.
    pub(super) fn take_pending(&mut self, id: StartId) -> Option<PendingStart> {
        let index = self.pending.iter().position(|start| start.id == id)?;
        Some(self.pending.remove(index))
    }

    /// Keeps a form that was closed unfinished, unless nothing was done in it.
    pub(super) fn keep(&mut self, form: Form) {
        if !form.is_worth_keeping() {
            return;
        }
        self.drafts.push(form);
        let is_old = |form: &Form| form.again().is_some() && !matches!(form.stage, Stage::Sent(_));
        if self.drafts.iter().filter(|form| is_old(form)).count() > MOST_AGAIN
            && let Some(oldest) = self.drafts.iter().position(is_old)
        {
            self.drafts.remove(oldest);
        }
    }

    /// Removes and returns the unfinished form of a machine, or of an execution to start `again`. A refused form comes
    /// before one that was merely closed.
    pub(super) fn take_draft(&mut self, machine: MachineIndex, again: Option<ExecutionId>) -> Option<Form> {
        let is_it =
            |form: &Form| form.machine == machine && form.again() == again && !matches!(form.stage, Stage::Sent(_));
        let refused = |form: &Form| is_it(form) && matches!(form.stage, Stage::Refused(_));
        let index = self.drafts.iter().rposition(refused).or_else(|| self.drafts.iter().rposition(is_it))?;
        Some(self.drafts.remove(index))
    }

    /// Returns the form that was closed last.
    pub(super) fn last_draft(&mut self) -> Option<&mut Form> {
        self.drafts.last_mut()
    }

    /// Returns the closed form of a start request.
    pub(super) fn sent_draft(&mut self, id: StartId) -> Option<&mut Form> {
        self.drafts.iter_mut().find(|form| form.stage == Stage::Sent(id))
    }

    /// Drops the closed form of a start request that has finished.
    pub(super) fn drop_sent_draft(&mut self, id: StartId) {
        self.drafts.retain(|form| form.stage != Stage::Sent(id));
    }
}
