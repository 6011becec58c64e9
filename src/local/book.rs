//! The executions that were started: each one its definition, its input and its start.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::domain::{ExecutionArn, ExecutionName, StateMachineArn, Timestamp};
use crate::local::asl::Definition;
use crate::local::engine::{Run, Timeline, timeline};

/// One started execution.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) arn: ExecutionArn,
    /// As the start named it: with version or alias.
    pub(super) machine: StateMachineArn,
    pub(super) input: String,
    pub(super) start: Timestamp,
    definition: Arc<Definition>,
    /// Worked out when it is asked for the first time.
    timeline: OnceLock<Timeline>,
}

impl Entry {
    pub(super) fn timeline(&self) -> &Timeline {
        self.timeline.get_or_init(|| {
            timeline(&Run {
                definition: &self.definition,
                input: &self.input,
                start: self.start,
                machine: self.machine.name(),
                arn: self.arn.as_str(),
                name: self.arn.name(),
            })
        })
    }

    /// Whether it still runs at this moment.
    pub(super) fn is_running(&self, now: Timestamp) -> bool {
        now < self.timeline().stop
    }
}

/// What came of a start.
pub(super) enum Recorded {
    /// A new execution, or the running one with the same name and input.
    Running(Arc<Entry>),
    /// The name is taken.
    Taken(Arc<Entry>),
}

/// All executions by their ARN.
#[derive(Debug, Default)]
pub(super) struct Book(Mutex<HashMap<ExecutionArn, Arc<Entry>>>);

impl Book {
    /// Writes a start down. The same name with the same input is the same execution while it runs;
    /// afterwards, or with another input, the name is taken.
    pub(super) fn start(
        &self,
        machine: StateMachineArn,
        definition: Arc<Definition>,
        name: &ExecutionName,
        input: String,
        now: Timestamp,
    ) -> Recorded {
        let arn = machine.execution(name);
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match book.get(&arn) {
            Some(entry) if entry.input == input && entry.is_running(now) => Recorded::Running(Arc::clone(entry)),
            Some(entry) => Recorded::Taken(Arc::clone(entry)),
            None => {
                let timeline = OnceLock::new();
                let entry = Arc::new(Entry { arn: arn.clone(), machine, input, start: now, definition, timeline });
                book.insert(arn, Arc::clone(&entry));
                Recorded::Running(entry)
            }
        }
    }

    /// The execution with this ARN.
    pub(super) fn find(&self, arn: &ExecutionArn) -> Option<Arc<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(arn).cloned()
    }
}
