//! Simulates an attempt of an execution, state by state.

use serde_json::{Value, json};

use crate::asl::choice::{Rule, timestamp};
use crate::asl::data::Data;
use crate::asl::{Definition, State, StateKind, Wait};
use crate::engine::events::{EventId, Events, entered, exited};
use crate::engine::run::{EVENT_MILLIS, MAX_EVENTS, Run};
use crate::quotas::MAX_INPUT_BYTES;
use crate::timestamp::Timestamp;

/// The failure of a branch.
pub(super) struct BranchFailure {
    pub(super) at: i64,
    pub(super) error: Option<String>,
    pub(super) cause: Option<String>,
    /// The previous event.
    pub(super) after: EventId,
}

/// The position of a branch: about to enter a state.
#[derive(Clone)]
pub(super) struct Location {
    pub(super) state: String,
    pub(super) data: Data,
    pub(super) at: i64,
    /// The previous event.
    pub(super) after: EventId,
}

/// The results of branches that all succeeded.
struct ParallelResult {
    results: Result<Value, String>,
    /// The end of the last branch, and its last event.
    last: (i64, EventId),
}

/// The state of a simulation.
pub(super) struct Simulation<'a> {
    pub(super) run: &'a Run<'a>,
    pub(super) events: Events,
    pub(super) event_count: u32,
    /// Later events are irrelevant.
    until: i64,
    /// The last state entered at the top level, not in a branch of a Parallel state.
    last_state: Option<Location>,
}

impl<'a> Simulation<'a> {
    pub(super) fn new(run: &'a Run<'a>, events: Events) -> Self {
        Self { run, events, event_count: 1, until: i64::MAX, last_state: None }
    }

    /// Runs from a location to the end of the machine, or to the first event after `until`. Returns its end, and the
    /// location at which a redrive would continue.
    pub(super) fn attempt(&mut self, from: Location, until: i64) -> (Result<Location, BranchFailure>, Location) {
        self.until = until;
        self.last_state = Some(from.clone());
        let ended = self.branch(self.run.definition, from.clone(), true);
        (ended, self.last_state.take().unwrap_or(from))
    }

    /// Runs a branch to its end.
    fn branch(&mut self, definition: &Definition, from: Location, is_top: bool) -> Result<Location, BranchFailure> {
        let Location { state: mut name, mut data, mut at, mut after } = from;
        while let Some(state) = definition.states.get(&name) {
            if at > self.until {
                return Err(BranchFailure { at, error: None, cause: None, after });
            }
            if is_top {
                self.last_state = Some(Location { state: name.clone(), data: data.clone(), at, after });
            }
            let number = self.event_count + 1;
            // A Parallel state has two additional events.
            self.event_count += if matches!(state.kind, StateKind::Parallel(_)) { 4 } else { 2 };
            after = self
                .events
                .record(at, &format!("{}Entered", event_prefix(&state.kind)), after, || Some(entered(&name, &data)));
            let error = |at: i64, after: EventId, message: &str| BranchFailure {
                at,
                error: Some("States.Runtime".into()),
                cause: Some(format!(
                    "An error occurred while executing the state '{name}' (entered at the event id #{number}). {message}"
                )),
                after,
            };
            // Leaves room for the start of another state and the end of the execution.
            if self.event_count + 1 >= MAX_EVENTS {
                return Err(error(at, after, "The execution reached the maximum number of history events (25000)."));
            }
            let context = self.context(&name, at);
            let input = effective_input(state, &data, &context).map_err(|message| error(at, after, &message))?;
            let result = match &state.kind {
                StateKind::Pass(result) => result.clone().map_or_else(|| input.clone(), Data::from_value),
                StateKind::Wait(wait) => {
                    at = until(wait, &input, at).map_err(|message| error(at, after, &message))?;
                    input.clone()
                }
                StateKind::Fail(error, cause) => {
                    let (error, cause) = (error.clone(), cause.clone());
                    return Err(BranchFailure { at: at + EVENT_MILLIS, error, cause, after });
                }
                StateKind::Parallel(branches) => {
                    after = self.events.record(at, "ParallelStateStarted", after, || None);
                    let together = self.parallel(branches, &input, at + EVENT_MILLIS, after)?;
                    (at, after) = together.last;
                    after = self.events.record(at, "ParallelStateSucceeded", after, || None);
                    Data::from_value(together.results.map_err(|message| error(at, after, &message))?)
                }
                StateKind::Succeed | StateKind::Choice(..) => input.clone(),
            };
            // ResultPath inserts the result into the raw input, not into the part selected by InputPath.
            let output = match (&state.kind, &state.result_path) {
                (StateKind::Pass(_) | StateKind::Parallel(_), Some(path)) => path.insert(&data, result),
                (StateKind::Pass(_) | StateKind::Parallel(_), None) => Ok(data.clone()),
                _ => Ok(result),
            };
            data = output
                .and_then(|output| state.output_path.apply(&output, &context))
                .map_err(|message| error(at, after, &message))?;
            if data.bytes() > MAX_INPUT_BYTES {
                return Err(too_large(&name, at, after));
            }
            if data.is_too_deep() {
                return Err(error(at, after, "The output is nested more deeply than the local gateway can read."));
            }
            let next = match &state.kind {
                StateKind::Choice(rules, default) => {
                    let at = at + 2 * EVENT_MILLIS;
                    let next = choose(rules, default.as_ref(), &input).map_err(|error_kind| match error_kind {
                        ChoiceError::NoRule => BranchFailure {
                            at,
                            error: Some("States.NoChoiceMatched".into()),
                            cause: Some(format!("Failed to transition out of the state '{name}'. The state does not point to a next state.")),
                            after,
                        },
                        ChoiceError::Invalid(message) => error(at, after, &message),
                    })?;
                    Some(next)
                }
                _ => state.next.as_ref(),
            };
            let exit = format!("{}Exited", event_prefix(&state.kind));
            after = self.events.record(at + EVENT_MILLIS, &exit, after, || Some(exited(&name, &data)));
            at += 2 * EVENT_MILLIS;
            match next {
                Some(next) => name.clone_from(next),
                None => break,
            }
        }
        Ok(Location { state: name, data, at, after })
    }

    /// Runs branches in parallel; the last one ends the state, or the first one that fails.
    fn parallel(
        &mut self,
        branches: &[Definition],
        input: &Data,
        at: i64,
        after: EventId,
    ) -> Result<ParallelResult, BranchFailure> {
        let mut last = (at, after);
        let mut outputs = Vec::new();
        let mut failed: Option<BranchFailure> = None;
        for branch in branches {
            let from = Location { state: branch.start_at.clone(), data: input.clone(), at, after };
            match self.branch(branch, from, false) {
                Ok(end) => {
                    last = last.max((end.at, end.after));
                    outputs.push(end.data);
                }
                Err(failure) if failed.as_ref().is_none_or(|first| failure.at < first.at) => failed = Some(failure),
                Err(_) => {}
            }
        }
        match failed {
            Some(failure) => Err(failure),
            None => Ok(ParallelResult { results: outputs.iter().map(|data| data.value().cloned()).collect(), last }),
        }
    }

    /// Returns the context object (`$$`).
    fn context(&self, state: &str, at: i64) -> Value {
        json!({
            "Execution": {
                "Id": self.run.arn,
                "Name": self.run.name,
                "StartTime": self.run.start.to_string(),
            },
            "State": { "Name": state, "EnteredTime": Timestamp::from_millis(at).to_string() },
            "StateMachine": { "Name": self.run.machine },
        })
    }
}

/// Returns the failure of a state whose output is too large: a loop could double it endlessly.
fn too_large(name: &str, at: i64, after: EventId) -> BranchFailure {
    let cause = format!(
        "The state/task '{name}' returned a result with a size exceeding the maximum number of bytes service limit."
    );
    BranchFailure { at, error: Some("States.DataLimitExceeded".into()), cause: Some(cause), after }
}

/// Returns the prefix of a state's event types.
fn event_prefix(kind: &StateKind) -> &'static str {
    match kind {
        StateKind::Pass(_) => "PassState",
        StateKind::Wait(_) => "WaitState",
        StateKind::Choice(..) => "ChoiceState",
        StateKind::Succeed => "SucceedState",
        StateKind::Fail(..) => "FailState",
        StateKind::Parallel(_) => "ParallelState",
    }
}

fn effective_input(state: &State, data: &Data, context: &Value) -> Result<Data, String> {
    let input = state.input_path.apply(data, context)?;
    match &state.parameters {
        Some(template) => template.fill(&input, context).map(Data::from_value),
        None => Ok(input),
    }
}

fn until(wait: &Wait, input: &Data, at: i64) -> Result<i64, String> {
    let after = |seconds: u64| at.saturating_add(i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX));
    match wait {
        Wait::Seconds(seconds) => Ok(after(*seconds)),
        Wait::Until(time) => Ok(at.max(*time)),
        Wait::SecondsPath(path) => {
            let absent = || format!("The SecondsPath parameter does not reference an input value: {}", path.text());
            let value = path.find(input.value()?).ok_or_else(absent)?;
            let seconds = value.as_u64().filter(|seconds| *seconds <= 99_999_999);
            let invalid = || format!("The SecondsPath parameter does not reference a number of seconds: {value}");
            seconds.map(after).ok_or_else(invalid)
        }
        Wait::UntilPath(path) => {
            let found = path.find(input.value()?).and_then(timestamp);
            let invalid = || format!("The TimestampPath parameter does not reference a timestamp: {}", path.text());
            found.map(|time| at.max(time.as_millisecond())).ok_or_else(invalid)
        }
    }
}

enum ChoiceError {
    NoRule,
    Invalid(String),
}

fn choose<'d>(
    rules: &'d [(Rule, String)],
    default: Option<&'d String>,
    input: &Data,
) -> Result<&'d String, ChoiceError> {
    let input = input.value().map_err(ChoiceError::Invalid)?;
    for (rule, next) in rules {
        if rule.holds(input).map_err(ChoiceError::Invalid)? {
            return Ok(next);
        }
    }
    default.ok_or(ChoiceError::NoRule)
}
