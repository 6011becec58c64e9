//! Stopping and redriving executions: the confirmation and the progress of each request.

pub(crate) mod page;
mod subjects;
pub(crate) mod update;

use crate::app::guard;
use crate::app::keys::editor::{Editor, Lines};
use stepgate_core::domain::{ExecutionId, Failure, Guard, Permit, Route, Status, StopReason};

/// The most characters of an `error` (API reference, `StopExecution`).
const MOST_ERROR: usize = 256;
/// The most characters of a `cause` (API reference, `StopExecution`).
const MOST_CAUSE: usize = 32_768;
/// Limit for requests in flight.
const MAX_IN_FLIGHT: usize = 4;

/// An operation on a started execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intervention {
    /// `StopExecution`.
    Stop,
    /// `RedriveExecution`.
    Redrive,
}

impl Intervention {
    /// Returns the route it needs.
    pub fn route(self) -> Route {
        match self {
            Self::Stop => Route::Stop,
            Self::Redrive => Route::Redrive,
        }
    }

    /// Returns the verb: `stop` or `redrive`.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Redrive => "redrive",
        }
    }

    /// Returns the participle: `stopped` or `redriven`.
    pub fn done(self) -> &'static str {
        match self {
            Self::Stop => "stopped",
            Self::Redrive => "redriven",
        }
    }
}

/// A field of the confirmation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The confirmation itself.
    Confirmation,
    /// The `error` of a stop.
    Error,
    /// The `cause` of a stop.
    Cause,
}

/// The form that confirms a stop or redrive.
#[derive(Debug, Clone)]
pub struct ControlForm {
    /// The operation.
    pub intervention: Intervention,
    /// The executions.
    pub subjects: Vec<ExecutionId>,
    /// The names of endpoints that must be typed instead of a confirmation.
    pub guard: Guard,
    /// The answer that confirms, besides `y`: the name, or the number of executions.
    pub confirm_text: String,
    /// The number of marked executions that it cannot be applied to.
    pub left_out: usize,
    /// `y` or `confirm_text`.
    pub confirmation: Editor,
    /// The `error` of a stop.
    pub error: Editor,
    /// The `cause` of a stop.
    pub cause: Editor,
    /// The focused field.
    pub field: Field,
    /// Why the form is not valid.
    pub error_message: Option<String>,
}

impl ControlForm {
    fn new(
        intervention: Intervention,
        subjects: Vec<ExecutionId>,
        guard: Guard,
        confirm_text: String,
        left_out: usize,
    ) -> Self {
        let line = || Editor::new("", Lines::One);
        Self {
            intervention,
            subjects,
            guard,
            confirm_text,
            left_out,
            confirmation: line(),
            error: line(),
            cause: line(),
            field: Field::Confirmation,
            error_message: None,
        }
    }

    /// Returns the fields of this form.
    pub fn fields(&self) -> &'static [Field] {
        match self.intervention {
            Intervention::Stop => &[Field::Confirmation, Field::Error, Field::Cause],
            Intervention::Redrive => &[Field::Confirmation],
        }
    }

    /// Returns the focused field's editor.
    pub(in crate::app) fn editor(&mut self) -> &mut Editor {
        match self.field {
            Field::Confirmation => &mut self.confirmation,
            Field::Error => &mut self.error,
            Field::Cause => &mut self.cause,
        }
    }

    /// Focuses the next field.
    pub(in crate::app) fn next_field(&mut self) {
        let fields = self.fields();
        let now = fields.iter().position(|field| *field == self.field).unwrap_or(0);
        self.field = fields[(now + 1) % fields.len()];
    }

    /// Returns whether the confirmation is one: the names of guarded endpoints; or `y`, also typed twice, or the name or
    /// number.
    pub fn is_confirmed(&self) -> bool {
        self.permit().is_some()
    }

    fn permit(&self) -> Option<Permit> {
        let confirmation = self.confirmation.text().trim();
        let is_y = || matches!(confirmation, "yes" | "yy" | "YY") || confirmation.eq_ignore_ascii_case("y");
        let is_confirmed = || confirmation == self.confirm_text || is_y();
        self.guard.permit(confirmation).filter(|_| !self.guard.is_open() || is_confirmed())
    }

    /// Checks the form and returns the reason for a stop and the permission if it is valid and confirmed.
    pub(in crate::app) fn validate(&mut self) -> Option<(StopReason, Permit)> {
        let permit = self.permit();
        let too_long = |editor: &Editor, most: usize| editor.text().chars().count() > most;
        self.error_message = if permit.is_none() {
            self.field = Field::Confirmation;
            let how = || format!("Type y, or `{}`.", self.confirm_text);
            Some(if self.guard.is_open() { how() } else { guard::objection(&self.guard) })
        } else if too_long(&self.error, MOST_ERROR) {
            self.field = Field::Error;
            Some(format!("An error has at most {MOST_ERROR} characters."))
        } else if too_long(&self.cause, MOST_CAUSE) {
            self.field = Field::Cause;
            Some(format!("A cause has at most {MOST_CAUSE} characters."))
        } else {
            None
        };
        let text = |editor: &Editor| Some(editor.text().to_owned()).filter(|text| !text.is_empty());
        let reason = StopReason { error: text(&self.error), cause: text(&self.cause) };
        permit.filter(|_| self.error_message.is_none()).map(|permit| (reason, permit))
    }
}

/// The progress of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Not sent yet.
    Waiting,
    /// The request is in flight.
    Sent,
    /// It succeeded.
    Done,
    /// There was nothing to stop: the execution had already ended with this status.
    AlreadyEnded(Status),
    /// It failed.
    Failed(Failure),
}

/// An operation on one or more executions, and its progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Interventions {
    intervention: Intervention,
    reason: StopReason,
    permit: Permit,
    items: Vec<(ExecutionId, Progress)>,
}

impl Interventions {
    /// Returns an operation on these executions, before the first request.
    fn new(intervention: Intervention, reason: StopReason, permit: Permit, subjects: &[ExecutionId]) -> Self {
        Self { intervention, reason, permit, items: subjects.iter().map(|id| (*id, Progress::Waiting)).collect() }
    }

    /// Returns the operation.
    pub(in crate::app) fn intervention(&self) -> Intervention {
        self.intervention
    }

    /// Returns the execution if it is only one.
    pub(in crate::app) fn only(&self) -> Option<ExecutionId> {
        if let [(only, _)] = self.items[..] { Some(only) } else { None }
    }

    /// Returns the executions to send requests for now, and marks them as sent.
    pub(in crate::app) fn next_batch(&mut self) -> Vec<ExecutionId> {
        let in_flight = self.items.iter().filter(|(_, progress)| *progress == Progress::Sent).count();
        let waiting = self.items.iter_mut().filter(|(_, progress)| *progress == Progress::Waiting);
        let next = waiting.take(MAX_IN_FLIGHT.saturating_sub(in_flight));
        next.map(|(id, progress)| {
            *progress = Progress::Sent;
            *id
        })
        .collect()
    }

    /// Sets the result for an execution; returns `false` if no request is in flight for it.
    pub(in crate::app) fn set_result(&mut self, id: ExecutionId, result: Progress) -> bool {
        let is_sent = |(item, progress): &&mut (ExecutionId, Progress)| *item == id && *progress == Progress::Sent;
        let Some((_, progress)) = self.items.iter_mut().find(is_sent) else { return false };
        *progress = result;
        true
    }

    /// Returns how many are done, failed and remaining.
    pub(crate) fn counts(&self) -> (usize, usize, usize) {
        let count =
            |matches: fn(&Progress) -> bool| self.items.iter().filter(|(_, progress)| matches(progress)).count();
        let done = count(|progress| *progress == Progress::Done);
        let failed = count(|progress| matches!(progress, Progress::Failed(_) | Progress::AlreadyEnded(_)));
        (done, failed, self.items.len() - done - failed)
    }
}

/// The control feature's part of the model: the latest stops or redrives.
#[derive(Debug, Clone, Default)]
pub(crate) struct Control {
    latest: Option<Interventions>,
}

impl Control {
    /// Returns the latest stops or redrives.
    pub(crate) fn latest(&self) -> Option<&Interventions> {
        self.latest.as_ref()
    }
}
