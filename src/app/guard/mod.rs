//! The guard of endpoints with `confirm = "name"`: nothing is started there before the name is typed. Stops and redrives ask
//! in a dialog of their own.

pub(crate) mod update;

use crate::app::batch::FileForm;
use crate::app::keys::editor::{Editor, Lines};
use crate::app::start::form::Form;
use stepgate_core::domain::{BatchId, ExecutionId, Guard, Permit};

/// What is started once the name is typed.
#[derive(Debug, Clone)]
pub enum Purpose {
    /// The execution of the start form, which is shown again on cancel.
    Start(Box<Form>),
    /// The execution of a row that was not started.
    StartNow(ExecutionId),
    /// The lines of the file form, which is shown again on cancel.
    StartMany(Box<FileForm>),
    /// The unsent lines of a batch, whose page is below.
    ContinueBatch(BatchId),
}

/// The dialog in which the name is typed.
#[derive(Debug, Clone)]
pub struct GuardForm {
    /// What is started then.
    pub purpose: Purpose,
    /// The names to type.
    pub guard: Guard,
    /// The field.
    pub typed: Editor,
    /// Why nothing was sent.
    pub error_message: Option<String>,
}

impl GuardForm {
    fn new(purpose: Purpose, guard: Guard) -> Self {
        Self { purpose, guard, typed: Editor::new("", Lines::One), error_message: None }
    }

    /// Returns whether the name has been typed.
    pub fn is_typed(&self) -> bool {
        self.guard.permit(self.typed.text()).is_some()
    }

    /// Changes the field.
    pub(in crate::app) fn change(&mut self, change: impl FnOnce(&mut Editor)) {
        self.error_message = None;
        change(&mut self.typed);
    }

    /// Checks what was typed.
    fn validate(&mut self) -> Option<Permit> {
        let permit = self.guard.permit(self.typed.text());
        self.error_message = permit.is_none().then(|| objection(&self.guard));
        permit
    }
}

/// Returns what to type instead.
pub(in crate::app) fn objection(guard: &Guard) -> String {
    let what = if guard.names().len() == 1 { "the name of the endpoint" } else { "the names of the endpoints" };
    format!("Nothing was sent. Type {what}: `{}`.", guard.text())
}

/// Returns the label of the field, such as `Type prod to start there`.
pub(crate) fn label(guard: &Guard, verb: &str) -> String {
    format!("Type {} to {verb} there", guard.text())
}
