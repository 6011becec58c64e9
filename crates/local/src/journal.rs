//! The starts of the local gateway on disk, so that its executions go on over a restart: one JSON line
//! for each definition, start, stop and redrive, only ever added to, until it is so large that a smaller one takes its
//! place. Several processes may use the file at once, as they would use one account.

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

/// A file that is larger is written anew, with the latest executions only.
const MAX_BYTES: u64 = 16 * 1024 * 1024;
/// A file that is larger was not written by this program, and is put aside unread.
const MAX_READ_BYTES: u64 = 24 * 1024 * 1024;
/// How long another process may hold the lock. Then the start is not written down.
const PATIENCE: Duration = Duration::from_secs(2);

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
pub(crate) enum Fact {
    /// An execution was started.
    Start(Start),
    /// Something was done to one; a redrive with its `clientToken`.
    Done(ExecutionArn, Intervention, Option<String>),
}

/// A start as it stands in the file.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) arn: ExecutionArn,
    pub(crate) machine: StateMachineArn,
    pub(crate) loaded: Arc<Loaded>,
    pub(crate) input: String,
    pub(crate) began: Timestamp,
}

/// The file, and how far it has been read.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    /// Another process may put another file in its place.
    identity: Option<Identity>,
    read: u64,
    definitions: Vec<Arc<Loaded>>,
}

/// What has been added since the last time.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// It stands in another file than all the facts before, and replaces them.
    pub(crate) is_all: bool,
    pub(crate) facts: Vec<Fact>,
}

impl Journal {
    /// Makes the file if it is not there, for its owner only: inputs are nobody else's business.
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

    /// The file, which nobody else writes to until it is closed.
    fn locked(&self) -> io::Result<File> {
        loop {
            let file = self.file()?;
            lock(&file, PATIENCE)?;
            // While we waited, it may have been replaced.
            if self.is_at_its_place(&file) {
                return Ok(file);
            }
        }
    }

    /// Whether no other file has taken the place of this one.
    fn is_at_its_place(&self, file: &File) -> bool {
        let (own, there) = (file.metadata(), std::fs::metadata(&self.path));
        own.is_ok_and(|own| there.is_ok_and(|there| Identity::of(&own) == Identity::of(&there)))
    }

    /// What has been added since the last time, by whomever.
    pub(crate) fn news(&mut self) -> io::Result<News> {
        let mut file = self.file()?;
        self.news_of(&mut file)
    }

    fn news_of(&mut self, file: &mut File) -> io::Result<News> {
        let metadata = file.metadata()?;
        let identity = Some(Identity::of(&metadata));
        let is_all = self.identity.is_some() && self.identity != identity || metadata.len() < self.read;
        if is_all {
            (self.read, self.definitions) = (0, Vec::new());
        }
        self.identity = identity;
        if metadata.len() == self.read {
            return Ok(News { is_all, facts: Vec::new() });
        }
        file.seek(SeekFrom::Start(self.read))?;
        let mut text = Vec::new();
        let read = io::Read::by_ref(file).take(MAX_READ_BYTES + 1).read_to_end(&mut text)?;
        if read as u64 > MAX_READ_BYTES {
            if self.is_at_its_place(file) {
                std::fs::rename(&self.path, self.path.with_extension("jsonl.aside"))?;
            }
            return Ok(News { is_all, facts: Vec::new() });
        }
        // A line without its end is still being written, or was cut by a crash: the next one that is
        // added begins behind a line break of its own.
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |place| place + 1);
        self.read += whole as u64;
        let lines = text[..whole].split(|byte| *byte == b'\n');
        let facts = lines.filter_map(|line| self.take(serde_json::from_slice(line).ok()?)).collect();
        Ok(News { is_all, facts })
    }

    /// Whether it should be written anew.
    pub(crate) fn is_large(&self) -> bool {
        self.read > MAX_BYTES
    }

    /// Puts a file with these facts in its place: `choose` is given what others have added meanwhile, and returns the
    /// facts of each execution, the latest execution first. As many of them are kept as half the size has room for.
    pub(crate) fn compact(&mut self, choose: impl FnOnce(News) -> Vec<Vec<Fact>>) -> io::Result<()> {
        let mut old = self.locked()?;
        let chosen = choose(self.news_of(&mut old)?);
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
        // Mode 0600, as the old one.
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
    pub(crate) fn add(&mut self, fact: &Fact, decide: impl FnOnce(News) -> bool) -> io::Result<()> {
        // Let go of when the file is closed.
        let mut file = self.locked()?;
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

/// About what a fact takes in the file: of a start its input, of which no character takes more than six.
fn encoded_bytes(fact: &Fact) -> u64 {
    let text = match fact {
        Fact::Start(start) => start.input.len() + start.loaded.text.len(),
        Fact::Done(_, Intervention::Stop { error, cause, .. }, _) => {
            error.as_ref().map_or(0, String::len) + cause.as_ref().map_or(0, String::len)
        }
        Fact::Done(..) => 0,
    };
    text as u64 * 2 + 600
}

/// Tells one file from another at the same path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity(#[cfg(unix)] (u64, u64));

impl Identity {
    #[cfg(unix)]
    fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self((metadata.dev(), metadata.ino()))
    }

    #[cfg(not(unix))]
    fn of(_: &Metadata) -> Self {
        Self()
    }
}
