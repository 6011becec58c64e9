//! The reader's part of the model: the texts that are open.

use crate::app::list::row::Row;
use crate::app::msg::Slot;
use crate::app::reader::comparison::Comparison;
use crate::app::reader::definition::Definition;
use crate::app::reader::document::Document;
use crate::app::reader::payloads::Payloads;
use stepgate_core::domain::{ExecutionId, Failure, Payload};

/// The open texts.
#[derive(Debug, Clone, Default)]
pub(crate) struct OpenTexts {
    payloads: Payloads,
    /// The definition of an execution, shown instead of the panes.
    definition: Option<Box<Definition>>,
    comparison: Option<Comparison>,
}

impl OpenTexts {
    /// Returns the input and output of the selected execution.
    pub(crate) fn payloads(&self) -> &Payloads {
        &self.payloads
    }

    /// Returns the input and output, mutably.
    pub(in crate::app) fn payloads_mut(&mut self) -> &mut Payloads {
        &mut self.payloads
    }

    /// Returns the definition of an execution, if it is shown.
    pub(crate) fn definition(&self) -> Option<&Definition> {
        self.definition.as_deref()
    }

    /// Returns the definition, mutably.
    pub(in crate::app) fn definition_mut(&mut self) -> Option<&mut Definition> {
        self.definition.as_deref_mut()
    }

    /// Handles the response to the request for a definition with this number.
    pub(in crate::app) fn on_definition_read(&mut self, number: u64, response: Result<Payload, Failure>) {
        if let Some(definition) = self.definition_mut() {
            definition.on_response(number, response);
        }
    }

    /// Shows a definition.
    pub(in crate::app) fn open_definition(&mut self, definition: Definition) {
        self.definition = Some(Box::new(definition));
    }

    /// Closes the definition and returns whether it was open.
    pub(in crate::app) fn close_definition(&mut self) -> bool {
        self.definition.take().is_some()
    }

    /// Returns the latest comparison of two executions.
    pub(crate) fn comparison(&self) -> Option<&Comparison> {
        self.comparison.as_ref()
    }

    /// Returns whether an execution is one of the two that were compared last.
    pub(in crate::app) fn compares(&self, id: ExecutionId) -> bool {
        self.comparison.as_ref().is_some_and(|comparison| comparison.includes(id))
    }

    /// Compares two executions.
    pub(super) fn begin_comparison(&mut self, first: ExecutionId, second: ExecutionId) {
        self.comparison = Some(Comparison::new(first, second));
    }

    /// Updates the comparison with what is known about its executions.
    pub(super) fn refresh_comparison<'a>(&mut self, row: impl Fn(ExecutionId) -> Option<&'a Row>) {
        let Some(comparison) = &mut self.comparison else { return };
        if let [Some(first), Some(second)] = comparison.executions().map(row) {
            comparison.refresh(first, second);
        }
    }

    /// Returns the texts that may have a filter; the last one is the definition, or else this text of the timeline.
    pub(super) fn documents_mut<'a>(
        &'a mut self,
        of_timeline: Option<&'a mut Document>,
    ) -> impl Iterator<Item = (Slot, &'a mut Document)> {
        let of_step = match &mut self.definition {
            Some(definition) => Some(definition.document_mut()),
            None => of_timeline,
        };
        let (input, output) = self.payloads.documents_mut();
        let documents = [(Slot::Input, input), (Slot::Output, output), (Slot::Step, of_step)];
        documents.into_iter().filter_map(|(slot, document)| Some((slot, document?)))
    }
}
