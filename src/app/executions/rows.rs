//! The rows by id. The id of a deleted row is never reused: responses to requests about it may still arrive.

use crate::app::row::Row;
use crate::domain::ExecutionId;

/// Rows, indexed by id.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Rows {
    slots: Vec<Option<Box<Row>>>,
    count: usize,
}

impl Rows {
    /// Inserts a row and returns its id.
    pub(super) fn put(&mut self, row: Row) -> ExecutionId {
        let id = ExecutionId(self.slots.len() as u64);
        self.slots.push(Some(Box::new(Row { id, ..row })));
        self.count += 1;
        id
    }

    pub(super) fn get(&self, id: ExecutionId) -> Option<&Row> {
        self.slots.get(slot(id))?.as_deref()
    }

    pub(super) fn get_mut(&mut self, id: ExecutionId) -> Option<&mut Row> {
        self.slots.get_mut(slot(id))?.as_deref_mut()
    }

    pub(super) fn take(&mut self, id: ExecutionId) -> Option<Box<Row>> {
        let row = self.slots.get_mut(slot(id))?.take()?;
        self.count -= 1;
        Some(row)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Row> {
        self.slots.iter().flatten().map(Box::as_ref)
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }
}

fn slot(id: ExecutionId) -> usize {
    usize::try_from(id.0).unwrap_or(usize::MAX)
}
