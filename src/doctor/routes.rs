//! Checks stage, clock, routes and machines with requests to the gateway.

use std::time::Duration;

use crate::doctor::context::Context;
use crate::doctor::diagnosis::{self, Stage};
use crate::doctor::{Check, Finding, Target, account, logs, network, tls};
use stepgate_core::domain::{
    Auth, ExecutionArn, Failure, FailureKind, Machine, MachineType, Route, RouteSettings, RouteSubject, Timestamp,
    Unreachable, elapsed,
};
use stepgate_core::gateway::Client;
use stepgate_core::gateway::probe::{self, ConnectPath, NOT_A_PROXY, ProbeResult, ProbeTarget, ProxyProblem};

/// The limit for signatures and tokens (AWS General Reference, "Signature Version 4": 5 minutes).
const MAX_SKEW: Duration = Duration::from_secs(5 * 60);
/// More gets a warning.
const NOTABLE_SKEW: Duration = Duration::from_secs(60);
/// What the status route returned about an execution that cannot exist.
#[derive(Default)]
pub(super) struct OfUnknown {
    pub(super) failure: Option<Failure>,
    /// The finding about it if only a known execution shows whether the route works.
    pub(super) unclear: Option<Finding>,
}

/// Runs the checks. Returns `None` if further requests are useless.
pub(super) async fn check(target: &Target<'_>, client: &Client, report: &mut dyn FnMut(Finding)) -> Option<OfUnknown> {
    let unknown_route = client.probe(ProbeTarget::UnknownRoute).await;
    if let Some(failure) = unknown_route.failure.as_ref().filter(|failure| diagnosis::is_below_http(failure)) {
        let machine = target.machines.iter().find(|machine| machine.machine_type != MachineType::Express);
        let execution = machine.map(|machine| machine.arn.unqualified().execution(&target.unused_name));
        let is_open = match execution {
            Some(execution) if is_broken(failure) => {
                let status = client.probe(ProbeTarget::Execution(Route::Status, &execution)).await;
                !status.failure.as_ref().is_some_and(diagnosis::is_below_http)
            }
            _ => false,
        };
        if !is_open {
            report(below_http(target, failure).await);
            return None;
        }
    }
    report(clock(target, unknown_route.date));
    let stage = diagnosis::stage(unknown_route.failure.as_ref());
    let origin = client.credentials_origin().await;
    let context = Context { target, client, stage, origin: origin.as_ref() };
    if stage == Stage::Exists {
        report(Finding::passed(Check::Stage, target.endpoint.url.as_str(), "the stage of the URL exists"));
    }
    for route in Route::ALL.into_iter().filter(|route| route.subject() == RouteSubject::Start) {
        let Some(settings) = target.endpoint.route(route) else { continue };
        let message = format!("{}: only a start proves it, and the doctor starts nothing", route.action());
        report(Finding::skipped(Check::Route, &*settings.path, message));
    }
    account::check(context, report).await;
    logs::check(context, report).await;
    let standard: Vec<&Machine> =
        target.machines.iter().copied().filter(|machine| machine.machine_type != MachineType::Express).collect();
    let Some(first) = standard.first() else {
        let message = "no STANDARD machine to check with: add one to the configuration";
        for route in Route::ALL.into_iter().filter(|route| is_checked(*route)) {
            if let Some(settings) = target.endpoint.route(route) {
                report(Finding::skipped(Check::Route, &*settings.path, message));
            }
        }
        return Some(OfUnknown::default());
    };
    let unknown_execution = first.arn.unqualified().execution(&target.unused_name);
    let mut pace = tokio::time::interval(target.pause());
    let (mut can_check_machines, mut of_unknown) = (false, OfUnknown::default());
    for route in Route::ALL.into_iter().filter(|route| is_checked(*route)) {
        let Some(settings) = target.endpoint.route(route) else { continue };
        let probe_target = match route {
            Route::List => ProbeTarget::Machine(&first.arn),
            _ => ProbeTarget::Execution(route, &unknown_execution),
        };
        let probe = client.probe(probe_target).await;
        if route == Route::Status {
            let kind = probe.failure.as_ref().map(|failure| &failure.kind);
            can_check_machines = matches!(kind, Some(FailureKind::ExecutionDoesNotExist | FailureKind::RoleDenied));
            of_unknown.failure.clone_from(&probe.failure);
        }
        let finding = route_finding(context, route, settings, &probe);
        if route == Route::Status && probe.failure.as_ref().is_some_and(Failure::is_unclear_404) {
            of_unknown.unclear = Some(finding);
        } else {
            report(finding);
        }
    }
    for machine in standard.into_iter().filter(|_| can_check_machines) {
        // All users of the account share its quota.
        pace.tick().await;
        report(check_machine(context, machine).await);
    }
    Some(of_unknown)
}

/// Returns whether a request to the route starts nothing and shows whether it works.
fn is_checked(route: Route) -> bool {
    route == Route::List || route.subject() == RouteSubject::Execution
}

/// Returns whether a connection was closed without a response. Servers that are not API Gateway close it at an unknown route;
/// then the status route shows whether they respond.
pub(super) fn is_broken(failure: &Failure) -> bool {
    failure.kind == FailureKind::Unreachable(Unreachable::Broken)
}

/// Returns the finding for a failure below HTTP that the connection checks did not encounter.
pub(super) async fn below_http(target: &Target<'_>, failure: &Failure) -> Finding {
    use Unreachable as U;
    let url = target.endpoint.url.as_str();
    match failure.kind {
        FailureKind::Unreachable(U::Tls | U::ClientCertificate | U::Handshake) => {
            tls::refused(target, url, failure).await
        }
        FailureKind::Unreachable(U::Broken) if target.endpoint.url.starts_with("http:") => {
            broken_plain(target, failure).await
        }
        FailureKind::Unreachable(U::Broken) if target.endpoint.client_certificate.is_none() => {
            let advice =
                "If the gateway requires a client certificate, set client-certificate. Otherwise check the network.";
            Finding::failed(Check::Tls, url, failure, ("connection-broken", advice))
        }
        FailureKind::Unreachable(U::Proxy) => broken_plain(target, failure).await,
        _ => Finding::failed(Check::Tcp, url, failure, ("unreachable", failure.advice())),
    }
}

/// Returns the finding for a broken plain request, to which a proxy may have responded.
async fn broken_plain(target: &Target<'_>, failure: &Failure) -> Finding {
    let connect_path = ConnectPath::new(target.endpoint).await.ok();
    let problem = connect_path.as_ref().and_then(|connect_path| match failure.kind {
        FailureKind::Unreachable(Unreachable::Proxy) => {
            connect_path.proxy_problem(failure.http_status.unwrap_or_default())
        }
        _ => Some(ProxyProblem::NotAProxy).filter(|_| failure.message.ends_with(NOT_A_PROXY)),
    });
    if connect_path.as_ref().is_some_and(|connect_path| connect_path.proxy().is_none())
        && let Some(explained) = probe::plain_on_tls(failure, target.endpoint).await
    {
        return tls::refused(target, &target.endpoint.url, &explained).await;
    }
    match (&connect_path, problem) {
        (Some(connect_path), Some(problem)) => network::refused_by_proxy(target, connect_path, problem, failure),
        _ => Finding::failed(Check::Tcp, &*target.endpoint.url, failure, ("connection-broken", failure.advice())),
    }
}

fn clock(target: &Target<'_>, theirs: Option<Timestamp>) -> Finding {
    let subject = "this machine";
    let Some(theirs) = theirs else {
        return Finding::skipped(Check::Clock, subject, "the gateway does not send the time");
    };
    let ours = (target.clock)();
    let skew = ours.since(theirs).max(theirs.since(ours));
    let message = format!("{} off from the gateway's clock", elapsed::rounded(skew));
    if skew > MAX_SKEW && matches!(target.endpoint.auth, Auth::Iam { .. }) {
        let advice = "Set this machine's clock: a signature is valid for 5 minutes.";
        return Finding::problem(Check::Clock, subject, FailureKind::SignatureRefused, "clock-skew", message, advice);
    }
    if skew > NOTABLE_SKEW {
        return Finding::warning(Check::Clock, subject, "clock-skew", message, "Set this machine's clock.");
    }
    Finding::passed(Check::Clock, subject, message)
}

fn route_finding(context: Context<'_>, route: Route, settings: &RouteSettings, probe: &ProbeResult) -> Finding {
    let (action, path) = (route.action(), &*settings.path);
    let proof = match (&probe.failure, route) {
        (None, Route::List) => Some(format!("{action} works: route, integration and role are correct")),
        (Some(failure), _) if failure.kind == FailureKind::ExecutionDoesNotExist => Some(format!(
            "{action} does not know the execution that cannot exist: route, integration and role are correct"
        )),
        // The route works; the machine gets its own finding.
        (Some(failure), Route::List) if failure.kind == FailureKind::MachineDoesNotExist => {
            Some(format!("{action} works: route, integration and role are correct"))
        }
        _ => None,
    };
    if let Some(proof) = proof {
        return Finding::passed(Check::Route, path, proof);
    }
    match &probe.failure {
        Some(failure) if failure.is_unclear_404() && settings.is_own(route) => Finding::warning(
            Check::Route,
            path,
            diagnosis::UNCLEAR,
            format!("{}; stepgate cannot tell an unknown execution from a missing route", failure.message),
            "Start an execution and run the doctor again: a known execution shows whether the status route works.",
        ),
        Some(failure) => {
            let diagnosis = context.diagnose(failure, route);
            Finding::failed(Check::Route, path, failure, diagnosis)
        }
        None => Finding::problem(
            Check::Route,
            path,
            FailureKind::Undecodable,
            "not-step-functions",
            format!("success for an execution that cannot exist: this is not {action}"),
            match diagnosis::answer_key(context.target.endpoint, route) {
                Some(filter) => format!(
                    "Check {filter}: for a response that reports an unknown execution, it should return {{\"__type\": \"ExecutionDoesNotExist\"}}."
                ),
                None => {
                    format!("Set the route's integration to the action {action}, and pass the body through unchanged.")
                }
            },
        ),
    }
}

/// Checks whether the role has access to the machine and, with `ListExecutions`, whether it exists.
async fn check_machine(context: Context<'_>, machine: &Machine) -> Finding {
    let Context { target, client, .. } = context;
    let subject = &*machine.name;
    let unknown_execution: ExecutionArn = machine.arn.unqualified().execution(&target.unused_name);
    let probe = client.probe(ProbeTarget::Execution(Route::Status, &unknown_execution)).await;
    match probe.failure {
        Some(failure) if failure.kind == FailureKind::ExecutionDoesNotExist => {}
        Some(failure) => {
            let diagnosis = context.diagnose(&failure, Route::Status);
            return Finding::failed(Check::Machine, subject, &failure, diagnosis);
        }
        None => return Finding::skipped(Check::Machine, subject, "the status route cannot prove it"),
    }
    if target.endpoint.optional_routes.list.is_none() {
        let message = "the role can access its executions; only a start or the route `list` can prove that it exists";
        return Finding::passed(Check::Machine, subject, message);
    }
    match client.probe(ProbeTarget::Machine(&machine.arn)).await.failure {
        None => Finding::passed(Check::Machine, subject, "it exists, and the role can access its executions"),
        Some(failure) => {
            let diagnosis = context.diagnose(&failure, Route::List);
            Finding::failed(Check::Machine, subject, &failure, diagnosis)
        }
    }
}
