//! All executions that the program knows of, and which of them are in the list.
//!
//! Rows are kept in the order of their ids and never leave; the newest is shown first. Without a
//! filter an answer costs the same however many rows there are; with one, a row that comes into the
//! list or leaves it moves those behind it.

use std::sync::Arc;

use crate::domain::{
    EndpointName, ExecutionArn, ExecutionId, Failure, Observation, Outcome, Payload, Timestamp, Watched,
};

/// What is known of an execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Started; nothing has been seen of it yet.
    Started,
    /// Seen, and asked about again until it ends.
    Seen(Observation),
    /// Not asked about any more although no end was seen, with the reason and what was seen last.
    Lost(Failure, Option<Observation>),
}

/// One execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The program's number for it.
    pub id: ExecutionId,
    /// The profile that it was started from.
    pub machine: Arc<str>,
    /// The endpoint that started it, which is the one to ask.
    pub endpoint: EndpointName,
    /// Its ARN.
    pub arn: ExecutionArn,
    /// What was sent, or what the service says that it got.
    pub input: Payload,
    /// When it was started: by the service's clock as soon as that is known.
    pub started: Timestamp,
    /// What is known of it.
    pub standing: Standing,
    /// When the last answer came.
    pub answered: Option<Timestamp>,
    /// When it is asked about again, at the earliest.
    pub next_question: Option<Timestamp>,
    /// Why the last question about it, and only it, failed.
    pub trouble: Option<Failure>,
}

/// The four groups of the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Not ended, as far as is known.
    Running,
    /// Ended well.
    Done,
    /// Ended otherwise.
    Failed,
    /// Nobody can tell.
    Lost,
}

impl Row {
    /// What was seen last.
    pub fn seen(&self) -> Option<&Observation> {
        match &self.standing {
            Standing::Started => None,
            Standing::Seen(seen) => Some(seen),
            Standing::Lost(_, seen) => seen.as_ref(),
        }
    }

    /// The word for where it stands.
    pub fn word(&self) -> &str {
        match &self.standing {
            Standing::Started => "STARTED",
            Standing::Seen(seen) => seen.status.word(),
            Standing::Lost(..) => "UNKNOWN",
        }
    }

    /// Which group it counts in.
    pub fn group(&self) -> Group {
        match &self.standing {
            Standing::Started => Group::Running,
            Standing::Lost(..) => Group::Lost,
            Standing::Seen(seen) => match seen.status.outcome() {
                Some(Outcome::Succeeded) => Group::Done,
                Some(_) => Group::Failed,
                None if seen.is_ended() => Group::Lost,
                None => Group::Running,
            },
        }
    }

    /// The error's name, if it failed with one.
    pub fn error(&self) -> Option<&str> {
        self.seen().and_then(|seen| seen.error.as_deref())
    }

    fn matches(&self, needle: &str) -> bool {
        [self.arn.name(), &*self.machine, self.word(), self.error().unwrap_or_default()]
            .iter()
            .any(|text| text.to_lowercase().contains(needle))
    }
}

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
}

impl Counts {
    fn of(&mut self, group: Group) -> &mut usize {
        match group {
            Group::Running => &mut self.running,
            Group::Done => &mut self.done,
            Group::Failed => &mut self.failed,
            Group::Lost => &mut self.lost,
        }
    }
}

/// The filter, and who passes it, in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Filter {
    text: String,
    needle: String,
    shown: Vec<ExecutionId>,
}

/// All executions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Executions {
    rows: Vec<Row>,
    counts: Counts,
    filter: Option<Filter>,
    selected: Option<ExecutionId>,
}

impl Executions {
    /// Adds one that was just started. Its id is the next number.
    pub fn add(
        &mut self,
        machine: Arc<str>,
        endpoint: EndpointName,
        arn: ExecutionArn,
        input: Payload,
        started: Timestamp,
    ) -> ExecutionId {
        let id = ExecutionId(self.rows.len() as u64);
        let row = Row {
            id,
            machine,
            endpoint,
            arn,
            input,
            started,
            standing: Standing::Started,
            answered: None,
            next_question: None,
            trouble: None,
        };
        *self.counts.of(row.group()) += 1;
        if let Some(filter) = self.filter.as_mut().filter(|filter| row.matches(&filter.needle)) {
            filter.shown.push(id);
        }
        self.rows.push(row);
        id
    }

    /// The row with this id.
    pub fn get(&self, id: ExecutionId) -> Option<&Row> {
        usize::try_from(id.0).ok().and_then(|index| self.rows.get(index))
    }

    /// The row with this ARN, if it is known; newest first.
    pub fn find(&self, arn: &ExecutionArn) -> Option<&Row> {
        self.rows.iter().rev().find(|row| row.arn == *arn)
    }

    /// Changes a row, and whatever follows from it.
    pub fn change(&mut self, id: ExecutionId, change: impl FnOnce(&mut Row)) {
        let Some(row) = usize::try_from(id.0).ok().and_then(|index| self.rows.get_mut(index)) else { return };
        let before = row.group();
        change(row);
        let after = row.group();
        *self.counts.of(before) -= 1;
        *self.counts.of(after) += 1;
        if let Some(filter) = &mut self.filter {
            match (row.matches(&filter.needle), filter.shown.binary_search(&id)) {
                (true, Err(place)) => filter.shown.insert(place, id),
                (false, Ok(place)) => {
                    filter.shown.remove(place);
                }
                _ => {}
            }
        }
    }

    /// How many are in each group.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many are in the list.
    pub fn shown(&self) -> usize {
        self.filter.as_ref().map_or(self.rows.len(), |filter| filter.shown.len())
    }

    /// The rows of the list from this place on, newest first.
    pub fn window(&self, from: usize, count: usize) -> impl Iterator<Item = &Row> {
        let until = (from + count).min(self.shown());
        (from..until).filter_map(|place| self.at(place))
    }

    /// The row at this place of the list, newest first.
    pub fn at(&self, place: usize) -> Option<&Row> {
        let from_oldest = self.shown().checked_sub(place + 1)?;
        match &self.filter {
            Some(filter) => self.get(*filter.shown.get(from_oldest)?),
            None => self.rows.get(from_oldest),
        }
    }

    /// Where in the list the selected one is.
    pub fn selected_place(&self) -> Option<usize> {
        let id = self.selected?;
        let from_oldest = match &self.filter {
            Some(filter) => filter.shown.binary_search(&id).ok()?,
            None => usize::try_from(id.0).ok()?,
        };
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

    /// The filter's text.
    pub fn filter(&self) -> Option<&str> {
        self.filter.as_ref().map(|filter| filter.text.as_str())
    }

    /// Sets the filter; an empty text takes it away.
    pub fn set_filter(&mut self, text: &str) {
        let needle = text.trim().to_lowercase();
        self.filter = (!needle.is_empty()).then(|| {
            let shown = self.rows.iter().filter(|row| row.matches(&needle)).map(|row| row.id).collect();
            Filter { text: text.to_owned(), needle, shown }
        });
        if self.selected_place().is_none() {
            self.select_place(0);
        }
    }

    /// The executions to ask about again after the watcher has lost them, or never had them.
    pub fn to_watch(&self, row: &Row, now: Timestamp) -> Watched {
        Watched { id: row.id, endpoint: row.endpoint.clone(), arn: row.arn.clone(), age: now.since(row.started) }
    }
}

#[cfg(test)]
mod tests;
