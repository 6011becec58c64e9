//! Finds rows by the ARN of their execution.

use std::collections::BTreeSet;

use stepgate_core::domain::{ExecutionArn, ExecutionId};

/// The ids of the rows of each ARN: several if gateways or start requests share it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct ByArn(BTreeSet<(ExecutionArn, ExecutionId)>);

impl ByArn {
    pub(super) fn insert(&mut self, arn: ExecutionArn, id: ExecutionId) {
        self.0.insert((arn, id));
    }

    pub(super) fn remove(&mut self, arn: &ExecutionArn, id: ExecutionId) {
        self.0.remove(&(arn.clone(), id));
    }

    pub(super) fn ids(&self, arn: &ExecutionArn) -> impl Iterator<Item = ExecutionId> {
        let of = |id| (arn.clone(), ExecutionId(id));
        self.0.range(of(0)..=of(u64::MAX)).map(|(_, id)| *id)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}
