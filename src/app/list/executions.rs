//! All known executions, and which of them are in the list.
//!
//! The list is sorted by start, the newest first, or by another column; older executions are read from the store page by
//! page. Without a filter, a response costs the same for any number of rows; inserting a row into the middle of the list
//! moves the rows after it.

use std::collections::BTreeSet;

use crate::app::list::row::{Group, Row};
use stepgate_core::domain::{Cursor, ExecutionArn, ExecutionId, GatewayId, GatewayTotals, Timestamp};

mod by_arn;
mod counts;
mod leaving;
mod loaded_payloads;
mod marks;
mod older;
mod query;
mod rows;
mod scope;
mod searching;
mod sorted;
mod texts;
mod view;
pub(in crate::app) mod words;

use by_arn::ByArn;
use counts::GatewayCounts;
use loaded_payloads::LoadedPayloads;
use query::Query;
use rows::Rows;
use searching::LeftOut;
use sorted::{Key, insert, remove};
use texts::Texts;
use view::View;

pub(crate) use counts::Counts;
pub use older::Older;
pub(crate) use view::{Column, Order};

/// All executions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Executions {
    /// The rows by id; ids are never reused.
    rows: Rows,
    /// The sort keys of the rows, oldest first.
    order: Vec<Key>,
    by_arn: ByArn,
    /// The gateway whose executions are in the list; `None` for all.
    scope: Option<GatewayId>,
    counts: GatewayCounts,
    /// Counts of the executions that are only in the store.
    beyond: GatewayCounts,
    /// Where the store continues.
    older: Older,
    /// Executions that are not rows because of the filter.
    left_out: Option<LeftOut>,
    /// Where to read again after the pending page.
    again_from: Option<Cursor>,
    /// The list of one gateway, filtered or sorted; `None` for the default list.
    view: Option<View>,
    /// Tracks which rows hold inputs and outputs, and how many bytes.
    held: LoadedPayloads,
    texts: Texts,
    /// Up to this number of rows, none needs to leave.
    unload_above: usize,
    selected: Option<ExecutionId>,
    marked: BTreeSet<ExecutionId>,
    /// Rows whose executions the store has deleted, which leave as soon as they are neither selected nor marked.
    overdue: BTreeSet<ExecutionId>,
    /// Groups of the overdue rows, which do not count.
    not_counted: GatewayCounts,
    revision: u64,
}

impl Executions {
    /// Adds a row under a new id.
    pub(in crate::app) fn add(&mut self, row: Row) -> ExecutionId {
        let (id, started) = self.insert_row(row);
        insert(&mut self.order, (started, id));
        if let (Some(view), Some(row)) = (&mut self.view, self.rows.get(id)) {
            view.add(row);
        }
        id
    }

    /// Adds rows from the store that are not present yet, each with the group in which the store's totals count it.
    pub(in crate::app) fn add_stored(&mut self, rows: impl IntoIterator<Item = (Group, Row)>) {
        for (counted, row) in rows {
            if self.find(&row.gateway, &row.arn).is_none() {
                self.beyond.at(&row.gateway).decrement(counted);
                let (id, started) = self.insert_row(row);
                self.order.push((started, id));
            }
        }
        // Two sorted runs, which the sort merges in one pass.
        self.order.sort();
        self.rebuild_view();
    }

    /// Sets the totals of the store before any of its rows is added.
    pub(in crate::app) fn set_totals(&mut self, totals: GatewayTotals) {
        self.beyond = totals.into();
    }

    /// Returns a number that changes whenever a row changes.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    fn insert_row(&mut self, mut row: Row) -> (ExecutionId, Timestamp) {
        self.revision += 1;
        self.texts.share(&mut row);
        let (started, arn, held) = (row.started, row.arn.clone(), row.held());
        *self.counts.at(&row.gateway).get_mut(row.group()) += 1;
        let id = self.rows.insert(row);
        self.by_arn.insert(arn, id);
        self.held.change(id, 0, held);
        (id, started)
    }

    /// Returns a row.
    pub fn get(&self, id: ExecutionId) -> Option<&Row> {
        self.rows.get(id)
    }

    /// Returns the row with this gateway and ARN.
    pub fn find(&self, gateway: &GatewayId, arn: &ExecutionArn) -> Option<&Row> {
        self.by_arn.ids(arn).filter_map(|id| self.get(id)).find(|row| row.gateway == *gateway)
    }

    /// Sets the ARN of a row.
    pub(in crate::app) fn set_arn(&mut self, id: ExecutionId, arn: ExecutionArn) {
        let Some(row) = self.rows.get_mut(id) else { return };
        self.by_arn.remove(&row.arn, id);
        row.arn = arn.clone();
        self.by_arn.insert(arn, id);
    }

    /// Changes a row and updates everything that depends on it.
    pub(in crate::app) fn change(&mut self, id: ExecutionId, change: impl FnOnce(&mut Row)) {
        let Some(row) = self.rows.get_mut(id) else { return };
        self.revision += 1;
        let before = (row.group(), (row.started, id));
        let held = row.held();
        let sort_key = self.view.as_ref().map(|view| view.sort_key(row));
        change(row);
        self.texts.share(row);
        let after = (row.group(), (row.started, id));
        self.held.change(id, held, row.held());
        let counts = self.counts.at(&row.gateway);
        counts.decrement(before.0);
        *counts.get_mut(after.0) += 1;
        if before.0 != after.0 && self.overdue.remove(&id) {
            // Redriven: the store has it again.
            self.not_counted.at(&row.gateway).decrement(before.0);
        }
        if before.1 != after.1 {
            remove(&mut self.order, &before.1);
            insert(&mut self.order, after.1);
        }
        if let (Some(view), Some(sort_key)) = (&mut self.view, sort_key) {
            view.update(&sort_key, row);
        }
    }

    /// Returns the counts of all groups at the gateway that is shown, including executions that are only in the store.
    pub fn counts(&self) -> Counts {
        self.counts_of(self.scope.as_ref())
    }

    /// Returns the counts of all groups at all gateways.
    pub fn all_counts(&self) -> Counts {
        self.counts_of(None)
    }

    fn counts_of(&self, scope: Option<&GatewayId>) -> Counts {
        self.counts.of(scope).plus(self.beyond.of(scope)).minus(self.not_counted.of(scope))
    }

    /// Returns the latest executions regardless of the filter, the newest last.
    pub fn latest(&self, count: usize) -> impl Iterator<Item = &Row> {
        let newest_first = self.order.iter().rev().filter_map(|key| self.get(key.1));
        let mut latest: Vec<&Row> = newest_first.filter(|row| self.is_in_scope(row)).take(count).collect();
        latest.reverse();
        latest.into_iter()
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.len() == 0
    }

    /// Returns all rows in the order of their ids.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter()
    }

    /// Returns the number of rows in the list.
    pub fn shown(&self) -> usize {
        self.view.as_ref().map_or(self.order.len(), View::len)
    }

    /// Returns the rows of the list from an index.
    pub fn window(&self, from: usize, count: usize) -> impl Iterator<Item = &Row> {
        let until = (from + count).min(self.shown());
        (from..until).filter_map(|index| self.at(index))
    }

    /// Returns the row at an index of the list.
    pub fn at(&self, index: usize) -> Option<&Row> {
        let id = match &self.view {
            Some(view) => view.at(index)?,
            // The newest first.
            None => self.order.get(self.order.len().checked_sub(index + 1)?)?.1,
        };
        self.get(id)
    }

    /// Returns the index of the selected row in the list.
    pub fn selected_place(&self) -> Option<usize> {
        let row = self.selected()?;
        if let Some(view) = &self.view {
            return view.index_of(row);
        }
        let from_oldest = self.order.binary_search(&(row.started, row.id)).ok()?;
        self.order.len().checked_sub(from_oldest + 1)
    }

    /// Returns the next execution down or up the list that ended unsuccessfully, wrapping around at the ends.
    pub fn next_failure(&self, down: bool) -> Option<ExecutionId> {
        let (from, count) = (self.selected_place().unwrap_or(0), self.shown());
        let step = |by: usize| if down { (from + by) % count } else { (from + count - by) % count };
        let indices = (1..=count).map(step);
        indices.filter_map(|index| self.at(index)).find(|row| row.group().is_unsuccessful()).map(|row| row.id)
    }

    /// Returns the selected row, whether or not it is in the list.
    pub fn selected(&self) -> Option<&Row> {
        self.get(self.selected?)
    }

    /// Selects an execution by id.
    pub(in crate::app) fn select(&mut self, id: Option<ExecutionId>) {
        self.selected = id;
    }

    /// Selects by index in the list, or the last row if the index is too large.
    pub(in crate::app) fn select_place(&mut self, index: usize) {
        self.selected = self.at(index.min(self.shown().saturating_sub(1))).map(|row| row.id);
    }

    /// Returns the filter text.
    pub fn filter(&self) -> Option<&str> {
        self.view.as_ref().and_then(View::query).map(Query::text)
    }

    /// Sets the filter, or removes it if the text is empty.
    pub(in crate::app) fn set_filter(&mut self, text: &str) {
        let query = Query::parse(text);
        // While a word is being typed, rows that did not match its beginning need not be matched again.
        let narrowed = match (&query, &mut self.view) {
            (Some(query), Some(view)) if view.query().is_some_and(|before| query.narrows(before)) => {
                view.narrow(query.clone(), &self.rows);
                true
            }
            _ => false,
        };
        if !narrowed {
            let order = self.order();
            self.view = View::new(self.scope.clone(), query, order);
            self.search_again();
            self.rebuild_view();
        }
        self.select_first_if_hidden();
    }

    /// Adds a term such as `status:failed` to the filter, replacing another one of its kind, or removes it.
    pub(in crate::app) fn toggle_term(&mut self, term: &str) {
        let text = query::toggled(self.filter().unwrap_or_default(), term);
        self.set_filter(&text);
    }

    /// Returns the sort order.
    pub fn order(&self) -> Order {
        self.view.as_ref().map_or_else(Order::default, View::order)
    }

    /// Sorts the list.
    pub(in crate::app) fn sort(&mut self, order: Order) {
        let query = self.view.as_ref().and_then(View::query).cloned();
        self.view = View::new(self.scope.clone(), query, order);
        self.rebuild_view();
    }

    fn rebuild_view(&mut self) {
        if let Some(view) = &mut self.view {
            view.fill(&self.rows);
        }
    }

    fn select_first_if_hidden(&mut self) {
        if self.selected_place().is_none() {
            self.select_place(0);
        }
    }
}

#[cfg(test)]
mod tests;
