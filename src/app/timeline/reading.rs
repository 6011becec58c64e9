//! Reading a history through the gateway: first all events without data, then what is new while it runs, and the
//! payloads of the step that is looked at.

use std::time::Duration;

use crate::app::timeline::history::History;
use crate::app::timeline::payloads::{EventData, Payloads};
use stepgate_core::domain::{ExecutionArn, Failure, FailureKind, HistoryEvent, HistoryQuery, Paged, Retry, Timestamp};
use stepgate_core::lifecycle::paging::{self, Next, Pages};

/// Events a page without data; each has some hundred bytes.
const PAGE: usize = 1_000;
/// Events a page of what is new.
const NEW_PAGE: usize = 100;
/// While it runs, what is new is asked for this often.
const REFRESH: Duration = Duration::from_secs(2);
/// After a failure that may pass.
const PAUSE: Duration = Duration::from_secs(5);

/// A request that is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Forward,
    New,
    Data { forward: bool },
}

/// How far the first reading is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Forward {
    /// It continues here, or begins.
    From(Option<String>),
    /// It has come to the end.
    Whole,
}

/// What is new, newest first, and where it continues.
#[derive(Debug, Clone, PartialEq, Default)]
struct New {
    events: Vec<HistoryEvent>,
    pages: Pages,
    token: Option<String>,
}

/// How far the reading is.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    arn: ExecutionArn,
    asked: Option<(u64, Asked)>,
    forward: Forward,
    pages: Pages,
    /// Whether the history has more than was read, or does not end.
    is_cut: bool,
    new: New,
    /// Whether the gateway gives the first events first, whatever it is asked for.
    ignores_order: bool,
    refresh_at: Option<Timestamp>,
    payloads: Payloads,
    /// Why it does not get on, and when it is tried again if ever.
    trouble: Option<(Failure, Option<Timestamp>)>,
}

impl Reading {
    /// Nothing has been read.
    pub fn new(arn: ExecutionArn) -> Self {
        Self {
            arn,
            asked: None,
            forward: Forward::From(None),
            pages: Pages::default(),
            is_cut: false,
            new: New::default(),
            ignores_order: false,
            refresh_at: None,
            payloads: Payloads::new(),
            trouble: None,
        }
    }

    /// Whether the first reading has come to the end.
    pub fn is_whole(&self) -> bool {
        self.forward == Forward::Whole
    }

    /// Whether the history has more than was read.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Why it does not get on.
    pub fn trouble(&self) -> Option<&Failure> {
        self.trouble.as_ref().map(|(failure, _)| failure)
    }

    /// What an event carries, if it has been read.
    pub fn data(&self, event: u64) -> Option<&EventData> {
        self.payloads.get(event)
    }

    /// How many events have been read with data.
    pub fn read_with_data(&self) -> usize {
        self.payloads.len()
    }

    /// Whether something will be asked for later on.
    pub fn is_live(&self) -> bool {
        self.asked.is_some() || self.refresh_at.is_some() || self.trouble.as_ref().is_some_and(|(_, at)| at.is_some())
    }

    /// What to ask for now, as the request with this number. `runs`: more events are to come; `wanted`: the event whose
    /// data is looked at.
    pub fn next(
        &mut self,
        number: u64,
        now: Timestamp,
        runs: bool,
        history: &History,
        wanted: Option<u64>,
    ) -> Option<HistoryQuery> {
        if self.asked.is_some() {
            return None;
        }
        match &self.trouble {
            Some((_, Some(again))) if now >= *again => self.trouble = None,
            Some(_) => return None,
            None => {}
        }
        let runs = runs && !self.is_cut;
        if self.is_whole() && runs && self.refresh_at.is_none() {
            self.refresh_at = Some(now.plus(REFRESH));
        }
        let (page, asked, token) = if let Forward::From(token) = &self.forward {
            (PAGE, Asked::Forward, token.clone())
        } else if let Some((forward, token)) = wanted.and_then(|event| self.next_payload(event, history)) {
            (self.payloads.page(), Asked::Data { forward }, token)
        } else if runs && self.refresh_at.is_some_and(|at| now >= at) || self.new.token.is_some() {
            if self.ignores_order {
                (self.pages, self.refresh_at) = (Pages::default(), None);
                (PAGE, Asked::Forward, None)
            } else {
                (NEW_PAGE, Asked::New, self.new.token.clone())
            }
        } else {
            return None;
        };
        self.asked = Some((number, asked));
        Some(HistoryQuery {
            execution: self.arn.clone(),
            with_data: matches!(asked, Asked::Data { .. }),
            newest_first: matches!(asked, Asked::New | Asked::Data { forward: false }),
            page_size: page,
            token,
        })
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

    /// Takes the answer to a request, and adds the events in it to those that are known; whether there were any.
    pub fn take(
        &mut self,
        number: u64,
        history: &mut History,
        answer: Result<Paged<HistoryEvent>, Failure>,
        now: Timestamp,
    ) -> bool {
        let Some((_, asked)) = self.asked.take_if(|(asked, _)| *asked == number) else { return false };
        match (answer, asked) {
            (Err(failure), _) => {
                self.fail(failure, asked, now);
                false
            }
            (Ok(page), Asked::Forward) => {
                let token = if let Forward::From(token) = &self.forward { token.clone() } else { None };
                let next = self.pages.add(PAGE, &page.items, token.as_deref(), page.next);
                let added = history.add(page.items) > 0;
                self.is_cut |= next == Next::Endless;
                self.forward = match next {
                    Next::Page(token) => Forward::From(Some(token)),
                    Next::End | Next::Endless => Forward::Whole,
                };
                added
            }
            (Ok(page), Asked::New) => self.take_new(page, history),
            (Ok(page), Asked::Data { forward }) => {
                self.payloads.take(page, forward, history);
                false
            }
        }
    }

    fn take_new(&mut self, page: Paged<HistoryEvent>, history: &mut History) -> bool {
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

    fn fail(&mut self, failure: Failure, asked: Asked, now: Timestamp) {
        let is_data = matches!(asked, Asked::Data { .. });
        if is_data && paging::may_be_size(&failure) && self.payloads.failed() {
            return;
        }
        let is_old = matches!(&failure.kind, FailureKind::StepFunctions(kind) if &**kind == "InvalidToken");
        if is_old {
            // Tokens are good for 24 hours.
            self.payloads.start_over();
            self.new = New::default();
            if !self.is_whole() {
                (self.forward, self.pages) = (Forward::From(None), Pages::default());
            }
        }
        let again = (is_old || failure.retry() != Retry::Never).then(|| now.plus(PAUSE));
        self.trouble = Some((failure, again));
    }
}
