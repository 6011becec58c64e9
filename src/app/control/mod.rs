//! Steering: stopping and redriving executions; the form that asks for it once, and what became of each.

mod subjects;
pub mod update;

use crate::app::input::editor::{Editor, Lines};
use stepgate_core::domain::{ExecutionId, Failure, Route, Status};

/// The most characters of an `error` (API reference, `StopExecution`).
const MOST_ERROR: usize = 256;
/// The most characters of a `cause` (API reference, `StopExecution`).
const MOST_CAUSE: usize = 32_768;
/// Requests that may be on their way at once.
const MOST_ASKED: usize = 4;

/// What is done to an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intervention {
    /// `StopExecution`.
    Stop,
    /// `RedriveExecution`.
    Redrive,
}

impl Intervention {
    /// The route that it goes by.
    pub fn route(self) -> Route {
        match self {
            Self::Stop => Route::Stop,
            Self::Redrive => Route::Redrive,
        }
    }

    /// What one would like to do.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Redrive => "redrive",
        }
    }

    /// What has been done then.
    pub fn done(self) -> &'static str {
        match self {
            Self::Stop => "stopped",
            Self::Redrive => "redriven",
        }
    }
}

/// The field that keys go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Whether it is meant.
    Sure,
    /// The error to tell.
    Error,
    /// The cause to tell.
    Cause,
}

/// The form that asks whether it is meant.
#[derive(Debug, Clone)]
pub struct ControlForm {
    /// What will be done.
    pub intervention: Intervention,
    /// To which.
    pub subjects: Vec<ExecutionId>,
    /// What people call them: a name, or how many there are.
    pub called: String,
    /// Of those marked, how many it cannot be done to.
    pub left_out: usize,
    /// `y`, or what they are called.
    pub sure: Editor,
    /// The error to tell.
    pub error: Editor,
    /// The cause to tell.
    pub cause: Editor,
    /// Where keys go to.
    pub field: Field,
    /// What is wrong.
    pub fault: Option<String>,
}

impl ControlForm {
    fn new(intervention: Intervention, subjects: Vec<ExecutionId>, called: String, left_out: usize) -> Self {
        let line = || Editor::new("", Lines::One);
        Self {
            intervention,
            subjects,
            called,
            left_out,
            sure: line(),
            error: line(),
            cause: line(),
            field: Field::Sure,
            fault: None,
        }
    }

    /// The fields that there are.
    pub fn fields(&self) -> &'static [Field] {
        match self.intervention {
            Intervention::Stop => &[Field::Sure, Field::Error, Field::Cause],
            Intervention::Redrive => &[Field::Sure],
        }
    }

    /// The field that has the keys.
    pub fn editor(&mut self) -> &mut Editor {
        match self.field {
            Field::Sure => &mut self.sure,
            Field::Error => &mut self.error,
            Field::Cause => &mut self.cause,
        }
    }

    /// Goes to the next field.
    pub fn next_field(&mut self) {
        let fields = self.fields();
        let now = fields.iter().position(|field| *field == self.field).unwrap_or(0);
        self.field = fields[(now + 1) % fields.len()];
    }

    /// What is to be told with a stop, if it is meant and nothing is wrong.
    pub fn settled(&mut self) -> Option<StopReason> {
        let sure = self.sure.text();
        let too_long = |editor: &Editor, most: usize| editor.text().chars().count() > most;
        self.fault = if !matches!(sure.trim(), "y" | "Y" | "yes") && sure.trim() != self.called {
            self.field = Field::Sure;
            Some(format!("Type y, or `{}`.", self.called))
        } else if too_long(&self.error, MOST_ERROR) {
            self.field = Field::Error;
            Some(format!("An error has at most {MOST_ERROR} characters."))
        } else if too_long(&self.cause, MOST_CAUSE) {
            self.field = Field::Cause;
            Some(format!("A cause has at most {MOST_CAUSE} characters."))
        } else {
            None
        };
        let text = |editor: &Editor| Some(editor.text()).filter(|text| !text.is_empty());
        self.fault.is_none().then(|| StopReason { error: text(&self.error), cause: text(&self.cause) })
    }
}

/// What a stop tells those who look at the execution.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StopReason {
    /// `error`.
    pub error: Option<String>,
    /// `cause`.
    pub cause: Option<String>,
}

/// How far one of them is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Its turn has not come.
    Waiting,
    /// The request is on its way.
    Asked,
    /// It has been done.
    Done,
    /// There was nothing to stop: it had ended before, with this status.
    AlreadyEnded(Status),
    /// It has not, and why.
    Failed(Failure),
}

/// What is being done to which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interventions {
    /// What is done.
    pub intervention: Intervention,
    /// What is told with it.
    pub told: StopReason,
    /// How far each is.
    pub items: Vec<(ExecutionId, Progress)>,
}

impl Interventions {
    /// Those whose turn has come, which count as asked from now on.
    pub(in crate::app) fn take_turns(&mut self) -> Vec<ExecutionId> {
        let asked = self.items.iter().filter(|(_, progress)| *progress == Progress::Asked).count();
        let waiting = self.items.iter_mut().filter(|(_, progress)| *progress == Progress::Waiting);
        let turns = waiting.take(MOST_ASKED.saturating_sub(asked));
        turns
            .map(|(id, progress)| {
                *progress = Progress::Asked;
                *id
            })
            .collect()
    }

    /// Takes what became of one; `false` when nothing was asked of it.
    pub(in crate::app) fn take(&mut self, id: ExecutionId, became: Progress) -> bool {
        let asked = |(item, progress): &&mut (ExecutionId, Progress)| *item == id && *progress == Progress::Asked;
        let Some((_, progress)) = self.items.iter_mut().find(asked) else { return false };
        *progress = became;
        true
    }

    /// How many it was done to, how many it was not done to, and how many are left.
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |wanted: fn(&Progress) -> bool| self.items.iter().filter(|(_, progress)| wanted(progress)).count();
        let done = count(|progress| *progress == Progress::Done);
        let failed = count(|progress| matches!(progress, Progress::Failed(_) | Progress::AlreadyEnded(_)));
        (done, failed, self.items.len() - done - failed)
    }
}
