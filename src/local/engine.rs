//! The engine: a pure function from definition, input and start to how an execution ends and when.

use serde_json::{Value, json};

use crate::domain::{MAX_INPUT_BYTES, Timestamp};
use crate::local::asl::choice::{Rule, moment};
use crate::local::asl::data::Data;
use crate::local::asl::{Definition, State, StateKind, Wait};

/// What an event takes. Three of them, as a single Pass state has, are the 69 ms of the article.
const EVENT_MILLIS: i64 = 23;
/// The most events of an execution (Step Functions quotas, "Maximum execution history size").
const MOST_EVENTS: u32 = 25_000;

/// What an execution is, for the engine.
#[derive(Debug, Clone)]
pub struct Run<'a> {
    /// What is run.
    pub definition: &'a Definition,
    /// With what.
    pub input: &'a str,
    /// From when on.
    pub start: Timestamp,
    /// The machine's name, for the context object.
    pub machine: &'a str,
    /// The execution's ARN, for the context object.
    pub arn: &'a str,
    /// The execution's name, for the context object.
    pub name: &'a str,
}

/// How an execution ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// With an output.
    Succeeded(String),
    /// With an error and a cause, if the failure named them.
    Failed(Option<String>, Option<String>),
    /// By `TimeoutSeconds`.
    TimedOut,
}

/// When and how an execution ends: all that there is to know, before it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    /// When.
    pub stop: Timestamp,
    /// How.
    pub end: End,
}

/// Works an execution out to its end.
pub fn timeline(run: &Run<'_>) -> Timeline {
    let mut walk = Walk { run, events: 1 };
    let start = run.start.as_millis();
    let first = start + EVENT_MILLIS;
    let (stop, end) = match walk.branch(run.definition, &Data::from_text(run.input), first) {
        Ok((stop, data)) => (stop, succeeded(data)),
        Err(Stopped { at, error, cause }) => (at, End::Failed(error, cause)),
    };
    let limit = run.definition.timeout_seconds.map(|seconds| start + i64::try_from(seconds * 1000).unwrap_or(i64::MAX));
    match limit.filter(|limit| stop > *limit) {
        Some(limit) => Timeline { stop: Timestamp::from_millis(limit), end: End::TimedOut },
        None => Timeline { stop: Timestamp::from_millis(stop), end },
    }
}

fn succeeded(data: Data) -> End {
    let output = data.into_text();
    if output.len() <= MAX_INPUT_BYTES {
        return End::Succeeded(output);
    }
    let cause = format!("The output has {} bytes, more than the maximum of {MAX_INPUT_BYTES}.", output.len());
    End::Failed(Some("States.DataLimitExceeded".into()), Some(cause))
}

/// A branch that came to a bad end.
struct Stopped {
    at: i64,
    error: Option<String>,
    cause: Option<String>,
}

struct Walk<'a> {
    run: &'a Run<'a>,
    events: u32,
}

impl Walk<'_> {
    /// Runs states from the first on; returns when the branch ends, and with what.
    fn branch(&mut self, definition: &Definition, input: &Data, mut at: i64) -> Result<(i64, Data), Stopped> {
        let mut data = input.clone();
        let mut name = &definition.start_at;
        while let Some(state) = definition.states.get(name) {
            let entered = self.events + 1;
            self.events += 2;
            let wrong = |at: i64, words: &str| Stopped {
                at,
                error: Some("States.Runtime".into()),
                cause: Some(format!(
                    "An error occurred while executing the state '{name}' (entered at the event id #{entered}). {words}"
                )),
            };
            if self.events > MOST_EVENTS {
                return Err(wrong(at, "The execution reached the maximum number of history events (25000)."));
            }
            let context = self.context(name, at);
            let input = effective_input(state, &data, &context).map_err(|words| wrong(at, &words))?;
            let result = match &state.kind {
                StateKind::Pass(result) => result.clone().map_or_else(|| input.clone(), Data::from_value),
                StateKind::Wait(wait) => {
                    at = until(wait, &input, at).map_err(|words| wrong(at, &words))?;
                    input.clone()
                }
                StateKind::Fail(error, cause) => {
                    return Err(Stopped { at: at + EVENT_MILLIS, error: error.clone(), cause: cause.clone() });
                }
                StateKind::Parallel(branches) => {
                    let (end, results) = self.parallel(branches, &input, at + EVENT_MILLIS)?;
                    at = end;
                    Data::from_value(results.map_err(|words| wrong(end, &words))?)
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
                .map_err(|words| wrong(at, &words))?;
            at += 2 * EVENT_MILLIS;
            let next = match &state.kind {
                StateKind::Choice(rules, default) => Some(chosen(rules, default.as_ref(), &input).map_err(|e| match e {
                    Unchosen::NoRule => Stopped {
                        at,
                        error: Some("States.NoChoiceMatched".into()),
                        cause: Some(format!("Failed to transition out of the state '{name}'. The state does not point to a next state.")),
                    },
                    Unchosen::Wrong(words) => wrong(at, &words),
                })?),
                _ => state.next.as_ref(),
            };
            match next {
                Some(next) => name = next,
                None => break,
            }
        }
        Ok((at, data))
    }

    /// All branches from the same moment on: the last one ends it, or the first one that fails.
    fn parallel(
        &mut self,
        branches: &[Definition],
        input: &Data,
        at: i64,
    ) -> Result<(i64, Result<Value, String>), Stopped> {
        let mut end = at;
        let mut outputs = Vec::new();
        let mut failed: Option<Stopped> = None;
        for branch in branches {
            match self.branch(branch, input, at) {
                Ok((stop, data)) => {
                    end = end.max(stop);
                    outputs.push(data);
                }
                Err(stopped) if failed.as_ref().is_none_or(|first| stopped.at < first.at) => failed = Some(stopped),
                Err(_) => {}
            }
        }
        match failed {
            Some(stopped) => Err(stopped),
            None => Ok((end, outputs.iter().map(|data| data.value().cloned()).collect())),
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

#[cfg(test)]
mod tests;
