//! The watcher's task: a loop that does what the schedules decide and tells what came of it.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::{Id, JoinError, JoinHandle, JoinSet};
use tokio::time::Instant;

use crate::domain::{
    EndpointName, ExecutionArn, ExecutionId, Failure, FailureKind, Observation, StatusAnswer, Verdict, WatchLimits,
    Watched,
};
use crate::gateway::Client;
use crate::watch::schedule::{Next, Schedule};

/// Whoever can be asked how an execution goes.
pub trait StatusSource: Send + Sync + 'static {
    /// Asks once.
    fn status(&self, execution: &ExecutionArn) -> impl Future<Output = Result<Observation, Failure>> + Send;
    /// What may be spent on asking.
    fn limits(&self) -> WatchLimits;
}

impl StatusSource for Client {
    fn status(&self, execution: &ExecutionArn) -> impl Future<Output = Result<Observation, Failure>> + Send {
        Client::status(self, execution)
    }

    fn limits(&self) -> WatchLimits {
        self.endpoint().watch
    }
}

/// What the watcher is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Watch these.
    Watch(Vec<Watched>),
    /// Watch this one no more.
    Forget(ExecutionId),
    /// The user looks at this one.
    Select(Option<ExecutionId>),
}

/// What the watcher tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Report {
    /// A question left, and went into the budget.
    Asked {
        /// Who is asked.
        endpoint: EndpointName,
        /// When.
        at: Instant,
    },
    /// An answer, and what it means.
    Answered(Box<StatusAnswer>),
}

/// Starts the watcher. It ends when `commands` is closed, or nobody reads its reports.
pub fn spawn<S: StatusSource>(
    sources: impl IntoIterator<Item = (EndpointName, Arc<S>)>,
    commands: mpsc::Receiver<Command>,
    reports: mpsc::Sender<Report>,
) -> JoinHandle<()> {
    let desks = sources
        .into_iter()
        .map(|(name, source)| {
            let schedule = Schedule::new(source.limits());
            (name, Desk { source, schedule, arns: HashMap::new() })
        })
        .collect();
    let watcher = Watcher { desks, outbox: VecDeque::new(), questions: JoinSet::new(), asked: HashMap::new() };
    tokio::spawn(watcher.run(commands, reports))
}

/// One endpoint: who is asked, when, and about what.
struct Desk<S> {
    source: Arc<S>,
    schedule: Schedule,
    arns: HashMap<ExecutionId, ExecutionArn>,
}

struct Watcher<S> {
    desks: HashMap<EndpointName, Desk<S>>,
    /// Reports that have no place in the channel yet. Commands are taken all the same, so the two
    /// sides can never wait for each other.
    outbox: VecDeque<Report>,
    questions: JoinSet<Result<Observation, Failure>>,
    asked: HashMap<Id, (EndpointName, ExecutionId)>,
}

impl<S: StatusSource> Watcher<S> {
    async fn run(mut self, mut commands: mpsc::Receiver<Command>, reports: mpsc::Sender<Report>) {
        loop {
            // Nothing new is asked while nobody takes the answers.
            let wake = if self.outbox.is_empty() { self.ask() } else { None };
            let sleep_until = wake.unwrap_or_else(Instant::now);
            tokio::select! {
                command = commands.recv() => match command {
                    Some(command) => self.obey(command),
                    None => return,
                },
                Some(answer) = self.questions.join_next_with_id() => self.take(answer),
                place = reports.reserve(), if !self.outbox.is_empty() => match (place, self.outbox.pop_front()) {
                    (Ok(place), Some(report)) => place.send(report),
                    _ => return,
                },
                () = tokio::time::sleep_until(sleep_until), if wake.is_some() => {}
            }
        }
    }

    /// Asks whatever is due, and returns when something will be.
    fn ask(&mut self) -> Option<Instant> {
        let now = Instant::now();
        let mut wake: Option<Instant> = None;
        for (endpoint, desk) in &mut self.desks {
            loop {
                match desk.schedule.next(now.into_std()) {
                    Next::Ask(id) => {
                        let Some(arn) = desk.arns.get(&id).cloned() else { continue };
                        let source = Arc::clone(&desk.source);
                        let question = self.questions.spawn(async move { source.status(&arn).await });
                        self.asked.insert(question.id(), (endpoint.clone(), id));
                        self.outbox.push_back(Report::Asked { endpoint: endpoint.clone(), at: now });
                    }
                    Next::At(moment) => {
                        let moment = Instant::from_std(moment);
                        wake = Some(wake.map_or(moment, |wake| wake.min(moment)));
                        break;
                    }
                    Next::Nothing => break,
                }
            }
        }
        wake
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Watch(watched) => {
                let now = Instant::now().into_std();
                for Watched { id, endpoint, arn, age, grace } in watched {
                    if let Some(desk) = self.desks.get_mut(&endpoint) {
                        desk.schedule.add(id, &arn.machine(), age, grace, now);
                        desk.arns.insert(id, arn);
                    }
                }
            }
            Command::Forget(id) => {
                for desk in self.desks.values_mut() {
                    desk.arns.remove(&id);
                    desk.schedule.forget(id);
                }
            }
            Command::Select(selected) => {
                for desk in self.desks.values_mut() {
                    desk.schedule.select(selected);
                }
            }
        }
    }

    /// Every question is answered, also one whose task panicked.
    fn take(&mut self, answer: Result<(Id, Result<Observation, Failure>), JoinError>) {
        let (task, answer) = match answer {
            Ok((task, answer)) => (task, answer),
            Err(error) => {
                let failure = Failure::without_answer(FailureKind::Client, format!("the question broke off: {error}"));
                (error.id(), Err(failure))
            }
        };
        let Some((endpoint, id)) = self.asked.remove(&task) else { return };
        let Some(desk) = self.desks.get_mut(&endpoint) else { return };
        let verdict = desk.schedule.answered(id, &answer, Instant::now().into_std(), fastrand::f64());
        if matches!(verdict, Verdict::Ended | Verdict::GivenUp) {
            desk.arns.remove(&id);
        }
        let is_held_back = desk.schedule.is_held_back();
        let answer = StatusAnswer { endpoint, id, answer, verdict, is_held_back };
        self.outbox.push_back(Report::Answered(Box::new(answer)));
    }
}

#[cfg(test)]
mod tests;
