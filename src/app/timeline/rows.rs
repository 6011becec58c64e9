//! The rows of the timeline on the screen: steps and numbered attempts, of which those before the last are folded.

use crate::app::timeline::step::StepStatus;
use crate::app::timeline::steps::Steps;

/// What a row shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Row {
    /// A step.
    Step(usize),
    /// An attempt at a step that was tried more than once; counted from 0.
    Attempt(usize, usize),
}

impl Row {
    /// The step that it is about.
    pub fn step(self) -> usize {
        match self {
            Self::Step(step) | Self::Attempt(step, _) => step,
        }
    }
}

impl Steps {
    /// What is in a row, in order.
    pub fn inside_row(&self, row: Row) -> Vec<Row> {
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

    /// What a row is in.
    pub fn around(&self, row: Row) -> Option<Row> {
        match row {
            Row::Attempt(step, _) => Some(Row::Step(step)),
            Row::Step(step) => {
                let parent = self.get(step)?.parent?;
                let is_single = self.get(parent.step)?.attempts.len() == 1;
                Some(if is_single { Row::Step(parent.step) } else { Row::Attempt(parent.step, parent.attempt) })
            }
        }
    }

    /// Whether a row is folded until somebody unfolds it: an attempt that is not the last one, and the attempts at a
    /// state that has nothing in it.
    pub fn is_folded_at_first(&self, row: Row) -> bool {
        let Some(step) = self.get(row.step()) else { return false };
        match row {
            Row::Attempt(_, attempt) => attempt + 1 < step.attempts.len(),
            Row::Step(_) => step.attempts.len() > 1 && !step.is_container(),
        }
    }

    /// The rows in order, each with its depth; what is in those that `is_folded` says is left out.
    pub fn rows(&self, is_folded: impl Fn(Row) -> bool) -> Vec<(Row, usize)> {
        let mut rows = Vec::with_capacity(self.all().len());
        let mut left: Vec<(Row, usize)> = self.outermost().iter().rev().map(|step| (Row::Step(*step), 0)).collect();
        while let Some((row, depth)) = left.pop() {
            rows.push((row, depth));
            if !is_folded(row) {
                left.extend(self.inside_row(row).into_iter().rev().map(|inner| (inner, depth + 1)));
            }
        }
        rows
    }

    /// The steps where a failure began, in order: what failed, or was caught, and has nothing in it that did. Earlier
    /// attempts do not count.
    pub fn failures(&self) -> Vec<usize> {
        let is_bad = |step: &usize| self.all()[*step].status.is_bad();
        let is_caught = |step: &usize| self.all()[*step].status == StepStatus::Caught;
        let mut failures = Vec::new();
        let mut left: Vec<usize> = self.outermost().iter().rev().copied().collect();
        while let Some(step) = left.pop() {
            let children = &self.all()[step].last().children;
            let began_inside = children.iter().any(|child| is_bad(child) || is_caught(&step) && is_caught(child));
            if (is_bad(&step) || is_caught(&step)) && !began_inside {
                failures.push(step);
            }
            left.extend(children.iter().rev());
        }
        failures
    }

    /// The step that made the execution fail; else the first one that failed.
    pub fn first_failed(&self) -> Option<usize> {
        let failures = self.failures();
        let is_caught = |step: &usize| {
            self.up(Some(self.place(*step))).any(|place| self.all()[place.step].status == StepStatus::Caught)
        };
        failures.iter().find(|step| !is_caught(step)).or(failures.first()).copied()
    }
}
