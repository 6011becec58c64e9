//! The results of many lines, told in the order of the lines, however they come in.

use std::collections::{HashMap, VecDeque};

use crate::cli::console::{Console, Reader};
use crate::output::Text;

/// Lines that are not told yet, and the results that wait for those before them.
#[derive(Debug, Default)]
pub(super) struct Results {
    open: VecDeque<usize>,
    /// As they will be written: in text they are short, whatever the payloads are.
    waiting: HashMap<usize, Text>,
}

impl Results {
    /// Results of these lines are to come, in this order.
    pub(super) fn of(lines: impl IntoIterator<Item = usize>) -> Self {
        Self { open: lines.into_iter().collect(), waiting: HashMap::new() }
    }

    /// Takes the result of a line, and tells those whose turn it is.
    pub(super) fn tell(&mut self, line: usize, result: Text, console: &mut Console) -> anyhow::Result<Reader> {
        self.waiting.insert(line, result);
        while let Some(first) = self.open.front()
            && let Some(result) = self.waiting.remove(first)
        {
            self.open.pop_front();
            if console.result(result)? == Reader::Gone {
                return Ok(Reader::Gone);
            }
        }
        Ok(Reader::There)
    }

    /// The lines that have no result yet, in their order.
    pub(super) fn open(&self) -> Vec<usize> {
        self.open.iter().copied().filter(|line| !self.waiting.contains_key(line)).collect()
    }

    /// Nothing more comes: tells what has waited for others.
    pub(super) fn finish(&mut self, console: &mut Console) -> anyhow::Result<Reader> {
        for line in std::mem::take(&mut self.open) {
            if let Some(result) = self.waiting.remove(&line)
                && console.result(result)? == Reader::Gone
            {
                return Ok(Reader::Gone);
            }
        }
        Ok(Reader::There)
    }
}
