//! The filtered or sorted list: its rows and their order.

use crate::app::list::executions::query::{Query, Scratch};
use crate::app::list::executions::rows::Rows;
use crate::app::list::executions::sorted::{Key, insert, remove};
use crate::app::list::row::{Group, Row};
use stepgate_core::domain::{ExecutionId, GatewayId};

/// A column to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Column {
    /// The start.
    #[default]
    Started,
    /// The name.
    Name,
    /// The machine.
    Machine,
    /// The status.
    Status,
    /// The duration. Running executions come before ended ones, the longest first.
    Duration,
}

impl Column {
    /// All columns in the order of the key that cycles through them.
    pub const ALL: [Self; 5] = [Self::Started, Self::Name, Self::Machine, Self::Status, Self::Duration];

    /// Returns the name for display.
    pub fn word(self) -> &'static str {
        match self {
            Self::Started => "start",
            Self::Name => "name",
            Self::Machine => "machine",
            Self::Status => "status",
            Self::Duration => "duration",
        }
    }
}

/// A sort order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// The column.
    pub column: Column,
    /// Whether the largest value comes first.
    pub descends: bool,
}

impl Default for Order {
    /// Returns the default: the newest first.
    fn default() -> Self {
        Self::by(Column::Started)
    }
}

impl Order {
    /// Returns the default direction of a column: the newest or longest first, names from A.
    pub fn by(column: Column) -> Self {
        Self { column, descends: matches!(column, Column::Started | Column::Duration) }
    }

    /// Returns the order by the next column.
    #[must_use]
    pub fn next(self) -> Self {
        let now = Column::ALL.iter().position(|column| *column == self.column).unwrap_or(0);
        Self::by(Column::ALL[(now + 1) % Column::ALL.len()])
    }

    /// Returns the reverse order.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self { descends: !self.descends, ..self }
    }
}

/// The value of the sort column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Nothing,
    Number(i64),
    Text(String),
}

/// The sort key of a row: its rank, then its start.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::app) struct SortKey(Rank, Key);

/// The list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::app) struct View {
    /// The only gateway.
    scope: Option<GatewayId>,
    query: Option<Query>,
    order: Order,
    /// The sort keys in ascending order.
    keys: Vec<SortKey>,
}

impl View {
    /// Returns an empty view; `None` if all rows are shown in the default order.
    pub(in crate::app) fn new(scope: Option<GatewayId>, query: Option<Query>, order: Order) -> Option<Self> {
        let is_needed = scope.is_some() || query.is_some() || order != Order::default();
        is_needed.then_some(Self { scope, query, order, keys: Vec::new() })
    }

    /// Returns whether a row belongs in the list.
    pub(in crate::app) fn has(&self, row: &Row, scratch: &mut Scratch) -> bool {
        self.scope.as_ref().is_none_or(|scope| row.gateway == *scope)
            && self.query.as_ref().is_none_or(|query| query.matches(row, scratch))
    }

    pub(in crate::app) fn query(&self) -> Option<&Query> {
        self.query.as_ref()
    }

    pub(in crate::app) fn order(&self) -> Order {
        self.order
    }

    pub(in crate::app) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Returns the execution at an index.
    pub(in crate::app) fn at(&self, place: usize) -> Option<ExecutionId> {
        let place = if self.order.descends { self.len().checked_sub(place + 1)? } else { place };
        self.keys.get(place).map(|key| key.1.1)
    }

    /// Returns the index of a row, if it is in the list.
    pub(in crate::app) fn index_of(&self, row: &Row) -> Option<usize> {
        let place = self.keys.binary_search(&self.sort_key(row)).ok()?;
        if self.order.descends { self.len().checked_sub(place + 1) } else { Some(place) }
    }

    /// Rebuilds the list from all rows.
    pub(in crate::app) fn fill(&mut self, rows: &Rows) {
        let mut scratch = Scratch::default();
        let passing: Vec<&Row> = rows.iter().filter(|row| self.has(row, &mut scratch)).collect();
        self.keys = passing.into_iter().map(|row| self.sort_key(row)).collect();
        self.keys.sort_unstable();
    }

    /// Sets a filter that only rows in the list can match.
    pub(in crate::app) fn narrow(&mut self, query: Query, rows: &Rows) {
        let mut scratch = Scratch::default();
        self.keys.retain(|key| rows.get(key.1.1).is_some_and(|row| query.matches(row, &mut scratch)));
        self.query = Some(query);
    }

    /// Adds a row if it matches.
    pub(in crate::app) fn add(&mut self, row: &Row) {
        if self.has(row, &mut Scratch::default()) {
            let key = self.sort_key(row);
            insert(&mut self.keys, key);
        }
    }

    /// Updates a changed row that had this key before.
    pub(in crate::app) fn update(&mut self, before: &SortKey, row: &Row) {
        remove(&mut self.keys, before);
        self.add(row);
    }

    /// Returns the sort key of a row.
    pub(in crate::app) fn sort_key(&self, row: &Row) -> SortKey {
        let rank = match self.order.column {
            Column::Started => Rank::Nothing,
            Column::Name => Rank::Text(row.arn.name().to_lowercase()),
            Column::Machine => Rank::Text(row.machine_name.to_lowercase()),
            Column::Status => Rank::Text(row.status_text().into_owned()),
            Column::Duration => match (row.group(), row.seen().and_then(|seen| seen.stop_date)) {
                // Of running executions, the one that started first has run the longest.
                (Group::Running, _) => Rank::Number(i64::MAX - row.started.as_millis().max(0) / 1_000),
                (_, Some(stop)) => Rank::Number(i64::try_from(stop.since(row.started).as_millis()).unwrap_or(0)),
                (_, None) => Rank::Nothing,
            },
        };
        SortKey(rank, (row.started, row.id))
    }
}
