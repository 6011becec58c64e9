//! Reading a history through the gateway: first all events without data, then what is new while it runs, and
//! the inputs and outputs of the step that is looked at, from the nearer end.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::{ExecutionArn, Failure, FailureKind, HistoryEvent, HistoryQuery, Paged, Retry, Timestamp};

/// Events a page without data; each has some hundred bytes.
const PAGE: usize = 1_000;
/// Events a page of what is new.
const NEW_PAGE: usize = 100;
/// Events a page with data; fewer once an answer was too large for the gateway.
const DATA_PAGE: usize = 100;
const SMALL_DATA_PAGE: usize = 10;
/// While it runs, what is new is asked for this often.
const REFRESH: Duration = Duration::from_secs(2);
/// After a failure that may pass.
const PAUSE: Duration = Duration::from_secs(5);

/// What an event carries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventData {
    /// The input of a step that is entered.
    pub input: Option<Arc<str>>,
    /// The output of a step that is left.
    pub output: Option<Arc<str>>,
}

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
    /// Nothing has been read.
    Start,
    /// It goes on here.
    From(String),
    /// It has come to the end.
    Whole,
}

/// Reading with data from the end.
#[derive(Debug, Clone, PartialEq, Eq)]
struct FromEnd {
    /// The event at the end.
    top: u64,
    /// What has been read begins with this one.
    down_to: u64,
    token: Option<String>,
}

/// How far the reading is.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    arn: ExecutionArn,
    asked: Option<(u64, Asked)>,
    /// How far the first reading is.
    forward: Forward,
    /// What is new, newest first, and where it goes on.
    new: (Vec<HistoryEvent>, Option<String>),
    refresh_at: Option<Timestamp>,
    data: HashMap<u64, EventData>,
    data_page: usize,
    /// With data: up to which event from the beginning, and where that goes on.
    from_start: (u64, Option<String>),
    /// The same from the end, and which event that was.
    from_end: Option<FromEnd>,
    /// Why it does not get on, and when it is tried again if ever.
    trouble: Option<(Failure, Option<Timestamp>)>,
}

impl Reading {
    /// Nothing has been read.
    pub fn new(arn: ExecutionArn) -> Self {
        Self {
            arn,
            asked: None,
            forward: Forward::Start,
            new: (Vec::new(), None),
            refresh_at: None,
            data: HashMap::new(),
            data_page: DATA_PAGE,
            from_start: (0, None),
            from_end: None,
            trouble: None,
        }
    }

    /// Whether the first reading has come to the end.
    pub fn is_whole(&self) -> bool {
        self.forward == Forward::Whole
    }

    /// Why it does not get on.
    pub fn trouble(&self) -> Option<&Failure> {
        self.trouble.as_ref().map(|(failure, _)| failure)
    }

    /// What an event carries, if it has been read.
    pub fn data(&self, event: u64) -> Option<&EventData> {
        self.data.get(&event)
    }

    /// How many events have been read with data.
    pub fn read_with_data(&self) -> usize {
        self.data.len()
    }

    /// Whether something will be asked for later on.
    pub fn is_live(&self) -> bool {
        self.asked.is_some() || self.refresh_at.is_some() || self.trouble.as_ref().is_some_and(|(_, at)| at.is_some())
    }

    /// What to ask for now, as the request with this number. `runs`: more events are to come; `last`: the last
    /// event that is known; `wanted`: events whose data is looked at.
    pub fn next(&mut self, number: u64, now: Timestamp, runs: bool, last: u64, wanted: &[u64]) -> Option<HistoryQuery> {
        if self.asked.is_some() {
            return None;
        }
        match &self.trouble {
            Some((_, Some(again))) if now >= *again => self.trouble = None,
            Some(_) => return None,
            None => {}
        }
        if self.is_whole() && runs && self.refresh_at.is_none() {
            self.refresh_at = Some(now.plus(REFRESH));
        }
        let query = |page, with_data, newest_first, token| HistoryQuery {
            execution: self.arn.clone(),
            with_data,
            newest_first,
            page,
            token,
        };
        let (query, asked) = if let Forward::Start | Forward::From(_) = &self.forward {
            let token = if let Forward::From(token) = &self.forward { Some(token.clone()) } else { None };
            (query(PAGE, false, false, token), Asked::Forward)
        } else if let Some(target) = wanted.iter().find(|event| !self.data.contains_key(event)).copied() {
            // What has come since is behind the end of then.
            self.from_end.take_if(|read| target > read.top);
            let end = self.from_end.as_ref().map_or(last + 1, |read| read.down_to);
            let goes_on = self.from_start.0 == 0 || self.from_start.1.is_some();
            let forward = goes_on && target.saturating_sub(self.from_start.0) <= end.saturating_sub(target);
            let token = if forward {
                self.from_start.1.clone()
            } else {
                self.from_end.as_ref().and_then(|read| read.token.clone())
            };
            (query(self.data_page, true, !forward, token), Asked::Data { forward })
        } else if runs && self.refresh_at.is_some_and(|at| now >= at) || self.new.1.is_some() {
            (query(NEW_PAGE, false, true, self.new.1.clone()), Asked::New)
        } else {
            return None;
        };
        self.asked = Some((number, asked));
        Some(query)
    }

    /// Takes the answer to a request, and returns the events that follow those known, in order.
    pub fn take(
        &mut self,
        number: u64,
        last: u64,
        answer: Result<Paged<HistoryEvent>, Failure>,
        now: Timestamp,
    ) -> Vec<HistoryEvent> {
        let Some((_, asked)) = self.asked.take_if(|(asked, _)| *asked == number) else { return Vec::new() };
        let page = match answer {
            Ok(page) => page,
            Err(failure) => {
                self.fail(failure, asked, now);
                return Vec::new();
            }
        };
        match asked {
            Asked::Forward => {
                self.forward = page.next.map_or(Forward::Whole, Forward::From);
                page.items
            }
            Asked::New => {
                let is_known = page.items.iter().any(|event| event.id <= last);
                let goes_on = !is_known && !page.items.is_empty();
                self.new.0.extend(page.items.into_iter().filter(|event| event.id > last));
                self.new.1 = page.next.filter(|_| goes_on);
                if self.new.1.is_some() {
                    return Vec::new();
                }
                self.refresh_at = None;
                let mut new = std::mem::take(&mut self.new.0);
                new.reverse();
                new
            }
            Asked::Data { forward } => {
                self.take_data(page, forward, last);
                Vec::new()
            }
        }
    }

    fn take_data(&mut self, page: Paged<HistoryEvent>, forward: bool, last: u64) {
        let reached = page.items.last().map(|event| event.id);
        for event in page.items {
            let text = |member: &str| event.detail(member).map(Arc::from);
            // A task that was scheduled has no input but parameters.
            let data = EventData { input: text("input").or_else(|| text("parameters")), output: text("output") };
            self.data.insert(event.id, data);
        }
        if forward {
            self.from_start = (reached.unwrap_or(last), page.next);
        } else {
            let top = self.from_end.take().map_or(last, |read| read.top);
            self.from_end = Some(FromEnd { top, down_to: reached.unwrap_or(1), token: page.next });
        }
    }

    fn fail(&mut self, failure: Failure, asked: Asked, now: Timestamp) {
        let is_data = matches!(asked, Asked::Data { .. });
        let is_of_size = !matches!(failure.kind, FailureKind::Throttled | FailureKind::Unreachable(_));
        if is_data && is_of_size && self.data_page > SMALL_DATA_PAGE {
            // An answer of more than 10 MB is refused in several ways.
            self.data_page = SMALL_DATA_PAGE;
            return;
        }
        let is_old = matches!(&failure.kind, FailureKind::StepFunctions(kind) if &**kind == "InvalidToken");
        if is_old {
            // Tokens are good for 24 hours.
            (self.from_start, self.from_end, self.new) = ((0, None), None, (Vec::new(), None));
        }
        let again = (is_old || failure.retry() != Retry::Never).then(|| now.plus(PAUSE));
        self.trouble = Some((failure, again));
    }
}
