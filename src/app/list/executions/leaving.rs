//! Removes rows: because the store has deleted their executions, or because there are too many and the store still has
//! them.

use crate::app::list::executions::counts::GatewayCounts;
use crate::app::list::executions::{Executions, Older};
use crate::app::list::row::{Group, PayloadLocation, Row, RowState};
use stepgate_core::domain::{Cursor, ExecutionId, FailureKind, GatewayTotals, Timestamp};

/// The number of rows that stay.
const ROWS: usize = 5_000;
/// The number of additional rows that trigger a removal.
const MORE: usize = 1_000;
/// The number of rows removed at once: few enough not to delay a key press.
const AT_ONCE: usize = 2_000;

impl Executions {
    /// Handles that the store has deleted what had ended before this moment, and has this many executions now. The
    /// selected row and marked rows stay for as long as they are selected or marked, but no longer count.
    pub(in crate::app) fn prune(&mut self, before: Timestamp, totals: GatewayTotals) {
        for row in self.rows.iter().filter(|row| has_ended_before(row, before)) {
            if self.overdue.insert(row.id) {
                *self.not_counted.at(&row.gateway).get_mut(row.group()) += 1;
            }
        }
        self.remove_overdue();
        // Never more than before: executions that other processes have started since are not tracked here, and would count as
        // running forever.
        let most = self.not_among_rows(totals);
        self.beyond.limit(most);
        self.forget_left_out(self.beyond.of(self.scope.as_ref()).sum());
        self.revision += 1;
    }

    /// Removes the overdue rows that are no longer in use.
    pub(in crate::app) fn remove_overdue(&mut self) {
        let gone: Vec<ExecutionId> = self.overdue.iter().copied().filter(|id| !self.is_in_use(*id)).collect();
        self.remove_rows(&gone);
    }

    /// Returns whether the store has deleted the execution of a row.
    pub fn is_overdue(&self, id: ExecutionId) -> bool {
        self.overdue.contains(&id)
    }

    /// If there are too many rows, removes the oldest ended ones, since the store has them; they are read again when the
    /// selection gets there. Rows that match the filter stay. `may` selects the rows that can be removed.
    pub(in crate::app) fn unload(&mut self, may: impl Fn(&Row) -> bool) {
        if self.order.len() <= self.unload_above.max(ROWS + MORE) || self.older == Older::Reading || self.is_deep() {
            return;
        }
        let is_found = |row: &Row| {
            let view = self.view.as_ref().filter(|view| view.query().is_some());
            view.is_some_and(|view| view.index_of(row).is_some())
        };
        let is_removable = |row: &&Row| {
            let has_ended = group_in_store(row).is_some_and(|group| group != Group::Running);
            has_ended
                && may(row)
                && row.payloads != PayloadLocation::Reading
                && !self.is_in_use(row.id)
                && !is_found(row)
        };
        let old = self.order[..self.order.len() - ROWS].iter().filter_map(|key| self.get(key.1));
        let gone: Vec<ExecutionId> = old.filter(is_removable).map(|row| row.id).take(AT_ONCE).collect();
        self.unload_above = if gone.len() == AT_ONCE { 0 } else { self.order.len() - gone.len() + MORE };
        // The newest removed row. Pages may contain rows that are already present, which are not added again.
        let newest = gone.last().and_then(|id| self.get(*id)).map(|row| row.started);
        if self.filter().is_some() {
            // They do not match the filter, so the list does not need them.
            let rows = gone.iter().filter_map(|id| self.get(*id));
            let starts: Vec<_> = rows.map(|row| (row.started, self.is_in_scope(row))).collect();
            self.leave_out(&starts);
        } else if let Some(started) = newest {
            self.older = Older::From(Cursor { started, id: i64::MAX });
        }
        self.unload_rows(&gone);
    }

    /// Removes rows that the store has.
    pub(in crate::app) fn unload_rows(&mut self, gone: &[ExecutionId]) {
        for row in gone.iter().filter_map(|id| self.rows.get(*id)) {
            if let Some(group) = group_in_store(row) {
                *self.beyond.at(&row.gateway).get_mut(group) += 1;
            }
        }
        self.remove_rows(gone);
    }

    /// Returns whether the selection is too far down to remove the oldest rows.
    pub(in crate::app) fn is_deep(&self) -> bool {
        self.selected_place().is_some_and(|place| place + MORE > ROWS)
    }

    pub(in crate::app) fn is_in_use(&self, id: ExecutionId) -> bool {
        self.selected == Some(id) || self.marked.contains(&id)
    }

    fn remove_rows(&mut self, gone: &[ExecutionId]) {
        if gone.is_empty() {
            return;
        }
        for id in gone {
            let Some(row) = self.rows.remove(*id) else { continue };
            self.counts.at(&row.gateway).decrement(row.group());
            if self.overdue.remove(id) {
                self.not_counted.at(&row.gateway).decrement(row.group());
            }
            self.held.change(*id, row.held(), 0);
            self.by_arn.remove(&row.arn, *id);
        }
        let rows = &self.rows;
        self.order.retain(|key| rows.get(key.1).is_some());
        // It was longer if the selection was far down.
        self.order.shrink_to(2 * self.order.len());
        self.revision += 1;
        self.rebuild_view();
    }

    /// Returns the counts of executions that are in the store but not among the rows.
    fn not_among_rows(&self, totals: GatewayTotals) -> GatewayCounts {
        let mut beyond = GatewayCounts::from(totals);
        for row in self.rows.iter().filter(|row| !self.is_overdue(row.id)) {
            if let Some(group) = group_in_store(row) {
                beyond.at(&row.gateway).decrement(group);
            }
        }
        beyond
    }
}

/// Uses the same rule as the store: the end of an abandoned execution is unknown, so its last response counts.
fn has_ended_before(row: &Row, before: Timestamp) -> bool {
    let Some(record) = row.record() else { return false };
    let stopped = record.seen.as_ref().and_then(|seen| seen.stop_date);
    let has_ended = group_in_store(row).is_some_and(|group| group != Group::Running);
    has_ended && stopped.or(record.last_response).unwrap_or(record.started) < before
}

/// Returns the group in which the store counts a row; `None` for a start request, which is not counted.
fn group_in_store(row: &Row) -> Option<Group> {
    match &row.state {
        RowState::Unresolved(_) | RowState::NeverStarted(_) => None,
        // The store counts it as running: only the configuration has changed.
        RowState::Lost(failure, _) if failure.kind == FailureKind::EndpointGone => Some(Group::Running),
        RowState::Started | RowState::Seen(_) | RowState::Lost(..) => Some(row.group()),
    }
}
