//! Rows that leave, since the store has deleted what they show.

use crate::app::executions::Executions;
use crate::app::executions::counts::Counts;
use crate::app::row::{Group, Row, Standing};
use crate::domain::{ExecutionId, FailureKind, Timestamp, Totals};

impl Executions {
    /// The store has deleted what had ended before this moment, and has as many now. The selected row and marked ones stay
    /// until somebody goes on. Returns the ids of those that went.
    pub(in crate::app) fn prune(&mut self, before: Timestamp, totals: Totals) -> Vec<ExecutionId> {
        let stays = |id: ExecutionId| self.selected == Some(id) || self.marked.contains(&id);
        let old = self.rows.iter().filter(|row| has_ended_before(row, before) && !stays(row.id));
        let gone: Vec<ExecutionId> = old.map(|row| row.id).collect();
        for id in &gone {
            let Some(row) = self.rows.take(*id) else { continue };
            self.counts.take(row.group());
            self.held.change(*id, row.held(), 0);
            if let Some(ids) = self.by_arn.get_mut(&row.arn) {
                ids.retain(|other| other != id);
                if ids.is_empty() {
                    self.by_arn.remove(&row.arn);
                }
            }
        }
        let rows = &self.rows;
        self.order.retain(|key| rows.get(key.1).is_some());
        self.beyond = self.not_among_rows(totals);
        self.revision += 1;
        self.look_anew();
        gone
    }

    /// What the store has and the rows do not show.
    fn not_among_rows(&self, totals: Totals) -> Counts {
        let mut beyond = Counts::from(totals);
        for row in self.rows.iter() {
            if let Some(group) = group_in_store(row) {
                beyond.take(group);
            }
        }
        beyond
    }
}

/// As the store decides it: of what was given up nobody knows the end, and the last response counts.
fn has_ended_before(row: &Row, before: Timestamp) -> bool {
    let Some(record) = row.record() else { return false };
    let stopped = record.seen.as_ref().and_then(|seen| seen.stop_date);
    let has_ended = group_in_store(row).is_some_and(|group| group != Group::Running);
    has_ended && stopped.or(record.answered).unwrap_or(record.started) < before
}

/// The group that the store counts a row in; `None` for a start, which is not counted.
fn group_in_store(row: &Row) -> Option<Group> {
    match &row.standing {
        Standing::Unresolved(_) | Standing::NeverStarted(_) => None,
        // It runs, as far as the store knows: only the configuration has changed.
        Standing::Lost(failure, _) if failure.kind == FailureKind::EndpointGone => Some(Group::Running),
        Standing::Started | Standing::Seen(_) | Standing::Lost(..) => Some(row.group()),
    }
}
