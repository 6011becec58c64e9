//! Tracks which rows hold inputs and outputs, so that the least recently viewed can release them: the store has them.

use std::collections::BTreeMap;

use crate::app::list::executions::Executions;
use crate::app::list::row::Row;
use stepgate_core::domain::ExecutionId;

/// Rows with inputs and outputs, least recently changed or viewed first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::app) struct LoadedPayloads {
    bytes: usize,
    turns: u64,
    by_turn: BTreeMap<u64, ExecutionId>,
    turn_of: BTreeMap<ExecutionId, u64>,
}

impl LoadedPayloads {
    /// Records that a row now holds a different number of bytes.
    pub(in crate::app) fn change(&mut self, id: ExecutionId, before: usize, now: usize) {
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

    /// Makes a row the last one to release its payloads.
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
    /// Returns the bytes of inputs and outputs in all rows.
    pub fn held(&self) -> usize {
        self.held.bytes
    }

    /// Records that a row is being viewed.
    pub(in crate::app) fn look_at(&mut self, id: ExecutionId) {
        if self.held.turn_of.contains_key(&id) {
            self.held.touch(id);
        }
    }

    /// Returns the rows that should release input and output now, least recently viewed first, so that the rest has at
    /// most this many bytes. `may` selects the rows that can.
    pub(in crate::app) fn surplus(&self, most: usize, may: impl Fn(ExecutionId) -> bool) -> Vec<ExecutionId> {
        let (mut left, mut surplus) = (self.held.bytes, Vec::new());
        for id in self.held.by_turn.values().copied() {
            if left <= most {
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
