//! The executions of EXPRESS state machines. They are kept in memory only, and limited in number and size: the oldest are
//! dropped with their log.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::arn::StateMachineArn;
use crate::machines::Loaded;
use crate::name::ExecutionName;
use crate::timestamp::Timestamp;

mod execution;
mod filter_pattern;
mod log;

pub(crate) use execution::ExpressExecution;
pub(crate) use filter_pattern::FilterPattern;
pub(crate) use log::{LogEvent, LogPage, LogQuery, Position};

const MAX_EXECUTIONS: usize = 10_000;
/// Maximum total size of inputs and results.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// The latest executions, in the order of their starts.
#[derive(Debug, Default)]
pub(crate) struct ExpressExecutions(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    executions: VecDeque<Arc<ExpressExecution>>,
    /// Total size of inputs and results.
    bytes: usize,
    /// Number of starts.
    started: u64,
}

impl ExpressExecutions {
    /// Starts an execution.
    pub(crate) fn start(
        &self,
        machine: StateMachineArn,
        loaded: Arc<Loaded>,
        name: ExecutionName,
        input: String,
        now: Timestamp,
    ) -> Arc<ExpressExecution> {
        let mut kept = self.kept();
        kept.started += 1;
        let execution = Arc::new(ExpressExecution::new(machine, loaded, name, input, now, kept.started));
        kept.insert(Arc::clone(&execution));
        execution
    }

    pub(crate) fn all(&self) -> Vec<Arc<ExpressExecution>> {
        self.kept().executions.iter().cloned().collect()
    }

    /// Returns the next page of the log.
    pub(crate) fn log(&self, query: &LogQuery) -> LogPage {
        log::page(&self.all(), query)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn insert(&mut self, execution: Arc<ExpressExecution>) {
        self.bytes += execution.bytes();
        // Concurrent requests may arrive here in a different order from their starts.
        let index = self.executions.partition_point(|earlier| earlier.start <= execution.start);
        self.executions.insert(index, execution);
        while self.executions.len() > MAX_EXECUTIONS || (self.bytes > MAX_BYTES && self.executions.len() > 1) {
            self.bytes -= self.executions.pop_front().map_or(0, |oldest| oldest.bytes());
        }
    }
}

#[cfg(test)]
mod tests;
