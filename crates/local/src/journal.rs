//! The journal of the local gateway, so that its executions survive restarts: an append-only file with a JSON line for each
//! definition, start, stop and redrive, which is compacted when it becomes large. Several processes may share it, like an
//! AWS account.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::arn::{ExecutionArn, StateMachineArn};
use crate::engine::Intervention;
use crate::lock::lock;
use crate::machines::Loaded;
use crate::timestamp::Timestamp;

/// A larger file is compacted to the latest executions.
const MAX_BYTES: u64 = 16 * 1024 * 1024;
/// A larger file was not written by this program, and is renamed unread.
const MAX_READ_BYTES: u64 = 24 * 1024 * 1024;
/// How long to wait for the lock. After that, the fact is not recorded.
const LOCK_TIMEOUT: Duration = Duration::from_secs(2);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Definition { definition: usize, text: String },
    Start { execution: String, machine: String, definition: usize, input: String, start: i64 },
    Stop { execution: String, stop: i64, error: Option<String>, cause: Option<String> },
    Redrive { execution: String, redrive: i64, token: Option<String> },
}

/// An entry of the journal.
#[derive(Debug)]
pub(crate) enum Fact {
    /// An execution was started.
    Start(Start),
    /// An execution was stopped or redriven; a redrive with its `clientToken`.
    Intervention(ExecutionArn, Intervention, Option<String>),
}

/// A recorded start.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) arn: ExecutionArn,
    pub(crate) machine: StateMachineArn,
    pub(crate) loaded: Arc<Loaded>,
    pub(crate) input: String,
    pub(crate) started: Timestamp,
}

/// The file and the position of the reader.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    /// Another process may replace the file.
    identity: Option<Identity>,
    read: u64,
    definitions: Vec<Arc<Loaded>>,
}

/// New facts since the last read.
#[derive(Debug, Default)]
pub(crate) struct Update {
    /// Whether the file was replaced, so that these facts replace all earlier ones.
    pub(crate) replaces_all: bool,
    pub(crate) facts: Vec<Fact>,
}

impl Journal {
    /// Creates the file if necessary, readable for its owner only: inputs may be confidential.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let journal = Self { path: path.to_owned(), identity: None, read: 0, definitions: Vec::new() };
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

    /// Opens the file with an exclusive lock, which lasts until it is closed.
    fn locked(&self) -> io::Result<File> {
        loop {
            let file = self.file()?;
            lock(&file, LOCK_TIMEOUT)?;
            // It may have been replaced in the meantime.
            if self.is_current(&file) {
                return Ok(file);
            }
        }
    }

    /// Whether the file was not replaced.
    fn is_current(&self, file: &File) -> bool {
        let (own, there) = (file.metadata(), std::fs::metadata(&self.path));
        own.is_ok_and(|own| there.is_ok_and(|there| Identity::new(&own) == Identity::new(&there)))
    }

    /// Reads the facts that any process has added since the last read.
    pub(crate) fn read_new(&mut self) -> io::Result<Update> {
        let mut file = self.file()?;
        self.read_new_from(&mut file)
    }

    fn read_new_from(&mut self, file: &mut File) -> io::Result<Update> {
        let metadata = file.metadata()?;
        let identity = Some(Identity::new(&metadata));
        let replaces_all = self.identity.is_some() && self.identity != identity || metadata.len() < self.read;
        if replaces_all {
            (self.read, self.definitions) = (0, Vec::new());
        }
        self.identity = identity;
        if metadata.len() == self.read {
            return Ok(Update { replaces_all, facts: Vec::new() });
        }
        file.seek(SeekFrom::Start(self.read))?;
        let mut text = Vec::new();
        let read = io::Read::by_ref(file).take(MAX_READ_BYTES + 1).read_to_end(&mut text)?;
        if read as u64 > MAX_READ_BYTES {
            if self.is_current(file) {
                std::fs::rename(&self.path, self.path.with_extension("jsonl.aside"))?;
            }
            return Ok(Update { replaces_all, facts: Vec::new() });
        }
        // An incomplete line is being written, or was cut by a crash; then the next line starts with a line break.
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |index| index + 1);
        self.read += whole as u64;
        let lines = text[..whole].split(|byte| *byte == b'\n');
        let facts = lines.filter_map(|line| self.parse(serde_json::from_slice(line).ok()?)).collect();
        Ok(Update { replaces_all, facts })
    }

    /// Whether it should be compacted.
    pub(crate) fn is_large(&self) -> bool {
        self.read > MAX_BYTES
    }

    /// Replaces the file with a smaller one. `choose` gets the new facts and returns the facts of each execution, latest
    /// first; those that fit into half of the maximum size are kept.
    pub(crate) fn compact(&mut self, choose: impl FnOnce(Update) -> Vec<Vec<Fact>>) -> io::Result<()> {
        let mut old = self.locked()?;
        let chosen = choose(self.read_new_from(&mut old)?);
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let mut new = Self { path: self.path.clone(), identity: None, read: 0, definitions: Vec::new() };
        let (mut kept, mut room) = (Vec::new(), MAX_BYTES / 2);
        for facts in chosen {
            let bytes: u64 = facts.iter().map(encoded_bytes).sum();
            if bytes > room {
                break;
            }
            room -= bytes;
            kept.push(facts);
        }
        // Mode 0600, like the old one.
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        for fact in kept.into_iter().rev().flatten() {
            let mut text = Vec::new();
            new.write(&fact, &mut text)?;
            if let Fact::Start(start) = &fact
                && !new.definitions.iter().any(|known| known.text == start.loaded.text)
            {
                new.definitions.push(Arc::clone(&start.loaded));
            }
            file.write_all(&text)?;
        }
        file.persist(&self.path).map_err(|error| error.error)?;
        drop(old);
        Ok(())
    }

    fn parse(&mut self, line: Line) -> Option<Fact> {
        match line {
            Line::Definition { definition, text } => {
                // Definitions are numbered from 0, in the order of the file.
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
                started: Timestamp::from_millis(start),
            })),
            Line::Stop { execution, stop, error, cause } => {
                let stop = Intervention::Stop { at: Timestamp::from_millis(stop), error, cause };
                Some(Fact::Intervention(ExecutionArn::parse(&execution).ok()?, stop, None))
            }
            Line::Redrive { execution, redrive, token } => {
                let redrive = Intervention::Redrive { at: Timestamp::from_millis(redrive) };
                Some(Fact::Intervention(ExecutionArn::parse(&execution).ok()?, redrive, token))
            }
        }
    }

    /// Appends a fact if `decide` agrees. `decide` gets the new facts of other processes, under the lock.
    pub(crate) fn add(&mut self, fact: &Fact, decide: impl FnOnce(Update) -> bool) -> io::Result<()> {
        // Closing the file releases the lock.
        let mut file = self.locked()?;
        let update = self.read_new_from(&mut file)?;
        if !decide(update) {
            return Ok(());
        }
        let mut text = Vec::new();
        if file.metadata()?.len() > self.read {
            text.push(b'\n');
        }
        self.write(fact, &mut text)?;
        file.write_all(&text)?;
        // Reads its own lines too, so that definitions and position stay correct.
        self.read_new_from(&mut file).map(drop)
    }

    /// Writes the lines of a fact; the first start of a definition includes the definition.
    fn write(&self, fact: &Fact, text: &mut Vec<u8>) -> io::Result<()> {
        match fact {
            Fact::Start(start) => {
                let known = self.definitions.iter().position(|known| known.text == start.loaded.text);
                let definition = known.unwrap_or(self.definitions.len());
                if known.is_none() {
                    line(text, &Line::Definition { definition, text: start.loaded.text.clone() })?;
                }
                let (execution, machine) = (start.arn.as_str().to_owned(), start.machine.as_str().to_owned());
                let (input, start) = (start.input.clone(), start.started.as_millis());
                line(text, &Line::Start { execution, machine, definition, input, start })
            }
            Fact::Intervention(arn, Intervention::Stop { at, error, cause }, _) => {
                let (execution, stop) = (arn.as_str().to_owned(), at.as_millis());
                line(text, &Line::Stop { execution, stop, error: error.clone(), cause: cause.clone() })
            }
            Fact::Intervention(arn, Intervention::Redrive { at }, token) => {
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

/// Estimates the size of a fact in the file.
fn encoded_bytes(fact: &Fact) -> u64 {
    let text = match fact {
        Fact::Start(start) => start.input.len() + start.loaded.text.len(),
        Fact::Intervention(_, Intervention::Stop { error, cause, .. }, _) => {
            error.as_ref().map_or(0, String::len) + cause.as_ref().map_or(0, String::len)
        }
        Fact::Intervention(..) => 0,
    };
    text as u64 * 2 + 600
}

/// Identifies a file, to detect that it was replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity(#[cfg(unix)] (u64, u64));

impl Identity {
    #[cfg(unix)]
    fn new(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self((metadata.dev(), metadata.ino()))
    }

    #[cfg(not(unix))]
    fn new(_: &Metadata) -> Self {
        Self()
    }
}
