//! Filtering executions that are not among the rows: pages are read, and only matches become rows. The others are read
//! again for another filter or endpoint.

use crate::app::list::executions::Executions;
use crate::app::list::executions::older::Older;
use crate::app::list::executions::query::Scratch;
use crate::app::list::row::{Group, PayloadLocation, Row};
use stepgate_core::domain::{Cursor, ExecutionId, Timestamp};

/// Executions that are not among the rows because they do not match the filter, or their gateway is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::app) struct LeftOut {
    /// The start of the newest one.
    newest: Timestamp,
    /// How many do not match the filter, without those of gateways that are not shown.
    count: usize,
}

impl Executions {
    /// Adds the rows of a page, each with the group in which the store's totals count it. The store continues at `next`.
    pub(in crate::app) fn add_page(&mut self, page: Vec<(Group, Row)>, next: Option<Cursor>) {
        let mut scratch = Scratch::default();
        let view = self.view.as_ref();
        let (passing, others): (Vec<_>, Vec<_>) =
            page.into_iter().partition(|(_, row)| view.is_none_or(|view| view.has(row, &mut scratch)));
        let missing: Vec<(Timestamp, bool)> = others
            .into_iter()
            .filter(|(_, row)| self.find(&row.gateway, &row.arn).is_none())
            .map(|(_, row)| (row.started, self.is_in_scope(&row)))
            .collect();
        self.leave_out(&missing);
        self.add_stored(passing);
        self.older = match self.again_from.take() {
            Some(from) => Older::From(from),
            None => next.map_or(Older::None, Older::From),
        };
    }

    /// Records that executions with these start times are not in the list, and whether each is of the gateway that is
    /// shown.
    pub(in crate::app) fn leave_out(&mut self, starts: &[(Timestamp, bool)]) {
        let Some(newest) = starts.iter().map(|(start, _)| *start).max() else { return };
        let before = self.left_out.unwrap_or(LeftOut { newest, count: 0 });
        let count = before.count + starts.iter().filter(|(_, is_in_scope)| *is_in_scope).count();
        self.left_out = Some(LeftOut { newest: before.newest.max(newest), count });
    }

    /// Limits the number of executions left out by the filter.
    pub(in crate::app) fn forget_left_out(&mut self, most: usize) {
        if let Some(left_out) = &mut self.left_out {
            left_out.count = left_out.count.min(most);
        }
    }

    /// Reads the executions again that an earlier filter left out.
    pub(in crate::app) fn search_again(&mut self) {
        let Some(left_out) = self.left_out.take() else { return };
        let from = Cursor { started: left_out.newest, id: i64::MAX };
        // Otherwise rows found by the old filter would be adjacent to newer ones, without those between them.
        let found =
            self.rows.iter().filter(|row| row.started <= from.started && row.payloads == PayloadLocation::InStore);
        let found: Vec<ExecutionId> =
            found.filter(|row| row.group() != Group::Running && !self.is_in_use(row.id)).map(|row| row.id).collect();
        self.unload_rows(&found);
        match self.older {
            Older::Reading => self.again_from = Some(from),
            Older::None | Older::From(_) | Older::Unreadable => self.older = Older::From(from),
        }
    }

    /// Returns the number of executions that the list is based on, and whether the store has more.
    pub fn searched(&self) -> (usize, bool) {
        let has_more = self.older != Older::None;
        let left_out = self.left_out.map_or(0, |left_out| left_out.count);
        if has_more {
            (self.counts.of(self.scope.as_ref()).sum() + left_out, true)
        } else {
            (self.counts().sum(), false)
        }
    }

    /// Returns whether every execution in the store is a row.
    pub fn is_complete(&self) -> bool {
        self.older == Older::None && self.left_out.is_none()
    }
}
