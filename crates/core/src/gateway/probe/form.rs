//! The form of a status response, for the doctor: which members it has, without their values.

use crate::domain::route_path::PathValues;
use crate::domain::text_limit::limited;
use crate::domain::{ExecutionArn, Failure, Observation, Route};
use crate::gateway::client::Client;
use crate::gateway::members::Members;
use crate::gateway::probe::envelope::is_envelope;
use crate::gateway::route_request::ActionRequest;
use crate::gateway::status;

/// Limit for members to name. `DescribeExecution` has at most 22.
const MOST_NAMED: usize = 30;
/// The longest name, in characters. The longest of `DescribeExecution` has 22.
const LONGEST_NAME: usize = 60;
/// Members that responses use for errors.
const ERROR_MEMBERS: [&str; 6] = ["errorMessage", "errorType", "error", "message", "Message", "__type"];
/// The dates of `DescribeExecution` that stepgate uses.
const DATES: [&str; 2] = ["startDate", "stopDate"];
/// The members with the user's data, as strings.
const TEXTS: [&str; 2] = ["input", "output"];

/// The form of a response to a status request that is not an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusForm {
    /// Names of its members, in order: those of the filter's result, if the route has an `answer` filter.
    pub members: Vec<String>,
    /// Names of the members received, if a filter has changed the response.
    pub received: Option<Vec<String>>,
    /// What it says; `None` without a `status`.
    pub seen: Option<Box<Observation>>,
    /// Whether it is wrapped in `{"statusCode": 200, "body": ".."}`.
    pub is_enveloped: bool,
    /// Whether it has no `status`, but one of the members that responses use for errors.
    pub is_error: bool,
    /// Dates that cannot be read.
    pub unreadable_dates: Vec<&'static str>,
    /// Inputs and outputs that are not strings.
    pub not_texts: Vec<&'static str>,
}

impl StatusForm {
    /// Reads the form of a body: the response, or a filter's result for `received`.
    pub(super) fn of(body: &[u8], received: Option<&[u8]>) -> Self {
        let Some(members) = Members::parse(body) else { return Self::empty() };
        let seen = status::observation(&members);
        let has = |name: &str| members.iter().any(|(known, value)| known == name && value.get() != "null");
        let is_error = seen.is_none() && ERROR_MEMBERS.iter().any(|name| has(name));
        let is_string = |name: &str| members.whole_text(name).is_some();
        Self {
            members: names(&members),
            received: received.and_then(Members::parse).map(|members| names(&members)),
            seen: seen.map(Box::new),
            is_enveloped: is_envelope(body),
            is_error,
            unreadable_dates: DATES.into_iter().filter(|name| has(name) && members.date(name).is_none()).collect(),
            not_texts: TEXTS.into_iter().filter(|name| has(name) && !is_string(name)).collect(),
        }
    }

    fn empty() -> Self {
        let (unreadable_dates, not_texts) = (Vec::new(), Vec::new());
        Self {
            members: Vec::new(),
            received: None,
            seen: None,
            is_enveloped: false,
            is_error: false,
            unreadable_dates,
            not_texts,
        }
    }
}

fn names(members: &Members<'_>) -> Vec<String> {
    let mut names: Vec<String> =
        members.iter().take(MOST_NAMED + 1).map(|(name, _)| limited(name.to_owned(), LONGEST_NAME)).collect();
    if names.len() > MOST_NAMED {
        names.truncate(MOST_NAMED);
        names.push("…".to_owned());
    }
    names
}

impl Client {
    /// Requests the status of an execution and returns the response's form.
    pub async fn probe_form(&self, execution: &ExecutionArn) -> Result<StatusForm, Failure> {
        let json = serde_json::json!({ "executionArn": execution.as_str() }).to_string().into_bytes();
        let values = PathValues::Execution(execution);
        let request = self.request(ActionRequest { route: Route::Status, values, json }).await?;
        let read = |body: &[u8], received: Option<&[u8]>| Ok(StatusForm::of(body, received));
        Box::pin(self.send(&request, read)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_has_names_and_no_values() {
        let body =
            r#"{"status":"SUCCEEDED","startDate":"soon","stopDate":null,"input":{"key":"secret"},"output":"{}"}"#;
        let form = StatusForm::of(body.as_bytes(), None);
        assert_eq!(form.members, ["status", "startDate", "stopDate", "input", "output"]);
        assert_eq!((form.unreadable_dates, form.not_texts), (vec!["startDate"], vec!["input"]));
        assert!(form.seen.is_some() && !form.is_error && !form.is_enveloped);
        for (body, is_error, is_enveloped) in [
            (r#"{"errorMessage":"Task timed out"}"#, true, false),
            (r#"{"error":{"code":7}}"#, true, false),
            (r#"{"statusCode":200,"body":"{}"}"#, false, true),
            (r#"{"state":"done","error":null}"#, false, false),
        ] {
            let form = StatusForm::of(body.as_bytes(), None);
            assert_eq!((form.is_error, form.is_enveloped, form.seen), (is_error, is_enveloped, None), "{body}");
        }
        let form = StatusForm::of(br#"{"status":"RUNNING"}"#, Some(br#"{"state":"working","id":1}"#));
        assert_eq!((form.members, form.received), (vec!["status".to_owned()], Some(vec!["state".into(), "id".into()])));
        let long =
            format!("{{{}}}", (0..99).map(|n| format!("\"{n}{}\":1", "x".repeat(99))).collect::<Vec<_>>().join(","));
        let form = StatusForm::of(long.as_bytes(), None);
        assert_eq!(form.members.len(), MOST_NAMED + 1);
        assert!(form.members.iter().all(|name| name.chars().count() < LONGEST_NAME + 25), "{:?}", form.members);
    }
}
