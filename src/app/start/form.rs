//! The start form: the name and input of an execution to start.

use crate::app::keys::editor::{Editor, Lines};
use crate::app::keys::key::Key;
use crate::app::list::machines::MachineIndex;
use stepgate_core::domain::payload::check_input;
use stepgate_core::domain::{
    ExecutionName, Failure, FailureKind, GatewayId, InputError, Machine, NameError, NameOrigin, Payload, StartId,
    StartOrder,
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
}

impl Form {
    /// Returns a form for a machine with an initial input.
    pub fn new(machine: MachineIndex, input: &str, generated: ExecutionName) -> Self {
        let mut form = Self {
            machine,
            name: Editor::new("", Lines::One),
            input: Editor::new(input, Lines::Many),
            field: Field::Input,
            stage: Stage::Draft,
            generated,
            sent: Vec::new(),
            check: Ok(()),
        };
        form.check();
        form
    }

    /// Returns why the input is invalid.
    pub fn input_error(&self) -> Option<&InputError> {
        self.check.as_ref().err()
    }

    /// Returns why the name is invalid.
    pub fn name_error(&self) -> Option<NameError> {
        let text = self.name.text();
        if text.is_empty() { None } else { ExecutionName::chosen(&text).err() }
    }

    /// Returns the size of the input in bytes of UTF-8.
    pub fn input_bytes(&self) -> usize {
        let lines = self.input.area().lines();
        lines.iter().map(String::len).sum::<usize>() + lines.len().saturating_sub(1)
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
        match self.field {
            Field::Name => change(&mut self.name),
            Field::Input => {
                change(&mut self.input);
                self.check();
            }
        }
        self.stage = Stage::Draft;
    }

    /// Replaces the whole input.
    pub(in crate::app) fn replace_input(&mut self, text: &str) {
        self.field = Field::Input;
        self.edit(|editor| editor.replace(text));
    }

    /// Sets the machine to start, which ends what was said about another one.
    pub(in crate::app) fn set_machine(&mut self, machine: MachineIndex) {
        self.machine = machine;
        self.stage = Stage::Draft;
    }

    /// Marks the form as sent with this order.
    pub(in crate::app) fn mark_sent(&mut self, id: StartId, order: StartOrder) {
        self.stage = Stage::Sent(id);
        self.sent.push(order);
    }

    /// Marks the form as refused. If the name is the problem, focuses it.
    pub(in crate::app) fn refuse(&mut self, failure: Failure) {
        if matches!(failure.kind, FailureKind::ExecutionAlreadyExists | FailureKind::InvalidName) {
            self.field = Field::Name;
        }
        self.stage = Stage::Refused(failure);
    }

    /// Returns the refused order whose name is already in use.
    pub fn order_with_used_name(&self) -> Option<&StartOrder> {
        let is_used = |failure: &Failure| failure.kind == FailureKind::ExecutionAlreadyExists;
        matches!(&self.stage, Stage::Refused(failure) if is_used(failure)).then(|| self.sent.last()).flatten()
    }

    /// Returns whether the generated name was already sent with another input.
    pub fn needs_another_name(&self, machine: &Machine) -> bool {
        self.generated_name(machine, &self.input.text()).is_none()
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
        let input = Payload::input(&self.input.text()).ok()?;
        let text = self.name.text();
        let (name, origin) = if text.is_empty() {
            (self.generated_name(machine, input.as_str())?, NameOrigin::Generated)
        } else {
            (ExecutionName::chosen(&text).ok()?, NameOrigin::Chosen)
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
        self.check = check_input(&self.input.text());
    }
}
