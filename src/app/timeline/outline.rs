//! The steps of an execution for the command: one entry a path, however often it was tried.
//!
//! A retried Parallel or Map state has branches and iterations of its own in each attempt. Those with the same path are
//! one entry, with the status of the last attempt. A state that is entered twice in a loop is two entries.

use std::collections::HashMap;

use crate::app::timeline::step::{Step, StepKind};
use crate::app::timeline::steps::Steps;

/// One path of the tree: the steps that it stands for, a step for each attempt at what it is in.
#[derive(Debug, Clone)]
pub struct Entry<'s> {
    steps: Vec<&'s Step>,
    /// How many entries it is in.
    pub depth: usize,
}

impl<'s> Entry<'s> {
    /// Its beginning, in the first attempt.
    pub fn first(&self) -> &'s Step {
        self.steps[0]
    }

    /// Its status, end and error, in the last attempt.
    pub fn last(&self) -> &'s Step {
        self.steps[self.steps.len() - 1]
    }

    /// How often it was tried.
    pub fn attempts(&self) -> usize {
        self.steps.iter().map(|step| step.attempts.len()).sum()
    }
}

impl Steps {
    /// The entries in tree order.
    pub fn outline(&self) -> impl Iterator<Item = Entry<'_>> {
        let mut left = self.entries([self.outermost()].into_iter(), 0);
        std::iter::from_fn(move || {
            let entry = left.pop()?;
            let attempts = entry.steps.iter().flat_map(|step| &step.attempts);
            left.extend(self.entries(attempts.map(|attempt| attempt.children.as_slice()), entry.depth + 1));
            Some(entry)
        })
    }

    /// The entries for what is in some attempts, the last one first. Each attempt adds at most one step to an entry.
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
