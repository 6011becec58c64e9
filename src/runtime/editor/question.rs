//! The question what an editor has done that returns at once. A signal ends it, as it ends the UI.

use std::path::Path;

use crate::app::{Key, KeyCode, Msg};
use crate::output::say;
use crate::runtime::event_batch::Events as _;
use crate::runtime::keyboard::Keyboard;
use crate::runtime::modes::Modes;
use crate::runtime::signals::{Asked, Signals};

/// The number of the signal that the terminal sends for Ctrl-C.
pub(super) const INTERRUPT: i32 = 2;

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// Read the file.
    Read,
    /// Leave the input as it was.
    Leave,
    /// End the program; the number of the signal that asks for it.
    End(i32),
}

/// Asks on the terminal with these modes whether to read the file.
pub(super) async fn ask(editor: &str, file: &Path, modes: &Modes, signals: &mut Signals) -> Answer {
    // Ctrl-C and other keys were meant for the editor until now.
    if signals.forget_interrupts().is_err() {
        return Answer::Leave;
    }
    modes.forget_typed();
    loop {
        modes.put_back();
        say(&format!("`{editor}` ended at once and has changed nothing."));
        say("If it has opened a window, save there and then press Enter here.");
        say(&format!("To leave the input as it was, type q and press Enter. The file: {}", file.display()));
        let Ok(mut keyboard) = Keyboard::open() else { return Answer::Leave };
        let asked = tokio::select! {
            answer = line(&mut keyboard) => Err(answer),
            asked = signals.asked() => Ok(asked),
        };
        keyboard.put_away().await;
        match asked {
            Err(answer) => return answer,
            Ok(Asked::End(number)) => return Answer::End(number),
            Ok(Asked::Stop) => signals.stop_this_process().await,
            // The shell has had the terminal.
            Ok(Asked::GoOn) => {}
        }
    }
}

/// Reads a line. Only an empty one has the file read.
async fn line(keyboard: &mut Keyboard) -> Answer {
    let mut is_empty = true;
    // Without a further event the line has ended with Ctrl-D, or the terminal is gone, as its next user notices.
    while let Some(Ok(message)) = keyboard.next().await {
        let (typed, ends) = match message {
            Some(Msg::Key(Key { code: KeyCode::Enter, alt: false, .. })) => (String::new(), true),
            // In a terminal that was in raw mode before.
            Some(Msg::Key(key)) if key == Key::ctrl('c') => return Answer::End(INTERRUPT),
            Some(Msg::Key(Key { code: KeyCode::Char(c), .. })) => (c.to_string(), false),
            Some(Msg::Key(Key { code, .. })) => (format!("{code:?}"), code == KeyCode::Enter),
            Some(Msg::Typed(text) | Msg::Paste(text)) => {
                let ends = text.contains('\n');
                (text, ends)
            }
            _ => continue,
        };
        is_empty &= typed.trim().is_empty();
        if ends {
            return if is_empty { Answer::Read } else { Answer::Leave };
        }
    }
    Answer::Leave
}
