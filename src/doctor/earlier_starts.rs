//! What earlier starts reveal about the mapping of the start route: whether it passes names on, and whether inputs arrive
//! unchanged. Pure.

use crate::doctor::{Check, Finding};
use stepgate_core::domain::{EarlierExecution, Endpoint, NameHandling, Payload, Route, Warning};
use stepgate_core::lifecycle::received_input::{Reception, reception};

/// Returns the finding about names: what responses have shown, and whether the configuration contradicts it.
pub(super) fn names(endpoint: &Endpoint, shown: NameHandling) -> Finding {
    use NameHandling as N;
    let path = &*endpoint.start_route.path;
    let key = |value: &str| format!("`names = \"{value}\"` in {}", endpoint.name.header());
    match (shown, endpoint.names) {
        (N::Ignored, Some(N::PassedOn)) => Finding::warning(
            Check::Route,
            path,
            "names-contradicted",
            "an execution received a different name from the one sent, so a lost start is not sent again",
            format!("Remove {}, or let the mapping pass `name` on.", key("passed-on")),
        ),
        (N::PassedOn, Some(N::Ignored)) => Finding::warning(
            Check::Route,
            path,
            "names-contradicted",
            "executions received the names that were sent, but a lost start is not sent again",
            format!("Remove {}, unless the gateway passes only some names on.", key("ignored")),
        ),
        (N::Ignored, _) => Finding::passed(
            Check::Route,
            path,
            "executions receive different names from those sent: a start whose response is lost is not sent again",
        ),
        (N::PassedOn, _) => Finding::passed(
            Check::Route,
            path,
            "executions receive the names that are sent: a start whose response is lost can be sent again",
        ),
        (N::Unknown, None) => Finding::skipped(
            Check::Route,
            path,
            "no start has shown yet whether names are passed on; until then, each is sent once",
        ),
        (N::Unknown, Some(_)) => Finding::skipped(
            Check::Route,
            path,
            "no start has shown yet whether names are treated as `names` in the configuration says",
        ),
    }
}

/// Returns how the last comparable input arrived: that of the execution just described, or of one in the store.
pub(super) fn last_input(
    described: Option<(&EarlierExecution, &Payload)>,
    executions: &[EarlierExecution],
) -> Option<Reception> {
    let of_described = described.and_then(|(execution, received)| reception(execution.sent.as_ref()?, received));
    let of_stored = |execution: &EarlierExecution| match &execution.record.warning {
        Some(Warning::InputChanged(change)) => Some(Reception::Changed(*change)),
        _ => reception(execution.sent.as_ref()?, execution.received.as_ref()?),
    };
    of_described.or_else(|| executions.iter().find_map(of_stored))
}

/// Returns the finding about the input.
pub(super) fn input(endpoint: &Endpoint, reception: Option<Reception>) -> Finding {
    let path = &*endpoint.start_route.path;
    match reception {
        Some(Reception::Unchanged) => {
            Finding::passed(Check::Route, path, "the last input that can be compared arrived byte for byte")
        }
        Some(Reception::Reformatted) => Finding::passed(
            Check::Route,
            path,
            "inputs arrive as the same JSON in another notation: the gateway parses and reformats them",
        ),
        Some(Reception::Changed(change)) => {
            let advice = match &endpoint.start_route.request {
                Some(_) => format!(
                    "Check `{}.request` in {}, and the gateway's mapping.",
                    Route::Start.key(),
                    endpoint.name.header_of("routes")
                ),
                None => "Correct the mapping, or set a `request` filter for the route, such as `.input` if the body is the input.".to_owned(),
            };
            let message = Warning::InputChanged(change).to_string();
            Finding::warning(Check::Route, path, "input-changed", message, advice)
        }
        None => Finding::skipped(
            Check::Route,
            path,
            "no execution in the store shows whether inputs arrive unchanged: start one, wait for its status, and run the doctor again",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stepgate_core::domain::{
        EndpointName, ExecutionArn, ExecutionRecord, GatewayId, InputChange, RouteSettings, Timestamp,
    };

    fn execution(sent: Option<&str>, received: Option<&str>, warning: Option<Warning>) -> EarlierExecution {
        let arn = ExecutionArn::parse("arn:aws:states:us-east-1:123456789012:execution:Order:run-1").expect("an ARN");
        let (gateway, endpoint) = (GatewayId::new("https://x.example"), EndpointName::new("e"));
        let record = ExecutionRecord::unanswered(gateway, endpoint, "order", arn, Timestamp::from_millis(1));
        let payload = |text: Option<&str>| text.map(Payload::received);
        EarlierExecution {
            record: ExecutionRecord { warning, ..record },
            sent: payload(sent),
            received: payload(received),
        }
    }

    #[test]
    fn names_are_compared_with_the_configuration() {
        use NameHandling as N;
        for (shown, configured, expected) in [
            (N::Unknown, None, "not-asked"),
            (N::Unknown, Some(N::PassedOn), "not-asked"),
            (N::PassedOn, None, "ok"),
            (N::PassedOn, Some(N::PassedOn), "ok"),
            (N::Ignored, None, "ok"),
            (N::Ignored, Some(N::Ignored), "ok"),
            (N::Ignored, Some(N::PassedOn), "names-contradicted"),
            (N::PassedOn, Some(N::Ignored), "names-contradicted"),
        ] {
            let endpoint = Endpoint { names: configured, ..Endpoint::plain("e", "https://x.example") };
            let finding = names(&endpoint, shown);
            assert_eq!(finding.name, expected, "{shown:?} {configured:?}");
            assert_eq!(finding.advice.contains("[endpoints.e]"), expected == "names-contradicted", "{finding:?}");
        }
    }

    #[test]
    fn the_described_execution_counts_more_than_the_store() {
        let changed = execution(Some("{}"), None, Some(Warning::InputChanged(InputChange::Wrapped)));
        let reprinted = execution(Some("{\"a\": 1}"), Some("{\"a\":1}"), None);
        let unknown = execution(None, None, None);
        let all = [unknown.clone(), reprinted.clone(), changed.clone()];
        let received = Payload::received("{\"a\": 1}");
        assert_eq!(last_input(Some((&reprinted, &received)), &all), Some(Reception::Unchanged));
        assert_eq!(last_input(Some((&unknown, &received)), &all), Some(Reception::Reformatted));
        assert_eq!(last_input(None, &[changed]), Some(Reception::Changed(InputChange::Wrapped)));
        assert_eq!(last_input(None, &[unknown]), None);
    }

    #[test]
    fn a_changed_input_is_explained_by_the_filter_where_there_is_one() {
        let plain = Endpoint::plain("e", "https://x.example");
        let start_route = RouteSettings { request: Some(".input".into()), ..plain.start_route.clone() };
        let filtered = Endpoint { start_route, ..plain.clone() };
        let changed = Some(Reception::Changed(InputChange::WholeRequest));
        assert!(input(&filtered, changed).advice.starts_with("Check `start.request` in [endpoints.e.routes]"));
        assert!(input(&plain, changed).advice.starts_with("Correct the mapping"));
        for (reception, expected) in [
            (Some(Reception::Unchanged), "ok"),
            (Some(Reception::Reformatted), "ok"),
            (changed, "input-changed"),
            (None, "not-asked"),
        ] {
            assert_eq!(input(&plain, reception).name, expected);
        }
    }
}
