//! The definition that an execution runs by, in the place of the panes.

use crate::app::reader::document::Document;
use stepgate_core::domain::{ExecutionId, Failure, Payload};

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DefinitionStage {
    /// It is on its way, as the answer to the request with this number.
    Reading(u64),
    /// It is here.
    Here,
    /// Why it is not.
    Failed(Failure),
}

/// A definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// Of which execution.
    pub of: ExecutionId,
    /// How far it is.
    pub stage: DefinitionStage,
    /// Its text.
    pub document: Document,
}

impl Definition {
    /// One that was asked for.
    pub fn new(of: ExecutionId, number: u64) -> Self {
        Self { of, stage: DefinitionStage::Reading(number), document: Document::default() }
    }

    /// Takes the answer; one to another request means nothing.
    pub(in crate::app) fn take(&mut self, number: u64, answer: Result<Payload, Failure>) {
        if self.stage != DefinitionStage::Reading(number) {
            return;
        }
        match answer {
            Ok(text) => {
                self.document.replace(text.shared());
                self.stage = DefinitionStage::Here;
            }
            Err(failure) => self.stage = DefinitionStage::Failed(failure),
        }
    }
}
