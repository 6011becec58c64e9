//! Runs a command that prints a secret or credentials. The reason for a failure includes its standard error but never
//! its output.

mod start_failure;

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::bounded::{self, Limits, Pipe, ReadError};
use crate::child;
use crate::child::supervisor::Supervised;
use crate::domain::{EndpointName, program_name};
use crate::gateway::redact::Redactor;
use crate::gateway::secret::error_output::ErrorOutput;
use crate::gateway::secret::shown_command;
use start_failure::{Cause, Described};

/// A command that runs this long may be prompting, so its standard error has to be shown.
const SHOW_AFTER: Duration = Duration::from_secs(1);
const SHOW_EVERY: Duration = Duration::from_millis(200);

/// A program and its arguments, without a shell.
#[derive(Debug, Clone, Copy)]
pub(in crate::gateway) struct CommandLine<'c>(pub(in crate::gateway) &'c [String]);

impl CommandLine<'_> {
    /// The program without its arguments, which may contain more than a screen should show.
    pub(in crate::gateway) fn program(&self) -> String {
        let program = self.0.first().map_or("", String::as_str);
        let shown = if exists(program) { program.into() } else { program_name::shown(program) };
        program_name::base_name(&shown).to_owned()
    }

    /// Returns the command as typed into a shell, or only its program if anything in it may be a secret.
    pub(in crate::gateway) fn by_hand(&self, redactor: &Redactor) -> String {
        let shown = shown_command::shown(self.0, &exists).filter(|line| redactor.text(line) == *line);
        shown.unwrap_or_else(|| format!("{} …", self.program()))
    }
}

/// Returns whether there is a file with this path, in which a shell would expand `~`.
fn exists(path: &str) -> bool {
    let home = path.strip_prefix("~/").zip(std::env::home_dir());
    home.map_or_else(|| PathBuf::from(path), |(rest, home)| home.join(rest)).exists()
}

/// Runs the commands of one endpoint. Clones share what is running.
#[derive(Debug, Clone, Default)]
pub(in crate::gateway) struct Commands {
    redactor: Redactor,
    running: Arc<watch::Sender<Option<Box<str>>>>,
    /// Whether nothing waits for the commands.
    is_unseen: bool,
    /// The endpoint that names them.
    endpoint: Option<EndpointName>,
}

impl Commands {
    pub(in crate::gateway) fn new(redactor: Redactor) -> Self {
        Self { redactor, ..Self::default() }
    }

    pub(in crate::gateway) fn of_endpoint(self, endpoint: &EndpointName) -> Self {
        Self { endpoint: Some(endpoint.clone()), ..self }
    }

    /// Returns commands for look-ups that nothing waits for.
    pub(in crate::gateway) fn unseen(&self) -> Self {
        Self { is_unseen: true, running: Arc::default(), ..self.clone() }
    }

    /// Returns commands that the configuration of the endpoint does not name.
    #[cfg(feature = "iam")]
    pub(in crate::gateway) fn of_profile(&self) -> Self {
        Self { endpoint: None, ..self.clone() }
    }

    /// Returns the redactor of the endpoint.
    #[cfg(feature = "iam")]
    pub(in crate::gateway) fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Returns the name of the running program, if there is one.
    pub(in crate::gateway) fn running(&self) -> watch::Receiver<Option<Box<str>>> {
        self.running.subscribe()
    }

    /// Runs a command until it exits, and returns its output. The bytes are secret.
    pub(in crate::gateway) async fn run(&self, line: CommandLine<'_>) -> Result<Vec<u8>, CommandError> {
        let errors = Mutex::new(ErrorOutput::default());
        let _running = Running::begin(&self.running, line.program());
        let result = self.output(line, &errors).await;
        let errors = lock(&errors);
        let by_hand = line.by_hand(&self.redactor);
        result.map_err(|problem| CommandError {
            problem,
            error_lines: errors.last_lines(&self.redactor),
            what: match &self.endpoint {
                Some(endpoint) if by_hand.ends_with('…') => format!("the `command` of `{}`", endpoint.header()),
                _ => "it".to_owned(),
            },
            by_hand,
        })
    }

    async fn output(&self, line: CommandLine<'_>, errors: &Mutex<ErrorOutput>) -> Result<Vec<u8>, Problem> {
        let (program, arguments) = line.0.split_first().ok_or(Problem::Empty)?;
        let mut supervised = match Supervised::spawn(program, arguments) {
            Ok(supervised) => supervised,
            Err(error) => {
                let cause = start_failure::find_cause(program).await;
                return Err(cause.map_or(Problem::NotStarted(error.to_string()), Problem::NotRun));
            }
        };
        let may_ask = supervised.may_ask;
        let (status, bytes) = {
            let receive = |pipe: Pipe, part: &[u8]| match pipe {
                Pipe::Output => lock(errors).push_output(part),
                Pipe::Errors => lock(errors).push(part),
            };
            let reading = bounded::output_and_errors(&mut supervised.child, Limits::SECRET_COMMAND, receive);
            let mut reading = std::pin::pin!(reading);
            let mut is_announced = self.is_unseen;
            let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + SHOW_AFTER, SHOW_EVERY);
            loop {
                tokio::select! {
                    read = &mut reading => break read?,
                    _ = ticks.tick() => {
                        if !std::mem::replace(&mut is_announced, true) {
                            child::show_message(&format!("stepgate: waiting for `{}`\n", line.program()));
                        }
                        if let Some(text) = lock(errors).take_unshown(&self.redactor) {
                            child::show_message(&text);
                        }
                    }
                }
            }
        };
        supervised.detach();
        let is = |code: u8| status.code() == Some(i32::from(code));
        if status.success() {
            return Ok(bytes);
        }
        // The program may also have ended with these codes itself.
        if (is(child::NOT_FOUND) || is(child::CANNOT_BE_RUN))
            && let Some(found) = start_failure::find_cause(program).await
        {
            return Err(Problem::NotRun(found));
        }
        let is_silent = lock(errors).last_lines(&self.redactor).is_empty();
        if is(child::CANNOT_BE_RUN) && is_silent {
            return Err(Problem::NotExecutable(program.clone()));
        }
        Err(Problem::Failed { status: status.to_string(), may_ask: may_ask || !child::terminal_is_claimed() })
    }
}

fn lock(errors: &Mutex<ErrorOutput>) -> MutexGuard<'_, ErrorOutput> {
    errors.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Marks a command as running until dropped.
struct Running<'s>(&'s watch::Sender<Option<Box<str>>>);

impl<'s> Running<'s> {
    fn begin(sender: &'s watch::Sender<Option<Box<str>>>, program: String) -> Self {
        sender.send_replace(Some(program.into()));
        Self(sender)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.send_replace(None);
    }
}

/// Why a command failed.
#[derive(Debug)]
pub(in crate::gateway) struct CommandError {
    problem: Problem,
    /// The last lines of its error output, without secrets.
    error_lines: Vec<String>,
    /// The command in a sentence.
    what: String,
    by_hand: String,
}

#[derive(Debug)]
enum Problem {
    Empty,
    NotRun((String, Cause)),
    NotExecutable(String),
    NotStarted(String),
    Failed { status: String, may_ask: bool },
    Unusable(ReadError),
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        Self::Unusable(error)
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.problem {
            Problem::Empty => return f.write_str("the command is empty"),
            Problem::NotRun((program, cause)) => return Described(program, cause).fmt(f),
            Problem::NotExecutable(program) => write!(f, "`{}` cannot be executed", program_name::shown(program))?,
            Problem::NotStarted(error) => write!(f, "it could not be started: {error}")?,
            Problem::Failed { status, .. } => write!(f, "it ended with {status}")?,
            Problem::Unusable(ReadError::TooSlow(time)) => write!(f, "it did not end within {} s", time.as_secs())?,
            Problem::Unusable(ReadError::Io(error)) => write!(f, "its output could not be read: {error}")?,
            Problem::Unusable(error) => write!(f, "its output cannot be used: {error}")?,
        }
        if !self.error_lines.is_empty() {
            write!(f, ", and said: {}", self.error_lines.join(" / "))?;
        }
        let place = match &self.problem {
            Problem::Failed { may_ask: false, .. } => " in another terminal, since it cannot prompt here",
            _ => "",
        };
        write!(f, "; run {} by hand{place}: `{}`", self.what, self.by_hand)
    }
}

#[cfg(all(test, unix))]
mod tests;
