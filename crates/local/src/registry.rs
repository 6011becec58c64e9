//! The executions of the local gateway, and their journal.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::arn::{ExecutionArn, StateMachineArn};
use crate::engine::Intervention;
use crate::journal::{Fact, Journal, Start, Update};
use crate::machines::Loaded;
use crate::name::ExecutionName;
use crate::timestamp::Timestamp;

mod entry;

pub(crate) use entry::Entry;

/// The result of a start.
pub(crate) enum StartOutcome {
    /// A new execution, or the running one with the same name and input.
    Running(Arc<Entry>),
    /// The name belongs to another execution.
    NameTaken(Arc<Entry>),
}

/// The result of a redrive.
pub(crate) enum RedriveOutcome {
    /// The execution continues, since this time.
    Redriven(Timestamp),
    /// It cannot be redriven, for this reason.
    Refused(String),
}

/// The executions by ARN, and their journal.
#[derive(Debug, Default)]
pub(crate) struct Registry(Mutex<Executions>);

#[derive(Debug, Default)]
struct Executions {
    entries: HashMap<ExecutionArn, Arc<Entry>>,
    /// In the order of the starts.
    order: VecDeque<ExecutionArn>,
    /// Total size of all inputs.
    bytes: usize,
    journal: Option<Journal>,
}

const MAX_EXECUTIONS: usize = 100_000;
/// Maximum total size of all inputs.
const MAX_BYTES: usize = 32 * 1024 * 1024;
/// How many of the oldest executions to search for an ended one, to make room.
const EVICTION_CANDIDATES: usize = 100;

impl Executions {
    fn apply_update(&mut self, update: Update) {
        if update.replaces_all {
            self.entries.clear();
            self.order.clear();
            self.bytes = 0;
        }
        self.insert(update.facts);
    }

    fn insert(&mut self, facts: Vec<Fact>) {
        for fact in facts {
            match fact {
                Fact::Start(start) => self.insert_start(start),
                Fact::Intervention(arn, intervention, token) => self.apply_intervention(&arn, intervention, token),
            }
        }
    }

    fn insert_start(&mut self, start: Start) {
        let (arn, started) = (start.arn.clone(), start.started);
        if self.entries.contains_key(&arn) {
            return;
        }
        self.bytes += start.input.len();
        self.entries.insert(arn.clone(), Arc::new(Entry::new(start)));
        self.order.push_back(arn);
        while self.order.len() > MAX_EXECUTIONS || (self.bytes > MAX_BYTES && self.order.len() > 1) {
            self.drop_oldest(started);
        }
    }

    /// Removes the oldest ended execution, or else the oldest one.
    fn drop_oldest(&mut self, now: Timestamp) {
        let has_ended = |arn: &ExecutionArn| self.entries.get(arn).is_none_or(|entry| !entry.is_running(now));
        let index = self.order.iter().take(EVICTION_CANDIDATES).position(has_ended).unwrap_or(0);
        if let Some(entry) = self.order.remove(index).and_then(|arn| self.entries.remove(&arn)) {
            self.bytes -= entry.input.len();
        }
    }

    /// Returns the facts of each execution, latest first.
    fn facts(&self) -> Vec<Vec<Fact>> {
        self.order.iter().rev().filter_map(|arn| self.entries.get(arn)).map(|entry| entry.facts()).collect()
    }

    /// Replaces an execution by its successor after an intervention.
    fn apply_intervention(&mut self, arn: &ExecutionArn, intervention: Intervention, token: Option<String>) {
        if let Some(entry) = self.entries.get_mut(arn) {
            *entry = Arc::new(entry.after(intervention, token));
        }
    }

    /// Reads the facts that other processes have added.
    fn refresh(&mut self) {
        let update = self.journal.as_mut().and_then(|journal| journal.read_new().ok());
        self.apply_update(update.unwrap_or_default());
    }

    /// Records a fact if it is still `is_valid` after a refresh; returns whether it did.
    fn add(&mut self, fact: Fact, is_valid: impl Fn(&Self) -> bool) -> bool {
        if let Some(mut journal) = self.journal.take() {
            let added = journal.add(&fact, |update| {
                self.apply_update(update);
                is_valid(self)
            });
            self.journal = Some(journal);
            // If the disk is full, the gateway continues in memory.
            drop(added);
        }
        let is_added = is_valid(self);
        if is_added {
            self.insert(vec![fact]);
        }
        self.compact();
        is_added
    }

    /// Compacts a large journal. If that fails, the next fact tries again.
    fn compact(&mut self) {
        if let Some(mut journal) = self.journal.take_if(|journal| journal.is_large()) {
            let compacted = journal.compact(|update| {
                self.apply_update(update);
                self.facts()
            });
            drop(compacted);
            self.journal = Some(journal);
        }
    }
}

impl Registry {
    /// Opens a registry with this journal.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let mut journal = Journal::open(path)?;
        let mut executions = Executions::default();
        executions.apply_update(journal.read_new()?);
        executions.journal = Some(journal);
        Ok(Self(Mutex::new(executions)))
    }

    /// Starts an execution. The same name and input is the same execution while it runs; afterwards, or with another
    /// input, the name is taken.
    pub(crate) fn start(
        &self,
        machine: StateMachineArn,
        loaded: Arc<Loaded>,
        name: &ExecutionName,
        input: &str,
        now: Timestamp,
    ) -> StartOutcome {
        let arn = machine.execution(name);
        let start = Start { arn: arn.clone(), machine, loaded, input: input.to_owned(), started: now };
        let mut executions = self.executions();
        let is_new = executions.add(Fact::Start(start), |executions| !executions.entries.contains_key(&arn));
        let entry = Arc::clone(&executions.entries[&arn]);
        let is_same = entry.input == input && entry.is_running(now);
        if is_new || is_same { StartOutcome::Running(entry) } else { StartOutcome::NameTaken(entry) }
    }

    /// Stops a running execution; one that has ended does not change. Returns the time of its end.
    pub(crate) fn stop(
        &self,
        arn: &ExecutionArn,
        error: Option<String>,
        cause: Option<String>,
        now: Timestamp,
    ) -> Option<Timestamp> {
        self.find(arn)?;
        let mut executions = self.executions();
        let stop = Fact::Intervention(arn.clone(), Intervention::Stop { at: now, error, cause }, None);
        executions.add(stop, |executions| executions.entries.get(arn).is_some_and(|entry| entry.is_running(now)));
        executions.entries.get(arn).map(|entry| entry.timeline().stop)
    }

    /// Redrives an execution that did not succeed, from the state in which it ended.
    pub(crate) fn redrive(&self, arn: &ExecutionArn, token: Option<String>, now: Timestamp) -> Option<RedriveOutcome> {
        let entry = self.find(arn)?;
        if let Some(at) = entry.redriven_with(token.as_deref()) {
            return Some(RedriveOutcome::Redriven(at));
        }
        let mut executions = self.executions();
        let redrive = Fact::Intervention(arn.clone(), Intervention::Redrive { at: now }, token);
        if executions
            .add(redrive, |executions| executions.entries.get(arn).is_some_and(|entry| entry.is_redrivable(now)))
        {
            return Some(RedriveOutcome::Redriven(now));
        }
        let status = if entry.is_running(now) { "RUNNING" } else { "SUCCEEDED" };
        Some(RedriveOutcome::Refused(format!("Execution is {status} and cannot be redriven")))
    }

    /// Returns the execution with this ARN.
    pub(crate) fn find(&self, arn: &ExecutionArn) -> Option<Arc<Entry>> {
        let mut executions = self.executions();
        // Another process may have started or stopped it.
        executions.refresh();
        executions.entries.get(arn).cloned()
    }

    pub(crate) fn all(&self) -> Vec<Arc<Entry>> {
        let mut executions = self.executions();
        executions.refresh();
        executions.entries.values().cloned().collect()
    }

    fn executions(&self) -> MutexGuard<'_, Executions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
