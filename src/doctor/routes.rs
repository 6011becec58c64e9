//! Stage, clock, routes and machines: questions to the gateway.

use std::time::Duration;

use crate::doctor::diagnosis::{self, Stage};
use crate::doctor::{Check, Finding, Patient, network, tls};
use stepgate_core::domain::{
    Auth, CredentialsOrigin, ExecutionArn, Failure, FailureKind, Machine, MachineType, Route, Timestamp, Unreachable,
};
use stepgate_core::gateway::Client;
use stepgate_core::gateway::probe::{self, ConnectPath, NOT_A_PROXY, ProxyFault};
use stepgate_core::gateway::{Probe, Question};

/// More is too much for a signature or a token (AWS General Reference, "Signature Version 4": 5 minutes).
const MAX_SKEW: Duration = Duration::from_secs(5 * 60);
/// More is worth a word.
const SKEW: Duration = Duration::from_secs(60);
/// Nobody waits longer for the next question, however small the budget is.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What to ask, and what the earlier checks have found.
#[derive(Clone, Copy)]
struct Asked<'a> {
    patient: &'a Patient<'a>,
    client: &'a Client,
    stage: Stage,
    origin: Option<&'a CredentialsOrigin>,
}

impl Asked<'_> {
    fn named(&self, failure: &Failure, route: Route) -> diagnosis::Named {
        diagnosis::of(failure, self.stage, self.patient.endpoint, route, self.origin)
    }
}

/// Asks.
pub(super) async fn examine(patient: &Patient<'_>, client: &Client, tell: &mut dyn FnMut(Finding)) {
    let nowhere = client.probe(Question::UnknownRoute).await;
    if let Some(failure) = nowhere.failure.as_ref().filter(|failure| diagnosis::is_below_http(failure)) {
        return tell(below_http(patient, failure).await);
    }
    tell(clock(patient, nowhere.date));
    let stage = diagnosis::stage(nowhere.failure.as_ref());
    let origin = client.credentials_origin().await;
    let asked = Asked { patient, client, stage, origin: origin.as_ref() };
    if stage == Stage::There {
        tell(Finding::good(Check::Stage, patient.endpoint.url.as_str(), "the stage of the url is there"));
    }
    let start = patient.endpoint.start_route.as_str();
    tell(Finding::skipped(Check::Route, start, "StartExecution: only a start proves it, and nothing is started here"));
    let standard: Vec<&Machine> =
        patient.machines.iter().copied().filter(|machine| machine.machine_type != MachineType::Express).collect();
    let Some(first) = standard.first() else {
        let message = "there is no STANDARD machine to ask about: add one to the configuration";
        for route in Route::ALL.into_iter().skip(1) {
            if let Some(path) = patient.endpoint.route(route) {
                tell(Finding::skipped(Check::Route, path, message));
            }
        }
        return;
    };
    let nobody = first.arn.unqualified().execution(&patient.nobody);
    let pause = Duration::try_from_secs_f64(1.0 / patient.endpoint.watch.requests_per_second).unwrap_or(LONGEST_PAUSE);
    let mut pace = tokio::time::interval(pause.min(LONGEST_PAUSE));
    let mut is_worth_more = false;
    for route in Route::ALL.into_iter().skip(1) {
        let Some(path) = patient.endpoint.route(route) else { continue };
        let question = match route {
            Route::List => Question::Machine(&first.arn),
            _ => Question::Execution(route, &nobody),
        };
        let probe = client.probe(question).await;
        if route == Route::Status {
            let kind = probe.failure.as_ref().map(|failure| &failure.kind);
            is_worth_more = matches!(kind, Some(FailureKind::ExecutionDoesNotExist | FailureKind::RoleDenied));
        }
        tell(route_finding(asked, route, path, &probe));
    }
    for machine in standard.into_iter().filter(|_| is_worth_more) {
        // The account's quota is everybody's.
        pace.tick().await;
        tell(self::machine(asked, machine).await);
    }
}

/// Reports a failure below HTTP that the connection checks did not encounter.
async fn below_http(patient: &Patient<'_>, failure: &Failure) -> Finding {
    use Unreachable as U;
    let url = patient.endpoint.url.as_str();
    match failure.kind {
        FailureKind::Unreachable(U::Tls | U::ClientCertificate | U::Handshake) => {
            tls::refused(patient, url, failure).await
        }
        FailureKind::Unreachable(U::Broken) if patient.endpoint.url.starts_with("http:") => {
            plain(patient, failure).await
        }
        FailureKind::Unreachable(U::Broken) if patient.endpoint.client_certificate.is_none() => {
            let advice =
                "If the gateway requires a client certificate, set client-certificate. Otherwise check the network.";
            Finding::failed(Check::Tls, url, failure, ("connection-broken", advice))
        }
        FailureKind::Unreachable(U::Proxy) => plain(patient, failure).await,
        _ => Finding::failed(Check::Tcp, url, failure, ("unreachable", failure.advice())),
    }
}

/// Reports a failure of a plain request, which a proxy may have answered by itself.
async fn plain(patient: &Patient<'_>, failure: &Failure) -> Finding {
    let way = ConnectPath::of(patient.endpoint).await.ok();
    let fault = way.as_ref().and_then(|way| match failure.kind {
        FailureKind::Unreachable(Unreachable::Proxy) => way.proxy_fault(failure.http_status.unwrap_or_default()),
        _ => Some(ProxyFault::NotAProxy).filter(|_| failure.message.ends_with(NOT_A_PROXY)),
    });
    if way.as_ref().is_some_and(|way| way.proxy().is_none())
        && let Some(explained) = probe::plain_on_tls(failure, patient.endpoint).await
    {
        return tls::refused(patient, &patient.endpoint.url, &explained).await;
    }
    match (&way, fault) {
        (Some(way), Some(fault)) => network::refused_by_proxy(patient, way, fault, failure),
        _ => Finding::failed(Check::Tcp, &*patient.endpoint.url, failure, ("connection-broken", failure.advice())),
    }
}

fn clock(patient: &Patient<'_>, theirs: Option<Timestamp>) -> Finding {
    let subject = "this machine";
    let Some(theirs) = theirs else {
        return Finding::skipped(Check::Clock, subject, "the gateway does not tell the time");
    };
    let ours = (patient.clock)();
    let skew = ours.since(theirs).max(theirs.since(ours));
    let message = format!("{} s off from the gateway's clock", skew.as_secs());
    if skew > MAX_SKEW && matches!(patient.endpoint.auth, Auth::Iam { .. }) {
        let advice = "Set this machine's clock: a signature is good for 5 minutes.";
        return Finding::wrong(Check::Clock, subject, FailureKind::SignatureRefused, "clock-skew", message, advice);
    }
    if skew > SKEW {
        return Finding::warning(Check::Clock, subject, "clock-skew", message, "Set this machine's clock.");
    }
    Finding::good(Check::Clock, subject, message)
}

fn route_finding(asked: Asked<'_>, route: Route, path: &str, probe: &Probe) -> Finding {
    let action = route.action();
    let proved = match (&probe.failure, route) {
        (None, Route::List) => Some(format!("{action} works: route, integration and role are correct")),
        (Some(failure), _) if failure.kind == FailureKind::ExecutionDoesNotExist => Some(format!(
            "{action} does not know the execution that cannot exist: route, integration and role are correct"
        )),
        // The route is right; the machine gets a finding of its own.
        (Some(failure), Route::List) if failure.kind == FailureKind::MachineDoesNotExist => {
            Some(format!("{action} works: route, integration and role are correct"))
        }
        _ => None,
    };
    if let Some(proved) = proved {
        return Finding::good(Check::Route, path, proved);
    }
    match &probe.failure {
        Some(failure) => {
            let named = asked.named(failure, route);
            Finding::failed(Check::Route, path, failure, named)
        }
        None => Finding::wrong(
            Check::Route,
            path,
            FailureKind::Undecodable,
            "not-step-functions",
            format!("there is an answer for an execution that cannot exist: this is not {action}"),
            format!("Let the route's integration be the action {action}, with the body passed through as it is."),
        ),
    }
}

/// Whether the role may ask about it, and whether it is there, which only `ListExecutions` tells.
async fn machine(asked: Asked<'_>, machine: &Machine) -> Finding {
    let Asked { patient, client, .. } = asked;
    let subject = &*machine.name;
    let nobody: ExecutionArn = machine.arn.unqualified().execution(&patient.nobody);
    let answer = client.probe(Question::Execution(Route::Status, &nobody)).await;
    match answer.failure {
        Some(failure) if failure.kind == FailureKind::ExecutionDoesNotExist => {}
        Some(failure) => {
            let named = asked.named(&failure, Route::Status);
            return Finding::failed(Check::Machine, subject, &failure, named);
        }
        None => return Finding::skipped(Check::Machine, subject, "the status route does not tell"),
    }
    if patient.endpoint.optional_routes.list.is_none() {
        let message =
            "the role may ask about its executions; whether it is there, only a start or the route `list` tells";
        return Finding::good(Check::Machine, subject, message);
    }
    match client.probe(Question::Machine(&machine.arn)).await.failure {
        None => Finding::good(Check::Machine, subject, "it is there, and the role may ask about its executions"),
        Some(failure) => {
            let named = asked.named(&failure, Route::List);
            Finding::failed(Check::Machine, subject, &failure, named)
        }
    }
}
