//! The rows of the timeline on the screen: steps and numbered attempts. All attempts but the last are folded.

use crate::app::timeline::step::StepStatus;
use crate::app::timeline::steps::Steps;

/// A row of the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Row {
    /// A step.
    Step(usize),
    /// An attempt at a step with more than one, from 0.
    Attempt(usize, usize),
}

impl Row {
    /// Returns the number of the step.
    pub fn step(self) -> usize {
        match self {
            Self::Step(step) | Self::Attempt(step, _) => step,
        }
    }
}

impl Steps {
    /// Returns the children of a row in order.
    pub fn child_rows(&self, row: Row) -> Vec<Row> {
        let Some(step) = self.get(row.step()) else { return Vec::new() };
        let children = |attempt: usize| {
            step.attempts
                .get(attempt)
                .map_or(&[][..], |attempt| &attempt.children)
                .iter()
                .map(|child| Row::Step(*child))
        };
        match row {
            Row::Attempt(_, attempt) => children(attempt).collect(),
            Row::Step(_) if step.attempts.len() == 1 => children(0).collect(),
            Row::Step(number) => (0..step.attempts.len()).map(|attempt| Row::Attempt(number, attempt)).collect(),
        }
    }

    /// Returns the parent of a row.
    pub fn parent_row(&self, row: Row) -> Option<Row> {
        match row {
            Row::Attempt(step, _) => Some(Row::Step(step)),
            Row::Step(step) => {
                let parent = self.get(step)?.parent?;
                let is_single = self.get(parent.step)?.attempts.len() == 1;
                Some(if is_single { Row::Step(parent.step) } else { Row::Attempt(parent.step, parent.attempt) })
            }
        }
    }

    /// Returns whether a row is folded by default: an attempt other than the last, and a state whose attempts have no steps.
    pub fn is_folded_by_default(&self, row: Row) -> bool {
        let Some(step) = self.get(row.step()) else { return false };
        match row {
            Row::Attempt(_, attempt) => attempt + 1 < step.attempts.len(),
            Row::Step(_) => step.attempts.len() > 1 && !step.is_container(),
        }
    }

    /// Returns the rows in order, each with its depth, without the contents of folded rows.
    pub fn rows(&self, is_folded: impl Fn(Row) -> bool) -> Vec<(Row, usize)> {
        let mut rows = Vec::with_capacity(self.all().len());
        let mut pending: Vec<(Row, usize)> = self.outermost().iter().rev().map(|step| (Row::Step(*step), 0)).collect();
        while let Some((row, depth)) = pending.pop() {
            rows.push((row, depth));
            if !is_folded(row) {
                pending.extend(self.child_rows(row).into_iter().rev().map(|inner| (inner, depth + 1)));
            }
        }
        rows
    }

    /// Returns the steps where a failure began, in order: failed or caught steps without such steps in them. Earlier attempts
    /// do not count.
    pub fn failures(&self) -> Vec<usize> {
        let is_bad = |step: &usize| self.all()[*step].status.is_bad();
        let is_caught = |step: &usize| self.all()[*step].status == StepStatus::Caught;
        let mut failures = Vec::new();
        let mut pending: Vec<usize> = self.outermost().iter().rev().copied().collect();
        while let Some(step) = pending.pop() {
            let children = &self.all()[step].last().children;
            let began_inside = children.iter().any(|child| is_bad(child) || is_caught(&step) && is_caught(child));
            if (is_bad(&step) || is_caught(&step)) && !began_inside {
                failures.push(step);
            }
            pending.extend(children.iter().rev());
        }
        failures
    }

    /// Returns the step that failed the execution, or else the first failed step.
    pub fn first_failed(&self) -> Option<usize> {
        let failures = self.failures();
        let is_caught = |step: &usize| {
            self.ancestors(Some(self.position_of(*step)))
                .any(|place| self.all()[place.step].status == StepStatus::Caught)
        };
        failures.iter().find(|step| !is_caught(step)).or(failures.first()).copied()
    }
}
