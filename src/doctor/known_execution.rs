//! Checks the responses about an execution that is known to exist, with the status route only: an error for one that cannot
//! exist shows that the route works, but not whether its responses can be read.

use std::time::Duration;

use crate::doctor::diagnosis;
use crate::doctor::form::{self, StatusRoute};
use crate::doctor::routes::OfUnknown;
use crate::doctor::{Check, Finding, Target, earlier_starts};
use stepgate_core::domain::{
    EarlierExecution, EarlierExecutions, Failure, FailureKind, GatewayFacts, NameHandling, Payload, Route,
};
use stepgate_core::gateway::Client;

/// Limit for executions to try: Step Functions may have deleted the first ones.
const MOST: usize = 3;
/// Step Functions deletes executions 90 days after their end; a day less allows for clocks.
const KEPT_FOR: Duration = Duration::from_secs(89 * 24 * 60 * 60);

/// Reports the form of responses, and what earlier starts reveal. `of_unknown` is the result of the status request about
/// an execution that cannot exist.
pub(super) async fn check(
    target: &Target<'_>,
    client: &Client,
    of_unknown: OfUnknown,
    report: &mut dyn FnMut(Finding),
) {
    let none = EarlierExecutions { facts: GatewayFacts::default(), executions: Vec::new() };
    let earlier = target.earlier.as_ref().unwrap_or(&none);
    let described = described(target, client, (earlier, of_unknown.failure.as_ref()), report).await;
    if let Some(unclear) = of_unknown.unclear {
        report(match &described {
            Some((execution, _)) => works(target, of_unknown.failure.as_ref(), execution),
            None => unclear,
        });
    }
    let received = described.as_ref().and_then(|(execution, input)| Some((*execution, input.as_ref()?)));
    // Without an execution, the finding of `described` says what to do.
    let has_executions = !earlier.executions.is_empty();
    if has_executions || earlier.facts.names != NameHandling::Unknown {
        report(earlier_starts::names(target.endpoint, earlier.facts.names));
    }
    if has_executions {
        report(earlier_starts::input(target.endpoint, earlier_starts::last_input(received, &earlier.executions)));
    }
}

/// Returns the execution that was described, and the input that it received.
async fn described<'e>(
    target: &Target<'_>,
    client: &Client,
    (earlier, of_unknown): (&'e EarlierExecutions, Option<&Failure>),
    report: &mut dyn FnMut(Finding),
) -> Option<(&'e EarlierExecution, Option<Payload>)> {
    let (endpoint, path) = (target.endpoint, &*target.endpoint.status_route.path);
    let candidates = candidates(earlier);
    let Some(first) = candidates.first() else {
        let message = "the store has no execution of this gateway that can be described: start one with \
                       `stepgate start MACHINE`, and run the doctor again to check the form of responses, and what the \
                       gateway does with names and inputs";
        report(Finding::skipped(Check::Route, path, message));
        return None;
    };
    let filter = diagnosis::answer_key(endpoint, Route::Status);
    let mut pace = tokio::time::interval(target.pause());
    let mut unclear = None;
    for candidate in &candidates {
        // All users of the account share its quota.
        pace.tick().await;
        match client.probe_form(&candidate.record.arn).await {
            Ok(response) => {
                let route = StatusRoute { path, filter: filter.as_deref() };
                let found = form::findings(&response, &candidate.record.arn, route);
                // A response about another execution has the input of that one.
                let is_ours = found.iter().any(|finding| finding.name == "ok");
                found.into_iter().for_each(report);
                return is_ours.then(|| (*candidate, response.seen.and_then(|seen| seen.input)));
            }
            Err(failure) if failure.kind == FailureKind::ExecutionDoesNotExist => {}
            // A gateway may forget its executions.
            Err(failure) if failure.is_unclear_404() => unclear = Some(failure),
            Err(failure) => {
                report(failed(&failure, of_unknown, (path, filter.as_deref())));
                return None;
            }
        }
    }
    report(match unclear {
        Some(failure) => failed(&failure, of_unknown, (path, filter.as_deref())),
        None => unknown(target, path, first, candidates.len()),
    });
    None
}

/// Returns the finding about a status route that knows an execution and returns a 404 for one that cannot exist.
fn works(target: &Target<'_>, of_unknown: Option<&Failure>, known: &EarlierExecution) -> Finding {
    let (said, name) = (of_unknown.map_or("", |failure| &failure.message), known.record.arn.name());
    let message = format!("{said} for an execution that cannot exist: the route works, since it describes `{name}`");
    Finding::passed(Check::Route, &*target.endpoint.status_route.path, message)
}

/// Returns the latest executions that can be described. Those with a known end come first: only their responses have all
/// members.
fn candidates(earlier: &EarlierExecutions) -> Vec<&EarlierExecution> {
    let all = || earlier.executions.iter().filter(|execution| execution.record.arn.is_describable());
    let has_ended =
        |execution: &&EarlierExecution| execution.record.status().is_some_and(|status| status.outcome().is_some());
    all().filter(has_ended).chain(all().filter(|execution| !has_ended(execution))).take(MOST).collect()
}

fn failed(failure: &Failure, of_unknown: Option<&Failure>, (path, filter): (&str, Option<&str>)) -> Finding {
    if of_unknown.is_some_and(|known| known.kind == failure.kind) || diagnosis::is_below_http(failure) {
        return Finding::skipped(Check::Route, path, "the status of a known execution cannot be requested either");
    }
    // Without the message, which quotes the response.
    match (&failure.kind, filter) {
        (FailureKind::Undecodable, Some(filter)) => Finding::problem(
            Check::Route,
            path,
            FailureKind::Undecodable,
            "answer-filter",
            "the `answer` filter fails for a known execution, or its result is not a JSON object",
            format!("Check {filter}; `stepgate status @last` shows the response and the result."),
        ),
        (FailureKind::Undecodable, None) => Finding::problem(
            Check::Route,
            path,
            FailureKind::Undecodable,
            "no-status",
            "the response about a known execution is not a JSON object",
            "Return the response of DescribeExecution as it is; `stepgate status @last` shows this one.",
        ),
        (FailureKind::Unreadable, _) => Finding::problem(
            Check::Route,
            path,
            FailureKind::Unreadable,
            "not-a-gateway",
            format!("about a known execution, {}", failure.summary()),
            failure.advice(),
        ),
        _ => Finding::failed(Check::Route, path, failure, ("known-execution-fails", failure.advice())),
    }
}

/// Returns the finding about executions of the store that Step Functions does not know.
fn unknown(target: &Target<'_>, path: &str, first: &EarlierExecution, count: usize) -> Finding {
    let (name, started) = (first.record.arn.name(), first.record.started);
    let day = started.to_string().split('T').next().unwrap_or_default().to_owned();
    let which = if count == 1 { "the execution" } else { "the latest executions" };
    let message = format!("Step Functions does not know {which} in the store, such as `{name}` of {day}");
    if (target.clock)().since(started) > KEPT_FOR {
        return Finding::skipped(Check::Route, path, format!("{message}: it deletes them after 90 days"));
    }
    let advice =
        "Check that the route still leads to the same account and region, and passes `executionArn` on unchanged.";
    Finding::warning(Check::Route, path, "unknown-execution", message, advice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use stepgate_core::domain::{
        EndpointName, ExecutionArn, ExecutionRecord, GatewayId, Observation, Status, Timestamp,
    };

    #[test]
    fn an_ended_execution_is_described_rather_than_a_running_one() {
        let execution = |name: &str, status: Option<Status>| {
            let arn = format!("arn:aws:states:us-east-1:123456789012:{name}");
            let arn = ExecutionArn::parse(&arn).expect("an ARN");
            let (gateway, endpoint) = (GatewayId::new("https://x.example"), EndpointName::new("e"));
            let record = ExecutionRecord::unanswered(gateway, endpoint, "order", arn, Timestamp::from_millis(1));
            let seen = status.map(|status| Observation::new(status, Timestamp::from_millis(1)));
            EarlierExecution { record: ExecutionRecord { seen, ..record }, sent: None, received: None }
        };
        let earlier = EarlierExecutions {
            facts: GatewayFacts::default(),
            executions: vec![
                execution("express:Order:e:1", Some(Status::Succeeded)),
                execution("execution:Order:a", None),
                execution("execution:Order:b", Some(Status::Failed)),
                execution("execution:Order:c", Some(Status::Running)),
                execution("execution:Order:d", Some(Status::Succeeded)),
            ],
        };
        let names: Vec<&str> = candidates(&earlier).into_iter().map(|found| found.record.arn.name()).collect();
        assert_eq!(names, ["b", "d", "a"]);
    }
}
