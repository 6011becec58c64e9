//! The clipboard: through tmux, the desktop or the terminal, and otherwise a file.

mod programs;

use std::io::Write as _;
use std::time::Duration;

use crossterm::Command as _;
use crossterm::clipboard::CopyToClipboard;
use tokio::time::timeout;

use crate::app::copy::CopyItem;
use programs::{Program, TMUX};
use stepgate_core::domain::counted;
use stepgate_core::task;

/// Maximum size through the terminal (OSC 52). Some terminals truncate sequences at 100,000 bytes, in base64.
const MAX_TERMINAL_BYTES: usize = 74_991;
/// GNU screen truncates strings at 768 bytes, some versions at 256.
const SCREEN_CHUNK: usize = 200;
/// A program that hangs must not keep the user waiting.
const PROGRAM_TIMEOUT: Duration = Duration::from_secs(2);

/// The clipboards of this environment.
#[derive(Debug, Clone, Default)]
pub struct Clipboard {
    in_tmux: bool,
    in_screen: bool,
    /// The programs for the desktop's clipboard, in order of preference; none without a desktop.
    desktop: &'static [Program],
}

impl Clipboard {
    /// Detects the clipboards from the environment variables.
    pub fn detect() -> Self {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        // Over SSH, the desktop's clipboard would be that of the remote machine.
        let is_remote = (is_set("SSH_CONNECTION") || is_set("SSH_TTY")) && !is_set("DISPLAY");
        let in_tmux = is_set("TMUX");
        let desktop = if is_remote { &[] } else { programs::of_desktop(is_set("WAYLAND_DISPLAY"), is_set("DISPLAY")) };
        Self { in_tmux, in_screen: is_set("STY") && !in_tmux, desktop }
    }

    /// Returns the sequence for the terminal, unless the text is too large.
    pub(in crate::runtime) fn sequence(&self, text: &str) -> Option<String> {
        let mut sequence = String::new();
        let is_small = text.len() <= MAX_TERMINAL_BYTES;
        let is_written = is_small && CopyToClipboard::to_clipboard_from(text).write_ansi(&mut sequence).is_ok();
        is_written.then(|| if self.in_screen { through_screen(&sequence) } else { sequence })
    }

    /// Copies to tmux, the desktop or a file, and returns a message; `by_terminal`: whether it was sent to the terminal.
    pub(in crate::runtime) async fn copy(self, item: CopyItem, by_terminal: bool) -> Result<String, String> {
        let reason = item.reason.as_ref().map(|reason| format!("{reason} ")).unwrap_or_default();
        let message = self.copy_text(item, by_terminal).await;
        message.map(|text| format!("{reason}{text}")).map_err(|text| format!("{reason}{text}"))
    }

    async fn copy_text(self, item: CopyItem, by_terminal: bool) -> Result<String, String> {
        let size = size(item.text.len());
        let what = item.what;
        // tmux ignores OSC 52 from programs by default (`set-clipboard`).
        let mut hung = None;
        if self.in_tmux {
            match timeout(PROGRAM_TIMEOUT, TMUX.copy(&item.text)).await {
                Ok(true) => return Ok(format!("Copied {what} ({size}) to tmux and the terminal's clipboard.")),
                Ok(false) => {}
                Err(_) => hung = Some(TMUX.name),
            }
        }
        for program in self.desktop {
            match timeout(PROGRAM_TIMEOUT, program.copy(&item.text)).await {
                Ok(true) => return Ok(format!("Copied {what} ({size}) to the clipboard.")),
                Ok(false) => {}
                Err(_) => {
                    hung = Some(program.name);
                    break;
                }
            }
        }
        let hung = hung.map_or(String::new(), |program| {
            format!("{program} did not respond within {} s. ", PROGRAM_TIMEOUT.as_secs())
        });
        if by_terminal {
            let hint = "If it does not arrive, the terminal does not allow it; Y saves to a file.";
            return Ok(format!("{hung}Copied {what} ({size}) through the terminal (OSC 52). {hint}"));
        }
        let path = task::run_blocking(move || save_to_file(&item)).await;
        let path = path.map_err(|error| error.to_string()).and_then(|path| path);
        let (subject, limit) = (sentence_start(what), self::size(MAX_TERMINAL_BYTES));
        match path {
            Ok(path) => Ok(format!(
                "{hung}{subject} has {size}, more than the {limit} that terminals accept: saved to the file {path}."
            )),
            Err(error) => Err(format!(
                "{hung}{subject} has {size}, more than the {limit} that terminals accept, and a file cannot be written: {error}"
            )),
        }
    }
}

/// Returns a text with a capital letter at its beginning.
fn sentence_start(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// Wraps a sequence in DCS strings, which GNU screen passes through to its terminal, in chunks. The sequence must not
/// contain the string terminator.
fn through_screen(sequence: &str) -> String {
    let sequence = sequence.replace("\u{1b}\\", "\u{7}");
    let mut passed = String::with_capacity(sequence.len() * 2);
    let mut rest = &sequence[..];
    while !rest.is_empty() {
        // Base64 is ASCII, so any split is valid.
        let (piece, later) = rest.split_at(rest.len().min(SCREEN_CHUNK));
        passed.push_str("\u{1b}P");
        passed.push_str(piece);
        passed.push_str("\u{1b}\\");
        rest = later;
    }
    passed
}

/// Saves the text to a new temporary file that only its owner can read.
pub(in crate::runtime) fn save_to_file(item: &CopyItem) -> Result<String, String> {
    let (name, suffix) = item.file_name.rsplit_once('.').unwrap_or((&item.file_name, "txt"));
    let mut file = tempfile::Builder::new()
        .prefix(&format!("{name}-"))
        .suffix(&format!(".{suffix}"))
        .tempfile()
        .map_err(|error| error.to_string())?;
    file.write_all(item.text.as_bytes()).map_err(|error| error.to_string())?;
    let (_, path) = file.keep().map_err(|error| error.to_string())?;
    Ok(path.display().to_string())
}

fn size(bytes: usize) -> String {
    match bytes {
        0..1000 => counted(bytes, "byte"),
        1000..1_000_000 => format!("{} KB", bytes / 1000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(bytes: usize) -> CopyItem {
        CopyItem {
            what: "the output",
            file_name: "order-output.json".into(),
            text: "x".repeat(bytes).into(),
            reason: None,
        }
    }

    #[test]
    fn large_texts_are_not_sent_to_the_terminal() {
        let clipboard = Clipboard::default();
        assert_eq!(clipboard.sequence("注文").as_deref(), Some("\u{1b}]52;c;5rOo5paH\u{1b}\\"));
        assert!(clipboard.sequence(&"x".repeat(74_991)).is_some_and(|sequence| sequence.len() <= 100_000));
        assert_eq!(clipboard.sequence(&"x".repeat(74_992)), None);
    }

    #[test]
    fn screen_gets_the_sequence_in_chunks() {
        let (direct, screen) = (Clipboard::default(), Clipboard { in_screen: true, ..Clipboard::default() });
        assert_eq!(screen.sequence("注文").as_deref(), Some("\u{1b}P\u{1b}]52;c;5rOo5paH\u{7}\u{1b}\\"));
        let text = "x".repeat(74_991);
        let passed = screen.sequence(&text).expect("small enough");
        let pieces: Vec<&str> = passed.split("\u{1b}\\").collect();
        assert!(pieces.iter().all(|piece| piece.is_empty() || piece.starts_with("\u{1b}P")));
        assert!(pieces.iter().all(|piece| piece.len() <= 256), "screen truncates longer ones");
        let arrives: String = pieces.iter().filter_map(|piece| piece.strip_prefix("\u{1b}P")).collect();
        assert_eq!(arrives, direct.sequence(&text).expect("small enough").replace("\u{1b}\\", "\u{7}"));
    }

    #[tokio::test]
    async fn the_message_names_the_clipboard() {
        let message = Clipboard::default().copy(item(12), true).await.expect("copied");
        assert!(message.starts_with("Copied the output (12 bytes) through the terminal (OSC 52)."), "{message}");
        let message = Clipboard::default().copy(item(200_000), false).await.expect("a file");
        assert!(message.starts_with("The output has 200 KB, more than"), "{message}");
        let path = message.split("saved to the file ").nth(1).expect("a path").trim_end_matches('.');
        assert_eq!(std::fs::read_to_string(path).expect("the file").len(), 200_000);
        std::fs::remove_file(path).expect("removed");
        let given = CopyItem { reason: Some("There is no browser.".into()), ..item(12) };
        let message = Clipboard::default().copy(given, true).await.expect("copied");
        assert!(message.starts_with("There is no browser. Copied the output (12 bytes)"), "{message}");
    }
}
