//! The clipboard: by tmux, by the system, by the terminal, and where none of them takes it, a file.

use std::io::Write as _;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crossterm::Command as _;
use crossterm::clipboard::CopyToClipboard;
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;

use crate::app::copy::CopyItem;
use stepgate_core::child::{self, Descendants};

/// The most bytes that go by the terminal (OSC 52). Terminals differ in what they take; some cut at 100,000
/// bytes of the whole sequence, and base64 makes four of three.
const MOST_BY_TERMINAL: usize = 74_991;
/// GNU screen drops what a string has beyond 768 bytes, some versions beyond 256.
const SCREEN_CHUNK: usize = 200;
/// How long a helper may take. One that hangs must not keep its user waiting.
const HELPER_PATIENCE: Duration = Duration::from_secs(2);

/// The ways there are beside the terminal.
#[derive(Clone, Default)]
pub struct Clipboard {
    in_tmux: bool,
    in_screen: bool,
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
        let in_tmux = is_set("TMUX");
        Self {
            in_tmux,
            in_screen: is_set("STY") && !in_tmux,
            has_display: has_display && !is_remote,
            ..Self::default()
        }
    }

    /// What to write to the terminal, if it takes a text of this size.
    pub(super) fn sequence(&self, text: &str) -> Option<String> {
        let mut sequence = String::new();
        let is_small = text.len() <= MOST_BY_TERMINAL;
        let is_written = is_small && CopyToClipboard::to_clipboard_from(text).write_ansi(&mut sequence).is_ok();
        is_written.then(|| if self.in_screen { through_screen(&sequence) } else { sequence })
    }

    /// Copies by the other ways, and says by which; `by_terminal`: whether the terminal has it already.
    pub(super) async fn copy(self, taken: CopyItem, by_terminal: bool) -> Result<String, String> {
        let size = size(taken.text.len());
        let what = taken.what;
        // tmux takes what programs in it send only when its option `set-clipboard` is `on`, which it is not.
        let mut hung = None;
        if self.in_tmux {
            match timeout(HELPER_PATIENCE, by_tmux(&taken.text)).await {
                Ok(true) => return Ok(format!("Copied {what} ({size}) to tmux and the terminal's clipboard.")),
                Ok(false) => {}
                Err(_) => hung = Some("tmux"),
            }
        }
        if self.has_display {
            let (system, text) = (self.system.clone(), taken.text.clone());
            // A thread cannot be stopped; it ends with the program.
            let copying = tokio::task::spawn_blocking(move || by_system(&system, &text));
            match timeout(HELPER_PATIENCE, copying).await {
                Ok(Ok(true)) => return Ok(format!("Copied {what} ({size}) to the clipboard.")),
                Ok(_) => {}
                Err(_) => hung = Some("The desktop's clipboard"),
            }
        }
        let hung = hung.map_or(String::new(), |helper| {
            format!("{helper} did not answer within {} s. ", HELPER_PATIENCE.as_secs())
        });
        if by_terminal {
            let words = "If it does not arrive, the terminal does not allow it: Y saves to a file.";
            return Ok(format!("{hung}Copied {what} ({size}) by the terminal (OSC 52). {words}"));
        }
        let path = tokio::task::spawn_blocking(move || to_file(&taken)).await;
        let path = path.map_err(|error| error.to_string()).and_then(|path| path);
        let limit = self::size(MOST_BY_TERMINAL);
        match path {
            Ok(path) => Ok(format!("{hung}{what} has {size}, and terminals take {limit}: it is in the file {path}.")),
            Err(error) => {
                Err(format!("{hung}{what} has {size}, terminals take {limit}, and a file cannot be written: {error}"))
            }
        }
    }
}

async fn by_tmux(text: &str) -> bool {
    let Ok(mut command) = child::without_terminal("tmux") else { return false };
    command.args(["load-buffer", "-w", "-"]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok((mut child, descendants)) = Descendants::spawn(&mut command) else { return false };
    if let Some(mut stdin) = child.stdin.take()
        && stdin.write_all(text.as_bytes()).await.is_err()
    {
        return false;
    }
    let status = child.wait().await;
    descendants.detach();
    status.is_ok_and(|status| status.success())
}

/// A sequence for the terminal that GNU screen runs in: screen passes on what comes as a string for a device, a piece
/// at a time. The end of the sequence must not end the string.
fn through_screen(sequence: &str) -> String {
    let sequence = sequence.replace("\u{1b}\\", "\u{7}");
    let mut passed = String::with_capacity(sequence.len() * 2);
    let mut rest = &sequence[..];
    while !rest.is_empty() {
        // It is ASCII: base64.
        let (piece, later) = rest.split_at(rest.len().min(SCREEN_CHUNK));
        passed.push_str("\u{1b}P");
        passed.push_str(piece);
        passed.push_str("\u{1b}\\");
        rest = later;
    }
    passed
}

fn by_system(system: &Mutex<Option<arboard::Clipboard>>, text: &str) -> bool {
    // Where an earlier copy hangs, this one waits with it, and its user is told.
    let mut system = system.lock().unwrap_or_else(PoisonError::into_inner);
    if system.is_none() {
        *system = arboard::Clipboard::new().ok();
    }
    system.as_mut().is_some_and(|clipboard| clipboard.set_text(text).is_ok())
}

/// A file of its own in the folder for temporary ones, that only its owner can read.
pub(super) fn to_file(taken: &CopyItem) -> Result<String, String> {
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
            .field("in_screen", &self.in_screen)
            .field("has_display", &self.has_display)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(bytes: usize) -> CopyItem {
        CopyItem { what: "the output", file_name: "order-output.json".into(), text: "x".repeat(bytes).into() }
    }

    #[test]
    fn what_a_terminal_does_not_take_is_not_sent_to_it() {
        let clipboard = Clipboard::default();
        assert_eq!(clipboard.sequence("注文").as_deref(), Some("\u{1b}]52;c;5rOo5paH\u{1b}\\"));
        assert!(clipboard.sequence(&"x".repeat(74_991)).is_some_and(|sequence| sequence.len() <= 100_000));
        assert_eq!(clipboard.sequence(&"x".repeat(74_992)), None);
    }

    #[test]
    fn screen_passes_the_sequence_on_in_pieces() {
        let (direct, screen) = (Clipboard::default(), Clipboard { in_screen: true, ..Clipboard::default() });
        assert_eq!(screen.sequence("注文").as_deref(), Some("\u{1b}P\u{1b}]52;c;5rOo5paH\u{7}\u{1b}\\"));
        let text = "x".repeat(74_991);
        let passed = screen.sequence(&text).expect("small enough");
        let pieces: Vec<&str> = passed.split("\u{1b}\\").collect();
        assert!(pieces.iter().all(|piece| piece.is_empty() || piece.starts_with("\u{1b}P")));
        assert!(pieces.iter().all(|piece| piece.len() <= 256), "screen drops what is longer");
        let arrives: String = pieces.iter().filter_map(|piece| piece.strip_prefix("\u{1b}P")).collect();
        assert_eq!(arrives, direct.sequence(&text).expect("small enough").replace("\u{1b}\\", "\u{7}"));
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
