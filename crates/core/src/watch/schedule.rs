//! Which execution to ask about next, and when. Pure: time comes in, decisions come out.
//!
//! The selected execution is asked about every second, more often while it is younger than that (but never for
//! more than half of the budget). Of the others that are due, that one goes first whose end is expected to have been
//! over the longest without our knowing (`durations`); each sixteenth question goes to the one asked least recently,
//! whatever is expected of it. An execution is due again as soon as a question is worth it (`machines`), and after a
//! twentieth of its age at the latest, between a second and `max_interval`. Where the endpoint lists executions, a list
//! of what runs of a machine goes first when it brings more for a request (`sweeps`). At most one question is in flight for an
//! execution, and none after its end. A failure of the endpoint stops its questions for a while that doubles; then one
//! question goes ahead to see, before the others follow. What counts as a failure of the endpoint is decided in `health`.
//! Throttling halves the rate (`budget`). A failure that concerns one execution postpones only that one.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use crate::domain::{ExecutionId, Failure, FailureKind, Observation, Retry, StateMachineArn, Verdict, WatchLimits};
use crate::lifecycle::retry;
use crate::rate_limit::RateLimiter;
use crate::watch::entry::{Entry, PollState};
use crate::watch::machines::Machines;
use crate::watch::outage::Outage;
use crate::watch::ready::Ready;
use crate::watch::sweeps::Sweeps;

pub use crate::watch::ready::Policy;

mod attention;
mod background_requests;
mod backlog;
mod choice;
mod due;
mod health;
mod learning;
mod next;
mod pace;
mod sweeping;

use background_requests::Errands;
use health::{Health, Room};
pub use next::Next;
use pace::{FIRST_LOOK, SHORTEST_INTERVAL};

/// Nobody can tell how an execution goes when the service has refused the question so often in a row.
const MOST_REFUSALS: u32 = 3;

/// Each so many-th question goes to the one asked least recently.
const TURNS: u32 = 16;

/// The schedule of one endpoint.
#[derive(Debug, Clone)]
pub struct Schedule {
    budget: RateLimiter,
    max_interval: Duration,
    entries: HashMap<ExecutionId, Entry>,
    /// Those not due yet, by when they are.
    waiting: BTreeSet<(Instant, ExecutionId)>,
    ready: Ready,
    policy: Policy,
    turn: u32,
    machines: Machines,
    health: Health,
    selected: Option<ExecutionId>,
    in_sight: BTreeSet<ExecutionId>,
    is_looked_at: bool,
    outage: Option<Outage>,
    sweeps: Option<Sweeps>,
    errands: Errands,
}

impl Schedule {
    /// An empty schedule.
    pub fn new(limits: WatchLimits) -> Self {
        Self::with(limits, Policy::default())
    }

    /// An empty schedule of this kind.
    pub fn with(limits: WatchLimits, policy: Policy) -> Self {
        Self {
            budget: RateLimiter::new(limits.requests_per_second),
            max_interval: limits.max_interval,
            entries: HashMap::new(),
            waiting: BTreeSet::new(),
            ready: Ready::default(),
            policy,
            turn: 0,
            machines: Machines::default(),
            health: Health::default(),
            selected: None,
            in_sight: BTreeSet::new(),
            is_looked_at: true,
            outage: None,
            sweeps: None,
            errands: Errands::default(),
        }
    }

    /// How many executions are watched.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether none is watched.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether questions are being held back after a failure of the endpoint.
    pub fn is_held_back(&self) -> bool {
        self.outage.is_some()
    }

    /// Requests a second that may be spent now.
    pub fn rate(&self, now: Instant) -> f64 {
        self.budget.rate(now)
    }

    /// Begins to watch an execution of a machine that is `age` old, and may be unknown to the service for as long as
    /// `grace`. It is due at once, unless it is brand-new.
    pub fn add(&mut self, id: ExecutionId, machine: &StateMachineArn, age: Duration, grace: Duration, now: Instant) {
        if self.entries.contains_key(&id) {
            return;
        }
        let machine = self.machines.number(machine);
        let began = now.checked_sub(age).unwrap_or(now);
        let due = now + FIRST_LOOK.saturating_sub(age);
        let (grace, turn) = (now + grace, PollState::Waiting(due));
        let entry = Entry {
            machine,
            began,
            ran_at: began,
            grace,
            last_asked: None,
            missing_since: None,
            failures: 0,
            answered: None,
            turn,
        };
        if let Some(sweeps) = &mut self.sweeps {
            sweeps.enter(id, &entry, now);
        }
        self.entries.insert(id, entry);
        self.waiting.insert((due, id));
    }

    /// Stops watching one; an answer that is under way is [`Verdict::Stale`].
    pub fn forget(&mut self, id: ExecutionId) {
        self.take_out(id);
        let Some(entry) = self.entries.remove(&id) else { return };
        if let PollState::InFlight(asked) = entry.turn {
            self.landed(id, asked);
        }
        self.health.forget(id, entry.answered);
        if let Some(sweeps) = &mut self.sweeps {
            sweeps.leave(&entry);
            sweeps.forget(id, entry.machine);
        }
    }

    /// Takes it out of its row, for another place there or none.
    fn take_out(&mut self, id: ExecutionId) {
        match self.entries.get(&id) {
            Some(Entry { turn: PollState::Waiting(due), .. }) => drop(self.waiting.remove(&(*due, id))),
            Some(entry @ Entry { turn: PollState::Ready, .. }) => self.ready.remove(id, entry.standing()),
            _ => {}
        }
    }

    /// Decides. After [`Next::Ask`] the question counts as asked at `now`.
    pub fn next(&mut self, now: Instant) -> Next {
        self.wake(now);
        let first = self.first_ready(now);
        if self.is_for_errand(first.is_some()) {
            return self.run_errand(now);
        }
        if self.budget.free_at(now) <= now
            && let Some(sweep) = self.sweep(first.map_or(0.0, |(_, worth)| worth), now)
        {
            return Next::Sweep(sweep);
        }
        let Some((id, _)) = first else {
            let question = self.waiting.first().map(|(due, _)| self.moment(*due, now));
            return [question, self.sweep_due(now)].into_iter().flatten().min().map_or(Next::Nothing, Next::At);
        };
        match self.health.room(now, self.outage.is_some()) {
            Room::Free => {}
            Room::From(moment) => return Next::At(moment),
            Room::None => return Next::Nothing,
        }
        let moment = self.moment(now, now);
        if moment > now {
            return Next::At(moment);
        }
        if let Err(moment) = self.budget.spend(now) {
            return Next::At(moment);
        }
        self.ask(id, now);
        Next::Ask(id)
    }

    /// Takes the answer to a question. `jitter` is a random number from 0 to 1.
    pub fn answered(
        &mut self,
        id: ExecutionId,
        answer: &Result<Observation, Failure>,
        now: Instant,
        jitter: f64,
    ) -> Verdict {
        let Some(Entry { grace, failures, turn: PollState::InFlight(asked), .. }) = self.entries.get(&id).cloned()
        else {
            return Verdict::Stale;
        };
        self.landed(id, asked);
        if let Err(Failure { kind: FailureKind::Throttled, .. }) = answer {
            // It is there, and it has refused nobody in particular.
            self.outage = self.outage.filter(|outage| asked < outage.since);
            self.budget.throttled(asked, now);
            self.wait_until(id, now);
            return Verdict::Slowed;
        }
        if let Err(failure) = answer
            && health::is_of_endpoint(failure)
        {
            return self.failed(id, failure, failures, asked, now, jitter);
        }
        self.endpoint_answered(id, asked, now);
        if let Ok(observation) = answer {
            self.learn(id, observation, asked, now);
        }
        let (verdict, due) = match answer {
            Ok(observation) if observation.is_ended() => (Verdict::Ended, now),
            Ok(_) => {
                let due = self.due_after_question(id, asked + SHORTEST_INTERVAL);
                (Verdict::Watching(due.saturating_duration_since(now)), due)
            }
            Err(failure) if failure.kind == FailureKind::ExecutionDoesNotExist && now < grace => {
                (Verdict::Watching(SHORTEST_INTERVAL), asked + SHORTEST_INTERVAL)
            }
            Err(failure) if failure.kind == FailureKind::ExpressNotDescribable => (Verdict::GivenUp, now),
            Err(failure) if failure.retry() == Retry::Never && failures + 1 >= MOST_REFUSALS => (Verdict::GivenUp, now),
            Err(_) => {
                let pause = retry::delay(failures + 1, jitter);
                (Verdict::Postponed(pause), now + pause)
            }
        };
        match verdict {
            Verdict::Ended | Verdict::GivenUp => self.forget(id),
            _ => self.wait_until(id, due),
        }
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.failures = if matches!(verdict, Verdict::Postponed(_)) { failures + 1 } else { 0 };
        }
        verdict
    }

    fn wake(&mut self, now: Instant) {
        while let Some((due, id)) = self.waiting.first().copied().filter(|(due, _)| *due <= now) {
            self.waiting.remove(&(due, id));
            if let Some(entry) = self.entries.get_mut(&id) {
                entry.turn = PollState::Ready;
                self.ready.insert(id, entry.standing());
            }
        }
    }

    /// The moment at which something that is due at `due` may really be asked.
    fn moment(&self, due: Instant, now: Instant) -> Instant {
        let free = self.budget.free_at(now).max(due);
        self.outage.map_or(free, |outage| outage.until.max(free))
    }

    fn ask(&mut self, id: ExecutionId, now: Instant) {
        self.take_out(id);
        self.health.left(id, self.entries.get(&id).and_then(|entry| entry.answered), now);
        self.pass_turn();
        self.turn = self.turn.wrapping_add(1);
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.last_asked = Some(now);
            entry.turn = PollState::InFlight(now);
        }
    }

    fn wait_again(&mut self, id: ExecutionId, asked: Instant) {
        let due = self.due_after_question(id, asked + SHORTEST_INTERVAL);
        self.wait_until(id, due);
    }

    fn wait_until(&mut self, id: ExecutionId, due: Instant) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.turn = PollState::Waiting(due);
            self.waiting.insert((due, id));
        }
    }
}

#[cfg(test)]
mod tests;
