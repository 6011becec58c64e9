//! The starts of the local gateway on disk, so that its executions go on over a restart: one JSON line
//! for each definition, start, stop and redrive, only ever added to. Several processes may use the file at
//! once, as they would use one account.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::{ExecutionArn, StateMachineArn, Timestamp};
use crate::local::engine::Intervention;
use crate::local::machines::Loaded;

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Definition { definition: usize, text: String },
    Start { execution: String, machine: String, definition: usize, input: String, start: i64 },
    Stop { execution: String, stop: i64, error: Option<String>, cause: Option<String> },
    Redrive { execution: String, redrive: i64, token: Option<String> },
}

/// Something that happened.
#[derive(Debug)]
pub(super) enum Fact {
    /// An execution was started.
    Start(Start),
    /// Something was done to one; a redrive with its `clientToken`.
    Done(ExecutionArn, Intervention, Option<String>),
}

/// A start as it stands in the file.
#[derive(Debug)]
pub(super) struct Start {
    pub(super) arn: ExecutionArn,
    pub(super) machine: StateMachineArn,
    pub(super) loaded: Arc<Loaded>,
    pub(super) input: String,
    pub(super) began: Timestamp,
}

/// The file, and how far it has been read.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    read: u64,
    definitions: Vec<Arc<Loaded>>,
}

impl Journal {
    /// Makes the file if it is not there, for its owner only: inputs are nobody else's business.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let journal = Self { path: path.to_owned(), read: 0, definitions: Vec::new() };
        journal.file()?;
        Ok(journal)
    }

    fn file(&self) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.path)
    }

    /// What has been added since the last time, by whomever.
    pub(super) fn news(&mut self) -> io::Result<Vec<Fact>> {
        let mut file = self.file()?;
        self.news_of(&mut file)
    }

    fn news_of(&mut self, file: &mut File) -> io::Result<Vec<Fact>> {
        if file.metadata()?.len() == self.read {
            return Ok(Vec::new());
        }
        file.seek(SeekFrom::Start(self.read))?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        // A line without its end is still being written, or was cut by a crash: the next one that is
        // added begins behind a line break of its own.
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |place| place + 1);
        self.read += whole as u64;
        let lines = text[..whole].split(|byte| *byte == b'\n');
        Ok(lines.filter_map(|line| self.take(serde_json::from_slice(line).ok()?)).collect())
    }

    fn take(&mut self, line: Line) -> Option<Fact> {
        match line {
            Line::Definition { definition, text } => {
                // Numbers count from 0 on, in the order of the file.
                if definition == self.definitions.len() {
                    self.definitions.push(Arc::new(Loaded::load(&text).ok()?));
                }
                None
            }
            Line::Start { execution, machine, definition, input, start } => Some(Fact::Start(Start {
                arn: ExecutionArn::parse(&execution).ok()?,
                machine: StateMachineArn::parse(&machine).ok()?,
                loaded: self.definitions.get(definition)?.clone(),
                input,
                began: Timestamp::from_millis(start),
            })),
            Line::Stop { execution, stop, error, cause } => {
                let stop = Intervention::Stop { at: Timestamp::from_millis(stop), error, cause };
                Some(Fact::Done(ExecutionArn::parse(&execution).ok()?, stop, None))
            }
            Line::Redrive { execution, redrive, token } => {
                let redrive = Intervention::Redrive { at: Timestamp::from_millis(redrive) };
                Some(Fact::Done(ExecutionArn::parse(&execution).ok()?, redrive, token))
            }
        }
    }

    /// Adds a fact, unless what others have added meanwhile speaks against it: `decide` is given that,
    /// while nobody else may add.
    pub(super) fn add(&mut self, fact: &Fact, decide: impl FnOnce(Vec<Fact>) -> bool) -> io::Result<()> {
        let mut file = self.file()?;
        // Let go of when the file is closed.
        file.lock()?;
        let news = self.news_of(&mut file)?;
        if !decide(news) {
            return Ok(());
        }
        let mut text = Vec::new();
        if file.metadata()?.len() > self.read {
            text.push(b'\n');
        }
        self.write(fact, &mut text)?;
        file.write_all(&text)?;
        // Reads its own lines as everybody's, so that numbers and places stay true.
        self.news_of(&mut file).map(drop)
    }

    /// The lines of a fact; the first start of a definition brings it along.
    fn write(&self, fact: &Fact, text: &mut Vec<u8>) -> io::Result<()> {
        match fact {
            Fact::Start(start) => {
                let known = self.definitions.iter().position(|known| known.text == start.loaded.text);
                let definition = known.unwrap_or(self.definitions.len());
                if known.is_none() {
                    line(text, &Line::Definition { definition, text: start.loaded.text.clone() })?;
                }
                let (execution, machine) = (start.arn.as_str().to_owned(), start.machine.as_str().to_owned());
                let (input, start) = (start.input.clone(), start.began.as_millis());
                line(text, &Line::Start { execution, machine, definition, input, start })
            }
            Fact::Done(arn, Intervention::Stop { at, error, cause }, _) => {
                let (execution, stop) = (arn.as_str().to_owned(), at.as_millis());
                line(text, &Line::Stop { execution, stop, error: error.clone(), cause: cause.clone() })
            }
            Fact::Done(arn, Intervention::Redrive { at }, token) => {
                let (execution, redrive) = (arn.as_str().to_owned(), at.as_millis());
                line(text, &Line::Redrive { execution, redrive, token: token.clone() })
            }
        }
    }
}

fn line(text: &mut Vec<u8>, line: &Line) -> io::Result<()> {
    serde_json::to_writer(&mut *text, line)?;
    text.push(b'\n');
    Ok(())
}
