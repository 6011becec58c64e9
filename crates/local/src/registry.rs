//! All executions of the local gateway, and the journal that they are kept in.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::arn::{ExecutionArn, StateMachineArn};
use crate::engine::Intervention;
use crate::journal::{Fact, Journal, News, Start};
use crate::machines::Loaded;
use crate::name::ExecutionName;
use crate::timestamp::Timestamp;

mod entry;

pub(crate) use entry::Entry;

/// What came of a start.
pub(crate) enum Recorded {
    /// A new execution, or the running one with the same name and input.
    Running(Arc<Entry>),
    /// The name is taken.
    Taken(Arc<Entry>),
}

/// What came of a redrive.
pub(crate) enum Redriven {
    /// It goes on since then.
    At(Timestamp),
    /// It does not, for this reason.
    Not(String),
}

/// All executions by their ARN, and the file that they are kept in.
#[derive(Debug, Default)]
pub(crate) struct Registry(Mutex<Executions>);

#[derive(Debug, Default)]
struct Executions {
    entries: HashMap<ExecutionArn, Arc<Entry>>,
    /// In the order of their starts.
    order: VecDeque<ExecutionArn>,
    /// Of all inputs.
    bytes: usize,
    journal: Option<Journal>,
}

/// The most executions.
const MOST_EXECUTIONS: usize = 100_000;
/// The most bytes of all their inputs.
const MOST_BYTES: usize = 32 * 1024 * 1024;
/// Of so many of the oldest one that has ended is looked for, to make room.
const OLDEST: usize = 100;

impl Executions {
    fn put_news(&mut self, news: News) {
        if news.is_all {
            self.entries.clear();
            self.order.clear();
            self.bytes = 0;
        }
        self.put(news.facts);
    }

    fn put(&mut self, facts: Vec<Fact>) {
        for fact in facts {
            match fact {
                Fact::Start(start) => self.put_start(start),
                Fact::Done(arn, intervention, token) => self.put_intervention(&arn, intervention, token),
            }
        }
    }

    fn put_start(&mut self, start: Start) {
        let (arn, began) = (start.arn.clone(), start.began);
        if self.entries.contains_key(&arn) {
            return;
        }
        self.bytes += start.input.len();
        self.entries.insert(arn.clone(), Arc::new(Entry::new(start)));
        self.order.push_back(arn);
        while self.order.len() > MOST_EXECUTIONS || (self.bytes > MOST_BYTES && self.order.len() > 1) {
            self.drop_oldest(began);
        }
    }

    /// Forgets the oldest that has ended by now, or the oldest.
    fn drop_oldest(&mut self, now: Timestamp) {
        let has_ended = |arn: &ExecutionArn| self.entries.get(arn).is_none_or(|entry| !entry.is_running(now));
        let index = self.order.iter().take(OLDEST).position(has_ended).unwrap_or(0);
        if let Some(entry) = self.order.remove(index).and_then(|arn| self.entries.remove(&arn)) {
            self.bytes -= entry.input.len();
        }
    }

    /// The facts of each execution, the latest first.
    fn facts(&self) -> Vec<Vec<Fact>> {
        self.order.iter().rev().filter_map(|arn| self.entries.get(arn)).map(|entry| entry.facts()).collect()
    }

    /// Puts another execution in the place of the one that it was done to.
    fn put_intervention(&mut self, arn: &ExecutionArn, intervention: Intervention, token: Option<String>) {
        if let Some(entry) = self.entries.get_mut(arn) {
            *entry = Arc::new(entry.after(intervention, token));
        }
    }

    /// Takes in what other processes have written.
    fn read_on(&mut self) {
        let news = self.journal.as_mut().and_then(|journal| journal.news().ok());
        self.put_news(news.unwrap_or_default());
    }

    /// Makes a fact known to all, if `may_be` says so of what is known by then; whether it did.
    fn add(&mut self, fact: Fact, may_be: impl Fn(&Self) -> bool) -> bool {
        if let Some(mut journal) = self.journal.take() {
            let added = journal.add(&fact, |news| {
                self.put_news(news);
                may_be(self)
            });
            self.journal = Some(journal);
            // A disk that is full ends nobody's trying out: it goes on in memory.
            drop(added);
        }
        let is_added = may_be(self);
        if is_added {
            self.put(vec![fact]);
        }
        self.compact();
        is_added
    }

    /// Makes the file small again once it has grown large. If that fails, it is tried again with the next fact.
    fn compact(&mut self) {
        if let Some(mut journal) = self.journal.take_if(|journal| journal.is_large()) {
            let compacted = journal.compact(|news| {
                self.put_news(news);
                self.facts()
            });
            drop(compacted);
            self.journal = Some(journal);
        }
    }
}

impl Registry {
    /// A registry that is kept in this file, with everything that stands in it.
    pub(crate) fn kept(path: &Path) -> io::Result<Self> {
        let mut journal = Journal::open(path)?;
        let mut executions = Executions::default();
        executions.put_news(journal.news()?);
        executions.journal = Some(journal);
        Ok(Self(Mutex::new(executions)))
    }

    /// Writes a start down. The same name with the same input is the same execution while it runs;
    /// afterwards, or with another input, the name is taken.
    pub(crate) fn start(
        &self,
        machine: StateMachineArn,
        loaded: Arc<Loaded>,
        name: &ExecutionName,
        input: &str,
        now: Timestamp,
    ) -> Recorded {
        let arn = machine.execution(name);
        let start = Start { arn: arn.clone(), machine, loaded, input: input.to_owned(), began: now };
        let mut executions = self.executions();
        let is_new = executions.add(Fact::Start(start), |executions| !executions.entries.contains_key(&arn));
        let entry = Arc::clone(&executions.entries[&arn]);
        let is_same = entry.input == input && entry.is_running(now);
        if is_new || is_same { Recorded::Running(entry) } else { Recorded::Taken(entry) }
    }

    /// Stops an execution that runs; what has ended stays as it ended. Returns when it stopped.
    pub(crate) fn stop(
        &self,
        arn: &ExecutionArn,
        error: Option<String>,
        cause: Option<String>,
        now: Timestamp,
    ) -> Option<Timestamp> {
        self.find(arn)?;
        let mut executions = self.executions();
        let stop = Fact::Done(arn.clone(), Intervention::Stop { at: now, error, cause }, None);
        executions.add(stop, |executions| executions.entries.get(arn).is_some_and(|entry| entry.is_running(now)));
        executions.entries.get(arn).map(|entry| entry.timeline().stop)
    }

    /// Lets an execution that ended badly go on from the state that it ended in.
    pub(crate) fn redrive(&self, arn: &ExecutionArn, token: Option<String>, now: Timestamp) -> Option<Redriven> {
        let entry = self.find(arn)?;
        if let Some(at) = entry.redriven_with(token.as_deref()) {
            return Some(Redriven::At(at));
        }
        let mut executions = self.executions();
        let redrive = Fact::Done(arn.clone(), Intervention::Redrive { at: now }, token);
        if executions
            .add(redrive, |executions| executions.entries.get(arn).is_some_and(|entry| entry.is_redrivable(now)))
        {
            return Some(Redriven::At(now));
        }
        let status = if entry.is_running(now) { "RUNNING" } else { "SUCCEEDED" };
        Some(Redriven::Not(format!("Execution is {status} and cannot be redriven")))
    }

    /// The execution with this ARN.
    pub(crate) fn find(&self, arn: &ExecutionArn) -> Option<Arc<Entry>> {
        let mut executions = self.executions();
        // Another process may have started it, or stopped it.
        executions.read_on();
        executions.entries.get(arn).cloned()
    }

    /// All of them.
    pub(crate) fn all(&self) -> Vec<Arc<Entry>> {
        let mut executions = self.executions();
        executions.read_on();
        executions.entries.values().cloned().collect()
    }

    fn executions(&self) -> MutexGuard<'_, Executions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
