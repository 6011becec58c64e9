//! Overlays over the panes: forms, menus, prompts and pages.

use crate::app::batch::FileForm;
use crate::app::control::ControlForm;
use crate::app::copy::{CopyMenu, SaveForm};
use crate::app::guard::{GuardForm, Purpose};
use crate::app::keys::action::Context;
use crate::app::keys::editor::Editor;
use crate::app::keys::palette::Palette;
use crate::app::keys::prompt::Prompt;
use crate::app::list::forms::{OpenForm, Removal};
use crate::app::list::machines::Picker;
use crate::app::shell::endpoint_picker::EndpointPicker;
use crate::app::start::form::Form;
use crate::app::start::input_picker::InputPicker;
use stepgate_core::domain::{BatchId, ExecutionId};

/// An overlay over the panes. The number in some variants is the first visible line.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// No overlay.
    None,
    /// The machine picker.
    Pick(Picker),
    /// The start form.
    Start(Box<Form>),
    /// The command palette.
    Palette(Box<Palette>),
    /// The endpoint picker.
    Endpoints(Box<EndpointPicker>),
    /// The input picker, over the start form.
    Inputs(Box<InputPicker>),
    /// The filter line, and the state to restore on cancel.
    Filter(Editor, Before),
    /// The prompt for a search, a path or a jq filter.
    Prompt(Box<Prompt>),
    /// The form for a batch file.
    File(Box<FileForm>),
    /// The menu of what to copy or save.
    Copy(CopyMenu),
    /// The form for the path to save to.
    Save(Box<SaveForm>),
    /// The confirmation of a stop or redrive.
    Control(Box<ControlForm>),
    /// The dialog to type the name of a guarded endpoint, over the form or page that starts something there.
    Guard(Box<GuardForm>),
    /// The confirmation before executions are removed from the list.
    Removal(Box<Removal>),
    /// The prompt for an execution to open.
    Open(Box<OpenForm>),
    /// The results of stops or redrives.
    Controlled(usize),
    /// The comparison of two executions.
    Compare(usize),
    /// The batch page.
    Batch,
    /// The confirmation before the unsent lines of a batch are forgotten, over its page.
    ForgetBatch(BatchId),
    /// The messages.
    Messages(usize),
    /// Errors in the configuration. There is nothing below it.
    ConfigErrors(Vec<String>, usize),
}

/// The state that cancelling the filter line restores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    /// The filter.
    pub filter: String,
    /// The selected execution.
    pub selected: Option<ExecutionId>,
}

impl Overlay {
    /// Returns the overlay that is shown again when this one is closed.
    pub(super) fn below(&self) -> Self {
        match self {
            Self::ForgetBatch(_) => Self::Batch,
            Self::Guard(form) if matches!(form.purpose, Purpose::ContinueBatch(_)) => Self::Batch,
            _ => Self::None,
        }
    }

    /// Returns whether this is the batch page, or something over it.
    pub(crate) fn is_batch_page(&self) -> bool {
        matches!(self, Self::Batch) || matches!(self.below(), Self::Batch)
    }

    /// Returns the first visible line of a page.
    pub(in crate::app) fn top_mut(&mut self) -> Option<&mut usize> {
        match self {
            Self::Messages(top) | Self::Controlled(top) | Self::Compare(top) | Self::ConfigErrors(_, top) => Some(top),
            _ => None,
        }
    }

    /// Returns how often what was typed, and the request for it, has changed.
    pub(super) fn revision(&self) -> u64 {
        match self {
            Self::Start(form) => form.revision(),
            Self::Pick(picker) => picker.field.revision(),
            Self::Palette(palette) => palette.field.revision(),
            Self::Endpoints(picker) => picker.field.revision(),
            Self::Inputs(picker) => picker.field.revision(),
            Self::Filter(line, _) => line.revision(),
            Self::Prompt(prompt) => prompt.editor.revision(),
            Self::File(form) => form.path.revision(),
            Self::Save(form) => form.path.revision(),
            Self::Control(form) => form.confirmation.revision() + form.error.revision() + form.cause.revision(),
            Self::Guard(form) => form.typed.revision(),
            Self::Open(form) => form.editor.revision(),
            Self::None
            | Self::Copy(_)
            | Self::Removal(_)
            | Self::Controlled(_)
            | Self::Compare(_)
            | Self::Batch
            | Self::ForgetBatch(_)
            | Self::Messages(_)
            | Self::ConfigErrors(..) => 0,
        }
    }

    /// Returns the key context of the overlay; `None` if there is no overlay.
    pub fn context(&self) -> Option<Context> {
        Some(match self {
            Self::None => return None,
            Self::Pick(_) | Self::Inputs(_) | Self::Palette(_) | Self::Endpoints(_) => Context::Pick,
            Self::Start(_) => Context::Form,
            Self::Filter(..) => Context::Filter,
            Self::Prompt(_) => Context::Prompt,
            Self::File(_) | Self::Save(_) => Context::File,
            Self::Copy(_) => Context::Copy,
            Self::Batch => Context::Batch,
            Self::Control(_) | Self::Guard(_) => Context::Control,
            Self::Removal(_) | Self::ForgetBatch(_) => Context::Removal,
            Self::Open(_) => Context::Open,
            Self::Messages(_) | Self::Controlled(_) | Self::Compare(_) => Context::Page,
            Self::ConfigErrors(..) => Context::ConfigErrors,
        })
    }
}
