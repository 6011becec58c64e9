//! Edits a text in the user's editor, which is run as git runs it.

mod prompt;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use prompt::{Answer, INTERRUPT};
use tempfile::NamedTempFile;
use tokio::process::{Child, Command};

use crate::runtime::process::signals::{SignalAction, Signals};
use crate::runtime::terminal::modes::Modes;
use stepgate_core::bounded::{self, Limits};
use stepgate_core::child;

/// An editor that exits sooner without changes has probably opened a window of an already running process.
const QUICK_EXIT: Duration = Duration::from_secs(1);
/// Printed if a signal ends the program.
const ENDED: &str = "The program was ended while the editor was open.";
/// How long to wait for the editor when a signal ends the program.
const EXIT_TIMEOUT: Duration = Duration::from_secs(2);

/// The result of editing.
pub(in crate::runtime) struct Edited {
    /// The saved text, or why there is none.
    pub(in crate::runtime) result: Result<String, String>,
    /// The signal that ends this program.
    pub(in crate::runtime) ended_by: Option<i32>,
}

/// Opens the text in `$VISUAL` or `$EDITOR` and returns the saved text. Saved text that is not returned stays in its
/// file. Restores the terminal's modes afterwards.
pub(in crate::runtime) async fn edit(text: &str, signals: &mut Signals) -> Edited {
    let modes = Modes::current();
    let edited = edit_with(&modes, text, signals).await;
    modes.restore();
    edited
}

async fn edit_with(modes: &Modes, text: &str, signals: &mut Signals) -> Edited {
    let named = |name| std::env::var(name).ok().filter(|value: &String| !value.trim().is_empty());
    let editor = named("VISUAL").or_else(|| named("EDITOR")).unwrap_or_else(|| DEFAULT.to_owned());
    let failed = |message: String| Edited { result: Err(message), ended_by: None };
    let file = match create_file(text) {
        Ok(file) => file,
        Err(error) => return failed(format!("The temporary file for the editor cannot be written: {error}.")),
    };
    let began = Instant::now();
    let mut child = match command(&editor, file.path()).spawn() {
        Ok(child) => child,
        Err(error) => {
            return failed(format!("`{editor}` cannot be run: {error}. Set VISUAL or EDITOR to your editor."));
        }
    };
    let status = match wait(&mut child, signals).await {
        Ok(status) => status,
        Err(number) => {
            let mut message = ENDED.to_owned();
            let saved = saved_in(&file).await;
            keep_changed(&mut message, file, &saved, text);
            return Edited { result: Err(message), ended_by: Some(number) };
        }
    };
    let saved = saved_in(&file).await;
    let mut message = match status {
        Ok(status) if status.success() => {
            let is_same = is_same(&saved, text);
            if is_same && began.elapsed() < QUICK_EXIT {
                let answer = prompt::ask(&editor, file.path(), modes, signals).await;
                let (mut message, ended_by) = match answer {
                    Answer::Read => (String::new(), None),
                    Answer::Leave => (format!("`{editor}` exited at once; the input is unchanged."), None),
                    Answer::End(number) => (ENDED.to_owned(), Some(number)),
                };
                if answer != Answer::Read {
                    // The window may still be open.
                    keep(&mut message, file);
                    return Edited { result: Err(message), ended_by };
                }
            }
            // The file may have been saved while the prompt was open.
            let saved = if is_same { saved_in(&file).await } else { saved.clone() };
            match saved.and_then(|bytes| bounded::text(bytes).map_err(|error| error.to_string())) {
                Ok(text) => return Edited { result: Ok(text), ended_by: None },
                Err(error) => format!("The saved text cannot be used: {error}. The input is unchanged."),
            }
        }
        Ok(status) if status.code() == Some(127) => {
            format!("`{editor}` cannot be run. Set VISUAL or EDITOR to your editor.")
        }
        Ok(status) => format!("`{editor}` exited with {status}; the input is unchanged."),
        Err(error) => format!("cannot wait for `{editor}`: {error}."),
    };
    keep_changed(&mut message, file, &saved, text);
    failed(message)
}

/// Returns the contents of the file, or why it cannot be read: an editor may have put a pipe in its place.
async fn saved_in(file: &NamedTempFile) -> Result<Vec<u8>, String> {
    bounded::file_async(file.path(), Limits::SAVED_INPUT).await.map_err(|error| error.to_string())
}

fn is_same(saved: &Result<Vec<u8>, String>, before: &str) -> bool {
    saved.as_ref().is_ok_and(|bytes| bytes == before.as_bytes())
}

/// Creates a file with mode 0600: an input may be confidential.
fn create_file(text: &str) -> std::io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix("stepgate-").suffix(".json").tempfile()?;
    file.write_all(text.as_bytes())?;
    Ok(file)
}

/// Keeps the file if it has changed, and appends its path to the message.
fn keep_changed(message: &mut String, file: NamedTempFile, saved: &Result<Vec<u8>, String>, before: &str) {
    // An editor may have replaced or deleted the file.
    if !is_same(saved, before) && file.path().exists() {
        keep(message, file);
    }
}

fn keep(message: &mut String, file: NamedTempFile) {
    let path = file.path().display().to_string();
    let kept = file.keep().map_err(|error| error.error);
    // Writing to a string never fails.
    let _ = match kept {
        Ok(_) => write!(message, " The editor's file is {path}."),
        Err(error) => write!(message, " Its file {path} cannot be kept: {error}."),
    };
}

/// Waits for the editor, or returns the number of the signal that ends this program. Signals that the terminal sends to
/// all of its processes are left to the editor.
async fn wait(child: &mut Child, signals: &mut Signals) -> Result<std::io::Result<ExitStatus>, i32> {
    loop {
        let action = tokio::select! {
            status = child.wait() => return Ok(status),
            action = signals.next_action() => action,
        };
        match action {
            // The editor has stopped itself, but the shell waits for this process.
            SignalAction::Stop => signals.suspend_process().await,
            SignalAction::Continue => {}
            SignalAction::End(number) if [INTERRUPT, QUIT].contains(&number) => {}
            SignalAction::End(number) => {
                Signals::forward(child.id(), number);
                let _ = tokio::time::timeout(EXIT_TIMEOUT, child.wait()).await;
                return Err(number);
            }
        }
    }
}

const QUIT: i32 = 3;

/// `$EDITOR` is shell code, with quotes and arguments, as for git.
#[cfg(unix)]
fn command(editor: &str, path: &Path) -> Command {
    // `exec` replaces the shell, so that signals reach the editor.
    let is_one_command = !editor.contains(['|', '&', ';', '<', '>', '(', ')', '{', '}', '$', '`', '=', '!', '#', '\n']);
    let exec = if is_one_command { "exec " } else { "" };
    let mut command = child::with_terminal("sh");
    command.arg("-c").arg(format!("{exec}{editor} \"$@\"")).arg(editor).arg(path);
    command
}

/// `cmd` handles quotes and finds scripts.
#[cfg(windows)]
fn command(editor: &str, path: &Path) -> Command {
    let mut command = child::with_terminal("cmd");
    command.raw_arg(format!("/D /S /C \"{editor} \"{}\"\"", path.display()));
    command
}

#[cfg(unix)]
const DEFAULT: &str = "vi";
#[cfg(windows)]
const DEFAULT: &str = "notepad";
