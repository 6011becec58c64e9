//! Removes rows: because the store has deleted their executions, or because there are too many and the store still has
//! them.

use crate::app::list::executions::counts::GatewayCounts;
use crate::app::list::executions::{Executions, Older};
use crate::app::list::row::{Group, PayloadLocation, Row, RowState};
use stepgate_core::domain::{
    Cursor, ExecutionArn, ExecutionId, FailureKind, GatewayId, GatewayTotals, StartRequestId, Timestamp,
};

/// The number of rows that stay.
const ROWS: usize = 5_000;
/// The number of additional rows that trigger a removal.
const MORE: usize = 1_000;
/// The number of rows removed at once: few enough not to delay a key press.
const AT_ONCE: usize = 2_000;

impl Executions {
    /// Handles that the store has deleted what had ended before this moment. The selected row and marked rows stay for as
    /// long as they are selected or marked, but no longer count.
    pub(in crate::app) fn set_pruned(&mut self, before: Timestamp) {
        for row in self.rows.iter().filter(|row| has_ended_before(row, before)) {
            if self.overdue.insert(row.id) {
                *self.not_counted.at(&row.gateway).get_mut(row.group()) += 1;
            }
        }
        self.remove_overdue();
    }

    /// Sets the numbers of executions in the store, which are counted at a moment when the store had all of the rows.
    pub(in crate::app) fn set_stored_totals(&mut self, totals: GatewayTotals) {
        self.beyond = self.not_among_rows(totals);
        self.forget_left_out(self.beyond.of(self.scope.as_ref()).sum());
        self.revision += 1;
    }

    /// Removes all rows that can be read from the store again, except running ones and those in use.
    pub(in crate::app) fn reload(&mut self) {
        let is_removable = |row: &&Row| {
            let has_ended = group_in_store(row).is_some_and(|group| group != Group::Running);
            has_ended && row.payloads != PayloadLocation::Reading && !self.is_in_use(row.id)
        };
        let gone: Vec<ExecutionId> = self.rows.iter().filter(is_removable).map(|row| row.id).collect();
        self.unload_rows(&gone);
        self.left_out = None;
        let from = Cursor { started: Timestamp::from_millis(i64::MAX), id: i64::MAX };
        match self.older {
            Older::Reading => self.again_from = Some(from),
            Older::None | Older::From(_) | Older::Unreadable => self.older = Older::From(from),
        }
    }

    /// Removes the rows of executions that a user has removed, and returns them. The selection moves to the
    /// next row.
    pub(in crate::app) fn remove(&mut self, keys: &[(GatewayId, ExecutionArn)]) -> Vec<Row> {
        let rows = keys.iter().filter_map(|(gateway, arn)| self.find(gateway, arn));
        let gone: Vec<Row> = rows.filter(|row| group_in_store(row).is_some()).cloned().collect();
        let place = self.selected_place();
        let ids: Vec<ExecutionId> = gone.iter().map(|row| row.id).collect();
        self.remove_rows(&ids);
        self.marked.retain(|id| self.rows.get(*id).is_some());
        if self.selected.is_some_and(|id| self.get(id).is_none()) {
            self.select_place(place.unwrap_or(0));
        }
        gone
    }

    /// Returns the row of a start without a known execution.
    pub(in crate::app) fn of_start(&self, request: StartRequestId) -> Option<ExecutionId> {
        let is_it = |row: &&Row| row.start().is_some_and(|start| start.request_id == Some(request));
        self.rows.iter().find(is_it).map(|row| row.id)
    }

    /// Removes the row of a start that another process has settled.
    pub(in crate::app) fn remove_start(&mut self, id: ExecutionId) {
        let place = self.selected_place();
        self.marked.remove(&id);
        self.remove_rows(&[id]);
        if self.selected == Some(id) {
            self.select_place(place.unwrap_or(0));
        }
    }

    /// Returns whether the rows reach back to this start, without a gap of executions that are only in the store.
    pub(in crate::app) fn reaches(&self, started: Timestamp) -> bool {
        match self.older {
            Older::None => true,
            Older::From(cursor) => started >= cursor.started,
            Older::Reading | Older::Unreadable => self.order.first().is_none_or(|oldest| started >= oldest.0),
        }
    }

    /// Handles that the store has deleted what had ended before this moment, and has this many executions now.
    pub(in crate::app) fn prune(&mut self, before: Timestamp, totals: GatewayTotals) {
        self.set_pruned(before);
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
        RowState::Synchronous(_) | RowState::Unresolved(_) | RowState::NeverStarted(_) => None,
        // The store counts it as running: only the configuration has changed.
        RowState::Lost(failure, _) if failure.kind == FailureKind::EndpointGone => Some(Group::Running),
        RowState::Started | RowState::Seen(_) | RowState::Lost(..) => Some(row.group()),
    }
}
