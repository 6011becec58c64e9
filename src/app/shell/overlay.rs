//! What lies over the panes: a form, a choice, a line to type in, a page to read.

use crate::app::batch::FileForm;
use crate::app::control::ControlForm;
use crate::app::copy::{Destination, SaveForm};
use crate::app::input::action::Context;
use crate::app::input::editor::Editor;
use crate::app::input::palette::Palette;
use crate::app::input::prompt::Prompt;
use crate::app::list::machines::Picker;
use crate::app::start::form::Form;
use crate::app::start::inputs::InputPicker;
use stepgate_core::domain::ExecutionId;

/// What lies over the panes.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// Nothing.
    None,
    /// The choice of a machine.
    Pick(Picker),
    /// The start form.
    Start(Box<Form>),
    /// The command palette.
    Palette(Box<Palette>),
    /// The choice of an input, over the start form.
    Inputs(Box<InputPicker>),
    /// The line in which a filter is typed, and what there was before.
    Filter(Editor, Before),
    /// The line in which something about a text is typed: a search, a path, a filter.
    Prompt(Box<Prompt>),
    /// The form that asks for a file of inputs.
    File(Box<FileForm>),
    /// The choice of what to copy or save.
    Copy(Destination),
    /// The form that asks where to save.
    Save(Box<SaveForm>),
    /// The form that asks whether a stop or a redrive is meant.
    Control(Box<ControlForm>),
    /// What became of stops or redrives, from this line on.
    Controlled(usize),
    /// The comparison of two executions, from this line on.
    Compare(usize),
    /// The batch, from this line on.
    Batch(usize),
    /// The keys, from this line on.
    Help(usize),
    /// The messages, from this line on.
    Messages(usize),
    /// What is wrong in the configuration, from this line on. There is nothing below it.
    Faults(Vec<String>, usize),
}

/// What a filter that is being typed can be taken back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    /// The filter.
    pub filter: String,
    /// The selected execution.
    pub selected: Option<ExecutionId>,
}

impl Overlay {
    /// Where keys go to while it is there; `None` for the panes.
    pub fn context(&self) -> Option<Context> {
        Some(match self {
            Self::None => return None,
            Self::Pick(_) | Self::Inputs(_) | Self::Palette(_) => Context::Pick,
            Self::Start(_) => Context::Form,
            Self::Filter(..) => Context::Filter,
            Self::Prompt(_) => Context::Prompt,
            Self::File(_) | Self::Save(_) => Context::File,
            Self::Copy(_) => Context::Copy,
            Self::Batch(_) => Context::Batch,
            Self::Control(_) => Context::Control,
            Self::Help(_) | Self::Messages(_) | Self::Controlled(_) | Self::Compare(_) => Context::Page,
            Self::Faults(..) => Context::Faults,
        })
    }
}
