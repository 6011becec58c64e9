//! The definition of an execution's state machine, shown instead of the panes.

use crate::app::reader::document::Document;
use stepgate_core::domain::{ExecutionId, Failure, Payload};

/// The state of the request for a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DefinitionStage {
    /// Requested with this number.
    Reading(u64),
    /// Received.
    Here,
    /// The request failed.
    Failed(Failure),
}

/// The definition of an execution's state machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Definition {
    of: ExecutionId,
    stage: DefinitionStage,
    document: Document,
}

impl Definition {
    /// Returns a definition that has been requested with this number.
    pub(crate) fn new(of: ExecutionId, number: u64) -> Self {
        Self { of, stage: DefinitionStage::Reading(number), document: Document::default() }
    }

    /// Returns the execution.
    pub(crate) fn of(&self) -> ExecutionId {
        self.of
    }

    /// Returns the state of the request.
    pub(crate) fn stage(&self) -> &DefinitionStage {
        &self.stage
    }

    /// Returns the text.
    pub(crate) fn document(&self) -> &Document {
        &self.document
    }

    /// Returns the text, mutably.
    pub(in crate::app) fn document_mut(&mut self) -> &mut Document {
        &mut self.document
    }

    /// Handles the response, unless it belongs to another request.
    pub(in crate::app) fn on_response(&mut self, number: u64, response: Result<Payload, Failure>) {
        if self.stage != DefinitionStage::Reading(number) {
            return;
        }
        match response {
            Ok(text) => {
                self.document.replace(text.shared());
                self.stage = DefinitionStage::Here;
            }
            Err(failure) => self.stage = DefinitionStage::Failed(failure),
        }
    }
}
