//! Statistics per endpoint: request rate, polling rate, backlog and outages.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use stepgate_core::domain::{EndpointName, Failure, Timestamp};
use stepgate_core::lifecycle::backlog::Backlog;

/// The window over which the request rate is measured.
const WINDOW: Duration = Duration::from_secs(5);

/// Polling is paused after a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    /// The reason.
    pub failure: Failure,
    /// The next attempt.
    pub until: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Default)]
struct Stats {
    sent: VecDeque<Timestamp>,
    outage: Option<Outage>,
    /// The watcher's polling rate in requests per second, once reported.
    polling_rate: Option<f64>,
    backlog: Backlog,
}

/// The statistics of all endpoints.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EndpointStats(BTreeMap<EndpointName, Stats>);

impl EndpointStats {
    /// Counts a sent request.
    pub(in crate::app) fn count_request(&mut self, endpoint: &EndpointName, now: Timestamp) {
        self.0.entry(endpoint.clone()).or_default().sent.push_back(now);
    }

    /// Sets the polling rate in requests per second, and returns whether it has decreased.
    pub(in crate::app) fn set_polling_rate(&mut self, endpoint: &EndpointName, rate: f64) -> bool {
        let line = self.0.entry(endpoint.clone()).or_default();
        line.polling_rate.replace(rate).is_none_or(|before| rate < before)
    }

    /// Sets the watcher's backlog.
    pub(in crate::app) fn set_backlog(&mut self, endpoint: &EndpointName, backlog: Backlog) {
        self.0.entry(endpoint.clone()).or_default().backlog = backlog;
    }

    /// Returns the endpoints with a large backlog, with a message for each.
    pub fn backlogs(&self) -> impl Iterator<Item = (&EndpointName, String)> {
        self.0.iter().filter_map(|(endpoint, line)| Some((endpoint, line.backlog.message()?)))
    }

    /// Returns the watcher's polling rate in requests per second, if it has been reported.
    pub fn polling_rate(&self, endpoint: &EndpointName) -> Option<f64> {
        self.0.get(endpoint)?.polling_rate
    }

    /// Ends an outage.
    pub(in crate::app) fn clear_outage(&mut self, endpoint: &EndpointName) {
        if let Some(line) = self.0.get_mut(endpoint) {
            line.outage = None;
        }
    }

    /// Returns whether this failure has not been reported: a new outage, or a new reason.
    pub fn is_news(&self, endpoint: &EndpointName, failure: &Failure) -> bool {
        let outage = self.0.get(endpoint).and_then(|line| line.outage.as_ref());
        outage.is_none_or(|outage| outage.failure.kind != failure.kind)
    }

    /// Records that polling is paused until a time.
    pub(in crate::app) fn set_outage(&mut self, endpoint: &EndpointName, failure: Failure, until: Timestamp) {
        self.0.entry(endpoint.clone()).or_default().outage = Some(Outage { failure, until });
    }

    /// Drops requests older than the window.
    pub(in crate::app) fn drop_old(&mut self, now: Timestamp) {
        for line in self.0.values_mut() {
            while line.sent.front().is_some_and(|sent| now.since(*sent) >= WINDOW) {
                line.sent.pop_front();
            }
        }
    }

    /// Returns the request rate per second over the last 5 seconds.
    pub fn rate(&self, endpoint: &EndpointName) -> f64 {
        let count = self.0.get(endpoint).map_or(0, |line| line.sent.len());
        f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / WINDOW.as_secs_f64()
    }

    /// Returns whether any request was sent in the last 5 seconds.
    pub fn has_traffic(&self) -> bool {
        self.0.values().any(|line| !line.sent.is_empty())
    }

    /// Returns the endpoints with an outage.
    pub fn outages(&self) -> impl Iterator<Item = (&EndpointName, &Outage)> {
        self.0.iter().filter_map(|(endpoint, line)| line.outage.as_ref().map(|outage| (endpoint, outage)))
    }
}
