//! Reads an execution's history page by page, with large pages and a limit on their number.

use std::time::Duration;

use tokio::time::{Instant, Interval};

use crate::cli::report::console::say;
use crate::cli::target::execution::{TargetExecution, pacer, with_retries};
use crate::output::{self, Stream};
use stepgate_core::domain::{Failure, HistoryEvent, HistoryQuery, MAX_HISTORY_EVENTS, Paged, counted};
use stepgate_core::lifecycle::paging::{self, Next, PageSize, Pages};

/// `GetExecutionHistory` refills 20 a second for the whole account.
const PAGES_A_SECOND: u32 = 10;
/// How often progress is reported. Most histories are read sooner.
const REPORT_EVERY: Duration = Duration::from_secs(3);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) struct EventSelection {
    /// With inputs and outputs.
    pub(in crate::cli) data: bool,
    pub(in crate::cli) newest_first: bool,
    pub(in crate::cli) limit: usize,
}

/// Reads a history page by page.
pub(in crate::cli) struct EventPages<'s> {
    execution: &'s TargetExecution,
    query: HistoryQuery,
    size: PageSize,
    pages: Pages,
    remaining: usize,
    pacer: Interval,
    next: Next,
    progress: Progress,
}

impl<'s> EventPages<'s> {
    pub(in crate::cli) fn new(execution: &'s TargetExecution, selection: EventSelection) -> Self {
        let size = PageSize::new(selection.data);
        let query = HistoryQuery {
            execution: execution.record.arn.clone(),
            started: None,
            with_data: selection.data,
            newest_first: selection.newest_first,
            page_size: size.events(),
            token: None,
        };
        let (pages, pacer) = (Pages::default(), pacer(PAGES_A_SECOND));
        // A history with more than the maximum number of events is an error, not cut silently.
        let remaining = if selection.limit < MAX_HISTORY_EVENTS { selection.limit } else { usize::MAX };
        // The first page has no token.
        Self {
            execution,
            query,
            size,
            pages,
            remaining,
            pacer,
            next: Next::Page(String::new()),
            progress: Progress::new(),
        }
    }

    /// Returns the next page; `None` after the last one, or when the limit is reached.
    pub(in crate::cli) async fn next(&mut self) -> Result<Option<Vec<HistoryEvent>>, Failure> {
        if self.execution.is_logged() {
            return self.next_logged().await;
        }
        match &self.next {
            _ if self.remaining == 0 => return Ok(None),
            Next::End => return Ok(None),
            Next::Endless => return Err(paging::endless()),
            Next::Page(token) => self.query.token = Some(token.clone()).filter(|token| !token.is_empty()),
        }
        let mut page = self.request_page().await?;
        self.size.on_page(&page.items);
        self.next = self.pages.add(self.query.page_size, &page.items, self.query.token.as_deref(), page.next);
        page.items.truncate(self.remaining);
        self.remaining -= page.items.len();
        self.progress.add(page.items.len());
        Ok(Some(page.items))
    }

    /// Returns all events of a log as one page: the log has them in any order, so all of them are read first.
    async fn next_logged(&mut self) -> Result<Option<Vec<HistoryEvent>>, Failure> {
        if self.next == Next::End {
            return Ok(None);
        }
        self.next = Next::End;
        let mut events = self.execution.logged_events(self.query.with_data).await?;
        if self.query.newest_first {
            events.reverse();
        }
        events.truncate(self.remaining);
        Ok(Some(events))
    }

    /// Requests the page, and a smaller one if its size may be the problem.
    async fn request_page(&mut self) -> Result<Paged<HistoryEvent>, Failure> {
        loop {
            self.query.page_size = self.size.events().min(self.remaining);
            self.pacer.tick().await;
            match self.execution.client.history(&self.query).await {
                Err(failure) if paging::may_be_size(&failure) && self.size.on_failure() => {}
                // The size is not the problem.
                Err(failure) => {
                    let mut first = Some(failure);
                    return with_retries(async || match first.take() {
                        Some(failure) => Err(failure),
                        None => self.execution.client.history(&self.query).await,
                    })
                    .await;
                }
                Ok(page) => return Ok(page),
            }
        }
    }
}

/// Reports the number of events read, on a terminal.
struct Progress {
    events: usize,
    pages: usize,
    report_at: Instant,
}

impl Progress {
    fn new() -> Self {
        Self { events: 0, pages: 0, report_at: Instant::now() + REPORT_EVERY }
    }

    fn add(&mut self, events: usize) {
        (self.events, self.pages) = (self.events + events, self.pages + 1);
        if Instant::now() >= self.report_at && output::is_terminal(Stream::Error) {
            self.report_at = Instant::now() + REPORT_EVERY;
            let (events, pages) = (counted(self.events, "event"), counted(self.pages, "page"));
            say(&format!("reading the history: {events} on {pages} so far"));
        }
    }
}
