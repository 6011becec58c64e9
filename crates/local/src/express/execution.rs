//! An execution of an EXPRESS machine. No request changes it.

use std::sync::{Arc, OnceLock};

use uuid::Uuid;

use crate::arn::{ExpressExecutionArn, StateMachineArn};
use crate::engine::{End, Event, Run, Timeline, history, timeline};
use crate::machines::Loaded;
use crate::name::ExecutionName;
use crate::timestamp::Timestamp;

#[derive(Debug)]
pub(crate) struct ExpressExecution {
    pub(crate) arn: ExpressExecutionArn,
    /// As in the start request: with version or alias.
    pub(crate) machine: StateMachineArn,
    pub(crate) name: ExecutionName,
    pub(crate) input: String,
    pub(crate) start: Timestamp,
    /// The number of the start, to order events of the same millisecond.
    pub(super) serial: u64,
    loaded: Arc<Loaded>,
    /// Computed on first use.
    timeline: OnceLock<Timeline>,
}

impl ExpressExecution {
    pub(super) fn new(
        machine: StateMachineArn,
        loaded: Arc<Loaded>,
        name: ExecutionName,
        input: String,
        start: Timestamp,
        serial: u64,
    ) -> Self {
        let arn = machine.express_execution(&name, Uuid::new_v4());
        Self { arn, machine, name, input, start, serial, loaded, timeline: OnceLock::new() }
    }

    pub(crate) fn timeline(&self) -> &Timeline {
        self.timeline.get_or_init(|| timeline(&self.run()))
    }

    pub(crate) fn duration_millis(&self) -> u64 {
        u64::try_from(self.timeline().stop.as_millis() - self.start.as_millis()).unwrap_or(0)
    }

    /// Returns the events until `now`.
    pub(super) fn history(&self, now: Timestamp) -> Vec<Event> {
        history(&self.run(), now)
    }

    /// Returns the size of input and result.
    pub(super) fn bytes(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let result = match &self.timeline().end {
            End::Succeeded(output) => output.len(),
            End::Failed(error, cause) | End::Aborted(error, cause) => text(error) + text(cause),
            End::TimedOut => 0,
        };
        self.input.len() + result
    }

    fn run(&self) -> Run<'_> {
        Run {
            definition: &self.loaded.definition,
            input: &self.input,
            start: self.start,
            machine: self.machine.name(),
            arn: self.arn.as_str(),
            name: self.name.as_str(),
            interventions: &[],
        }
    }
}
