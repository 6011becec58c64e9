//! Running jq filters in a child process, the only way in which any filter can be stopped.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use crate::app::Msg;
use crate::app::msg::Slot;
use crate::app::reader::document::FilterId;
use stepgate_core::child;

/// What this program is called with to run a filter.
pub const JQ_CHILD: &str = "__jq";
/// Nobody waits longer while typing.
const DEADLINE: Duration = Duration::from_secs(10);
/// More than a gateway ever sends is not worth reading on a screen.
const MOST_OUTPUT_BYTES: u64 = 10 * 1024 * 1024;
/// Of what a child says about a fault this much is read.
const MOST_WORDS_BYTES: u64 = 4_096;

/// The filters that run, at most one for a text.
#[derive(Debug)]
pub(super) struct Filters {
    program: PathBuf,
    running: HashMap<Slot, AbortHandle>,
}

impl Filters {
    /// With the program that runs as `program __jq FILTER`.
    pub(super) fn new(program: PathBuf) -> Self {
        Self { program, running: HashMap::new() }
    }

    /// Runs a filter over a text; whatever ran for this one is stopped, and never answered.
    pub(super) fn run(&mut self, slot: Slot, id: FilterId, filter: String, text: Arc<str>, answers: mpsc::Sender<Msg>) {
        let program = self.program.clone();
        let task = tokio::spawn(async move {
            let work = tokio::time::timeout(DEADLINE, filtered(program, filter, text));
            let result = work
                .await
                .unwrap_or_else(|_| Err(format!("the filter was stopped: no output for {} s", DEADLINE.as_secs())));
            let _ = answers.send(Msg::Filtered(id, result)).await;
        });
        if let Some(before) = self.running.insert(slot, task.abort_handle()) {
            before.abort();
        }
    }
}

async fn filtered(program: PathBuf, filter: String, text: Arc<str>) -> Result<String, String> {
    let broken = |error: std::io::Error| format!("filters cannot be run: {error}");
    let mut command = child::with_terminal(program);
    command
        .args([JQ_CHILD, &filter])
        // A filter can read the environment, where secrets are.
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let mut child = command.spawn().map_err(broken)?;
    let (input, output, words) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let feed = async {
        if let Some(mut input) = input {
            // A filter that is no filter ends before it has read everything.
            let _ = input.write_all(text.as_bytes()).await;
        }
    };
    let mut put_out = Vec::new();
    let read = async {
        match output {
            Some(output) => output.take(MOST_OUTPUT_BYTES + 1).read_to_end(&mut put_out).await.map(drop),
            None => Ok(()),
        }
    };
    let mut said = Vec::new();
    let listen = async {
        match words {
            Some(words) => words.take(MOST_WORDS_BYTES).read_to_end(&mut said).await.map(drop),
            None => Ok(()),
        }
    };
    let ((), read, listened) = tokio::join!(feed, read, listen);
    read.and(listened).map_err(broken)?;
    if put_out.len() as u64 > MOST_OUTPUT_BYTES {
        return Err(format!("the filter prints more than {} MiB", MOST_OUTPUT_BYTES / 1024 / 1024));
    }
    let status = child.wait().await.map_err(broken)?;
    if status.success() {
        return String::from_utf8(put_out).map_err(|error| format!("what the filter prints is not text: {error}"));
    }
    let said = String::from_utf8_lossy(&said);
    let first = said.lines().next().unwrap_or_default();
    Err(match first.strip_prefix("stepgate: ").unwrap_or(first) {
        "" => "the filter used up its memory".to_owned(),
        words => words.to_owned(),
    })
}
