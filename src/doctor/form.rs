//! What the form of a status response about a known execution means for the user. Pure: names of members, no values.

use crate::doctor::{Check, Finding};
use stepgate_core::domain::{ExecutionArn, FailureKind, Observation, Status};
use stepgate_core::gateway::probe::StatusForm;
use stepgate_core::lifecycle::attribution;

/// A longer status is not a word.
const LONGEST_STATUS: usize = 32;

/// The status route.
#[derive(Debug, Clone, Copy)]
pub(super) struct StatusRoute<'a> {
    /// Its path.
    pub path: &'a str,
    /// Where its `answer` filter is in the configuration, if it has one: `` `status.answer` in [endpoints.dev.routes] ``.
    pub filter: Option<&'a str>,
}

/// Returns the findings about the response for this execution.
pub(super) fn findings(form: &StatusForm, requested: &ExecutionArn, route: StatusRoute<'_>) -> Vec<Finding> {
    match &form.seen {
        None => vec![without_status(form, route)],
        Some(seen) => match attribution::check_status(requested, &seen.subject) {
            Some(failure) => {
                let advice = match route.filter {
                    Some(filter) => format!("Check {filter}, and the gateway for a cache on this route."),
                    None => failure.advice().to_owned(),
                };
                vec![Finding::failed(Check::Route, route.path, &failure, ("other-execution", advice))]
            }
            None => with_status(form, seen, requested, route),
        },
    }
}

fn without_status(form: &StatusForm, route: StatusRoute<'_>) -> Finding {
    let members = members(form);
    let problem = |name, message: String, advice: &str| {
        let advice = route.filter.map_or_else(
            || advice.to_owned(),
            |filter| {
                format!(
                    "Check {filter}: its result needs a `status`, and should have the members of DescribeExecution."
                )
            },
        );
        Finding::problem(Check::Route, route.path, FailureKind::Undecodable, name, message, advice)
    };
    if form.is_enveloped {
        return problem(
            "enveloped",
            format!(
                "the response about a known execution is still wrapped as a Lambda function returned it; {members}"
            ),
            "Make it a Lambda proxy integration, return the inner object, or set answer = \".body | fromjson\" for the route.",
        );
    }
    if form.is_error {
        return problem(
            "error-as-success",
            format!(
                "the response about a known execution has a successful HTTP status, but is an error in an unknown form; {members}"
            ),
            "Let the gateway return the error with its HTTP status, or with the `__type` of Step Functions.",
        );
    }
    problem(
        "no-status",
        format!("the response about a known execution has no `status`, so its outcome is never known; {members}"),
        "Return the response of DescribeExecution as it is, or set an `answer` filter for the route that turns this response into it.",
    )
}

fn with_status(
    form: &StatusForm,
    seen: &Observation,
    requested: &ExecutionArn,
    route: StatusRoute<'_>,
) -> Vec<Finding> {
    let (name, status) = (requested.name(), status(&seen.status));
    let message = format!("`{name}` in the store can be described: {status}; {}", members(form));
    let mut found = vec![Finding::passed(Check::Route, route.path, message)];
    let mut warn = |name, message: String, advice: &str| {
        let advice = match route.filter {
            Some(filter) => format!("Check {filter}: {advice}"),
            None => format!("In the integration's response: {advice}"),
        };
        found.push(Finding::warning(Check::Route, route.path, name, message, advice));
    };
    let has_ended = seen.status.outcome().is_some();
    if matches!(seen.status, Status::Unknown(_)) {
        let message =
            "its `status` is not one of Step Functions: it is shown, but never counts as an outcome".to_owned();
        warn("unknown-status", message, "write RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED.");
    }
    if seen.status == Status::Succeeded && seen.output.is_none() {
        let message =
            "SUCCEEDED without `output`: no output is shown, and the status is requested again for a few seconds"
                .to_owned();
        warn("no-output", message, "pass `output` on.");
    }
    let is_unreadable = |name: &str| form.unreadable_dates.contains(&name);
    if has_ended && seen.stop_date.is_none() && !is_unreadable("stopDate") {
        let message =
            "ended without `stopDate`: stepgate cannot learn how long executions take and when to poll".to_owned();
        warn("no-stop-date", message, "pass `stopDate` on.");
    }
    if !form.unreadable_dates.is_empty() {
        let message = format!("{} cannot be read: treated as absent", quoted(&form.unreadable_dates));
        warn("unreadable-date", message, "write dates as seconds since 1970 or in RFC 3339.");
    }
    if !form.not_texts.is_empty() {
        let message = format!(
            "JSON instead of a string that contains JSON in {}: it is shown in the gateway's notation, which may differ from what the execution received or returned",
            quoted(&form.not_texts)
        );
        warn("not-a-string", message, "pass it on as a string.");
    }
    found
}

/// Returns the status for a message; a description of it if it is too long to be a word.
fn status(status: &Status) -> &str {
    match status {
        Status::Unknown(word) if word.len() > LONGEST_STATUS => "with a long text as its status",
        status => status.as_str(),
    }
}

fn members(form: &StatusForm) -> String {
    let list = |names: &[String]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    match &form.received {
        Some(received) => {
            format!("members received: {}; members of the filter's result: {}", list(received), list(&form.members))
        }
        None => format!("members: {}", list(&form.members)),
    }
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
#[path = "form/tests.rs"]
mod tests;
