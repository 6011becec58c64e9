//! Reports for the front end: those waiting for room in the channel, and the size of those in it.

use std::collections::VecDeque;

use tokio::sync::mpsc::{Permit, Sender};

use crate::lifecycle::Change;
use crate::watch::report::Report;

/// Bytes of inputs and outputs in the channel above which nothing more is requested: the front end may be slow, or have
/// lent the terminal to an editor.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// Reports that have not been received yet.
#[derive(Debug, Default)]
pub(super) struct ReportQueue {
    /// Commands are handled even while these wait, so that the two sides never wait for each other.
    waiting: VecDeque<Report>,
    /// Sizes of the last reports in the channel, oldest first.
    sent: VecDeque<usize>,
}

impl ReportQueue {
    pub(super) fn push(&mut self, report: Report) {
        self.waiting.push_back(report);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Returns whether the receiver must take some reports first.
    pub(super) fn is_full(&mut self, channel: &Sender<Report>) -> bool {
        let in_channel = channel.max_capacity() - channel.capacity();
        self.sent.drain(..self.sent.len().saturating_sub(in_channel));
        self.sent.iter().sum::<usize>() > MOST_BYTES
    }

    /// Sends the oldest report.
    pub(super) fn send(&mut self, place: Permit<'_, Report>) {
        if let Some(report) = self.waiting.pop_front() {
            self.sent.push_back(bytes(&report));
            place.send(report);
        }
    }
}

fn bytes(report: &Report) -> usize {
    let Report::Status(response) = report else { return 0 };
    match &response.change {
        Change::Seen(seen, _) | Change::Confirmed(_, Some(seen), _) => seen.bytes(),
        _ => 0,
    }
}
