//! The lines of a batch that the page shows: a window of them, read from the store again while they change; and the cursor.

use crate::app::shell::geometry::first_visible;
use stepgate_core::domain::{BatchId, BatchLine, BatchPage, BatchQuery, Timestamp};

/// How often lines that change are read.
const PAUSE: std::time::Duration = std::time::Duration::from_secs(1);

/// A window of a batch's lines.
#[derive(Debug, Clone, Default)]
pub(crate) struct LineWindow {
    read: Option<(BatchQuery, BatchPage)>,
    /// Why the lines cannot be read.
    error: Option<String>,
    in_flight: Option<BatchQuery>,
    /// When they were last requested.
    requested: Timestamp,
    is_stale: bool,
    only_not_started: bool,
    /// The place of the cursor among the lines.
    cursor: usize,
    /// The number of the cursor's line, once that is read: more lines may come before it.
    number: Option<usize>,
}

impl LineWindow {
    /// Returns whether only lines that have not led to an execution are shown.
    pub(crate) fn only_not_started(&self) -> bool {
        self.only_not_started
    }

    /// Returns the number of lines, as far as it is known.
    pub(crate) fn total(&self) -> usize {
        self.read.as_ref().map_or(0, |(_, page)| page.total)
    }

    /// Returns why the lines cannot be read.
    pub(crate) fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// Returns whether lines have been read, even if there are none.
    pub(crate) fn is_read(&self) -> bool {
        self.read.is_some()
    }

    /// Returns the lines from a place, as far as they have been read.
    pub(crate) fn lines(&self, from: usize, count: usize) -> impl Iterator<Item = &BatchLine> {
        let (before, lines) = self.read.as_ref().map_or((0, &[][..]), |(query, page)| (query.from, &page.lines[..]));
        lines.iter().skip(from.saturating_sub(before)).take(if from < before { 0 } else { count })
    }

    /// Returns the place of the cursor.
    pub(crate) fn cursor(&self) -> usize {
        self.cursor.min(self.total().saturating_sub(1))
    }

    /// Returns the line under the cursor, if it has been read.
    pub(crate) fn current(&self) -> Option<&BatchLine> {
        self.lines(self.cursor(), 1).next()
    }

    /// Returns the place of the first line in view.
    pub(crate) fn top(&self, height: usize) -> usize {
        first_visible(self.cursor(), self.total(), height)
    }

    /// Moves the cursor by a number of lines, down if positive.
    pub(super) fn step(&mut self, by: isize) {
        self.cursor = self.cursor().saturating_add_signed(by).min(self.total().saturating_sub(1));
        self.number = self.current().map(|line| line.line);
    }

    /// Returns whether something has changed since the last read.
    pub(crate) fn is_stale(&self) -> bool {
        self.is_stale
    }

    /// Requests the lines when they are shown again.
    pub(super) fn reopen(&mut self) {
        (self.in_flight, self.is_stale) = (None, true);
    }

    pub(super) fn set_stale(&mut self) {
        self.is_stale = true;
    }

    pub(super) fn toggle_filter(&mut self) {
        self.only_not_started = !self.only_not_started;
        (self.is_stale, self.cursor, self.number) = (true, 0, None);
    }

    /// Returns the query to send now, so that the lines in view are known and current.
    pub(super) fn due(&mut self, batch: BatchId, height: usize, now: Timestamp) -> Option<BatchQuery> {
        let top = self.top(height);
        if self.in_flight.is_some() {
            return None;
        }
        let is_same = |query: &BatchQuery| query.batch == batch && query.only_not_started == self.only_not_started;
        let covers = self.read.as_ref().is_some_and(|(query, page)| {
            let until = query.from + page.lines.len();
            is_same(query) && query.from <= top && (top + height).min(page.total) <= until
        });
        let may_refresh = self.error.is_none() || self.is_stale;
        if !may_refresh || covers && !(self.is_stale && now.since(self.requested) >= PAUSE) {
            return None;
        }
        let from = top.saturating_sub(height);
        let query = BatchQuery { batch, only_not_started: self.only_not_started, from, count: 3 * height };
        (self.in_flight, self.requested, self.is_stale) = (Some(query), now, false);
        Some(query)
    }

    pub(super) fn on_read(&mut self, query: BatchQuery, result: Result<BatchPage, String>) {
        if self.in_flight != Some(query) {
            return;
        }
        self.in_flight = None;
        match result {
            Ok(page) => {
                let place = self.number.and_then(|number| page.lines.iter().position(|line| line.line == number));
                if let Some(place) = place {
                    self.cursor = query.from + place;
                }
                (self.read, self.error) = (Some((query, page)), None);
                self.number = self.current().map(|line| line.line);
            }
            Err(error) => self.error = Some(error),
        }
    }
}
