//! The clipboard: by tmux, by the system, by the terminal, and where none of them takes it, a file.

use std::io::Write as _;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};

use crossterm::Command as _;
use crossterm::clipboard::CopyToClipboard;
use tokio::io::AsyncWriteExt as _;

use crate::app::copy::Taken;

/// The most bytes that go by the terminal (OSC 52). Terminals differ in what they take; some cut at 100,000
/// bytes of the whole sequence, and base64 makes four of three.
const MOST_BY_TERMINAL: usize = 74_991;

/// The ways there are beside the terminal.
#[derive(Clone, Default)]
pub struct Clipboard {
    in_tmux: bool,
    has_display: bool,
    /// Held as long as we live: where there is no clipboard manager, we are who gives it to others.
    system: Arc<Mutex<Option<arboard::Clipboard>>>,
}

impl Clipboard {
    /// The ways of this environment.
    pub fn here() -> Self {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let has_display = cfg!(any(windows, target_os = "macos")) || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY");
        // The system's clipboard at the other end of SSH is nobody's.
        let is_remote = (is_set("SSH_CONNECTION") || is_set("SSH_TTY")) && !is_set("DISPLAY");
        Self { in_tmux: is_set("TMUX"), has_display: has_display && !is_remote, ..Self::default() }
    }

    /// What to write to the terminal, if it takes a text of this size.
    pub(super) fn sequence(text: &str) -> Option<String> {
        let mut sequence = String::new();
        let is_small = text.len() <= MOST_BY_TERMINAL;
        (is_small && CopyToClipboard::to_clipboard_from(text).write_ansi(&mut sequence).is_ok()).then_some(sequence)
    }

    /// Copies by the other ways, and says by which; `by_terminal`: whether the terminal has it already.
    pub(super) async fn copy(self, taken: Taken, by_terminal: bool) -> Result<String, String> {
        let size = size(taken.text.len());
        let what = taken.what;
        // tmux takes what programs in it send only when its option `set-clipboard` is `on`, which it is not.
        if self.in_tmux && by_tmux(&taken.text).await {
            return Ok(format!("Copied {what} ({size}) to tmux and the terminal's clipboard."));
        }
        if self.has_display {
            let (system, text) = (self.system.clone(), taken.text.clone());
            if tokio::task::spawn_blocking(move || by_system(&system, &text)).await.unwrap_or(false) {
                return Ok(format!("Copied {what} ({size}) to the clipboard."));
            }
        }
        if by_terminal {
            let words = "If it does not arrive, the terminal does not allow it: Y saves to a file.";
            return Ok(format!("Copied {what} ({size}) by the terminal (OSC 52). {words}"));
        }
        let path = tokio::task::spawn_blocking(move || to_file(&taken)).await;
        let path = path.map_err(|error| error.to_string()).and_then(|path| path);
        let limit = self::size(MOST_BY_TERMINAL);
        match path {
            Ok(path) => Ok(format!("{what} has {size}, and terminals take {limit}: it is in the file {path}.")),
            Err(error) => {
                Err(format!("{what} has {size}, terminals take {limit}, and a file cannot be written: {error}"))
            }
        }
    }
}

async fn by_tmux(text: &str) -> bool {
    let mut command = tokio::process::Command::new("tmux");
    command.args(["load-buffer", "-w", "-"]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut child) = command.kill_on_drop(true).spawn() else { return false };
    if let Some(mut stdin) = child.stdin.take()
        && stdin.write_all(text.as_bytes()).await.is_err()
    {
        return false;
    }
    child.wait().await.is_ok_and(|status| status.success())
}

fn by_system(system: &Mutex<Option<arboard::Clipboard>>, text: &str) -> bool {
    let mut system = system.lock().unwrap_or_else(PoisonError::into_inner);
    if system.is_none() {
        *system = arboard::Clipboard::new().ok();
    }
    system.as_mut().is_some_and(|clipboard| clipboard.set_text(text).is_ok())
}

/// A file of its own in the folder for temporary ones, that only its owner can read.
fn to_file(taken: &Taken) -> Result<String, String> {
    let (name, suffix) = taken.file_name.rsplit_once('.').unwrap_or((&taken.file_name, "txt"));
    let mut file = tempfile::Builder::new()
        .prefix(&format!("{name}-"))
        .suffix(&format!(".{suffix}"))
        .tempfile()
        .map_err(|error| error.to_string())?;
    file.write_all(taken.text.as_bytes()).map_err(|error| error.to_string())?;
    let (_, path) = file.keep().map_err(|error| error.to_string())?;
    Ok(path.display().to_string())
}

fn size(bytes: usize) -> String {
    match bytes {
        0..1000 => format!("{bytes} bytes"),
        1000..1_000_000 => format!("{} KB", bytes / 1000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

impl std::fmt::Debug for Clipboard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Clipboard")
            .field("in_tmux", &self.in_tmux)
            .field("has_display", &self.has_display)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(bytes: usize) -> Taken {
        Taken { what: "the output", file_name: "order-output.json".into(), text: "x".repeat(bytes).into() }
    }

    #[test]
    fn what_a_terminal_does_not_take_is_not_sent_to_it() {
        assert_eq!(Clipboard::sequence("注文").as_deref(), Some("\u{1b}]52;c;5rOo5paH\u{1b}\\"));
        assert!(Clipboard::sequence(&"x".repeat(74_991)).is_some_and(|sequence| sequence.len() <= 100_000));
        assert_eq!(Clipboard::sequence(&"x".repeat(74_992)), None);
    }

    #[tokio::test]
    async fn it_says_which_way_it_went() {
        let words = Clipboard::default().copy(taken(12), true).await.expect("copied");
        assert!(words.starts_with("Copied the output (12 bytes) by the terminal (OSC 52)."), "{words}");
        let words = Clipboard::default().copy(taken(200_000), false).await.expect("a file");
        let path = words.split("it is in the file ").nth(1).expect("a path").trim_end_matches('.');
        assert_eq!(std::fs::read_to_string(path).expect("the file").len(), 200_000);
        std::fs::remove_file(path).expect("removed");
    }
}
