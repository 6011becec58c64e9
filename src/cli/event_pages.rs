//! The pages of an execution's history, for the commands that read it: as large as they may be, and not for ever.

use std::time::Duration;

use tokio::time::{Instant, Interval};

use crate::cli::console::say;
use crate::cli::execution::{Subject, pace, patiently};
use crate::output::{self, Stream};
use stepgate_core::domain::{Failure, FailureKind, HistoryEvent, HistoryQuery, MAX_HISTORY_EVENTS, Paged};
use stepgate_core::lifecycle::paging::{self, Next, PageSize, Pages};

/// `GetExecutionHistory` refills 20 a second for the whole account.
const PAGES_A_SECOND: u32 = 10;
/// How often a person is told how far it is. Most histories are read sooner.
const REPORT_EVERY: Duration = Duration::from_secs(3);

/// Which events to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    /// With inputs and outputs.
    pub(super) data: bool,
    pub(super) newest_first: bool,
    /// At most this many.
    pub(super) limit: usize,
}

/// Reads a history page by page.
pub(super) struct EventPages<'s> {
    subject: &'s Subject,
    query: HistoryQuery,
    size: PageSize,
    pages: Pages,
    left: usize,
    turns: Interval,
    next: Next,
    progress: Progress,
}

impl<'s> EventPages<'s> {
    /// Nothing has been read yet.
    pub(super) fn new(subject: &'s Subject, wanted: Wanted) -> Self {
        let size = PageSize::new(wanted.data);
        let query = HistoryQuery {
            execution: subject.record.arn.clone(),
            with_data: wanted.data,
            newest_first: wanted.newest_first,
            page_size: size.events(),
            token: None,
        };
        let (pages, turns) = (Pages::default(), pace(PAGES_A_SECOND));
        // A history that has more events than it can have is not cut without a word.
        let left = if wanted.limit < MAX_HISTORY_EVENTS { wanted.limit } else { usize::MAX };
        // The first page has no token.
        Self { subject, query, size, pages, left, turns, next: Next::Page(String::new()), progress: Progress::new() }
    }

    /// The next page; `None` after the last one, or after as many events as were asked for.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<HistoryEvent>>, Failure> {
        match &self.next {
            _ if self.left == 0 => return Ok(None),
            Next::End => return Ok(None),
            Next::Endless => {
                let said = "the history does not end: it has more than 25,000 events, or pages with hardly any";
                return Err(Failure::without_response(FailureKind::Undecodable, said));
            }
            Next::Page(token) => self.query.token = Some(token.clone()).filter(|token| !token.is_empty()),
        }
        let mut page = self.ask().await?;
        self.size.on_page(&page.items);
        self.next = self.pages.add(self.query.page_size, &page.items, self.query.token.as_deref(), page.next);
        page.items.truncate(self.left);
        self.left -= page.items.len();
        self.progress.take(page.items.len());
        Ok(Some(page.items))
    }

    /// Asks for the page, and for a smaller one when that may help.
    async fn ask(&mut self) -> Result<Paged<HistoryEvent>, Failure> {
        loop {
            self.query.page_size = self.size.events().min(self.left);
            self.turns.tick().await;
            match self.subject.client.history(&self.query).await {
                Err(failure) if paging::may_be_size(&failure) && self.size.on_failure() => {}
                // It is something else.
                Err(failure) => {
                    let mut first = Some(failure);
                    return patiently(async || match first.take() {
                        Some(failure) => Err(failure),
                        None => self.subject.client.history(&self.query).await,
                    })
                    .await;
                }
                Ok(page) => return Ok(page),
            }
        }
    }
}

/// Tells a person at the terminal how many events have been read.
struct Progress {
    events: usize,
    pages: usize,
    report_at: Instant,
}

impl Progress {
    fn new() -> Self {
        Self { events: 0, pages: 0, report_at: Instant::now() + REPORT_EVERY }
    }

    fn take(&mut self, events: usize) {
        (self.events, self.pages) = (self.events + events, self.pages + 1);
        if Instant::now() >= self.report_at && output::is_terminal(Stream::Error) {
            self.report_at = Instant::now() + REPORT_EVERY;
            say(&format!("reading the history: {} events on {} pages so far", self.events, self.pages));
        }
    }
}
