//! What responses have shown about a gateway: whether it passes names on, which members its status route returns, and
//! its clock offset.

use std::time::Duration;

use crate::domain::timestamp::Timestamp;

/// How a gateway treats the `name` of a start request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NameHandling {
    /// Not shown yet.
    #[default]
    Unknown,
    /// The execution gets this name.
    PassedOn,
    /// The execution gets another name, made up by Step Functions or the gateway.
    Ignored,
}

/// Whether a route returns a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Member {
    /// Not shown yet.
    #[default]
    Unknown,
    /// Returned at least once.
    Returned,
    /// Never returned, although the execution had ended a while before.
    Omitted,
}

/// What responses have shown about a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GatewayFacts {
    /// How it treats execution names.
    pub names: NameHandling,
    /// Whether its status route returns the `output` of SUCCEEDED executions.
    pub output: Member,
    /// Whether its status route returns the `stopDate` of ended executions.
    pub stop_date: Member,
}

/// How far a gateway's clock is ahead of the local one, by the `Date` header of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockOffset {
    millis: i64,
}

impl ClockOffset {
    /// Compares a `Date` header with the local time of its arrival.
    pub fn between(gateway: Timestamp, here: Timestamp) -> Self {
        Self { millis: gateway.as_millis().saturating_sub(here.as_millis()) }
    }

    /// Converts a local time to the gateway's clock.
    pub fn corrected(self, here: Timestamp) -> Timestamp {
        Timestamp::from_millis(here.as_millis().saturating_add(self.millis))
    }

    /// Returns the absolute difference.
    pub(crate) fn distance(self) -> Duration {
        Duration::from_millis(self.millis.unsigned_abs())
    }
}
