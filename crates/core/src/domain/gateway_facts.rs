//! What stepgate has learned about a gateway from its responses: whether it passes names on, which members its
//! status route returns, and how far its clock is from ours.

use std::time::Duration;

use crate::domain::timestamp::Timestamp;

/// What a gateway does with the `name` of a start request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NameHandling {
    /// No response has shown it yet.
    #[default]
    Unknown,
    /// The execution gets the name that was sent.
    PassedOn,
    /// The execution gets another name: Step Functions or the gateway makes one up.
    Ignored,
}

/// Whether a route returns a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Member {
    /// No response has shown it yet.
    #[default]
    Unknown,
    /// It did at least once.
    Returned,
    /// It did not, although the execution had ended a while before, and never has.
    Omitted,
}

/// What responses have shown about a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GatewayFacts {
    /// What it does with names.
    pub names: NameHandling,
    /// Whether its status route returns the `output` of what SUCCEEDED.
    pub output: Member,
    /// Whether its status route returns the `stopDate` of what has ended.
    pub stop_date: Member,
}

/// How far a gateway's clock is ahead of ours, by the `Date` header of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockOffset {
    millis: i64,
}

impl ClockOffset {
    /// From a `Date` header, and our own clock when it arrived.
    pub fn between(gateway: Timestamp, here: Timestamp) -> Self {
        Self { millis: gateway.as_millis().saturating_sub(here.as_millis()) }
    }

    /// A moment of our clock by the gateway's.
    pub fn corrected(self, here: Timestamp) -> Timestamp {
        Timestamp::from_millis(here.as_millis().saturating_add(self.millis))
    }

    /// How far the clocks are apart, in either direction.
    pub fn distance(self) -> Duration {
        Duration::from_millis(self.millis.unsigned_abs())
    }
}
