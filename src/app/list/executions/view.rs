//! The list where it is filtered or sorted: who is in it, and in which order.

use crate::app::list::executions::query::{Query, Scratch};
use crate::app::list::executions::rows::Rows;
use crate::app::list::executions::sorted::{Key, insert, remove};
use crate::app::list::row::{Group, Row};
use stepgate_core::domain::ExecutionId;

/// What the list can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Column {
    /// When it was started.
    #[default]
    Started,
    /// Its name.
    Name,
    /// Its machine.
    Machine,
    /// Where it stands.
    Status,
    /// How long it took. What runs stands before all that has ended, the longest first.
    Duration,
}

impl Column {
    /// In the order of the key that goes through them.
    pub const ALL: [Self; 5] = [Self::Started, Self::Name, Self::Machine, Self::Status, Self::Duration];

    /// What people call it.
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

/// What the list is sorted by, and which way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// By what.
    pub column: Column,
    /// Whether the greatest comes first.
    pub descends: bool,
}

impl Default for Order {
    /// The newest first.
    fn default() -> Self {
        Self::by(Column::Started)
    }
}

impl Order {
    /// The way round that people want first: the newest and the longest before the others, names from A.
    pub fn by(column: Column) -> Self {
        Self { column, descends: matches!(column, Column::Started | Column::Duration) }
    }

    /// By the next column.
    #[must_use]
    pub fn next(self) -> Self {
        let now = Column::ALL.iter().position(|column| *column == self.column).unwrap_or(0);
        Self::by(Column::ALL[(now + 1) % Column::ALL.len()])
    }

    /// The other way round.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self { descends: !self.descends, ..self }
    }
}

/// What a row is sorted by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Nothing,
    Number(i64),
    Text(String),
}

/// The place of a row: its rank, and its start where ranks are the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::app) struct SortKey(Rank, Key);

/// The list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::app) struct View {
    query: Option<Query>,
    order: Order,
    /// In ascending order.
    spots: Vec<SortKey>,
}

impl View {
    /// An empty one; `None` where everything is shown in the usual order.
    pub(in crate::app) fn new(query: Option<Query>, order: Order) -> Option<Self> {
        (query.is_some() || order != Order::default()).then_some(Self { query, order, spots: Vec::new() })
    }

    pub(in crate::app) fn query(&self) -> Option<&Query> {
        self.query.as_ref()
    }

    pub(in crate::app) fn order(&self) -> Order {
        self.order
    }

    pub(in crate::app) fn len(&self) -> usize {
        self.spots.len()
    }

    /// Who is at this place.
    pub(in crate::app) fn at(&self, place: usize) -> Option<ExecutionId> {
        let place = if self.order.descends { self.len().checked_sub(place + 1)? } else { place };
        self.spots.get(place).map(|spot| spot.1.1)
    }

    /// The place of a row, if it is in the list.
    pub(in crate::app) fn gateway_of(&self, row: &Row) -> Option<usize> {
        let place = self.spots.binary_search(&self.spot(row)).ok()?;
        if self.order.descends { self.len().checked_sub(place + 1) } else { Some(place) }
    }

    /// Looks at all rows.
    pub(in crate::app) fn fill(&mut self, rows: &Rows) {
        let mut scratch = Scratch::default();
        let passes = |row: &&Row| self.query.as_ref().is_none_or(|query| query.matches(row, &mut scratch));
        let passing: Vec<&Row> = rows.iter().filter(passes).collect();
        self.spots = passing.into_iter().map(|row| self.spot(row)).collect();
        self.spots.sort_unstable();
    }

    /// Takes a filter that only those in the list can pass.
    pub(in crate::app) fn narrow(&mut self, query: Query, rows: &Rows) {
        let mut scratch = Scratch::default();
        self.spots.retain(|spot| rows.get(spot.1.1).is_some_and(|row| query.matches(row, &mut scratch)));
        self.query = Some(query);
    }

    /// Adds a row, if it passes.
    pub(in crate::app) fn add(&mut self, row: &Row) {
        if self.query.as_ref().is_none_or(|query| query.matches(row, &mut Scratch::default())) {
            let spot = self.spot(row);
            insert(&mut self.spots, spot);
        }
    }

    /// A row has changed that was at this spot, if it was in the list.
    pub(in crate::app) fn change(&mut self, before: &SortKey, row: &Row) {
        remove(&mut self.spots, before);
        self.add(row);
    }

    /// Where a row belongs.
    pub(in crate::app) fn spot(&self, row: &Row) -> SortKey {
        let rank = match self.order.column {
            Column::Started => Rank::Nothing,
            Column::Name => Rank::Text(row.arn.name().to_lowercase()),
            Column::Machine => Rank::Text(row.machine_name.to_lowercase()),
            Column::Status => Rank::Text(row.word().to_owned()),
            Column::Duration => match (row.group(), row.seen().and_then(|seen| seen.stop_date)) {
                // Those that run: who began first has run the longest, whatever the time is.
                (Group::Running, _) => Rank::Number(i64::MAX - row.started.as_millis().max(0) / 1_000),
                (_, Some(stop)) => Rank::Number(i64::try_from(stop.since(row.started).as_millis()).unwrap_or(0)),
                (_, None) => Rank::Nothing,
            },
        };
        SortKey(rank, (row.started, row.id))
    }
}
