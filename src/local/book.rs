//! The executions that were started: each one its definition, its input, its start, and what was done to it.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::domain::{ExecutionArn, ExecutionName, StateMachineArn, Timestamp};
use crate::local::engine::{End, Event, Intervention, Run, Timeline, history, timeline};
use crate::local::journal::{Fact, Journal, Start};
use crate::local::machines::Loaded;

/// One started execution.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) arn: ExecutionArn,
    /// As the start named it: with version or alias.
    pub(super) machine: StateMachineArn,
    pub(super) input: String,
    pub(super) start: Timestamp,
    loaded: Arc<Loaded>,
    interventions: Vec<Intervention>,
    /// The `clientToken` of each redrive, if it had one, with its date.
    tokens: Vec<(String, Timestamp)>,
    /// Worked out when it is asked for the first time.
    timeline: OnceLock<Timeline>,
}

impl Entry {
    pub(super) fn timeline(&self) -> &Timeline {
        self.timeline.get_or_init(|| timeline(&self.run()))
    }

    /// The definition as it was given.
    pub(super) fn definition(&self) -> &str {
        &self.loaded.text
    }

    /// What has happened by now.
    pub(super) fn history(&self, now: Timestamp) -> Vec<Event> {
        history(&self.run(), now)
    }

    fn run(&self) -> Run<'_> {
        Run {
            definition: &self.loaded.definition,
            input: &self.input,
            start: self.start,
            machine: self.machine.name(),
            arn: self.arn.as_str(),
            name: self.arn.name(),
            interventions: &self.interventions,
        }
    }

    /// Whether it ended otherwise than well.
    fn is_redrivable(&self, now: Timestamp) -> bool {
        !self.is_running(now) && !matches!(self.timeline().end, End::Succeeded(_))
    }

    /// Whether it still runs at this moment.
    pub(super) fn is_running(&self, now: Timestamp) -> bool {
        now < self.timeline().stop
    }
}

/// What came of a start.
pub(super) enum Recorded {
    /// A new execution, or the running one with the same name and input.
    Running(Arc<Entry>),
    /// The name is taken.
    Taken(Arc<Entry>),
}

/// What came of a redrive.
pub(super) enum Redriven {
    /// It goes on since then.
    At(Timestamp),
    /// It does not, for this reason.
    Not(String),
}

/// All executions by their ARN, and the file that they are kept in.
#[derive(Debug, Default)]
pub(super) struct Book(Mutex<Pages>);

#[derive(Debug, Default)]
struct Pages {
    entries: HashMap<ExecutionArn, Arc<Entry>>,
    journal: Option<Journal>,
}

impl Pages {
    fn put(&mut self, facts: Vec<Fact>) {
        for fact in facts {
            match fact {
                Fact::Start(start) => self.put_start(start),
                Fact::Done(arn, intervention, token) => self.put_intervention(&arn, intervention, token),
            }
        }
    }

    fn put_start(&mut self, Start { arn, machine, loaded, input, began }: Start) {
        let entry = Entry {
            arn: arn.clone(),
            machine,
            input,
            start: began,
            loaded,
            interventions: Vec::new(),
            tokens: Vec::new(),
            timeline: OnceLock::new(),
        };
        self.entries.entry(arn).or_insert_with(|| Arc::new(entry));
    }

    /// Puts another execution in the place of the one that it was done to.
    fn put_intervention(&mut self, arn: &ExecutionArn, intervention: Intervention, token: Option<String>) {
        let Some(entry) = self.entries.get_mut(arn) else { return };
        let (mut interventions, mut tokens) = (entry.interventions.clone(), entry.tokens.clone());
        if let (Intervention::Redrive { at }, Some(token)) = (&intervention, token) {
            tokens.push((token, *at));
        }
        interventions.push(intervention);
        *entry = Arc::new(Entry {
            arn: arn.clone(),
            machine: entry.machine.clone(),
            input: entry.input.clone(),
            start: entry.start,
            loaded: Arc::clone(&entry.loaded),
            interventions,
            tokens,
            timeline: OnceLock::new(),
        });
    }

    /// Takes in what other processes have written.
    fn read_on(&mut self) {
        let news = self.journal.as_mut().and_then(|journal| journal.news().ok());
        self.put(news.unwrap_or_default());
    }

    /// Makes a fact known to all, if `may_be` says so of what is known by then; whether it did.
    fn add(&mut self, fact: Fact, may_be: impl Fn(&Self) -> bool) -> bool {
        if let Some(mut journal) = self.journal.take() {
            let added = journal.add(&fact, |news| {
                self.put(news);
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
        is_added
    }
}

impl Book {
    /// A book that is kept in this file, with everything that stands in it.
    pub(super) fn kept(path: &Path) -> io::Result<Self> {
        let mut journal = Journal::open(path)?;
        let mut pages = Pages::default();
        pages.put(journal.news()?);
        pages.journal = Some(journal);
        Ok(Self(Mutex::new(pages)))
    }

    /// Writes a start down. The same name with the same input is the same execution while it runs;
    /// afterwards, or with another input, the name is taken.
    pub(super) fn start(
        &self,
        machine: StateMachineArn,
        loaded: Arc<Loaded>,
        name: &ExecutionName,
        input: &str,
        now: Timestamp,
    ) -> Recorded {
        let arn = machine.execution(name);
        let start = Start { arn: arn.clone(), machine, loaded, input: input.to_owned(), began: now };
        let mut pages = self.pages();
        let is_new = pages.add(Fact::Start(start), |pages| !pages.entries.contains_key(&arn));
        let entry = Arc::clone(&pages.entries[&arn]);
        let is_same = entry.input == input && entry.is_running(now);
        if is_new || is_same { Recorded::Running(entry) } else { Recorded::Taken(entry) }
    }

    /// Stops an execution that runs; what has ended stays as it ended. Returns when it stopped.
    pub(super) fn stop(
        &self,
        arn: &ExecutionArn,
        error: Option<String>,
        cause: Option<String>,
        now: Timestamp,
    ) -> Option<Timestamp> {
        self.find(arn)?;
        let mut pages = self.pages();
        let stop = Fact::Done(arn.clone(), Intervention::Stop { at: now, error, cause }, None);
        pages.add(stop, |pages| pages.entries.get(arn).is_some_and(|entry| entry.is_running(now)));
        pages.entries.get(arn).map(|entry| entry.timeline().stop)
    }

    /// Lets an execution that ended badly go on from the state that it ended in.
    pub(super) fn redrive(&self, arn: &ExecutionArn, token: Option<String>, now: Timestamp) -> Option<Redriven> {
        let entry = self.find(arn)?;
        if let Some((_, at)) = entry.tokens.iter().find(|(known, _)| Some(known) == token.as_ref()) {
            return Some(Redriven::At(*at));
        }
        let mut pages = self.pages();
        let redrive = Fact::Done(arn.clone(), Intervention::Redrive { at: now }, token);
        if pages.add(redrive, |pages| pages.entries.get(arn).is_some_and(|entry| entry.is_redrivable(now))) {
            return Some(Redriven::At(now));
        }
        let status = if entry.is_running(now) { "RUNNING" } else { "SUCCEEDED" };
        Some(Redriven::Not(format!("Execution is {status} and cannot be redriven")))
    }

    /// The execution with this ARN.
    pub(super) fn find(&self, arn: &ExecutionArn) -> Option<Arc<Entry>> {
        let mut pages = self.pages();
        // Another process may have started it, or stopped it.
        pages.read_on();
        pages.entries.get(arn).cloned()
    }

    /// All of them.
    pub(super) fn all(&self) -> Vec<Arc<Entry>> {
        let mut pages = self.pages();
        pages.read_on();
        pages.entries.values().cloned().collect()
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASS: &str = r#"{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 60, "End": true}}}"#;

    fn start(book: &Book, name: &str, input: &str, now: i64) -> Result<(String, i64), String> {
        let machine = "arn:aws:states:us-east-1:000000000000:stateMachine:M";
        let machine = StateMachineArn::parse(machine).expect("an ARN");
        let loaded = Arc::new(Loaded::load(PASS).expect("a definition"));
        let name = ExecutionName::parse(name).expect("a name");
        let recorded = book.start(machine, loaded, &name, input, Timestamp::from_millis(now));
        match recorded {
            Recorded::Running(entry) => Ok((entry.arn.name().to_owned(), entry.start.as_millis())),
            Recorded::Taken(entry) => Err(entry.arn.name().to_owned()),
        }
    }

    #[test]
    fn executions_go_on_over_a_restart_and_are_one_account_for_all_processes() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.jsonl");
        let (first, second) = (Book::kept(&path).expect("opened"), Book::kept(&path).expect("opened"));
        assert_eq!(start(&first, "a", "{ \"n\":1.0 }", 1_000), Ok(("a".into(), 1_000)));
        assert_eq!(start(&second, "a", "{ \"n\":1.0 }", 2_000), Ok(("a".into(), 1_000)), "the same, while it runs");
        assert_eq!(start(&second, "a", "{}", 2_000), Err("a".into()));
        assert_eq!(start(&second, "b", "{}", 3_000), Ok(("b".into(), 3_000)));
        let arn = ExecutionArn::parse("arn:aws:states:us-east-1:000000000000:execution:M:a").expect("an ARN");
        let b = ExecutionArn::parse(&arn.as_str().replace(":M:a", ":M:b")).expect("an ARN");
        assert_eq!(first.find(&b).expect("the other's").start.as_millis(), 3_000);
        // What one does to it, the other sees.
        let (stop, redrive) = (Timestamp::from_millis(5_000), Timestamp::from_millis(9_000));
        assert_eq!(second.stop(&arn, Some("E".into()), None, stop), Some(stop));
        assert!(!first.find(&arn).expect("known").is_running(stop));
        let token = Some("t".to_owned());
        assert!(matches!(first.redrive(&arn, token.clone(), redrive), Some(Redriven::At(at)) if at == redrive));
        assert!(matches!(second.redrive(&arn, token, stop), Some(Redriven::At(at)) if at == redrive));
        assert!(matches!(second.redrive(&arn, None, redrive), Some(Redriven::Not(why)) if why.contains("RUNNING")));
        drop((first, second));
        // A crash in the middle of a line costs that line only.
        let mut text = std::fs::read_to_string(&path).expect("read");
        text.push_str("{\"execution\":\"arn:aws:st");
        std::fs::write(&path, text).expect("written");
        let third = Book::kept(&path).expect("opened");
        assert_eq!(start(&third, "c", "{}", 4_000), Ok(("c".into(), 4_000)));
        let fourth = Book::kept(&path).expect("opened");
        assert_eq!(fourth.all().len(), 3);
        let entry = fourth.find(&arn).expect("kept");
        let Timeline { stop, redrives, .. } = entry.timeline();
        assert_eq!((entry.input.as_str(), stop.as_millis() > 69_000, *redrives), ("{ \"n\":1.0 }", true, 1));
    }
}
