//! What goes over the wire to each endpoint: requests a second, and how long it is left alone.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use stepgate_core::domain::{EndpointName, Failure, Timestamp};
use stepgate_core::lifecycle::backlog::Backlog;

/// The rate is that of the last seconds.
const WINDOW: Duration = Duration::from_secs(5);

/// Questions are held back until a moment, for a reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    /// Why.
    pub failure: Failure,
    /// The next attempt.
    pub until: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Default)]
struct Line {
    sent: VecDeque<Timestamp>,
    outage: Option<Outage>,
    /// Requests a second that the watcher allows itself, once it has told.
    pace: Option<f64>,
    backlog: Backlog,
}

/// The traffic of all endpoints.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EndpointStats(BTreeMap<EndpointName, Line>);

impl EndpointStats {
    /// A question left.
    pub fn sent(&mut self, endpoint: &EndpointName, now: Timestamp) {
        self.0.entry(endpoint.clone()).or_default().sent.push_back(now);
    }

    /// The watcher allows itself so many requests a second now. Whether that is less than before.
    pub fn paced(&mut self, endpoint: &EndpointName, rate: f64) -> bool {
        let line = self.0.entry(endpoint.clone()).or_default();
        line.pace.replace(rate).is_none_or(|before| rate < before)
    }

    /// Records how far the watcher is behind.
    pub fn is_behind(&mut self, endpoint: &EndpointName, backlog: Backlog) {
        self.0.entry(endpoint.clone()).or_default().backlog = backlog;
    }

    /// Returns the endpoints with a large backlog, with a message for each.
    pub fn backlogs(&self) -> impl Iterator<Item = (&EndpointName, String)> {
        self.0.iter().filter_map(|(endpoint, line)| Some((endpoint, line.backlog.message()?)))
    }

    /// Requests a second that the watcher allows itself, if it has told.
    pub fn pace(&self, endpoint: &EndpointName) -> Option<f64> {
        self.0.get(endpoint)?.pace
    }

    /// The endpoint is asked as usual.
    pub fn recovered(&mut self, endpoint: &EndpointName) {
        if let Some(line) = self.0.get_mut(endpoint) {
            line.outage = None;
        }
    }

    /// Whether this failure has not been told already: a new outage, or a new reason for it.
    pub fn is_news(&self, endpoint: &EndpointName, failure: &Failure) -> bool {
        let outage = self.0.get(endpoint).and_then(|line| line.outage.as_ref());
        outage.is_none_or(|outage| outage.failure.kind != failure.kind)
    }

    /// The endpoint is left alone for a while.
    pub fn held_back(&mut self, endpoint: &EndpointName, failure: Failure, until: Timestamp) {
        self.0.entry(endpoint.clone()).or_default().outage = Some(Outage { failure, until });
    }

    /// Forgets what is older than the window.
    pub fn forget(&mut self, now: Timestamp) {
        for line in self.0.values_mut() {
            while line.sent.front().is_some_and(|sent| now.since(*sent) >= WINDOW) {
                line.sent.pop_front();
            }
        }
    }

    /// Requests a second to this endpoint, over the last seconds.
    pub fn rate(&self, endpoint: &EndpointName) -> f64 {
        let count = self.0.get(endpoint).map_or(0, |line| line.sent.len());
        f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / WINDOW.as_secs_f64()
    }

    /// Whether there was traffic in the last seconds.
    pub fn is_lively(&self) -> bool {
        self.0.values().any(|line| !line.sent.is_empty())
    }

    /// Endpoints that are left alone, with the reason.
    pub fn outages(&self) -> impl Iterator<Item = (&EndpointName, &Outage)> {
        self.0.iter().filter_map(|(endpoint, line)| line.outage.as_ref().map(|outage| (endpoint, outage)))
    }
}
