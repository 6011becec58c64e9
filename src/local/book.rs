//! The executions that were started: each one its definition, its input, its start, and what was done to it.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::domain::{ExecutionArn, ExecutionName, StateMachineArn, Timestamp};
use crate::local::engine::{End, Event, Intervention, Run, Timeline, history, timeline};
use crate::local::journal::{Fact, Journal, News, Start};
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

    /// What it is made of, in order.
    fn facts(&self) -> Vec<Fact> {
        let start = Fact::Start(Start {
            arn: self.arn.clone(),
            machine: self.machine.clone(),
            loaded: Arc::clone(&self.loaded),
            input: self.input.clone(),
            began: self.start,
        });
        let done = self.interventions.iter().map(|intervention| {
            let token = match intervention {
                Intervention::Redrive { at } => self.tokens.iter().find(|(_, date)| date == at),
                Intervention::Stop { .. } => None,
            };
            Fact::Done(self.arn.clone(), intervention.clone(), token.map(|(token, _)| token.clone()))
        });
        std::iter::once(start).chain(done).collect()
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

impl Pages {
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
        if self.entries.contains_key(&arn) {
            return;
        }
        self.bytes += entry.input.len();
        self.entries.insert(arn.clone(), Arc::new(entry));
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

impl Book {
    /// A book that is kept in this file, with everything that stands in it.
    pub(super) fn kept(path: &Path) -> io::Result<Self> {
        let mut journal = Journal::open(path)?;
        let mut pages = Pages::default();
        pages.put_news(journal.news()?);
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
    fn of_m(name: &str) -> ExecutionArn {
        ExecutionArn::parse(&format!("arn:aws:states:us-east-1:000000000000:execution:M:{name}")).expect("an ARN")
    }

    #[test]
    fn a_journal_that_grows_is_written_anew_with_the_latest_for_all_processes() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.jsonl");
        let (first, second) = (Book::kept(&path).expect("opened"), Book::kept(&path).expect("opened"));
        let input = format!("\"{}\"", "x".repeat(200_000));
        for number in 0..200 {
            let book = if number % 2 == 0 { &first } else { &second };
            start(book, &format!("n{number}"), &input, number).expect("started");
            assert!(std::fs::metadata(&path).expect("a file").len() < 18 * 1024 * 1024);
        }
        // What is done to one that was kept, others see.
        let last = of_m("n199");
        first.stop(&last, Some("E".into()), None, Timestamp::from_millis(300)).expect("stopped");
        for book in [&first, &second, &Book::kept(&path).expect("opened")] {
            assert!(book.find(&of_m("n0")).is_none(), "the oldest is gone");
            let entry = book.find(&last).expect("the latest is there");
            assert!(!entry.is_running(Timestamp::from_millis(400)));
            assert_eq!(entry.input, input);
        }
    }

    #[test]
    fn a_journal_that_is_none_stops_nobody() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.jsonl");
        let line = format!("{{\"execution\": \"{}\n", "x".repeat(5 * 1024 * 1024));
        for text in ["\0\0\0\n\n{}\n[1,2]\nnull\n{\"execution\":1}\n".to_owned(), line.clone(), line.repeat(6)] {
            std::fs::write(&path, &text).expect("written");
            let book = Book::kept(&path).expect("opened");
            assert_eq!(book.all().len(), 0);
            start(&book, "a", "{}", 1_000).expect("started");
            assert!(Book::kept(&path).expect("opened").find(&of_m("a")).is_some(), "{}", text.len());
        }
        assert!(folder.path().join("journal.jsonl.aside").exists(), "the huge one is put aside");
    }

    #[test]
    fn executions_in_memory_are_limited_and_running_ones_stay_longest() {
        let book = Book::default();
        let input = format!("\"{}\"", "x".repeat(250_000));
        // Each runs for a minute: the second one is over when the others begin.
        start(&book, "running", &input, 100_000).expect("started");
        start(&book, "over", &input, 1_000).expect("started");
        for number in 0..133 {
            start(&book, &format!("n{number}"), &input, 100_000 + number).expect("started");
        }
        assert!(book.find(&of_m("over")).is_none() && book.find(&of_m("running")).is_some());
        for number in 200..400 {
            start(&book, &format!("n{number}"), &input, 100_000 + number).expect("started");
        }
        let bytes: usize = book.all().iter().map(|entry| entry.input.len()).sum();
        assert!(bytes <= MOST_BYTES && bytes > MOST_BYTES / 2, "{bytes}");
    }
}
