//! The user's own editor for a text, run as git runs it.

mod question;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use question::{Answer, INTERRUPT};
use tempfile::NamedTempFile;
use tokio::process::{Child, Command};

use crate::runtime::modes::Modes;
use crate::runtime::signals::{Asked, Signals};
use stepgate_core::bounded::{self, Limits};
use stepgate_core::child;

/// An editor that is back sooner, and has changed nothing, has probably opened a window and gone on there.
const AT_ONCE: Duration = Duration::from_secs(1);
/// What is said last when a signal ends the program meanwhile.
const ENDED: &str = "The program was ended while the editor was open.";
/// How long an editor may take to end when this program ends.
const LAST_PATIENCE: Duration = Duration::from_secs(2);

/// What came of it.
pub(super) struct Edited {
    /// The text, or in words why there is none.
    pub(super) result: Result<String, String>,
    /// The signal that ended it, and this program.
    pub(super) ended_by: Option<i32>,
}

/// Opens the text in `$VISUAL` or `$EDITOR` and returns what was saved. Whatever was saved and is not returned stays
/// in its file. Afterwards the terminal has the modes from before, also where the editor has changed them.
pub(super) async fn edit(text: &str, signals: &mut Signals) -> Edited {
    let modes = Modes::now();
    let edited = edit_with(&modes, text, signals).await;
    modes.put_back();
    edited
}

async fn edit_with(modes: &Modes, text: &str, signals: &mut Signals) -> Edited {
    let named = |name| std::env::var(name).ok().filter(|value: &String| !value.trim().is_empty());
    let editor = named("VISUAL").or_else(|| named("EDITOR")).unwrap_or_else(|| DEFAULT.to_owned());
    let failed = |words: String| Edited { result: Err(words), ended_by: None };
    let file = match file_with(text) {
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
            let mut words = ENDED.to_owned();
            let saved = saved_in(&file).await;
            keep_changed(&mut words, file, &saved, text);
            return Edited { result: Err(words), ended_by: Some(number) };
        }
    };
    let saved = saved_in(&file).await;
    let mut words = match status {
        Ok(status) if status.success() => {
            let is_same = is_same(&saved, text);
            if is_same && began.elapsed() < AT_ONCE {
                let answer = question::ask(&editor, file.path(), modes, signals).await;
                let (mut words, ended_by) = match answer {
                    Answer::Read => (String::new(), None),
                    Answer::Leave => (format!("`{editor}` ended at once; the input stays as it was."), None),
                    Answer::End(number) => (ENDED.to_owned(), Some(number)),
                };
                if answer != Answer::Read {
                    // The window may still be open.
                    keep(&mut words, file);
                    return Edited { result: Err(words), ended_by };
                }
            }
            // What was saved while the question was open counts.
            let saved = if is_same { saved_in(&file).await } else { saved.clone() };
            match saved.and_then(|bytes| bounded::text(bytes).map_err(|error| error.to_string())) {
                Ok(text) => return Edited { result: Ok(text), ended_by: None },
                Err(error) => format!("What the editor has saved cannot be used: {error}. The input stays as it was."),
            }
        }
        Ok(status) if status.code() == Some(127) => {
            format!("`{editor}` cannot be run. Set VISUAL or EDITOR to your editor.")
        }
        Ok(status) => format!("`{editor}` ended with {status}; the input stays as it was."),
        Err(error) => format!("`{editor}` was lost: {error}."),
    };
    keep_changed(&mut words, file, &saved, text);
    failed(words)
}

/// Returns the contents of the file, or why it cannot be read: an editor may have put a pipe in its place.
async fn saved_in(file: &NamedTempFile) -> Result<Vec<u8>, String> {
    bounded::file_async(file.path(), Limits::SAVED_INPUT).await.map_err(|error| error.to_string())
}

fn is_same(saved: &Result<Vec<u8>, String>, before: &str) -> bool {
    saved.as_ref().is_ok_and(|bytes| bytes == before.as_bytes())
}

/// A file with mode 0600: an input may hold what is nobody's business.
fn file_with(text: &str) -> std::io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix("stepgate-").suffix(".json").tempfile()?;
    file.write_all(text.as_bytes())?;
    Ok(file)
}

/// Keeps the file unless there is nothing new in it, and says where it is.
fn keep_changed(words: &mut String, file: NamedTempFile, saved: &Result<Vec<u8>, String>, before: &str) {
    // An editor may have put another file in its place, or have taken it away.
    if !is_same(saved, before) && file.path().exists() {
        keep(words, file);
    }
}

fn keep(words: &mut String, file: NamedTempFile) {
    let path = file.path().display().to_string();
    let kept = file.keep().map_err(|error| error.error);
    // A text that is written into never fails.
    let _ = match kept {
        Ok(_) => write!(words, " What the editor saves is in {path}."),
        Err(error) => write!(words, " Its file {path} cannot be kept: {error}."),
    };
}

/// Waits for the editor; the number of the signal that has ended the waiting otherwise. What the terminal sends to all
/// of its programs is the editor's.
async fn wait(child: &mut Child, signals: &mut Signals) -> Result<std::io::Result<ExitStatus>, i32> {
    loop {
        let asked = tokio::select! {
            status = child.wait() => return Ok(status),
            asked = signals.asked() => asked,
        };
        match asked {
            // The shell waits for this program, not for the editor, which has stopped itself.
            Asked::Stop => signals.stop_this_process().await,
            Asked::GoOn => {}
            Asked::End(number) if [INTERRUPT, QUIT].contains(&number) => {}
            Asked::End(number) => {
                Signals::hand_on(child.id(), number);
                let _ = tokio::time::timeout(LAST_PATIENCE, child.wait()).await;
                return Err(number);
            }
        }
    }
}

const QUIT: i32 = 3;

/// The editor's name is a piece of shell, with quotes, escapes and arguments, as for git.
#[cfg(unix)]
fn command(editor: &str, path: &Path) -> Command {
    // The shell becomes an editor that is a command and its arguments, so that signals reach it.
    let is_one_command = !editor.contains(['|', '&', ';', '<', '>', '(', ')', '{', '}', '$', '`', '=', '!', '#', '\n']);
    let exec = if is_one_command { "exec " } else { "" };
    let mut command = child::with_terminal("sh");
    command.arg("-c").arg(format!("{exec}{editor} \"$@\"")).arg(editor).arg(path);
    command
}

/// The command interpreter knows quotes and finds scripts.
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
