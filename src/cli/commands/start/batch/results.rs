//! Prints the results of a batch in the order of its lines, in whichever order they arrive.

use std::collections::{HashMap, VecDeque};

use crate::cli::report::console::{Console, Pipe};
use crate::output::Text;

/// Lines without a printed result, and the results that wait for earlier lines.
#[derive(Debug, Default)]
pub(super) struct Results {
    unprinted: VecDeque<usize>,
    /// By line number. Formatted, because text results are short even if payloads are large.
    buffered: HashMap<usize, Text>,
}

impl Results {
    /// Expects results of these lines, in this order.
    pub(super) fn new(lines: impl IntoIterator<Item = usize>) -> Self {
        Self { unprinted: lines.into_iter().collect(), buffered: HashMap::new() }
    }

    /// Adds the result of a line, and prints all results that are next in order.
    pub(super) fn add(&mut self, line: usize, result: Text, console: &mut Console) -> anyhow::Result<Pipe> {
        self.buffered.insert(line, result);
        while let Some(first) = self.unprinted.front()
            && let Some(result) = self.buffered.remove(first)
        {
            self.unprinted.pop_front();
            if console.result(result)? == Pipe::Closed {
                return Ok(Pipe::Closed);
            }
        }
        Ok(Pipe::Open)
    }

    /// Returns the lines that have no result yet, in order.
    pub(super) fn pending(&self) -> Vec<usize> {
        self.unprinted.iter().copied().filter(|line| !self.buffered.contains_key(line)).collect()
    }

    /// Prints all buffered results.
    pub(super) fn finish(&mut self, console: &mut Console) -> anyhow::Result<Pipe> {
        for line in std::mem::take(&mut self.unprinted) {
            if let Some(result) = self.buffered.remove(&line)
                && console.result(result)? == Pipe::Closed
            {
                return Ok(Pipe::Closed);
            }
        }
        Ok(Pipe::Open)
    }
}
