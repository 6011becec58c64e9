//! Programs that copy their standard input to a clipboard.

use std::process::Stdio;

use tokio::io::AsyncWriteExt as _;

use stepgate_core::child::{self, Descendants};

/// A program that copies its standard input.
#[derive(Debug, Clone, Copy)]
pub(super) struct Program {
    pub(super) name: &'static str,
    pub(super) arguments: &'static [&'static str],
}

/// Copies to tmux and, with `-w`, to the clipboard of its terminal.
pub(super) const TMUX: Program = Program { name: "tmux", arguments: &["load-buffer", "-w", "-"] };

const WAYLAND: Program = Program { name: "wl-copy", arguments: &[] };
const XCLIP: Program = Program { name: "xclip", arguments: &["-selection", "clipboard"] };
const XSEL: Program = Program { name: "xsel", arguments: &["--clipboard", "--input"] };

/// Returns the programs for the clipboard of this desktop, the preferred one first.
pub(super) fn of_desktop(has_wayland: bool, has_x11: bool) -> &'static [Program] {
    if cfg!(target_os = "macos") {
        return &[Program { name: "pbcopy", arguments: &[] }];
    }
    if cfg!(windows) {
        return &[Program { name: "clip.exe", arguments: &[] }];
    }
    match (has_wayland, has_x11) {
        (true, true) => &[WAYLAND, XCLIP, XSEL],
        (true, false) => &[WAYLAND],
        (false, true) => &[XCLIP, XSEL],
        (false, false) => &[],
    }
}

impl Program {
    /// Returns whether the program copied the text; `false` also if it is not installed.
    pub(super) async fn copy(&self, text: &str) -> bool {
        let Ok(mut command) = child::without_terminal(self.name) else { return false };
        command.args(self.arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        // Otherwise pbcopy reads its input as Mac Roman if the locale has no encoding.
        #[cfg(target_os = "macos")]
        command.env("LC_CTYPE", "UTF-8");
        let Ok((mut child, descendants)) = Descendants::spawn(&mut command) else { return false };
        let Some(mut stdin) = child.stdin.take() else { return false };
        if stdin.write_all(&self.encode(text)).await.is_err() {
            return false;
        }
        drop(stdin);
        let status = child.wait().await;
        // On X11 and Wayland a process stays behind to serve the clipboard, also after the UI has ended.
        descendants.detach();
        status.is_ok_and(|status| status.success())
    }

    /// Returns the text in the encoding that the program expects.
    fn encode(&self, text: &str) -> Vec<u8> {
        if self.name != "clip.exe" {
            return text.as_bytes().to_vec();
        }
        // Without a byte order mark, clip.exe takes the bytes for the system's code page.
        std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clip_exe_gets_utf_16_with_a_byte_order_mark() {
        let program = Program { name: "clip.exe", arguments: &[] };
        assert_eq!(program.encode("注a"), [0xFF, 0xFE, 0xE8, 0x6C, b'a', 0]);
    }
}
