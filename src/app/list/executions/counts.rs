//! The number of executions in each group.

use crate::app::list::row::Group;
use stepgate_core::domain::{GatewayId, GatewayTotals, Totals};

/// The number of executions in each group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Running.
    pub running: usize,
    /// SUCCEEDED.
    pub done: usize,
    /// FAILED.
    pub failed: usize,
    /// `TIMED_OUT`.
    pub timed_out: usize,
    /// ABORTED.
    pub aborted: usize,
    /// Unknown.
    pub lost: usize,
    /// Not started.
    pub not_started: usize,
}

impl Counts {
    pub(in crate::app) fn get_mut(&mut self, group: Group) -> &mut usize {
        match group {
            Group::Running => &mut self.running,
            Group::Done => &mut self.done,
            Group::Failed => &mut self.failed,
            Group::TimedOut => &mut self.timed_out,
            Group::Aborted => &mut self.aborted,
            Group::Lost => &mut self.lost,
            Group::NotStarted => &mut self.not_started,
        }
    }

    pub(in crate::app) fn decrement(&mut self, group: Group) {
        let count = self.get_mut(group);
        *count = count.saturating_sub(1);
    }

    pub(in crate::app) fn plus(self, other: Self) -> Self {
        self.with(other, usize::saturating_add)
    }

    pub(in crate::app) fn minus(self, other: Self) -> Self {
        self.with(other, usize::saturating_sub)
    }

    pub(in crate::app) fn at_most(self, other: Self) -> Self {
        self.with(other, usize::min)
    }

    fn with(self, other: Self, operation: fn(usize, usize) -> usize) -> Self {
        Self {
            running: operation(self.running, other.running),
            done: operation(self.done, other.done),
            failed: operation(self.failed, other.failed),
            timed_out: operation(self.timed_out, other.timed_out),
            aborted: operation(self.aborted, other.aborted),
            lost: operation(self.lost, other.lost),
            not_started: operation(self.not_started, other.not_started),
        }
    }

    /// Returns the total.
    pub fn sum(self) -> usize {
        self.running + self.done + self.unsuccessful() + self.lost + self.not_started
    }

    /// Returns FAILED, `TIMED_OUT` and ABORTED together.
    pub fn unsuccessful(self) -> usize {
        self.failed + self.timed_out + self.aborted
    }
}

/// The counts of each gateway.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::app) struct GatewayCounts(Vec<(GatewayId, Counts)>);

impl GatewayCounts {
    /// Returns the counts of a gateway, to change them.
    pub(in crate::app) fn at(&mut self, gateway: &GatewayId) -> &mut Counts {
        let known = self.0.iter().position(|(known, _)| known == gateway);
        let index = known.unwrap_or_else(|| {
            self.0.push((gateway.clone(), Counts::default()));
            self.0.len() - 1
        });
        &mut self.0[index].1
    }

    /// Returns the counts of a gateway, or of all together.
    pub(in crate::app) fn of(&self, scope: Option<&GatewayId>) -> Counts {
        let selected = self.0.iter().filter(|(gateway, _)| scope.is_none_or(|scope| scope == gateway));
        selected.fold(Counts::default(), |sum, (_, counts)| sum.plus(*counts))
    }

    /// Limits the counts of each gateway.
    pub(in crate::app) fn limit(&mut self, mut most: Self) {
        for (gateway, counts) in &mut self.0 {
            *counts = counts.at_most(*most.at(gateway));
        }
    }
}

impl From<GatewayTotals> for GatewayCounts {
    fn from(totals: GatewayTotals) -> Self {
        Self(totals.iter().map(|(gateway, totals)| (gateway.clone(), totals.into())).collect())
    }
}

impl From<Totals> for Counts {
    fn from(totals: Totals) -> Self {
        Self {
            running: totals.running,
            done: totals.succeeded,
            failed: totals.failed,
            timed_out: totals.timed_out,
            aborted: totals.aborted,
            lost: totals.unknown,
            not_started: 0,
        }
    }
}
