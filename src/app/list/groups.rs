//! The executions by machine: how many, how many of them well, and how long they take.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::app::list::executions::{Counts, Executions};
use crate::app::list::row::Group;
use crate::app::shell::pane::Step;
use stepgate_core::domain::Timestamp;

/// So many of the last durations are drawn.
const DRAWN: usize = 12;
/// The figures are worked out anew at most this often.
const PAUSE: Duration = Duration::from_secs(1);

/// The executions of one machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineGroup {
    /// The profile.
    pub machine_name: Arc<str>,
    /// How many there are.
    pub counts: Counts,
    /// Half of those that have ended took no more.
    pub median: Option<Duration>,
    /// 19 of 20 took no more.
    pub p95: Option<Duration>,
    /// The last durations, the latest start last.
    pub last: Vec<Duration>,
}

impl MachineGroup {
    /// Of those that have ended, how many of a hundred ended well.
    pub fn success(&self) -> Option<usize> {
        (self.counts.done * 100).checked_div(self.counts.done + self.counts.unsuccessful())
    }

    /// The last durations as bars, the longest the highest.
    pub fn spark(&self) -> String {
        const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        let longest = self.last.iter().max().copied().unwrap_or_default().as_millis().max(1);
        let bar = |took: &Duration| BARS[usize::try_from(took.as_millis() * 7 / longest).unwrap_or(7).min(7)];
        self.last.iter().map(bar).collect()
    }
}

/// All machines of which there are executions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    /// The machines, by name.
    pub machines: Vec<MachineGroup>,
    /// The chosen one.
    pub chosen: Option<Arc<str>>,
    revision: u64,
    at: Timestamp,
}

impl Groups {
    /// Works the figures out. The machine of the selected execution is chosen.
    pub fn new(executions: &Executions, now: Timestamp) -> Self {
        let chosen = executions.selected().map(|row| row.machine_name.clone());
        Self { machines: machines(executions), chosen, revision: executions.revision(), at: now }
    }

    /// Works them out anew, where something has changed and the last time is long enough ago.
    pub fn renew(&mut self, executions: &Executions, now: Timestamp) {
        if self.is_stale(executions) && now.since(self.at) >= PAUSE {
            self.refresh(executions, now);
        }
    }

    /// Computes the figures again at once.
    pub fn refresh(&mut self, executions: &Executions, now: Timestamp) {
        *self = Self { chosen: self.chosen.take(), ..Self::new(executions, now) };
    }

    /// Whether something has changed since they were worked out.
    pub fn is_stale(&self, executions: &Executions) -> bool {
        self.revision != executions.revision()
    }

    /// Which of them is chosen.
    pub fn place(&self) -> usize {
        let is_chosen = |group: &MachineGroup| Some(&group.machine_name) == self.chosen.as_ref();
        self.machines.iter().position(is_chosen).unwrap_or(0)
    }

    /// Chooses another.
    pub fn go(&mut self, step: Step, height: usize) {
        let place = self.place().saturating_add_signed(step.lines(height)).min(self.machines.len().saturating_sub(1));
        self.chosen = self.machines.get(place).map(|group| group.machine_name.clone());
    }
}

fn machines(executions: &Executions) -> Vec<MachineGroup> {
    // Of each its counts, and when it began and how long it took of those that have ended.
    type Found = (Counts, Vec<(Timestamp, Duration)>);
    let mut found: HashMap<Arc<str>, Found> = HashMap::new();
    for row in executions.rows().filter(|row| !executions.is_overdue(row.id)) {
        let (counts, took) = found.entry(row.machine_name.clone()).or_default();
        *counts.of(row.group()) += 1;
        let has_outcome = row.group() == Group::Done || row.group().is_unsuccessful();
        if let Some(stop) = row.seen().and_then(|seen| seen.stop_date).filter(|_| has_outcome) {
            took.push((row.started, stop.since(row.started)));
        }
    }
    let mut machines: Vec<MachineGroup> = found
        .into_iter()
        .map(|(machine_name, (counts, mut took))| {
            took.sort_unstable();
            let last = took[took.len().saturating_sub(DRAWN)..].iter().map(|(_, took)| *took).collect();
            let mut sorted: Vec<Duration> = took.into_iter().map(|(_, took)| took).collect();
            sorted.sort_unstable();
            // Nearest rank.
            let part = |percent: usize| sorted.get((sorted.len() * percent).div_ceil(100).max(1) - 1).copied();
            MachineGroup { machine_name, counts, median: part(50), p95: part(95), last }
        })
        .collect();
    machines.sort_by(|one, other| one.machine_name.cmp(&other.machine_name));
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
            counts: Counts { done: 3, failed: 1, ..Counts::default() },
            median: None,
            p95: None,
            last,
        };
        assert_eq!(group(seconds(&[0, 10, 35, 70])).spark(), "▁▂▄█");
        assert_eq!((group(seconds(&[])).spark(), group(Vec::new()).success()), (String::new(), Some(75)));
    }
}
