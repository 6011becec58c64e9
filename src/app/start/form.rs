//! The start form: the name and input of an execution to start.

use crate::app::keys::editor::{Editor, Lines};
use crate::app::keys::key::Key;
use crate::app::list::machines::MachineIndex;
use crate::app::start::layout::FormLayout;
use crate::app::start::typing_start::typing_start;
use crate::app::start::whole_input::Before;
use crate::format::pretty::pretty;
use ratatui::layout::Rect;
use stepgate_core::domain::payload::check_input;
use stepgate_core::domain::{
    ExecutionId, ExecutionName, Failure, FailureKind, GatewayId, InputError, MAX_INPUT_BYTES, Machine, NameError,
    NameOrigin, Payload, StartId, StartOrder,
};

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The name; empty for a generated one.
    Name,
    /// The input.
    Input,
}

/// The state of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Being edited.
    Draft,
    /// The request is in flight; submitting again does nothing.
    Sent(StartId),
    /// The request was refused; the form can be edited and submitted again.
    Refused(Failure),
}

/// The start form.
#[derive(Debug, Clone)]
pub struct Form {
    /// The machine to start.
    pub machine: MachineIndex,
    /// The name field.
    pub name: Editor,
    /// The input field.
    pub input: Editor,
    /// The focused field.
    pub field: Field,
    /// The state of the form.
    pub stage: Stage,
    /// The name for an input that has not been sent.
    generated: ExecutionName,
    /// The orders sent from this form. The same input is sent again with the same generated name, so that a retry cannot
    /// start a second execution; another input is another start.
    sent: Vec<StartOrder>,
    check: Result<(), InputError>,
    /// The offset of the character at which the input is not JSON.
    error_offset: Option<usize>,
    /// The execution whose input this is, if it is started again.
    again: Option<ExecutionId>,
    /// How often its machine or stage has changed, other than by editing.
    changes: u64,
}

impl Form {
    /// Returns a form for a machine with an initial input, which may be that of an execution to start again.
    pub fn new(machine: MachineIndex, input: &str, generated: ExecutionName, again: Option<ExecutionId>) -> Self {
        let mut form = Self {
            machine,
            name: Editor::new("", Lines::One),
            input: Editor::new(input, Lines::Many),
            field: Field::Input,
            stage: Stage::Draft,
            generated,
            sent: Vec::new(),
            check: Ok(()),
            error_offset: None,
            again,
            changes: 0,
        };
        form.input.go(typing_start(form.input.text()));
        form.check();
        form
    }

    /// Returns the execution whose input this is, if it is started again.
    pub(in crate::app) fn again(&self) -> Option<ExecutionId> {
        self.again
    }

    /// Returns how often the form has changed.
    pub(in crate::app) fn revision(&self) -> u64 {
        self.name.revision() + self.input.revision() + self.changes
    }

    /// Returns whether closing the form would lose something: a text, a request, or the name of an earlier request.
    pub(in crate::app) fn is_worth_keeping(&self) -> bool {
        let is_changed = self.name.revision() > 0 || self.input.revision() > 0;
        is_changed || self.stage != Stage::Draft || !self.sent.is_empty()
    }

    /// Returns the areas of the form within the area for overlays.
    pub(crate) fn layout(&self, body: Rect) -> FormLayout {
        FormLayout::new(body, memchr::memchr_iter(b'\n', self.input.text().as_bytes()).count() + 1)
    }

    /// Scrolls the input to its cursor in this area for overlays.
    pub(in crate::app) fn fit(&mut self, body: Rect) {
        let layout = self.layout(body);
        self.input.fit(layout.input.width.into(), layout.input.height.into());
    }

    /// Returns the offset of the character at which the input is not JSON.
    pub(crate) fn error_offset(&self) -> Option<usize> {
        self.error_offset
    }

    /// Returns why the input is invalid.
    pub fn input_error(&self) -> Option<&InputError> {
        self.check.as_ref().err()
    }

    /// Returns why the name is invalid.
    pub fn name_error(&self) -> Option<NameError> {
        let text = self.name.text();
        if text.is_empty() { None } else { ExecutionName::chosen(text).err() }
    }

    /// Returns the size of the input in bytes of UTF-8.
    pub fn input_bytes(&self) -> usize {
        self.input.text().len()
    }

    /// Handles a key without another meaning.
    pub(in crate::app) fn press(&mut self, key: Key) {
        self.edit(|editor| editor.press(key));
    }

    /// Changes the focused field.
    pub(in crate::app) fn edit(&mut self, change: impl FnOnce(&mut Editor)) {
        if matches!(self.stage, Stage::Sent(_)) {
            return;
        }
        let before = (self.name.revision(), self.input.revision());
        match self.field {
            Field::Name => change(&mut self.name),
            Field::Input => self.edit_input(change),
        }
        if before != (self.name.revision(), self.input.revision()) {
            self.stage = Stage::Draft;
        }
    }

    fn edit_input(&mut self, change: impl FnOnce(&mut Editor)) {
        let (before, revision) = (Before::of(&self.input), self.input.revision());
        change(&mut self.input);
        if self.input.revision() == revision {
            return;
        }
        self.check();
        let whole = before.filter(|_| self.check.is_err()).and_then(|before| before.replacement(self.input.text()));
        if let Some(whole) = whole {
            // One step to undo, which restores the input before.
            self.input.undo();
            self.input.replace(&whole);
            self.input.go(self.input.text().len());
            self.check();
        }
    }

    /// Formats the input and returns whether it has changed. Input that is not JSON stays as it is, with the cursor at
    /// the error.
    pub(in crate::app) fn format(&mut self) -> Result<bool, String> {
        if let (Err(error), offset) = (&self.check, self.error_offset) {
            let message = error.to_string();
            self.field = Field::Input;
            self.edit(|editor| offset.into_iter().for_each(|offset| editor.go(offset)));
            return Err(message);
        }
        let text = self.input.text();
        let Some(formatted) = pretty(text.trim_start_matches('\u{feff}'), MAX_INPUT_BYTES) else {
            return Err(format!("formatted, the input would have more than {MAX_INPUT_BYTES} bytes"));
        };
        let is_changed = formatted != text;
        if is_changed {
            let cursor = same_place(text, self.input.cursor(), &formatted);
            self.field = Field::Input;
            self.edit(|editor| {
                editor.replace(&formatted);
                editor.go(cursor);
            });
        }
        Ok(is_changed)
    }

    /// Replaces the whole input.
    pub(in crate::app) fn replace_input(&mut self, text: &str) {
        self.field = Field::Input;
        self.edit(|editor| {
            editor.replace(text);
            editor.go(typing_start(editor.text()));
        });
    }

    /// Sets the machine to start, which ends what was said about another one.
    pub(in crate::app) fn set_machine(&mut self, machine: MachineIndex) {
        self.machine = machine;
        self.changes += 1;
        self.stage = Stage::Draft;
    }

    /// Marks the form as sent with this order.
    pub(in crate::app) fn mark_sent(&mut self, id: StartId, order: StartOrder) {
        self.changes += 1;
        self.stage = Stage::Sent(id);
        self.sent.push(order);
    }

    /// Marks the form as refused. If the name is the problem, focuses it.
    pub(in crate::app) fn refuse(&mut self, failure: Failure) {
        if matches!(failure.kind, FailureKind::ExecutionAlreadyExists | FailureKind::InvalidName) {
            self.field = Field::Name;
        }
        self.changes += 1;
        self.stage = Stage::Refused(failure);
    }

    /// Returns the refused order whose name is already in use.
    pub fn order_with_used_name(&self) -> Option<&StartOrder> {
        let is_used = |failure: &Failure| failure.kind == FailureKind::ExecutionAlreadyExists;
        matches!(&self.stage, Stage::Refused(failure) if is_used(failure)).then(|| self.sent.last()).flatten()
    }

    /// Returns whether the generated name was already sent with another input.
    pub fn needs_another_name(&self, machine: &Machine) -> bool {
        self.generated_name(machine, self.input.text()).is_none()
    }

    /// Sets another generated name.
    pub(in crate::app) fn rename(&mut self, generated: ExecutionName) {
        self.generated = generated;
    }

    /// Returns the generated name for this input: the one it was sent with to this machine, or an unused one.
    fn generated_name(&self, machine: &Machine, input: &str) -> Option<ExecutionName> {
        let mut generated = self.sent.iter().filter(|order| order.origin == NameOrigin::Generated);
        let is_same = |order: &&StartOrder| {
            order.input.as_str() == input && order.machine == machine.arn && order.endpoint == machine.endpoint
        };
        match generated.clone().find(is_same) {
            Some(order) => Some(order.name.clone()),
            None if generated.any(|order| order.name == self.generated) => None,
            None => Some(self.generated.clone()),
        }
    }

    /// Returns the order for this gateway if the form is valid.
    pub fn order(&self, machine: &Machine, gateway: GatewayId) -> Option<StartOrder> {
        let input = Payload::input(self.input.text()).ok()?;
        let text = self.name.text();
        let (name, origin) = if text.is_empty() {
            (self.generated_name(machine, input.as_str())?, NameOrigin::Generated)
        } else {
            (ExecutionName::chosen(text).ok()?, NameOrigin::Chosen)
        };
        Some(StartOrder {
            endpoint: machine.endpoint.clone(),
            gateway,
            machine_name: machine.name.clone(),
            machine: machine.arn.clone(),
            machine_type: machine.machine_type,
            name,
            origin,
            input,
        })
    }

    fn check(&mut self) {
        let text = self.input.text();
        self.check = check_input(text);
        self.error_offset = match &self.check {
            Err(InputError::NotJson { line, column, .. }) => Some(offset_of(text, *line, *column)),
            Ok(()) | Err(InputError::Empty | InputError::TooLarge { .. }) => None,
        };
    }
}

/// Returns the offset of a line and column, both from 1. A byte order mark is not counted.
fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let breaks = memchr::memchr_iter(b'\n', text.as_bytes());
    let start = if line > 1 { breaks.skip(line - 2).map(|at| at + 1).next().unwrap_or(0) } else { 0 };
    let start = if start == 0 && text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { start };
    text[start..].char_indices().nth(column - 1).map_or(text.len(), |(at, _)| start + at)
}

/// Returns the offset in a formatted text after as many characters, without white space, as before the cursor.
fn same_place(text: &str, cursor: usize, formatted: &str) -> usize {
    let is_black = |c: char| !c.is_ascii_whitespace();
    let count = text[..cursor].trim_start_matches('\u{feff}').chars().filter(|c| is_black(*c)).count();
    let mut black = formatted.char_indices().filter(|(_, c)| is_black(*c));
    match count.checked_sub(1) {
        None => 0,
        Some(last) => black.nth(last).map_or(formatted.len(), |(at, c)| at + c.len_utf8()),
    }
}
