//! The watcher's task: a loop that executes the schedules' decisions and reports the results.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::{Id, JoinError, JoinHandle, JoinSet};
use tokio::time::Instant;

use crate::domain::{
    EndpointName, ExecutionId, Failure, FailureKind, HistoryQuery, Observation, Route, StateMachineArn, Verdict,
};
use crate::lifecycle::{Change, StatusReport, Tracked, Watched};
use crate::task::{self, Boxed};
use crate::watch::poller::{EndpointPoller, StatusResult};
use crate::watch::report::Report;
use crate::watch::report_queue::ReportQueue;
use crate::watch::schedule::{Next, Schedule, SweptPage};
use crate::watch::status_source::{Shared, StatusSource};
use request::{HistoryPage, Response, Subject};

/// How often to check whether requests still wait for credentials.
const HELD: Duration = Duration::from_millis(50);

/// A command to the watcher.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Watches these.
    Watch(Vec<Watched>),
    /// Stops watching this one.
    Forget(ExecutionId),
    /// Sets the selected execution.
    Select(Option<ExecutionId>),
    /// Sets the visible executions.
    Show(Vec<ExecutionId>),
    /// Sets whether the user looks at all.
    Focus(bool),
    /// Polls failed endpoints again without further delay.
    TryNow,
    /// Lists the latest executions of these machines repeatedly, and of no others.
    List(Vec<(EndpointName, StateMachineArn)>),
    /// Reads a page of a history; [`Report::Read`] has the same number.
    Read(u64, EndpointName, HistoryQuery),
}

/// Starts the watcher. It ends when `commands` is closed or the reports' receiver is dropped.
pub fn spawn<S: StatusSource, P: Shared>(
    sources: impl IntoIterator<Item = (EndpointName, Arc<S>)>,
    shared: P,
    commands: mpsc::Receiver<Command>,
    reports: mpsc::Sender<Report>,
) -> JoinHandle<()> {
    let pollers = sources
        .into_iter()
        .map(|(name, source)| {
            let schedule = Schedule::new(source.limits());
            let mut schedule = if source.lists() { schedule.with_sweeps() } else { schedule };
            let shared = |route: Route| shared.shared_limit(&name, route);
            schedule.share(shared(Route::Status), shared(Route::List), shared(Route::Logs));
            (name, EndpointPoller::new(source, schedule))
        })
        .collect();
    let shared = Arc::new(shared);
    let watcher = Watcher {
        pollers,
        shared,
        report_queue: ReportQueue::default(),
        requests: JoinSet::new(),
        subjects: HashMap::new(),
    };
    task::spawn(watcher.run(commands, reports))
}

struct Watcher<S, P> {
    shared: Arc<P>,
    pollers: HashMap<EndpointName, EndpointPoller<S>>,
    report_queue: ReportQueue,
    requests: JoinSet<Response>,
    subjects: HashMap<Id, (EndpointName, Subject)>,
}

impl<S: StatusSource, P: Shared> Watcher<S, P> {
    async fn run(mut self, mut commands: mpsc::Receiver<Command>, reports: mpsc::Sender<Report>) {
        loop {
            // No new requests while reports are not received.
            let is_full = self.report_queue.is_full(&reports);
            let wake = if self.report_queue.is_empty() && !is_full { self.send_due() } else { None };
            let sleep_until = wake.unwrap_or_else(Instant::now);
            tokio::select! {
                command = commands.recv() => match command {
                    Some(command) => self.handle_command(command),
                    None => return,
                },
                Some(response) = self.requests.join_next_with_id() => self.on_finished(response),
                gateway = reports.reserve(), if !self.report_queue.is_empty() => match gateway {
                    Ok(gateway) => self.report_queue.send(gateway),
                    Err(_) => return,
                },
                // All permits are free once the receiver has taken everything.
                gateways = reports.reserve_many(reports.max_capacity()), if is_full && self.report_queue.is_empty() => {
                    if gateways.is_err() {
                        return;
                    }
                }
                () = tokio::time::sleep_until(sleep_until), if wake.is_some() => {}
            }
        }
    }

    /// Sends all due requests, and returns when the next one will be due.
    fn send_due(&mut self) -> Option<Instant> {
        self.await_outage_end();
        let mut wake: Option<Instant> = None;
        for (endpoint, poller) in &mut self.pollers {
            loop {
                let now = Instant::now();
                if poller.source.awaits_credentials() {
                    // Requests waiting together would be sent together, beyond the rate limit.
                    wake = Some(wake.map_or(now + HELD, |wake| wake.min(now + HELD)));
                    break;
                }
                let source = Arc::clone(&poller.source);
                let (request, subject): (Boxed<Response>, _) = match poller.schedule.next(now.into_std()) {
                    Next::Poll(id) => {
                        let Some(arn) = poller.tracked.get(&id).map(Tracked::arn) else { continue };
                        let request = async move { Response::Status(Box::new(source.status(&arn).await)) };
                        (Box::pin(request), Subject::Execution(id))
                    }
                    Next::Sweep(sweep) => {
                        let request = async move { Response::Running(source.running(sweep).await) };
                        (Box::pin(request), Subject::Running)
                    }
                    Next::List(machine) => {
                        let subject = Subject::Latest(machine.clone());
                        (Box::pin(async move { Response::Latest(source.latest(machine).await) }), subject)
                    }
                    Next::Background => {
                        let Some((number, query)) = poller.background_requests.pop_front() else { continue };
                        let request = async move { Response::Page(source.history(query).await) };
                        let page = HistoryPage { number, sent: now.into_std(), is_logged: false };
                        (Box::pin(request), Subject::Page(page))
                    }
                    Next::Log(page) => {
                        let subject = Subject::Log(page.machine.clone());
                        let query = poller.log_query(page, self.shared.now(), now.into_std());
                        (Box::pin(async move { Response::Log(source.logs(query).await) }), subject)
                    }
                    Next::LoggedHistory => {
                        let Some((number, query)) = poller.logged_histories.pop_front() else { continue };
                        let request = async move { Response::Page(source.history(query).await) };
                        let page = HistoryPage { number, sent: now.into_std(), is_logged: true };
                        (Box::pin(request), Subject::Page(page))
                    }
                    Next::At(moment) => {
                        let moment = Instant::from_std(moment);
                        wake = Some(wake.map_or(moment, |wake| wake.min(moment)));
                        break;
                    }
                    Next::Nothing => break,
                };
                let id = if let Subject::Execution(id) = subject { Some(id) } else { None };
                let sent = self.requests.spawn(request);
                self.subjects.insert(sent.id(), (endpoint.clone(), subject));
                self.report_queue.push(Report::Sent { endpoint: endpoint.clone(), id, at: now });
            }
        }
        wake
    }

    fn handle_command(&mut self, command: Command) {
        match command {
            Command::Watch(watched) => watched.into_iter().for_each(|watched| self.watch(watched)),
            Command::Forget(id) => {
                self.pollers.values_mut().for_each(|poller| poller.forget(id));
            }
            Command::Select(selected) => self.pollers.values_mut().for_each(|poller| poller.schedule.select(selected)),
            Command::Show(ids) => self.pollers.values_mut().for_each(|poller| poller.schedule.show(&ids)),
            Command::Read(number, endpoint, query) => {
                if let Some(poller) = self.pollers.get_mut(&endpoint) {
                    poller.add_history(number, query);
                } else {
                    let failure = Failure::without_response(FailureKind::EndpointGone, endpoint.as_str());
                    self.report_queue.push(Report::Read(number, Err(failure)));
                }
            }
            Command::List(machines) => self.list(&machines, Instant::now().into_std()),
            Command::TryNow => {
                let now = Instant::now().into_std();
                self.pollers.values_mut().for_each(|poller| poller.schedule.try_now(now));
            }
            Command::Focus(focused) => self.pollers.values_mut().for_each(|poller| poller.schedule.focus(focused)),
        }
    }

    /// Starts to watch, unless status requests cannot settle it.
    fn watch(&mut self, watched: Watched) {
        let Watched { id, endpoint, age, tracked } = watched;
        let Some(poller) = self.pollers.get_mut(&endpoint) else { return };
        let now = Instant::now().into_std();
        let machine = tracked.arn().machine();
        if let Err(failure) = poller.begin(id, age, tracked, self.shared.now(), now) {
            let (is_paused, rate) = (poller.schedule.is_paused(), poller.schedule.rate(now));
            let backlog = poller.schedule.backlog(now);
            let (change, verdict) = (Change::Unknown(failure), Verdict::GivenUp);
            let response = StatusReport { endpoint, id, change, verdict, is_paused, rate, backlog };
            self.report_queue.push(Report::Status(Box::new(response)));
            return;
        }
        if poller.machines.insert(machine.clone()) {
            let (past, gateway, of) = (Arc::clone(&self.shared), endpoint.clone(), machine.clone());
            let request: Boxed<Response> = Box::pin(async move { Response::Past(past.durations(gateway, of).await) });
            let sent = self.requests.spawn(request);
            self.subjects.insert(sent.id(), (endpoint, Subject::Past(machine)));
        }
    }

    /// Handles the end of a request, even if its task panicked.
    fn on_finished(&mut self, response: Result<(Id, Response), JoinError>) {
        let (task, response) = match response {
            Ok((task, response)) => (task, Ok(response)),
            Err(error) => {
                let failure = Failure::without_response(FailureKind::Client, format!("the request failed: {error}"));
                (error.id(), Err(failure))
            }
        };
        let Some((endpoint, subject)) = self.subjects.remove(&task) else { return };
        let Some(poller) = self.pollers.get_mut(&endpoint) else { return };
        let now = Instant::now().into_std();
        match (subject, response) {
            (Subject::Execution(id), Ok(Response::Status(response))) => self.on_status(endpoint, id, *response, now),
            (Subject::Execution(id), Err(failure)) => self.on_status(endpoint, id, Err(failure), now),
            (Subject::Running, Ok(Response::Running(page))) => {
                let page = page.map(|page| SweptPage {
                    running: page.items.iter().filter_map(|arn| poller.ids.get(arn).copied()).collect(),
                    next: page.next,
                });
                poller.schedule.on_sweep_response(&page, now, fastrand::f64());
            }
            (Subject::Running, Err(failure)) => poller.schedule.on_sweep_response(&Err(failure), now, fastrand::f64()),
            (Subject::Latest(machine), response) => {
                let listed = match response {
                    Ok(Response::Latest(listed)) => listed,
                    Ok(_) => return,
                    Err(failure) => Err(failure),
                };
                self.on_latest(endpoint, &machine, listed, now);
            }
            (Subject::Page(HistoryPage { number, sent, is_logged }), response) => {
                let page = match response {
                    Ok(Response::Page(page)) => page,
                    Ok(_) => return,
                    Err(failure) => Err(failure),
                };
                let failure = page.as_ref().err();
                if is_logged {
                    poller.schedule.on_logged_history(failure, sent, now);
                } else {
                    poller.schedule.on_background_done(failure, sent, now);
                }
                self.report_queue.push(Report::Read(number, page));
            }
            (Subject::Log(machine), response) => {
                let page = match response {
                    Ok(Response::Log(page)) => page,
                    Ok(_) => return,
                    Err(failure) => Err(failure),
                };
                self.on_log(&endpoint, &machine, page, now);
            }
            (Subject::Recovery, Ok(_)) => poller.schedule.try_now(now),
            (Subject::Past(machine), Ok(Response::Past(durations))) if !durations.is_empty() => {
                poller.schedule.remember(&machine, &durations);
                self.report_durations(endpoint, machine);
            }
            _ => {}
        }
    }

    /// Reports the new durations of a machine.
    fn report_durations(&mut self, endpoint: EndpointName, machine: StateMachineArn) {
        let known = self.pollers.get(&endpoint).and_then(|poller| poller.schedule.durations(&machine));
        if let Some(durations) = known.cloned().map(Box::new) {
            self.report_queue.push(Report::Learned { endpoint, machine, durations });
        }
    }

    fn on_status(
        &mut self,
        endpoint: EndpointName,
        id: ExecutionId,
        response: Result<Observation, Failure>,
        now: std::time::Instant,
    ) {
        let Some(poller) = self.pollers.get_mut(&endpoint) else { return };
        let Some(StatusResult { change, verdict, machine, learned }) =
            poller.on_response(id, response, self.shared.now(), now)
        else {
            return;
        };
        if let Some(facts) = learned {
            self.shared.learned(&endpoint, facts);
        }
        let (is_paused, rate) = (poller.schedule.is_paused(), poller.schedule.rate(now));
        let backlog = poller.schedule.backlog(now);
        let has_ended = verdict == Verdict::Ended;
        let response = StatusReport { endpoint: endpoint.clone(), id, change, verdict, is_paused, rate, backlog };
        self.report_queue.push(Report::Status(Box::new(response)));
        if has_ended {
            self.report_durations(endpoint, machine);
        }
    }
}

mod listing;
mod logs;
mod outage_end;
mod request;
#[cfg(test)]
mod tests;
