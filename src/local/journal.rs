//! The starts of the local gateway on disk, so that its executions go on over a restart: one JSON line
//! for each definition and for each start, only ever added to. Several processes may use the file at
//! once, as they would use one account.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::{ExecutionArn, StateMachineArn, Timestamp};
use crate::local::machines::Loaded;

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Definition { definition: usize, text: String },
    Start { execution: String, machine: String, definition: usize, input: String, start: i64 },
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
    pub(super) fn news(&mut self) -> io::Result<Vec<Start>> {
        let mut file = self.file()?;
        self.news_of(&mut file)
    }

    fn news_of(&mut self, file: &mut File) -> io::Result<Vec<Start>> {
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

    fn take(&mut self, line: Line) -> Option<Start> {
        match line {
            Line::Definition { definition, text } => {
                // Numbers count from 0 on, in the order of the file.
                if definition == self.definitions.len() {
                    self.definitions.push(Arc::new(Loaded::load(&text).ok()?));
                }
                None
            }
            Line::Start { execution, machine, definition, input, start } => Some(Start {
                arn: ExecutionArn::parse(&execution).ok()?,
                machine: StateMachineArn::parse(&machine).ok()?,
                loaded: self.definitions.get(definition)?.clone(),
                input,
                began: Timestamp::from_millis(start),
            }),
        }
    }

    /// Adds a start, unless what others have added meanwhile speaks against it: `decide` is given that,
    /// while nobody else may add.
    pub(super) fn add(&mut self, start: &Start, decide: impl FnOnce(Vec<Start>) -> bool) -> io::Result<()> {
        let mut file = self.file()?;
        // Let go of when the file is closed.
        file.lock()?;
        let news = self.news_of(&mut file)?;
        if !decide(news) {
            return Ok(());
        }
        let known = self.definitions.iter().position(|known| known.text == start.loaded.text);
        let number = known.unwrap_or(self.definitions.len());
        let mut text = Vec::new();
        if file.metadata()?.len() > self.read {
            text.push(b'\n');
        }
        if known.is_none() {
            line(&mut text, &Line::Definition { definition: number, text: start.loaded.text.clone() })?;
        }
        line(
            &mut text,
            &Line::Start {
                execution: start.arn.as_str().to_owned(),
                machine: start.machine.as_str().to_owned(),
                definition: number,
                input: start.input.clone(),
                start: start.began.as_millis(),
            },
        )?;
        file.write_all(&text)?;
        // Reads its own lines as everybody's, so that numbers and places stay true.
        self.news_of(&mut file).map(drop)
    }
}

fn line(text: &mut Vec<u8>, line: &Line) -> io::Result<()> {
    serde_json::to_writer(&mut *text, line)?;
    text.push(b'\n');
    Ok(())
}
