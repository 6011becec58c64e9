//! Reading a history through the gateway: first all events without data, then new events while the execution runs, and
//! the payloads of the selected step.

use std::time::Duration;

use crate::app::timeline::history::History;
use crate::app::timeline::payloads::{EventData, Payloads};
use stepgate_core::domain::{ExecutionArn, Failure, HistoryEvent, HistoryQuery, Paged, Timestamp};
use stepgate_core::lifecycle::paging::{self, Next, Pages};

/// Events per page without data; each has a few hundred bytes.
const PAGE: usize = 1_000;
/// Events per page of new events.
const NEW_PAGE: usize = 100;
/// The interval between requests for new events.
const REFRESH: Duration = Duration::from_secs(2);
/// The pause after a transient failure.
const PAUSE: Duration = Duration::from_secs(5);

/// A request in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Request {
    Forward,
    New,
    Data { forward: bool },
}

/// The progress of the first reading.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Forward {
    /// It continues with this token, or begins.
    From(Option<String>),
    /// All events have been read.
    Whole,
}

/// New events, newest first, and the token of the next page.
#[derive(Debug, Clone, PartialEq, Default)]
struct New {
    events: Vec<HistoryEvent>,
    pages: Pages,
    token: Option<String>,
}

/// The progress of reading a history.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    arn: ExecutionArn,
    started: Option<Timestamp>,
    in_flight: Option<(u64, Request)>,
    forward: Forward,
    pages: Pages,
    /// Whether the history has more events than can be read, or does not end.
    is_cut: bool,
    new: New,
    /// Whether the gateway ignores `reverseOrder`.
    ignores_order: bool,
    refresh_at: Option<Timestamp>,
    payloads: Payloads,
    /// The last failure, and when to retry, if ever.
    failure: Option<(Failure, Option<Timestamp>)>,
}

impl Reading {
    /// Returns the progress before anything has been read.
    pub(super) fn new(arn: ExecutionArn) -> Self {
        // A log cannot be read backwards.
        let ignores_order = !arn.is_describable();
        Self {
            pages: pages(&arn),
            arn,
            started: None,
            in_flight: None,
            forward: Forward::From(None),
            is_cut: false,
            new: New::default(),
            ignores_order,
            refresh_at: None,
            payloads: Payloads::new(),
            failure: None,
        }
    }

    /// Sets when the execution started: a log is not searched before that.
    pub(super) fn set_start(&mut self, started: Timestamp) {
        self.started = Some(started);
    }

    /// Returns whether the first reading is complete.
    pub(super) fn is_whole(&self) -> bool {
        self.forward == Forward::Whole
    }

    /// Returns whether the history has more events than can be read.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Returns the last failure.
    pub(super) fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref().map(|(failure, _)| failure)
    }

    /// Returns the payloads of an event, if they have been read.
    pub(super) fn data(&self, event: u64) -> Option<&EventData> {
        self.payloads.get(event)
    }

    /// Returns the number of events read with data.
    pub(super) fn read_with_data(&self) -> usize {
        self.payloads.len()
    }

    /// Returns whether a request is in flight or due later.
    pub(super) fn is_live(&self) -> bool {
        self.in_flight.is_some()
            || self.refresh_at.is_some()
            || self.failure.as_ref().is_some_and(|(_, at)| at.is_some())
    }

    /// Returns the request to send now, under this number. `runs`: whether more events are expected; `event_to_read`: the
    /// event whose payloads are shown.
    pub(super) fn next(
        &mut self,
        number: u64,
        now: Timestamp,
        runs: bool,
        history: &History,
        event_to_read: Option<u64>,
    ) -> Option<HistoryQuery> {
        if self.in_flight.is_some() {
            return None;
        }
        match &self.failure {
            Some((_, Some(retry_at))) if now >= *retry_at => self.failure = None,
            Some(_) => return None,
            None => {}
        }
        let runs = runs && !self.is_cut;
        if self.is_whole() && runs && self.refresh_at.is_none() {
            self.refresh_at = Some(now.plus(REFRESH));
        }
        let (page, request, token) = if let Forward::From(token) = &self.forward {
            (PAGE, Request::Forward, token.clone())
        } else if let Some((forward, token)) = event_to_read.and_then(|event| self.next_payload(event, history)) {
            (self.payloads.page_size(), Request::Data { forward }, token)
        } else if runs && self.refresh_at.is_some_and(|at| now >= at) || self.new.token.is_some() {
            if self.ignores_order {
                (self.pages, self.refresh_at) = (pages(&self.arn), None);
                (PAGE, Request::Forward, None)
            } else {
                (NEW_PAGE, Request::New, self.new.token.clone())
            }
        } else {
            return None;
        };
        self.in_flight = Some((number, request));
        Some(HistoryQuery {
            execution: self.arn.clone(),
            started: self.started,
            // A log has no other pages with data, and is not in order.
            with_data: self.is_logged() || matches!(request, Request::Data { .. }),
            newest_first: matches!(request, Request::New | Request::Data { forward: false }),
            page_size: page,
            token,
        })
    }

    fn is_logged(&self) -> bool {
        !self.arn.is_describable()
    }

    fn next_payload(&mut self, event: u64, history: &History) -> Option<(bool, Option<String>)> {
        if self.payloads.get(event).is_some() {
            return None;
        }
        let next = self.payloads.next(event, history);
        if next.is_none() {
            self.payloads.give_up(event);
        }
        next
    }

    /// Handles the response to a request, and returns whether it added events to the history.
    pub(super) fn on_response(
        &mut self,
        number: u64,
        history: &mut History,
        response: Result<Paged<HistoryEvent>, Failure>,
        now: Timestamp,
    ) -> bool {
        let Some((_, request)) = self.in_flight.take_if(|(sent, _)| *sent == number) else { return false };
        match (response, request) {
            (Err(failure), _) => {
                self.on_failure(failure, request, now);
                false
            }
            (Ok(page), Request::Forward) => {
                let token = if let Forward::From(token) = &self.forward { token.clone() } else { None };
                let mut next = self.pages.add(PAGE, &page.items, token.as_deref(), page.next);
                if self.is_logged() {
                    self.payloads.keep(&page.items);
                }
                let added = history.add(page.items) > 0;
                if self.is_logged() && history.is_complete() {
                    next = Next::End;
                }
                self.is_cut |= next == Next::Endless;
                self.forward = match next {
                    Next::Page(token) => Forward::From(Some(token)),
                    Next::End | Next::Endless => Forward::Whole,
                };
                added
            }
            (Ok(page), Request::New) => self.add_new(page, history),
            (Ok(page), Request::Data { forward }) => {
                self.payloads.add_page(page, forward, history);
                false
            }
        }
    }

    fn add_new(&mut self, page: Paged<HistoryEvent>, history: &mut History) -> bool {
        let ids = |event: Option<&HistoryEvent>| event.map(|event| event.id);
        self.ignores_order |= ids(page.items.first()) < ids(page.items.last());
        let is_known = page.items.iter().any(|event| history.has(event.id));
        let next = self.new.pages.add(NEW_PAGE, &page.items, self.new.token.as_deref(), page.next);
        self.new.events.extend(page.items.into_iter().filter(|event| !history.has(event.id)));
        if let Next::Page(token) = next
            && !is_known
            && !self.ignores_order
        {
            self.new.token = Some(token);
            return false;
        }
        self.refresh_at = None;
        history.add(std::mem::take(&mut self.new).events) > 0
    }

    fn on_failure(&mut self, failure: Failure, request: Request, now: Timestamp) {
        let is_data = matches!(request, Request::Data { .. });
        if is_data && paging::may_be_size(&failure) && self.payloads.on_failed() {
            return;
        }
        if paging::has_expired(&failure) {
            self.payloads.start_over();
            self.new = New::default();
            if !self.is_whole() {
                (self.forward, self.pages) = (Forward::From(None), pages(&self.arn));
            }
        }
        let retry_at = paging::may_succeed_later(&failure).then(|| now.plus(PAUSE));
        self.failure = Some((failure, retry_at));
    }
}

fn pages(arn: &ExecutionArn) -> Pages {
    if arn.is_describable() { Pages::default() } else { Pages::of_log() }
}
