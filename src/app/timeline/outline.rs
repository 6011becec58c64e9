//! The steps of an execution for the command: one entry per path, however many attempts.
//!
//! Each attempt at a Parallel or Map state has its own branches and iterations. Those with the same path are one entry,
//! with the status of the last attempt. A state that a loop enters twice is two entries.

use std::collections::HashMap;

use crate::app::timeline::step::{Step, StepKind};
use crate::app::timeline::steps::Steps;

/// One path of the tree, with a step for each attempt at its container.
#[derive(Debug, Clone)]
pub struct Entry<'s> {
    steps: Vec<&'s Step>,
    /// The nesting level, from 0.
    pub depth: usize,
}

impl<'s> Entry<'s> {
    /// Returns the first step, which has the start date.
    pub fn first(&self) -> &'s Step {
        self.steps[0]
    }

    /// Returns the last step, which has the status, end and error.
    pub fn last(&self) -> &'s Step {
        self.steps[self.steps.len() - 1]
    }

    /// Returns the number of attempts.
    pub fn attempts(&self) -> usize {
        self.steps.iter().map(|step| step.attempts.len()).sum()
    }
}

impl Steps {
    /// Returns the entries in tree order.
    pub fn outline(&self) -> impl Iterator<Item = Entry<'_>> {
        let mut pending = self.entries([self.outermost()].into_iter(), 0);
        std::iter::from_fn(move || {
            let entry = pending.pop()?;
            let attempts = entry.steps.iter().flat_map(|step| &step.attempts);
            pending.extend(self.entries(attempts.map(|attempt| attempt.children.as_slice()), entry.depth + 1));
            Some(entry)
        })
    }

    /// Returns the entries for the children of these attempts, the last one first. Each attempt adds at most one step to an
    /// entry.
    fn entries<'s>(&'s self, attempts: impl Iterator<Item = &'s [usize]>, depth: usize) -> Vec<Entry<'s>> {
        let mut entries: Vec<Entry<'s>> = Vec::new();
        let mut by_name: HashMap<(StepKind, &str, usize), usize> = HashMap::new();
        for children in attempts {
            let mut times: HashMap<(StepKind, &str), usize> = HashMap::new();
            let steps = children.iter().filter_map(|child| self.get(*child));
            for step in steps.filter(|step| step.kind != StepKind::Redrive) {
                let time = times.entry((step.kind, &step.name)).and_modify(|time| *time += 1).or_default();
                let entry = *by_name.entry((step.kind, &step.name, *time)).or_insert(entries.len());
                match entries.get_mut(entry) {
                    Some(known) => known.steps.push(step),
                    None => entries.push(Entry { steps: vec![step], depth }),
                }
            }
        }
        entries.reverse();
        entries
    }
}
