//! Parses a definition, and refuses unsupported features by name.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::asl::choice::{Rule, timestamp};
use crate::asl::path::{Path, ReferencePath};
use crate::asl::template::Template;
use crate::asl::{Definition, State, StateKind, Wait};

/// Why a definition is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The text is not JSON.
    #[error("the definition is not JSON: {0}")]
    NotJson(String),
    /// An error in the machine, or in a branch.
    #[error("the definition: {0}")]
    Machine(String),
    /// An error in a state.
    #[error("state `{state}`: {message}")]
    State {
        /// The state's name.
        state: String,
        /// What is wrong with it.
        message: String,
    },
}

impl Definition {
    /// Parses a definition.
    pub fn load(text: &str) -> Result<Self, LoadError> {
        let value: Value = serde_json::from_str(text).map_err(|error| LoadError::NotJson(error.to_string()))?;
        machine(&value, &["Comment", "StartAt", "States", "TimeoutSeconds", "Version", "QueryLanguage"])
    }
}

fn machine(value: &Value, known: &[&str]) -> Result<Definition, LoadError> {
    let error = |message: String| LoadError::Machine(message);
    let members = value.as_object().ok_or_else(|| error("expected an object".into()))?;
    refuse_unknown(members, known).map_err(error)?;
    if let Some(language) = members.get("QueryLanguage").filter(|language| *language != "JSONPath") {
        return Err(error(format!("the query language {language} is not supported")));
    }
    let states = members.get("States").and_then(Value::as_object).ok_or_else(|| error("`States` is missing".into()))?;
    let states = states
        .iter()
        .map(|(name, value)| match state(value) {
            Ok(state) => Ok((name.clone(), state)),
            Err(message) => Err(LoadError::State { state: name.clone(), message }),
        })
        .collect::<Result<HashMap<_, _>, _>>()?;
    let start_at = text(members, "StartAt").map_err(error)?.ok_or_else(|| error("`StartAt` is missing".into()))?;
    if !states.contains_key(&start_at) {
        return Err(error(format!("`StartAt` names `{start_at}`, which is not a state")));
    }
    for (name, state) in &states {
        let choices = match &state.kind {
            StateKind::Choice(rules, default) => rules.iter().map(|(_, next)| next).chain(default).collect(),
            _ => Vec::new(),
        };
        if let Some(next) = choices.into_iter().chain(&state.next).find(|next| !states.contains_key(*next)) {
            let message = format!("its next state `{next}` does not exist");
            return Err(LoadError::State { state: name.clone(), message });
        }
    }
    let timeout_seconds = members.get("TimeoutSeconds").map(seconds).transpose().map_err(error)?;
    Ok(Definition { start_at, states, timeout_seconds })
}

fn state(value: &Value) -> Result<State, String> {
    let members = value.as_object().ok_or("expected an object")?;
    let type_name = text(members, "Type")?.ok_or("`Type` is missing")?;
    let own: &[&str] = match type_name.as_str() {
        "Pass" => &["Next", "End", "Parameters", "ResultPath", "Result"],
        "Wait" => &["Next", "End", "Seconds", "SecondsPath", "Timestamp", "TimestampPath"],
        "Choice" => &["Choices", "Default"],
        "Succeed" | "Fail" => &[],
        "Parallel" => &["Next", "End", "Parameters", "ResultPath", "Branches"],
        other => return Err(format!("the type `{other}` is not supported")),
    };
    let flow: &[&str] = match type_name.as_str() {
        "Fail" => &["Type", "Comment", "Error", "Cause"],
        _ => &["Type", "Comment", "InputPath", "OutputPath"],
    };
    refuse_unknown(members, &[flow, own].concat())?;
    let kind = match type_name.as_str() {
        "Pass" => StateKind::Pass(members.get("Result").cloned()),
        "Wait" => StateKind::Wait(wait(members)?),
        "Choice" => choice(members)?,
        "Succeed" => StateKind::Succeed,
        "Fail" => StateKind::Fail(text(members, "Error")?, text(members, "Cause")?),
        _ => StateKind::Parallel(branches(members)?),
    };
    let ends = members.get("End").and_then(Value::as_bool).unwrap_or(false);
    let next = text(members, "Next")?;
    if matches!(kind, StateKind::Pass(_) | StateKind::Wait(_) | StateKind::Parallel(_)) && ends == next.is_some() {
        return Err("expected either `Next` or `\"End\": true`".into());
    }
    Ok(State {
        kind,
        input_path: path(members, "InputPath")?,
        parameters: members.get("Parameters").map(Template::parse).transpose()?,
        result_path: match members.get("ResultPath") {
            None => Some(ReferencePath::parse("$")?),
            Some(Value::Null) => None,
            Some(value) => Some(ReferencePath::parse(value.as_str().ok_or("`ResultPath` must be a path")?)?),
        },
        output_path: path(members, "OutputPath")?,
        next,
    })
}

fn wait(members: &Map<String, Value>) -> Result<Wait, String> {
    let reference = |value: &Value| ReferencePath::parse(value.as_str().ok_or("expected a path")?);
    let given: Vec<_> = ["Seconds", "SecondsPath", "Timestamp", "TimestampPath"]
        .into_iter()
        .filter_map(|key| members.get(key).map(|value| (key, value)))
        .collect();
    match given[..] {
        [("Seconds", value)] => seconds(value).map(Wait::Seconds),
        [("SecondsPath", value)] => reference(value).map(Wait::SecondsPath),
        [("Timestamp", value)] => {
            timestamp(value).map(|at| Wait::Until(at.as_millisecond())).ok_or("`Timestamp` is not a timestamp".into())
        }
        [("TimestampPath", value)] => reference(value).map(Wait::UntilPath),
        _ => Err("expected one of `Seconds`, `SecondsPath`, `Timestamp`, `TimestampPath`".into()),
    }
}

fn choice(members: &Map<String, Value>) -> Result<StateKind, String> {
    let rules = members.get("Choices").and_then(Value::as_array).ok_or("`Choices` is missing")?;
    let rules = rules
        .iter()
        .map(|rule| {
            let members = rule.as_object().ok_or("a rule must be an object")?;
            let next = text(members, "Next")?.ok_or("a rule's `Next` is missing")?;
            let mut members = members.clone();
            members.remove("Next");
            Ok((Rule::parse(&members)?, next))
        })
        .collect::<Result<_, String>>()?;
    Ok(StateKind::Choice(rules, text(members, "Default")?))
}

fn branches(members: &Map<String, Value>) -> Result<Vec<Definition>, String> {
    let branches = members.get("Branches").and_then(Value::as_array).ok_or("`Branches` is missing")?;
    branches.iter().map(|b| machine(b, &["Comment", "StartAt", "States"]).map_err(|e| e.to_string())).collect()
}

fn refuse_unknown(members: &Map<String, Value>, known: &[&str]) -> Result<(), String> {
    match members.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(format!("the field `{key}` is not supported")),
        None => Ok(()),
    }
}

fn text(members: &Map<String, Value>, key: &str) -> Result<Option<String>, String> {
    members
        .get(key)
        .map(|value| value.as_str().map(str::to_owned).ok_or_else(|| format!("`{key}` must be a string")))
        .transpose()
}

fn path(members: &Map<String, Value>, key: &str) -> Result<Path, String> {
    match members.get(key) {
        None => Ok(Path::Whole),
        Some(Value::Null) => Ok(Path::Nothing),
        Some(value) => Path::parse(value.as_str().ok_or_else(|| format!("`{key}` must be a path"))?),
    }
}

fn seconds(value: &Value) -> Result<u64, String> {
    // The maximum of Step Functions.
    value.as_u64().filter(|s| *s <= 99_999_999).ok_or_else(|| format!("{value} is not a valid number of seconds"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsupported_features_are_refused_by_name() {
        for (states, expected) in [
            (r#""A": {"Type": "Task", "Resource": "x", "End": true}"#, "state `A`: the type `Task`"),
            (r#""A": {"Type": "Map", "End": true}"#, "state `A`: the type `Map`"),
            (r#""A": {"Type": "Pass", "End": true, "Retry": []}"#, "state `A`: the field `Retry`"),
            (r#""A": {"Type": "Pass", "Next": "B"}"#, "`B` does not exist"),
            (r#""A": {"Type": "Pass"}"#, "`Next`"),
            (r#""A": {"Type": "Pass", "Parameters": {"x.$": "States.UUID()"}, "End": true}"#, "States.UUID"),
            (r#""A": {"Type": "Wait", "End": true}"#, "Seconds"),
            (r#""A": {"Type": "Choice", "Choices": [{"Variable": "$.a", "Near": 1, "Next": "A"}]}"#, "`Near`"),
            (
                r#""A": {"Type": "Choice", "Choices": [{"Variable": "$.a", "NumericEquals": "1", "Next": "A"}]}"#,
                "number",
            ),
            (r#""A": {"Type": "Fail", "InputPath": "$.a"}"#, "`InputPath`"),
            (
                r#""A": {"Type": "Parallel", "End": true, "Branches": [{"StartAt": "T", "States": {"T": {"Type": "Task"}}}]}"#,
                "state `T`: the type `Task`",
            ),
        ] {
            let error = Definition::load(&format!(r#"{{"StartAt": "A", "States": {{{states}}}}}"#));
            let message = error.expect_err(states).to_string();
            assert!(message.contains(expected), "{message}");
        }
        let jsonata = r#"{"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Succeed"}}}"#;
        assert!(Definition::load(jsonata).expect_err("refused").to_string().contains("JSONata"));
    }
}
