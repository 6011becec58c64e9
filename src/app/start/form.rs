//! The start form: name and input of an execution that is about to be started.

use crate::app::input::editor::{Editor, Lines};
use crate::app::input::key::Key;
use crate::app::list::machines::MachineIndex;
use stepgate_core::domain::payload::check_input;
use stepgate_core::domain::{
    ExecutionName, Failure, FailureKind, GatewayId, InputError, Machine, NameError, NameOrigin, Payload, StartId,
    StartOrder,
};

/// The field that keys go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The execution's name; empty for a generated one.
    Name,
    /// Its input.
    Input,
}

/// What has become of it so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Being filled in.
    Draft,
    /// On its way; another press does nothing.
    Sent(StartId),
    /// It came back with a reason. The form is open for a change.
    Refused(Failure),
}

/// The form.
#[derive(Debug, Clone)]
pub struct Form {
    /// What will be started.
    pub machine: MachineIndex,
    /// The name's field.
    pub name: Editor,
    /// The input's field.
    pub input: Editor,
    /// Where keys go to.
    pub field: Field,
    /// What has become of it.
    pub stage: Stage,
    /// The name for an input that has not been sent yet.
    generated: ExecutionName,
    /// What was sent from this form. The same input goes again under the same generated name, so that
    /// a second try cannot start a second execution; another input is another start.
    sent: Vec<StartOrder>,
    check: Result<(), InputError>,
}

impl Form {
    /// A form for a machine, with an input to begin with.
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

    /// What is wrong with the input.
    pub fn input_error(&self) -> Option<&InputError> {
        self.check.as_ref().err()
    }

    /// What is wrong with the name.
    pub fn name_error(&self) -> Option<NameError> {
        let text = self.name.text();
        if text.is_empty() { None } else { ExecutionName::chosen(&text).err() }
    }

    /// Bytes of UTF-8 in the input.
    pub fn input_bytes(&self) -> usize {
        let lines = self.input.area().lines();
        lines.iter().map(String::len).sum::<usize>() + lines.len().saturating_sub(1)
    }

    /// Takes a key that has no other meaning.
    pub fn press(&mut self, key: Key) {
        self.edit(|editor| editor.press(key));
    }

    /// Changes the field that has the cursor.
    pub fn edit(&mut self, change: impl FnOnce(&mut Editor)) {
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

    /// Puts another input in the place of the whole.
    pub fn replace_input(&mut self, text: &str) {
        self.field = Field::Input;
        self.edit(|editor| editor.replace(text));
    }

    /// The form is on its way with this order.
    pub fn send(&mut self, id: StartId, order: StartOrder) {
        self.stage = Stage::Sent(id);
        self.sent.push(order);
    }

    /// It came back with a reason, and is open for a change. A chosen name that will not do is what is to
    /// be changed.
    pub fn refuse(&mut self, failure: Failure) {
        if matches!(failure.kind, FailureKind::ExecutionAlreadyExists | FailureKind::InvalidName) {
            self.field = Field::Name;
        }
        self.stage = Stage::Refused(failure);
    }

    /// The order whose name turned out to be taken, if that is why the form is still open.
    pub fn taken(&self) -> Option<&StartOrder> {
        let is_taken = |failure: &Failure| failure.kind == FailureKind::ExecutionAlreadyExists;
        matches!(&self.stage, Stage::Refused(failure) if is_taken(failure)).then(|| self.sent.last()).flatten()
    }

    /// Whether the generated name belongs to a start with another input already.
    pub fn needs_another_name(&self) -> bool {
        self.generated_name(&self.input.text()).is_none()
    }

    /// Takes another generated name.
    pub fn rename(&mut self, generated: ExecutionName) {
        self.generated = generated;
    }

    /// The generated name for this input: the one it was sent under, or one that nothing was sent under.
    fn generated_name(&self, input: &str) -> Option<ExecutionName> {
        let mut generated = self.sent.iter().filter(|order| order.origin == NameOrigin::Generated);
        match generated.clone().find(|order| order.input.as_str() == input) {
            Some(order) => Some(order.name.clone()),
            None if generated.any(|order| order.name == self.generated) => None,
            None => Some(self.generated.clone()),
        }
    }

    /// The order for the endpoint at this place, if nothing in the form is known to be wrong.
    pub fn order(&self, machine: &Machine, gateway: GatewayId) -> Option<StartOrder> {
        let input = Payload::input(&self.input.text()).ok()?;
        let text = self.name.text();
        let (name, origin) = if text.is_empty() {
            (self.generated_name(input.as_str())?, NameOrigin::Generated)
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
