//! All executions that the program knows of, and which of them are in the list.
//!
//! Rows never leave. The list is in the order of their starts, the newest shown first; older ones come
//! from the store a page at a time. Without a filter an answer costs the same however many rows there
//! are; a row that comes into the middle of the list moves those behind it.

use std::collections::{BTreeSet, HashMap};

use crate::app::row::{Group, Row};
use crate::domain::{Cursor, ExecutionArn, ExecutionId, Place, Timestamp, Totals};

/// How many executions are in each group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Not ended.
    pub running: usize,
    /// Ended well.
    pub done: usize,
    /// Ended otherwise.
    pub failed: usize,
    /// Nobody can tell.
    pub lost: usize,
    /// There is no execution.
    pub not_started: usize,
}

impl Counts {
    fn of(&mut self, group: Group) -> &mut usize {
        match group {
            Group::Running => &mut self.running,
            Group::Done => &mut self.done,
            Group::Failed => &mut self.failed,
            Group::Lost => &mut self.lost,
            Group::NotStarted => &mut self.not_started,
        }
    }

    fn take(&mut self, group: Group) {
        let count = self.of(group);
        *count = count.saturating_sub(1);
    }

    /// All of them.
    pub fn sum(self) -> usize {
        self.running + self.done + self.failed + self.lost + self.not_started
    }
}

impl From<Totals> for Counts {
    fn from(totals: Totals) -> Self {
        Self {
            running: totals.running,
            done: totals.succeeded,
            failed: totals.failed,
            lost: totals.unknown,
            not_started: 0,
        }
    }
}

/// Executions in the store that are older than the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Older {
    /// There are none.
    #[default]
    None,
    /// They begin here.
    From(Cursor),
    /// The next page of them is on its way.
    Coming,
}

/// The place of a row in the list: its start, and its id where two began at once.
type Key = (Timestamp, ExecutionId);

/// The filter, and who passes it, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Filter {
    text: String,
    needle: String,
    shown: Vec<Key>,
}

/// All executions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Executions {
    /// By their ids.
    rows: Vec<Row>,
    /// Oldest first.
    order: Vec<Key>,
    by_arn: HashMap<ExecutionArn, Vec<ExecutionId>>,
    counts: Counts,
    /// Of those in the store that are not among the rows.
    beyond: Counts,
    /// Where the store has more.
    pub older: Older,
    filter: Option<Filter>,
    selected: Option<ExecutionId>,
    marked: BTreeSet<ExecutionId>,
}

impl Executions {
    /// Adds one, whatever its id was.
    pub fn add(&mut self, row: Row) -> ExecutionId {
        let id = self.put(row);
        let key = (self.rows[index(id)].started, id);
        insert(&mut self.order, key);
        if let Some(filter) = self.filter.as_mut().filter(|filter| self.rows[index(id)].matches(&filter.needle)) {
            insert(&mut filter.shown, key);
        }
        id
    }

    /// Adds rows that were in the store all along, save those that are there already; each with the group
    /// that the store's totals count it in.
    pub fn add_kept(&mut self, rows: impl IntoIterator<Item = (Group, Row)>) {
        for (counted, row) in rows {
            if self.find(&row.place, &row.arn).is_none() {
                self.beyond.take(counted);
                let id = self.put(row);
                let row = &self.rows[index(id)];
                let key = (row.started, id);
                self.order.push(key);
                if let Some(filter) = self.filter.as_mut().filter(|filter| row.matches(&filter.needle)) {
                    filter.shown.push(key);
                }
            }
        }
        // Two runs that are in order already, which sorting joins in one pass.
        self.order.sort();
        if let Some(filter) = &mut self.filter {
            filter.shown.sort();
        }
    }

    /// Says how many the store has in all, before any of them was added.
    pub fn set_totals(&mut self, totals: Totals) {
        self.beyond = totals.into();
    }

    fn put(&mut self, row: Row) -> ExecutionId {
        let id = ExecutionId(self.rows.len() as u64);
        *self.counts.of(row.group()) += 1;
        self.by_arn.entry(row.arn.clone()).or_default().push(id);
        self.rows.push(Row { id, ..row });
        id
    }

    /// The row with this id.
    pub fn get(&self, id: ExecutionId) -> Option<&Row> {
        self.rows.get(index(id))
    }

    /// The row with this ARN at this place.
    pub fn find(&self, place: &Place, arn: &ExecutionArn) -> Option<&Row> {
        self.by_arn.get(arn)?.iter().filter_map(|id| self.get(*id)).find(|row| row.place == *place)
    }

    /// Changes a row, and whatever follows from it.
    pub fn change(&mut self, id: ExecutionId, change: impl FnOnce(&mut Row)) {
        let Some(row) = self.rows.get_mut(index(id)) else { return };
        let before = (row.group(), (row.started, id));
        change(row);
        let after = (row.group(), (row.started, id));
        self.counts.take(before.0);
        *self.counts.of(after.0) += 1;
        if before.1 != after.1 {
            remove(&mut self.order, before.1);
            insert(&mut self.order, after.1);
        }
        if let Some(filter) = &mut self.filter {
            remove(&mut filter.shown, before.1);
            if row.matches(&filter.needle) {
                insert(&mut filter.shown, after.1);
            }
        }
    }

    /// How many are in each group, with those that are in the store only.
    pub fn counts(&self) -> Counts {
        let (here, beyond) = (self.counts, self.beyond);
        Counts {
            running: here.running + beyond.running,
            done: here.done + beyond.done,
            failed: here.failed + beyond.failed,
            lost: here.lost + beyond.lost,
            not_started: here.not_started + beyond.not_started,
        }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All rows, by their ids.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    fn list(&self) -> &[Key] {
        self.filter.as_ref().map_or(&self.order, |filter| &filter.shown)
    }

    /// How many are in the list.
    pub fn shown(&self) -> usize {
        self.list().len()
    }

    /// The rows of the list from this place on, newest first.
    pub fn window(&self, from: usize, count: usize) -> impl Iterator<Item = &Row> {
        let until = (from + count).min(self.shown());
        (from..until).filter_map(|place| self.at(place))
    }

    /// The row at this place of the list, newest first.
    pub fn at(&self, place: usize) -> Option<&Row> {
        let from_oldest = self.shown().checked_sub(place + 1)?;
        self.get(self.list().get(from_oldest)?.1)
    }

    /// Where in the list the selected one is.
    pub fn selected_place(&self) -> Option<usize> {
        let row = self.selected()?;
        let from_oldest = self.list().binary_search(&(row.started, row.id)).ok()?;
        self.shown().checked_sub(from_oldest + 1)
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
    pub fn select_place(&mut self, place: usize) {
        self.selected = self.at(place.min(self.shown().saturating_sub(1))).map(|row| row.id);
    }

    /// Those marked.
    pub fn marked(&self) -> impl Iterator<Item = ExecutionId> {
        self.marked.iter().copied()
    }

    /// Whether one is marked.
    pub fn is_marked(&self, id: ExecutionId) -> bool {
        self.marked.contains(&id)
    }

    /// Marks the selected one, or takes its mark away.
    pub fn toggle_mark(&mut self) {
        if let Some(id) = self.selected.filter(|id| !self.marked.remove(id)) {
            self.marked.insert(id);
        }
    }

    /// Marks all in the list, or takes all marks away.
    pub fn toggle_all_marks(&mut self) {
        if !self.unmark_all() {
            self.marked = self.list().iter().map(|key| key.1).collect();
        }
    }

    /// Takes all marks away; whether there were any.
    pub fn unmark_all(&mut self) -> bool {
        !std::mem::take(&mut self.marked).is_empty()
    }

    /// The filter's text.
    pub fn filter(&self) -> Option<&str> {
        self.filter.as_ref().map(|filter| filter.text.as_str())
    }

    /// Sets the filter; an empty text takes it away.
    pub fn set_filter(&mut self, text: &str) {
        let needle = text.trim().to_lowercase();
        self.filter = (!needle.is_empty()).then(|| {
            let passes = |key: &&Key| self.get(key.1).is_some_and(|row| row.matches(&needle));
            let shown = self.order.iter().filter(passes).copied().collect();
            Filter { text: text.to_owned(), needle, shown }
        });
        if self.selected_place().is_none() {
            self.select_place(0);
        }
    }
}

fn index(id: ExecutionId) -> usize {
    usize::try_from(id.0).unwrap_or(usize::MAX)
}

fn insert(list: &mut Vec<Key>, key: Key) {
    if let Err(place) = list.binary_search(&key) {
        list.insert(place, key);
    }
}

fn remove(list: &mut Vec<Key>, key: Key) {
    if let Ok(place) = list.binary_search(&key) {
        list.remove(place);
    }
}

#[cfg(test)]
mod tests;
