//! One attempt at an execution, state by state.

use serde_json::{Value, json};

use crate::asl::choice::{Rule, moment};
use crate::asl::data::Data;
use crate::asl::{Definition, State, StateKind, Wait};
use crate::engine::events::{EventId, Events, entered, exited};
use crate::engine::run::{EVENT_MILLIS, MOST_EVENTS, Run};
use crate::limit::MAX_INPUT_BYTES;
use crate::timestamp::Timestamp;

/// A branch that came to a bad end.
pub(super) struct Stopped {
    pub(super) at: i64,
    pub(super) error: Option<String>,
    pub(super) cause: Option<String>,
    /// The last event before it.
    pub(super) after: EventId,
}

/// Where a branch is: about to enter a state.
#[derive(Clone)]
pub(super) struct Location {
    pub(super) state: String,
    pub(super) data: Data,
    pub(super) at: i64,
    /// The event that led here.
    pub(super) after: EventId,
}

/// What came of branches that all came to a good end.
struct Together {
    results: Result<Value, String>,
    /// When the last one ended, and its last event.
    last: (i64, EventId),
}

/// What one walk through the states knows beside its branches.
pub(super) struct Walk<'a> {
    pub(super) run: &'a Run<'a>,
    pub(super) events: Events,
    pub(super) counted: u32,
    /// Nothing is of interest that happens later.
    until: i64,
    /// The state of the machine itself, not of a branch of a Parallel state, that was entered last.
    reached: Option<Location>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(run: &'a Run<'a>, events: Events) -> Self {
        Self { run, events, counted: 1, until: i64::MAX, reached: None }
    }

    /// Walks from a place to the end of the machine, or to the first event behind `until`. Returns when and
    /// how it ended, and where a redrive would go on.
    pub(super) fn attempt(&mut self, from: Location, until: i64) -> (Result<Location, Stopped>, Location) {
        self.until = until;
        self.reached = Some(from.clone());
        let ended = self.branch(self.run.definition, from.clone(), true);
        (ended, self.reached.take().unwrap_or(from))
    }

    /// Runs states on; returns where the branch ends, and with what.
    fn branch(&mut self, definition: &Definition, from: Location, is_top: bool) -> Result<Location, Stopped> {
        let Location { state: mut name, mut data, mut at, mut after } = from;
        while let Some(state) = definition.states.get(&name) {
            if at > self.until {
                return Err(Stopped { at, error: None, cause: None, after });
            }
            if is_top {
                self.reached = Some(Location { state: name.clone(), data: data.clone(), at, after });
            }
            let number = self.counted + 1;
            // A Parallel state has two events of its own between those of every state.
            self.counted += if matches!(state.kind, StateKind::Parallel(_)) { 4 } else { 2 };
            after =
                self.events.note(at, &format!("{}Entered", word(&state.kind)), after, || Some(entered(&name, &data)));
            let wrong = |at: i64, after: EventId, words: &str| Stopped {
                at,
                error: Some("States.Runtime".into()),
                cause: Some(format!(
                    "An error occurred while executing the state '{name}' (entered at the event id #{number}). {words}"
                )),
                after,
            };
            // Room is left for another state's beginning and the end of the execution.
            if self.counted + 1 >= MOST_EVENTS {
                return Err(wrong(at, after, "The execution reached the maximum number of history events (25000)."));
            }
            let context = self.context(&name, at);
            let input = effective_input(state, &data, &context).map_err(|words| wrong(at, after, &words))?;
            let result = match &state.kind {
                StateKind::Pass(result) => result.clone().map_or_else(|| input.clone(), Data::from_value),
                StateKind::Wait(wait) => {
                    at = until(wait, &input, at).map_err(|words| wrong(at, after, &words))?;
                    input.clone()
                }
                StateKind::Fail(error, cause) => {
                    let (error, cause) = (error.clone(), cause.clone());
                    return Err(Stopped { at: at + EVENT_MILLIS, error, cause, after });
                }
                StateKind::Parallel(branches) => {
                    after = self.events.note(at, "ParallelStateStarted", after, || None);
                    let together = self.parallel(branches, &input, at + EVENT_MILLIS, after)?;
                    (at, after) = together.last;
                    after = self.events.note(at, "ParallelStateSucceeded", after, || None);
                    Data::from_value(together.results.map_err(|words| wrong(at, after, &words))?)
                }
                StateKind::Succeed | StateKind::Choice(..) => input.clone(),
            };
            // ResultPath puts the result into the state's raw input, not into what InputPath left of it.
            let output = match (&state.kind, &state.result_path) {
                (StateKind::Pass(_) | StateKind::Parallel(_), Some(path)) => path.put(&data, result),
                (StateKind::Pass(_) | StateKind::Parallel(_), None) => Ok(data.clone()),
                _ => Ok(result),
            };
            data = output
                .and_then(|output| state.output_path.apply(&output, &context))
                .map_err(|words| wrong(at, after, &words))?;
            if data.bytes() > MAX_INPUT_BYTES {
                return Err(too_large(&name, at, after));
            }
            if data.is_too_deep() {
                return Err(wrong(at, after, "The output is nested more deeply than the local gateway can read."));
            }
            let next = match &state.kind {
                StateKind::Choice(rules, default) => {
                    let at = at + 2 * EVENT_MILLIS;
                    let next = chosen(rules, default.as_ref(), &input).map_err(|unchosen| match unchosen {
                        Unchosen::NoRule => Stopped {
                            at,
                            error: Some("States.NoChoiceMatched".into()),
                            cause: Some(format!("Failed to transition out of the state '{name}'. The state does not point to a next state.")),
                            after,
                        },
                        Unchosen::Wrong(words) => wrong(at, after, &words),
                    })?;
                    Some(next)
                }
                _ => state.next.as_ref(),
            };
            let exit = format!("{}Exited", word(&state.kind));
            after = self.events.note(at + EVENT_MILLIS, &exit, after, || Some(exited(&name, &data)));
            at += 2 * EVENT_MILLIS;
            match next {
                Some(next) => name.clone_from(next),
                None => break,
            }
        }
        Ok(Location { state: name, data, at, after })
    }

    /// All branches from the same moment on: the last one ends it, or the first one that fails.
    fn parallel(
        &mut self,
        branches: &[Definition],
        input: &Data,
        at: i64,
        after: EventId,
    ) -> Result<Together, Stopped> {
        let mut last = (at, after);
        let mut outputs = Vec::new();
        let mut failed: Option<Stopped> = None;
        for branch in branches {
            let from = Location { state: branch.start_at.clone(), data: input.clone(), at, after };
            match self.branch(branch, from, false) {
                Ok(place) => {
                    last = last.max((place.at, place.after));
                    outputs.push(place.data);
                }
                Err(stopped) if failed.as_ref().is_none_or(|first| stopped.at < first.at) => failed = Some(stopped),
                Err(_) => {}
            }
        }
        match failed {
            Some(stopped) => Err(stopped),
            None => Ok(Together { results: outputs.iter().map(|data| data.value().cloned()).collect(), last }),
        }
    }

    /// The context object (`$$`).
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

/// A state whose output has more bytes than the service lets through: a loop could double it without end.
fn too_large(name: &str, at: i64, after: EventId) -> Stopped {
    let cause = format!(
        "The state/task '{name}' returned a result with a size exceeding the maximum number of bytes service limit."
    );
    Stopped { at, error: Some("States.DataLimitExceeded".into()), cause: Some(cause), after }
}

/// What the events of a state begin with.
fn word(kind: &StateKind) -> &'static str {
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
        Wait::Until(moment) => Ok(at.max(*moment)),
        Wait::SecondsPath(path) => {
            let absent = || format!("The SecondsPath parameter does not reference an input value: {}", path.text());
            let value = path.find(input.value()?).ok_or_else(absent)?;
            let seconds = value.as_u64().filter(|seconds| *seconds <= 99_999_999);
            let wrong = || format!("The SecondsPath parameter does not reference a number of seconds: {value}");
            seconds.map(after).ok_or_else(wrong)
        }
        Wait::UntilPath(path) => {
            let found = path.find(input.value()?).and_then(moment);
            let wrong = || format!("The TimestampPath parameter does not reference a timestamp: {}", path.text());
            found.map(|moment| at.max(moment.as_millisecond())).ok_or_else(wrong)
        }
    }
}

enum Unchosen {
    NoRule,
    Wrong(String),
}

fn chosen<'d>(rules: &'d [(Rule, String)], default: Option<&'d String>, input: &Data) -> Result<&'d String, Unchosen> {
    let input = input.value().map_err(Unchosen::Wrong)?;
    for (rule, next) in rules {
        if rule.holds(input).map_err(Unchosen::Wrong)? {
            return Ok(next);
        }
    }
    default.ok_or(Unchosen::NoRule)
}
