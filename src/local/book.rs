//! The executions that were started: each one its definition, its input and its start.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::domain::{ExecutionArn, ExecutionName, StateMachineArn, Timestamp};
use crate::local::engine::{Run, Timeline, timeline};
use crate::local::journal::{Journal, Start};
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
    /// Worked out when it is asked for the first time.
    timeline: OnceLock<Timeline>,
}

impl Entry {
    pub(super) fn timeline(&self) -> &Timeline {
        self.timeline.get_or_init(|| {
            timeline(&Run {
                definition: &self.loaded.definition,
                input: &self.input,
                start: self.start,
                machine: self.machine.name(),
                arn: self.arn.as_str(),
                name: self.arn.name(),
            })
        })
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

/// All executions by their ARN, and the file that they are kept in.
#[derive(Debug, Default)]
pub(super) struct Book(Mutex<Pages>);

#[derive(Debug, Default)]
struct Pages {
    entries: HashMap<ExecutionArn, Arc<Entry>>,
    journal: Option<Journal>,
}

impl Pages {
    fn put(&mut self, starts: Vec<Start>) {
        for Start { arn, machine, loaded, input, began } in starts {
            let timeline = OnceLock::new();
            let entry = Arc::new(Entry { arn: arn.clone(), machine, input, start: began, loaded, timeline });
            self.entries.entry(arn).or_insert(entry);
        }
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
        input: String,
        now: Timestamp,
    ) -> Recorded {
        let start = Start { arn: machine.execution(name), machine, loaded, input, began: now };
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mut journal) = pages.journal.take() {
            let added = journal.add(&start, |news| {
                pages.put(news);
                !pages.entries.contains_key(&start.arn)
            });
            pages.journal = Some(journal);
            // A disk that is full ends nobody's trying out: it goes on in memory.
            drop(added);
        }
        if let Some(entry) = pages.entries.get(&start.arn) {
            let is_same = entry.input == start.input && entry.is_running(now);
            let entry = Arc::clone(entry);
            return if is_same { Recorded::Running(entry) } else { Recorded::Taken(entry) };
        }
        let arn = start.arn.clone();
        pages.put(vec![start]);
        Recorded::Running(Arc::clone(&pages.entries[&arn]))
    }

    /// The execution with this ARN.
    pub(super) fn find(&self, arn: &ExecutionArn) -> Option<Arc<Entry>> {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !pages.entries.contains_key(arn) {
            // Another process may have started it.
            let news = pages.journal.as_mut().and_then(|journal| journal.news().ok());
            pages.put(news.unwrap_or_default());
        }
        pages.entries.get(arn).cloned()
    }

    /// All of them.
    pub(super) fn all(&self) -> Vec<Arc<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entries.values().cloned().collect()
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
        let recorded = book.start(machine, loaded, &name, input.to_owned(), Timestamp::from_millis(now));
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
        let arn = first.all()[0].arn.clone();
        let b = ExecutionArn::parse(&arn.as_str().replace(":M:a", ":M:b")).expect("an ARN");
        assert_eq!(first.find(&b).expect("the other's").start.as_millis(), 3_000);
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
        assert_eq!((entry.input.as_str(), entry.timeline().stop.as_millis() > 60_000), ("{ \"n\":1.0 }", true));
    }
}
