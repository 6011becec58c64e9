//! The watcher's task: a loop that does what the schedules decide and tells what came of it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::{Id, JoinError, JoinHandle, JoinSet};
use tokio::time::Instant;

use crate::domain::{
    EndpointName, ExecutionArn, ExecutionId, Failure, FailureKind, HistoryEvent, HistoryQuery, Observation, Paged,
    Route, StateMachineArn, Verdict,
};
use crate::lifecycle::{Change, StatusAnswer, Tracked, Watched};
use crate::watch::outbox::Outbox;
use crate::watch::poller::{Answered, EndpointPoller};
use crate::watch::report::Report;
use crate::watch::schedule::{Next, Schedule};
use crate::watch::source::{Shared, StatusSource};
use crate::watch::sweeps::SweptPage;

/// How often to check whether requests still wait for credentials.
const HELD: Duration = Duration::from_millis(50);

/// What the watcher is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Watch these.
    Watch(Vec<Watched>),
    /// Watch this one no more.
    Forget(ExecutionId),
    /// The user looks at this one.
    Select(Option<ExecutionId>),
    /// The user sees these, among others.
    Show(Vec<ExecutionId>),
    /// Whether the user looks at all.
    Focus(bool),
    /// Ask endpoints that have failed again, without waiting any longer.
    TryNow,
    /// Read a page of a history; [`Report::Read`] answers with the number.
    Read(u64, EndpointName, HistoryQuery),
}

/// Starts the watcher. It ends when `commands` is closed, or nobody reads its reports.
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
            schedule.share(shared.shared_limit(&name, Route::Status), shared.shared_limit(&name, Route::List));
            (name, EndpointPoller::new(source, schedule))
        })
        .collect();
    let shared = Arc::new(shared);
    let watcher =
        Watcher { pollers, shared, outbox: Outbox::default(), questions: JoinSet::new(), asked: HashMap::new() };
    tokio::spawn(watcher.run(commands, reports))
}

/// What was asked, and so what is answered.
enum Answer {
    Status(Box<Result<Observation, Failure>>),
    Running(Result<Paged<ExecutionArn>, Failure>),
    Past(Vec<Duration>),
    Page(Result<Paged<HistoryEvent>, Failure>),
    Recovered,
}

/// What a question was about.
enum Subject {
    Execution(ExecutionId),
    /// All that runs of a machine.
    Running,
    /// How long executions of a machine took before.
    Past(StateMachineArn),
    /// A page of a history, asked for at this moment.
    Page(u64, std::time::Instant),
    /// Whether an outage may be over.
    Recovery,
}

struct Watcher<S, P> {
    shared: Arc<P>,
    pollers: HashMap<EndpointName, EndpointPoller<S>>,
    outbox: Outbox,
    questions: JoinSet<Answer>,
    asked: HashMap<Id, (EndpointName, Subject)>,
}

impl<S: StatusSource, P: Shared> Watcher<S, P> {
    async fn run(mut self, mut commands: mpsc::Receiver<Command>, reports: mpsc::Sender<Report>) {
        loop {
            // Nothing new is asked while the answers are not received.
            let is_full = self.outbox.is_full(&reports);
            let wake = if self.outbox.is_empty() && !is_full { self.ask() } else { None };
            let sleep_until = wake.unwrap_or_else(Instant::now);
            tokio::select! {
                command = commands.recv() => match command {
                    Some(command) => self.obey(command),
                    None => return,
                },
                Some(answer) = self.questions.join_next_with_id() => self.take(answer),
                gateway = reports.reserve(), if !self.outbox.is_empty() => match gateway {
                    Ok(gateway) => self.outbox.send(gateway),
                    Err(_) => return,
                },
                // Every place is free when the receiver has taken everything.
                gateways = reports.reserve_many(reports.max_capacity()), if is_full && self.outbox.is_empty() => {
                    if gateways.is_err() {
                        return;
                    }
                }
                () = tokio::time::sleep_until(sleep_until), if wake.is_some() => {}
            }
        }
    }

    /// Asks whatever is due, and returns when something will be.
    fn ask(&mut self) -> Option<Instant> {
        self.await_recovery();
        let mut wake: Option<Instant> = None;
        for (endpoint, poller) in &mut self.pollers {
            loop {
                let now = Instant::now();
                if poller.source.awaits_credentials() {
                    // Requests that wait together would be sent together, beyond the budget.
                    wake = Some(wake.map_or(now + HELD, |wake| wake.min(now + HELD)));
                    break;
                }
                let source = Arc::clone(&poller.source);
                let (question, subject) = match poller.schedule.next(now.into_std()) {
                    Next::Ask(id) => {
                        let Some(arn) = poller.tracked.get(&id).map(Tracked::arn) else { continue };
                        let question = async move { Answer::Status(Box::new(source.status(&arn).await)) };
                        (self.questions.spawn(question), Subject::Execution(id))
                    }
                    Next::Sweep(sweep) => {
                        let question = async move { Answer::Running(source.running(sweep).await) };
                        (self.questions.spawn(question), Subject::Running)
                    }
                    Next::Errand => {
                        let Some((number, query)) = poller.errands.pop_front() else { continue };
                        let question = async move { Answer::Page(source.history(query).await) };
                        (self.questions.spawn(question), Subject::Page(number, now.into_std()))
                    }
                    Next::At(moment) => {
                        let moment = Instant::from_std(moment);
                        wake = Some(wake.map_or(moment, |wake| wake.min(moment)));
                        break;
                    }
                    Next::Nothing => break,
                };
                let id = if let Subject::Execution(id) = subject { Some(id) } else { None };
                self.asked.insert(question.id(), (endpoint.clone(), subject));
                self.outbox.push(Report::Asked { endpoint: endpoint.clone(), id, at: now });
            }
        }
        wake
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Watch(watched) => watched.into_iter().for_each(|watched| self.watch(watched)),
            Command::Forget(id) => {
                self.pollers.values_mut().for_each(|poller| poller.forget(id));
            }
            Command::Select(selected) => self.pollers.values_mut().for_each(|poller| poller.schedule.select(selected)),
            Command::Show(ids) => self.pollers.values_mut().for_each(|poller| poller.schedule.show(&ids)),
            Command::Read(number, endpoint, query) => {
                if let Some(poller) = self.pollers.get_mut(&endpoint) {
                    poller.errands.push_back((number, query));
                    poller.schedule.add_errand();
                } else {
                    let failure = Failure::without_answer(FailureKind::EndpointGone, endpoint.as_str());
                    self.outbox.push(Report::Read(number, Err(failure)));
                }
            }
            Command::TryNow => {
                let now = Instant::now().into_std();
                self.pollers.values_mut().for_each(|poller| poller.schedule.try_now(now));
            }
            Command::Focus(focused) => self.pollers.values_mut().for_each(|poller| poller.schedule.focus(focused)),
        }
    }

    /// Begins to watch, unless asking cannot find anything out.
    fn watch(&mut self, watched: Watched) {
        let Watched { id, endpoint, age, tracked } = watched;
        let Some(poller) = self.pollers.get_mut(&endpoint) else { return };
        let now = Instant::now().into_std();
        let machine = tracked.arn().machine();
        if let Err(failure) = poller.begin(id, age, tracked, self.shared.now(), now) {
            let (is_held_back, rate) = (poller.schedule.is_held_back(), poller.schedule.rate(now));
            let backlog = poller.schedule.backlog(now);
            let (change, verdict) = (Change::Unknown(failure), Verdict::GivenUp);
            let answer = StatusAnswer { endpoint, id, change, verdict, is_held_back, rate, backlog };
            self.outbox.push(Report::Answered(Box::new(answer)));
            return;
        }
        if poller.machines.insert(machine.clone()) {
            let (past, gateway, of) = (Arc::clone(&self.shared), endpoint.clone(), machine.clone());
            let asked = self.questions.spawn(async move { Answer::Past(past.durations(gateway, of).await) });
            self.asked.insert(asked.id(), (endpoint, Subject::Past(machine)));
        }
    }

    /// Every question is answered, also one whose task panicked.
    fn take(&mut self, answer: Result<(Id, Answer), JoinError>) {
        let (task, answer) = match answer {
            Ok((task, answer)) => (task, Ok(answer)),
            Err(error) => {
                let failure = Failure::without_answer(FailureKind::Client, format!("the request failed: {error}"));
                (error.id(), Err(failure))
            }
        };
        let Some((endpoint, subject)) = self.asked.remove(&task) else { return };
        let Some(poller) = self.pollers.get_mut(&endpoint) else { return };
        let now = Instant::now().into_std();
        match (subject, answer) {
            (Subject::Execution(id), Ok(Answer::Status(answer))) => self.answered(endpoint, id, *answer, now),
            (Subject::Execution(id), Err(failure)) => self.answered(endpoint, id, Err(failure), now),
            (Subject::Running, Ok(Answer::Running(page))) => {
                let page = page.map(|page| SweptPage {
                    running: page.items.iter().filter_map(|arn| poller.ids.get(arn).copied()).collect(),
                    next: page.next,
                });
                poller.schedule.swept(&page, now, fastrand::f64());
            }
            (Subject::Running, Err(failure)) => poller.schedule.swept(&Err(failure), now, fastrand::f64()),
            (Subject::Page(number, asked), answer) => {
                let page = match answer {
                    Ok(Answer::Page(page)) => page,
                    Ok(_) => return,
                    Err(failure) => Err(failure),
                };
                poller.schedule.errand_done(page.as_ref().err(), asked, now);
                self.outbox.push(Report::Read(number, page));
            }
            (Subject::Recovery, Ok(_)) => poller.schedule.try_now(now),
            (Subject::Past(machine), Ok(Answer::Past(durations))) if !durations.is_empty() => {
                poller.schedule.remember(&machine, &durations);
                self.tell_of(endpoint, machine);
            }
            _ => {}
        }
    }

    /// More is known of a machine.
    fn tell_of(&mut self, endpoint: EndpointName, machine: StateMachineArn) {
        let known = self.pollers.get(&endpoint).and_then(|poller| poller.schedule.durations(&machine));
        if let Some(durations) = known.cloned().map(Box::new) {
            self.outbox.push(Report::Learned { endpoint, machine, durations });
        }
    }

    fn answered(
        &mut self,
        endpoint: EndpointName,
        id: ExecutionId,
        answer: Result<Observation, Failure>,
        now: std::time::Instant,
    ) {
        let Some(poller) = self.pollers.get_mut(&endpoint) else { return };
        let Some(Answered { change, verdict, machine, learned }) = poller.answered(id, answer, self.shared.now(), now)
        else {
            return;
        };
        if let Some(facts) = learned {
            self.shared.learned(&endpoint, facts);
        }
        let (is_held_back, rate) = (poller.schedule.is_held_back(), poller.schedule.rate(now));
        let backlog = poller.schedule.backlog(now);
        let has_ended = verdict == Verdict::Ended;
        let answer = StatusAnswer { endpoint: endpoint.clone(), id, change, verdict, is_held_back, rate, backlog };
        self.outbox.push(Report::Answered(Box::new(answer)));
        if has_ended {
            self.tell_of(endpoint, machine);
        }
    }
}

mod recovery;
#[cfg(test)]
mod tests;
