//! The definition of an execution's state machine, shown instead of the panes.

use crate::app::reader::document::Document;
use stepgate_core::domain::{ExecutionId, Failure, Payload};

/// The state of the request for a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DefinitionStage {
    /// Requested with this number.
    Reading(u64),
    /// Received.
    Here,
    /// The request failed.
    Failed(Failure),
}

/// The definition of an execution's state machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// The execution.
    pub of: ExecutionId,
    /// The state of the request.
    pub stage: DefinitionStage,
    /// The text.
    pub document: Document,
}

impl Definition {
    /// Returns a definition that has been requested with this number.
    pub fn new(of: ExecutionId, number: u64) -> Self {
        Self { of, stage: DefinitionStage::Reading(number), document: Document::default() }
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
