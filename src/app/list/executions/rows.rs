//! The rows by id. The id of a deleted row is never reused: responses to requests about it may still arrive.

use std::collections::BTreeMap;

use crate::app::list::row::Row;
use stepgate_core::domain::ExecutionId;

/// Rows by id. Removed rows take no memory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Rows {
    by_id: BTreeMap<ExecutionId, Box<Row>>,
    next: u64,
}

impl Rows {
    /// Inserts a row and returns its id.
    pub(super) fn insert(&mut self, row: Row) -> ExecutionId {
        let id = ExecutionId(self.next);
        self.next += 1;
        self.by_id.insert(id, Box::new(Row { id, ..row }));
        id
    }

    pub(super) fn get(&self, id: ExecutionId) -> Option<&Row> {
        self.by_id.get(&id).map(Box::as_ref)
    }

    pub(super) fn get_mut(&mut self, id: ExecutionId) -> Option<&mut Row> {
        self.by_id.get_mut(&id).map(Box::as_mut)
    }

    pub(super) fn remove(&mut self, id: ExecutionId) -> Option<Box<Row>> {
        self.by_id.remove(&id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Row> {
        self.by_id.values().map(Box::as_ref)
    }

    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }
}
