//! All executions that the program knows of, and which of them are in the list.
//!
//! The list is in the order of their starts, the newest shown first, unless it is sorted
//! by another column; older ones come from the store a page at a time. Without a filter an answer costs
//! the same however many rows there are; a row that comes into the middle of the list moves those behind
//! it.

use std::collections::{BTreeSet, HashMap};

use crate::app::list::row::{Group, Row};
use stepgate_core::domain::{Cursor, ExecutionArn, ExecutionId, GatewayId, Timestamp, Totals};

mod counts;
mod leaving;
mod loaded_payloads;
mod marks;
mod older;
mod query;
mod rows;
mod searching;
mod sorted;
mod texts;
mod view;

use loaded_payloads::LoadedPayloads;
use query::Query;
use rows::Rows;
use searching::LeftOut;
use sorted::{Key, insert, remove};
use texts::Texts;
use view::View;

pub use counts::Counts;
pub use older::Older;
pub use view::{Column, Order};

/// All executions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Executions {
    /// By id; ids are never reused.
    rows: Rows,
    /// Oldest first.
    order: Vec<Key>,
    by_arn: HashMap<ExecutionArn, Vec<ExecutionId>>,
    counts: Counts,
    /// Of those in the store that are not among the rows.
    beyond: Counts,
    /// Where the store has more.
    pub older: Older,
    /// What the filter keeps from being rows.
    left_out: Option<LeftOut>,
    /// Where to read again after the page that is on its way.
    again_from: Option<Cursor>,
    /// What is in the list, where that is not everything in the order of the starts.
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
    not_counted: Counts,
    revision: u64,
}

impl Executions {
    /// Adds one, whatever its id was.
    pub fn add(&mut self, row: Row) -> ExecutionId {
        let (id, started) = self.put(row);
        insert(&mut self.order, (started, id));
        if let (Some(view), Some(row)) = (&mut self.view, self.rows.get(id)) {
            view.add(row);
        }
        id
    }

    /// Adds rows that were in the store all along, save those that are there already; each with the group
    /// that the store's totals count it in.
    pub fn add_kept(&mut self, rows: impl IntoIterator<Item = (Group, Row)>) {
        for (counted, row) in rows {
            if self.find(&row.gateway, &row.arn).is_none() {
                self.beyond.take(counted);
                let (id, started) = self.put(row);
                self.order.push((started, id));
            }
        }
        // Two runs that are in order already, which sorting joins in one pass.
        self.order.sort();
        self.look_anew();
    }

    /// Says how many the store has in all, before any of them was added.
    pub fn set_totals(&mut self, totals: Totals) {
        self.beyond = totals.into();
    }

    /// Another number each time that a row has changed.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    fn put(&mut self, mut row: Row) -> (ExecutionId, Timestamp) {
        self.revision += 1;
        self.texts.share(&mut row);
        let (started, arn, group, held) = (row.started, row.arn.clone(), row.group(), row.held());
        let id = self.rows.put(row);
        *self.counts.of(group) += 1;
        self.by_arn.entry(arn).or_default().push(id);
        self.held.change(id, 0, held);
        (id, started)
    }

    /// The row with this id.
    pub fn get(&self, id: ExecutionId) -> Option<&Row> {
        self.rows.get(id)
    }

    /// The row with this ARN at this place.
    pub fn find(&self, gateway: &GatewayId, arn: &ExecutionArn) -> Option<&Row> {
        self.by_arn.get(arn)?.iter().filter_map(|id| self.get(*id)).find(|row| row.gateway == *gateway)
    }

    /// Changes a row, and whatever follows from it.
    pub fn change(&mut self, id: ExecutionId, change: impl FnOnce(&mut Row)) {
        let Some(row) = self.rows.get_mut(id) else { return };
        self.revision += 1;
        let before = (row.group(), (row.started, id));
        let held = row.held();
        let spot = self.view.as_ref().map(|view| view.spot(row));
        change(row);
        self.texts.share(row);
        let after = (row.group(), (row.started, id));
        self.held.change(id, held, row.held());
        self.counts.take(before.0);
        *self.counts.of(after.0) += 1;
        if before.0 != after.0 && self.overdue.remove(&id) {
            // Redriven: the store has it again.
            self.not_counted.take(before.0);
        }
        if before.1 != after.1 {
            remove(&mut self.order, &before.1);
            insert(&mut self.order, after.1);
        }
        if let (Some(view), Some(spot)) = (&mut self.view, spot) {
            view.change(&spot, row);
        }
    }

    /// How many are in each group, with those that are in the store only.
    pub fn counts(&self) -> Counts {
        self.counts.plus(self.beyond).minus(self.not_counted)
    }

    /// Those that were started last, the newest last, whatever the list shows.
    pub fn latest(&self, count: usize) -> impl Iterator<Item = &Row> {
        let from = self.order.len().saturating_sub(count);
        self.order[from..].iter().filter_map(|key| self.get(key.1))
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.len() == 0
    }

    /// All rows, by their ids.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter()
    }

    /// How many are in the list.
    pub fn shown(&self) -> usize {
        self.view.as_ref().map_or(self.order.len(), View::len)
    }

    /// The rows of the list from this place on.
    pub fn window(&self, from: usize, count: usize) -> impl Iterator<Item = &Row> {
        let until = (from + count).min(self.shown());
        (from..until).filter_map(|gateway| self.at(gateway))
    }

    /// The row at this place of the list.
    pub fn at(&self, gateway: usize) -> Option<&Row> {
        let id = match &self.view {
            Some(view) => view.at(gateway)?,
            // The newest first.
            None => self.order.get(self.order.len().checked_sub(gateway + 1)?)?.1,
        };
        self.get(id)
    }

    /// Where in the list the selected one is.
    pub fn selected_place(&self) -> Option<usize> {
        let row = self.selected()?;
        if let Some(view) = &self.view {
            return view.gateway_of(row);
        }
        let from_oldest = self.order.binary_search(&(row.started, row.id)).ok()?;
        self.order.len().checked_sub(from_oldest + 1)
    }

    /// The next one that ended otherwise than SUCCEEDED, down the list from the selected one or up, round at the ends.
    pub fn next_failure(&self, down: bool) -> Option<ExecutionId> {
        let (from, count) = (self.selected_place().unwrap_or(0), self.shown());
        let step = |by: usize| if down { (from + by) % count } else { (from + count - by) % count };
        let gateways = (1..=count).map(step);
        gateways.filter_map(|gateway| self.at(gateway)).find(|row| row.group().is_unsuccessful()).map(|row| row.id)
    }

    /// The selected one, whether it is in the list or not.
    pub fn selected(&self) -> Option<&Row> {
        self.get(self.selected?)
    }

    /// Selects by id.
    pub fn select(&mut self, id: Option<ExecutionId>) {
        self.selected = id;
    }

    /// Selects by place in the list; the last one when there are not so many.
    pub fn select_place(&mut self, gateway: usize) {
        self.selected = self.at(gateway.min(self.shown().saturating_sub(1))).map(|row| row.id);
    }

    /// The filter's text.
    pub fn filter(&self) -> Option<&str> {
        self.view.as_ref().and_then(View::query).map(Query::text)
    }

    /// Sets the filter; an empty text takes it away.
    pub fn set_filter(&mut self, text: &str) {
        let query = Query::parse(text);
        // While a word is typed, who has not passed its beginning needs no second look.
        let narrowed = match (&query, &mut self.view) {
            (Some(query), Some(view)) if view.query().is_some_and(|before| query.narrows(before)) => {
                view.narrow(query.clone(), &self.rows);
                true
            }
            _ => false,
        };
        if !narrowed {
            let order = self.order();
            self.view = View::new(query, order);
            self.search_again();
            self.look_anew();
        }
        self.select_first_if_hidden();
    }

    /// Adds a term such as `status:failed` to the filter, in the place of another one of its kind; or takes
    /// it away.
    pub fn toggle_term(&mut self, term: &str) {
        let text = query::toggled(self.filter().unwrap_or_default(), term);
        self.set_filter(&text);
    }

    /// What the list is sorted by.
    pub fn order(&self) -> Order {
        self.view.as_ref().map_or_else(Order::default, View::order)
    }

    /// Sorts the list.
    pub fn sort(&mut self, order: Order) {
        let query = self.view.as_ref().and_then(View::query).cloned();
        self.view = View::new(query, order);
        self.look_anew();
    }

    fn look_anew(&mut self) {
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
