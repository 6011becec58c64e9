//! Which rows hold inputs and outputs, so that those looked at least lately can let them go: the store has them.

use std::collections::{BTreeMap, HashMap};

use crate::app::executions::Executions;
use crate::app::row::Row;
use crate::domain::ExecutionId;

/// So much inputs and outputs of rows may hold together, in bytes.
pub(super) const MOST: usize = 16 * 1024 * 1024;

/// Rows with inputs and outputs, the one that was changed or looked at longest ago first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Held {
    bytes: usize,
    turns: u64,
    by_turn: BTreeMap<u64, ExecutionId>,
    turn_of: HashMap<ExecutionId, u64>,
}

impl Held {
    /// A row holds another number of bytes.
    pub(super) fn change(&mut self, id: ExecutionId, before: usize, now: usize) {
        if before == now {
            return;
        }
        self.bytes = (self.bytes + now).saturating_sub(before);
        if now == 0 {
            self.forget(id);
        } else {
            self.touch(id);
        }
    }

    /// A row is the last one that may let go.
    fn touch(&mut self, id: ExecutionId) {
        self.forget(id);
        self.turns += 1;
        self.by_turn.insert(self.turns, id);
        self.turn_of.insert(id, self.turns);
    }

    fn forget(&mut self, id: ExecutionId) {
        if let Some(turn) = self.turn_of.remove(&id) {
            self.by_turn.remove(&turn);
        }
    }
}

impl Executions {
    /// Bytes of inputs and outputs in the rows.
    pub fn held(&self) -> usize {
        self.held.bytes
    }

    /// A row is being looked at.
    pub(in crate::app) fn look_at(&mut self, id: ExecutionId) {
        if self.held.turn_of.contains_key(&id) {
            self.held.touch(id);
        }
    }

    /// The rows that should let go of input and output now, those looked at longest ago first, so that the rest holds no more
    /// than it may. `may` says which ones can.
    pub(in crate::app) fn surplus(&self, may: impl Fn(ExecutionId) -> bool) -> Vec<ExecutionId> {
        let (mut left, mut surplus) = (self.held.bytes, Vec::new());
        for id in self.held.by_turn.values().copied() {
            if left <= MOST {
                break;
            }
            if may(id) {
                left = left.saturating_sub(self.get(id).map_or(0, Row::held));
                surplus.push(id);
            }
        }
        surplus
    }
}
