//! The executions grouped by machine and endpoint: counts, success rate and durations.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::app::list::executions::{Counts, Executions};
use crate::app::list::row::{Group, Row};
use crate::app::shell::pane::Step;
use stepgate_core::domain::{EndpointName, Timestamp};

/// The number of durations in the sparkline.
const DRAWN: usize = 12;
/// The minimum time between recomputations.
const PAUSE: Duration = Duration::from_secs(1);

/// The executions of one machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineGroup {
    /// The machine name.
    pub machine_name: Arc<str>,
    /// The endpoint. A machine may be on several.
    pub endpoint: EndpointName,
    /// The number of executions in each group.
    pub counts: Counts,
    /// The median duration of ended executions.
    pub median: Option<Duration>,
    /// The 95th percentile.
    pub p95: Option<Duration>,
    /// The last durations, the latest start last.
    pub last: Vec<Duration>,
}

impl MachineGroup {
    fn key(&self) -> GroupKey {
        (self.machine_name.clone(), self.endpoint.clone())
    }

    /// Returns the percentage of ended executions that succeeded.
    pub fn success_rate(&self) -> Option<usize> {
        (self.counts.done * 100).checked_div(self.counts.done + self.counts.unsuccessful())
    }

    /// Returns the last durations as bars, scaled to the longest.
    pub fn sparkline(&self) -> String {
        const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        let longest = self.last.iter().max().copied().unwrap_or_default().as_millis().max(1);
        let bar = |took: &Duration| BARS[usize::try_from(took.as_millis() * 7 / longest).unwrap_or(7).min(7)];
        self.last.iter().map(bar).collect()
    }
}

/// The name and the endpoint of a machine.
pub(in crate::app) type GroupKey = (Arc<str>, EndpointName);

/// All machines with executions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    /// By name, then by endpoint.
    machines: Vec<MachineGroup>,
    selected: Option<GroupKey>,
    revision: u64,
    at: Timestamp,
}

impl Groups {
    /// Computes the groups and selects the machine of the selected execution.
    pub fn new(executions: &Executions, now: Timestamp) -> Self {
        let selected = executions.selected().map(|row| (row.machine_name.clone(), row.endpoint.clone()));
        Self { machines: machines(executions), selected, revision: executions.revision(), at: now }
    }

    /// Recomputes the groups if something has changed and the last time is long enough ago.
    pub(in crate::app) fn refresh_if_stale(&mut self, executions: &Executions, now: Timestamp) {
        if self.is_stale(executions) && now.since(self.at) >= PAUSE {
            self.refresh(executions, now);
        }
    }

    /// Recomputes the groups.
    pub(in crate::app) fn refresh(&mut self, executions: &Executions, now: Timestamp) {
        *self = Self { selected: self.selected.take(), ..Self::new(executions, now) };
    }

    /// Returns whether an execution has changed since the last computation.
    pub fn is_stale(&self, executions: &Executions) -> bool {
        self.revision != executions.revision()
    }

    /// Returns whether a machine of this name is in several groups: it is on several endpoints.
    pub fn is_on_several_endpoints(&self, machine_name: &str) -> bool {
        self.machines.iter().filter(|group| *group.machine_name == *machine_name).count() > 1
    }

    /// Returns the machines, sorted by name.
    pub fn machines(&self) -> &[MachineGroup] {
        &self.machines
    }

    /// Returns the selected machine.
    pub(in crate::app) fn selected(&self) -> Option<&GroupKey> {
        self.selected.as_ref()
    }

    /// Returns the index of the selected machine.
    pub fn selected_index(&self) -> usize {
        let is_selected = |group: &MachineGroup| Some(&group.key()) == self.selected.as_ref();
        self.machines.iter().position(is_selected).unwrap_or(0)
    }

    /// Moves the selection.
    pub(in crate::app) fn go(&mut self, step: Step, height: usize) {
        let index =
            self.selected_index().saturating_add_signed(step.lines(height)).min(self.machines.len().saturating_sub(1));
        self.selected = self.machines.get(index).map(MachineGroup::key);
    }
}

fn machines(executions: &Executions) -> Vec<MachineGroup> {
    // For each machine: the counts, and the start and duration of the ended executions.
    type Found = (Counts, Vec<(Timestamp, Duration)>);
    let mut found: HashMap<GroupKey, Found> = HashMap::new();
    let is_shown = |row: &&Row| executions.is_in_scope(row) && !executions.is_overdue(row.id);
    for row in executions.rows().filter(is_shown) {
        let (counts, took) = found.entry((row.machine_name.clone(), row.endpoint.clone())).or_default();
        *counts.get_mut(row.group()) += 1;
        let has_outcome = row.group() == Group::Done || row.group().is_unsuccessful();
        if let Some(stop) = row.seen().and_then(|seen| seen.stop_date).filter(|_| has_outcome) {
            took.push((row.started, stop.since(row.started)));
        }
    }
    let mut machines: Vec<MachineGroup> = found
        .into_iter()
        .map(|((machine_name, endpoint), (counts, mut took))| {
            took.sort_unstable();
            let last = took[took.len().saturating_sub(DRAWN)..].iter().map(|(_, took)| *took).collect();
            let mut sorted: Vec<Duration> = took.into_iter().map(|(_, took)| took).collect();
            sorted.sort_unstable();
            // The nearest-rank method.
            let part = |percent: usize| sorted.get((sorted.len() * percent).div_ceil(100).max(1) - 1).copied();
            MachineGroup { machine_name, endpoint, counts, median: part(50), p95: part(95), last }
        })
        .collect();
    machines.sort_by_key(MachineGroup::key);
    machines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_high_as_durations_are_long() {
        let seconds = |seconds: &[u64]| seconds.iter().map(|seconds| Duration::from_secs(*seconds)).collect();
        let group = |last| MachineGroup {
            machine_name: "m".into(),
            endpoint: EndpointName::new("e"),
            counts: Counts { done: 3, failed: 1, ..Counts::default() },
            median: None,
            p95: None,
            last,
        };
        assert_eq!(group(seconds(&[0, 10, 35, 70])).sparkline(), "▁▂▄█");
        assert_eq!((group(seconds(&[])).sparkline(), group(Vec::new()).success_rate()), (String::new(), Some(75)));
    }
}
