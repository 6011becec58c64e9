//! Runs jq filters in a child process, because an endless filter cannot be stopped otherwise.

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
use stepgate_core::task;

/// The argument that makes this program run a filter.
pub(crate) const JQ_CHILD: &str = "__jq";
/// Longer than a user waits while typing.
const TIMEOUT: Duration = Duration::from_secs(10);
/// More than a gateway ever sends.
const MAX_OUTPUT_BYTES: u64 = 10 * 1024 * 1024;
/// Maximum size of a filter's error message.
const MAX_ERROR_BYTES: u64 = 4_096;

/// The running filters, at most one per text.
#[derive(Debug)]
pub(in crate::runtime) struct Filters {
    program: PathBuf,
    running: HashMap<Slot, AbortHandle>,
}

impl Filters {
    pub(in crate::runtime) fn new(program: PathBuf) -> Self {
        Self { program, running: HashMap::new() }
    }

    /// Runs a filter over a text. Stops the slot's running filter, which then has no result.
    pub(in crate::runtime) fn run(
        &mut self,
        slot: Slot,
        id: FilterId,
        filter: String,
        text: Arc<str>,
        answers: mpsc::Sender<Msg>,
    ) {
        let program = self.program.clone();
        let task = task::spawn(async move {
            let work = tokio::time::timeout(TIMEOUT, run_filter(program, filter, text));
            let result = work
                .await
                .unwrap_or_else(|_| Err(format!("the filter was stopped: no output for {} s", TIMEOUT.as_secs())));
            let _ = answers.send(Msg::Filtered(id, result)).await;
        });
        if let Some(before) = self.running.insert(slot, task.abort_handle()) {
            before.abort();
        }
    }
}

async fn run_filter(program: PathBuf, filter: String, text: Arc<str>) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("filters cannot be run: {error}");
    let mut command = child::with_terminal(program);
    command
        .args([JQ_CHILD, &filter])
        // Filters can read the environment, which may contain secrets.
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let mut child = command.spawn().map_err(failed)?;
    let (input, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let feed = async {
        if let Some(mut input) = input {
            // An invalid filter exits before it has read everything.
            let _ = input.write_all(text.as_bytes()).await;
        }
    };
    let mut printed = Vec::new();
    let read = async {
        match output {
            Some(output) => output.take(MAX_OUTPUT_BYTES + 1).read_to_end(&mut printed).await.map(drop),
            None => Ok(()),
        }
    };
    let mut error_text = Vec::new();
    let read_errors = async {
        match errors {
            Some(errors) => errors.take(MAX_ERROR_BYTES).read_to_end(&mut error_text).await.map(drop),
            None => Ok(()),
        }
    };
    let ((), read, errors_read) = tokio::join!(feed, read, read_errors);
    read.and(errors_read).map_err(failed)?;
    if printed.len() as u64 > MAX_OUTPUT_BYTES {
        return Err(format!("the filter prints more than {} MiB", MAX_OUTPUT_BYTES / 1024 / 1024));
    }
    let status = child.wait().await.map_err(failed)?;
    if status.success() {
        return String::from_utf8(printed).map_err(|error| format!("the filter's output is not text: {error}"));
    }
    let error_text = String::from_utf8_lossy(&error_text);
    let first = error_text.lines().next().unwrap_or_default();
    Err(match first.strip_prefix("stepgate: ").unwrap_or(first) {
        "" => "the filter ran out of memory".to_owned(),
        message => message.to_owned(),
    })
}
