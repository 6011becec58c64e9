//! Reading a history or a list page by page: how many events to request next, and when to stop because the pages do not
//! end.

use std::collections::HashSet;

use crate::domain::{Failure, FailureKind, HistoryEvent, MAX_HISTORY_EVENTS};
use crate::lifecycle::Retry;

/// Maximum page size of `GetExecutionHistory` (API reference, `maxResults`).
const MOST_ON_A_PAGE: usize = 1_000;
/// First page with data, for the worst case: an event may have 256 KiB, and a gateway's response 10 MB.
const FIRST_WITH_DATA: usize = 30;
/// First page without data: events are small.
const FIRST: usize = 500;
/// Minimum page size, unless a request failed.
const FEWEST: usize = 10;
/// Target size of a page: a fifth of a gateway's limit, since the next events may be larger.
const BYTES: usize = 2 * 1024 * 1024;
/// Number of pages of the longest history with the smallest page size and one new event per page.
const MOST_PAGES: usize = MAX_HISTORY_EVENTS / FEWEST;
/// A page may have fewer events than requested, but all pages together may not have room for this many whole histories.
/// A gateway that always returns 100 of 1,000 stays below it.
const MOST_ROOM: usize = 20 * MAX_HISTORY_EVENTS;
/// Maximum number of empty pages in a row.
const MOST_EMPTY: usize = 3;
/// The same in a log, where a page is also empty if the searched part of the log group has no match.
const MOST_EMPTY_IN_LOG: usize = 200;

/// The number of events to request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageSize {
    events: usize,
    most: usize,
}

impl PageSize {
    /// Returns the size of the first page.
    pub fn new(with_data: bool) -> Self {
        Self { events: if with_data { FIRST_WITH_DATA } else { FIRST }, most: MOST_ON_A_PAGE }
    }

    /// Returns the size of the next page.
    pub fn events(self) -> usize {
        self.events
    }

    /// Adapts to a page: the next one may have twice as many events, if they are small enough.
    pub fn on_page(&mut self, events: &[HistoryEvent]) {
        if events.is_empty() {
            return;
        }
        let bytes: usize = events.iter().map(HistoryEvent::size).sum();
        let fitting = BYTES * events.len() / bytes.max(1);
        self.events = (self.events * 2).min(fitting.max(FEWEST)).min(self.most);
    }

    /// Adapts to a failed request, perhaps of a page that was too large, which gateways report in several ways. Returns
    /// `false` if it cannot become smaller.
    pub fn on_failure(&mut self) -> bool {
        let before = self.events;
        self.most = (self.events / 2).max(1);
        self.events = (self.events / 4).max(1);
        self.events < before
    }
}

/// Returns whether a page may have failed because of its size.
pub fn may_be_size(failure: &Failure) -> bool {
    use FailureKind as K;
    let is_else =
        matches!(failure.kind, K::Throttled | K::ExecutionLimitExceeded | K::Undecodable | K::NoCredentials(_));
    failure.retry() == Retry::Soon && !is_else && !failure.is_connection_error()
}

/// Returns whether the token of a page has expired, as tokens do after 24 hours: reading starts again from the first page.
pub fn has_expired(failure: &Failure) -> bool {
    matches!(&failure.kind, FailureKind::StepFunctions(code) if &**code == "InvalidToken")
}

/// Returns whether reading may succeed later.
pub fn may_succeed_later(failure: &Failure) -> bool {
    has_expired(failure) || failure.retry() != Retry::Never
}

/// What follows a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Another page, with this token.
    Page(String),
    /// The end.
    End,
    /// A token, although a history cannot be this long, or the pages are almost empty. Reading stops.
    Endless,
}

/// Reads a history from the first page to the last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pages {
    seen: HashSet<u64>,
    count: usize,
    /// Number of events requested so far.
    requested: usize,
    empty: usize,
    is_log: bool,
}

/// Returns the failure for pages that do not end.
pub fn endless() -> Failure {
    let message = "the history does not end: it has more than 25,000 events, or too many pages with few";
    Failure::without_response(FailureKind::Undecodable, message)
}

impl Pages {
    /// Returns a reader of a history in a log.
    pub fn of_log() -> Self {
        Self { is_log: true, ..Self::default() }
    }

    /// Adds a page that was requested with `token` and had room for `room` events.
    pub fn add(&mut self, room: usize, events: &[HistoryEvent], token: Option<&str>, next: Option<String>) -> Next {
        self.count += 1;
        self.requested = self.requested.saturating_add(room);
        let before = self.seen.len();
        let room = MAX_HISTORY_EVENTS.saturating_sub(before);
        self.seen.extend(events.iter().map(|event| event.id).filter(|id| *id != 0).take(room.saturating_add(1)));
        self.empty = if self.seen.len() > before { 0 } else { self.empty + 1 };
        match next.filter(|next| !next.is_empty()) {
            None => Next::End,
            Some(next)
                if self.seen.len() > MAX_HISTORY_EVENTS
                    || self.count >= MOST_PAGES
                    || self.requested >= MOST_ROOM
                    || self.empty >= if self.is_log { MOST_EMPTY_IN_LOG } else { MOST_EMPTY }
                    || token == Some(next.as_str()) =>
            {
                Next::Endless
            }
            Some(next) => Next::Page(next),
        }
    }
}

/// Reads a list from the first page to the last. A list may have any number of executions, so only pages without new
/// ones show that it does not end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListPages {
    last: Option<String>,
    without_news: usize,
}

impl ListPages {
    /// Adds a page that was requested with `token`; `last` is the ARN of its last execution.
    pub fn add(&mut self, last: Option<&str>, token: Option<&str>, next: Option<String>) -> Next {
        let is_news = last.is_some() && last != self.last.as_deref();
        self.without_news = if is_news { 0 } else { self.without_news + 1 };
        self.last = last.map(str::to_owned).or_else(|| self.last.take());
        match next.filter(|next| !next.is_empty()) {
            None => Next::End,
            Some(next) if token == Some(next.as_str()) || self.without_news >= MOST_EMPTY => Next::Endless,
            Some(next) => Next::Page(next),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::Timestamp;

    fn events(from: u64, count: u64, bytes: usize) -> Vec<HistoryEvent> {
        let details = json!({ "input": "x".repeat(bytes) });
        let details = details.as_object().map(|members| ("details".to_owned(), members.clone()));
        let event = |id| HistoryEvent {
            id,
            previous: 0,
            at: Timestamp::default(),
            event_type: "PassStateEntered".into(),
            details: details.clone(),
        };
        (from..from + count).map(event).collect()
    }

    #[test]
    fn pages_grow_with_small_events_and_stay_below_a_gateways_limit() {
        let mut page = PageSize::new(true);
        let mut sizes = Vec::new();
        for _ in 0..7 {
            page.on_page(&events(1, page.events() as u64, 100));
            sizes.push(page.events());
        }
        assert_eq!(sizes, [60, 120, 240, 480, 960, 1_000, 1_000]);
        // A quarter of a megabyte each, from one page to the next.
        let largest = events(1, 30, 256 * 1024);
        page.on_page(&largest);
        assert!(page.events() * 256 * 1024 * 2 < 10 * 1024 * 1024, "{page:?}");
        assert_eq!(PageSize::new(true).events() * 256 * 1024 / 1024 / 1024, 7);
    }

    #[test]
    fn a_page_that_fails_is_split_and_never_grows_to_that_size_again() {
        let mut page = PageSize::new(true);
        for _ in 0..5 {
            page.on_page(&events(1, 10, 100));
        }
        assert_eq!((page.events(), page.on_failure(), page.events()), (960, true, 240));
        for _ in 0..5 {
            page.on_page(&events(1, 10, 100));
        }
        assert_eq!(page.events(), 480);
        while page.on_failure() {}
        assert_eq!(page.events(), 1);
    }

    #[test]
    fn a_list_ends_with_its_last_page_or_with_pages_without_new_items() {
        let token = |text: &str| Some(text.to_owned());
        let mut pages = ListPages::default();
        assert_eq!(pages.add(Some("a"), None, token("1")), Next::Page("1".into()));
        assert_eq!(pages.add(None, Some("1"), token("2")), Next::Page("2".into()), "an empty page");
        assert_eq!(pages.add(Some("b"), Some("2"), None), Next::End);
        assert_eq!(ListPages::default().add(Some("a"), Some("1"), token("1")), Next::Endless, "the same token");
        for last in [None, Some("a")] {
            let (mut pages, mut turns) = (ListPages::default(), 0);
            while pages.add(last, Some("s"), token("t")) != Next::Endless {
                turns += 1;
            }
            assert!(turns <= MOST_EMPTY, "{last:?}: {turns}");
        }
    }

    #[test]
    fn a_history_ends_with_its_last_page_or_where_it_cannot_continue() {
        let token = || Some("t".to_owned());
        let mut pages = Pages::default();
        assert_eq!(pages.add(10, &events(1, 10, 0), None, token()), Next::Page("t".into()));
        assert_eq!(pages.add(10, &events(11, 10, 0), Some("s"), None), Next::End);
        assert_eq!(pages.add(10, &events(21, 10, 0), Some("s"), Some(String::new())), Next::End);
        // The same token again.
        assert_eq!(Pages::default().add(10, &events(1, 10, 0), Some("t"), token()), Next::Endless);
        // Pages without new events.
        let mut pages = Pages::default();
        let mut turns = 0;
        while pages.add(10, &events(1, 10, 0), Some("s"), token()) != Next::Endless {
            turns += 1;
        }
        assert_eq!(turns, 3);
        // More events than a history can have, or one per page forever.
        for count in [1_000, 1] {
            let (mut pages, mut turns) = (Pages::default(), 0);
            while pages.add(10, &events(1 + turns * count, count, 0), Some("s"), token()) != Next::Endless {
                turns += 1;
            }
            assert!(turns == 25 || turns == 2_499, "{turns}");
        }
    }
    #[test]
    fn a_history_of_almost_empty_pages_is_endless() {
        let pages_of = |requested: usize, given: u64| {
            let (mut pages, mut turns) = (Pages::default(), 0);
            while turns * given < MAX_HISTORY_EVENTS as u64
                && pages.add(requested, &events(1 + turns * given, given, 0), Some("s"), Some("t".into()))
                    != Next::Endless
            {
                turns += 1;
            }
            turns
        };
        for (requested, given) in [(1_000, 1), (1_000, 2), (1_000, 49), (100, 2), (500, 2)] {
            let turns = pages_of(requested, given);
            assert!(turns * given < MAX_HISTORY_EVENTS as u64, "{requested}, {given}: {turns}");
            assert!(turns <= (MOST_ROOM / requested).min(MOST_PAGES) as u64, "{requested}, {given}: {turns}");
        }
        for (requested, given) in [(1_000, 100), (500, 100), (100, 50), (30, 10), (1_000, 1_000)] {
            let turns = pages_of(requested, given);
            assert!(turns * given >= MAX_HISTORY_EVENTS as u64 - given, "{requested}, {given}: {turns}");
        }
    }
}
