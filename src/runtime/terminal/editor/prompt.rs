//! The prompt after an editor that exits at once. Signals end it, as they end the UI.

use std::path::Path;

use crate::app::{Key, KeyCode, Msg};
use crate::output::say;
use crate::runtime::process::signals::{SignalAction, Signals};
use crate::runtime::session::event_batch::Events as _;
use crate::runtime::terminal::keyboard::Keyboard;
use crate::runtime::terminal::modes::Modes;

/// The number of the signal that the terminal sends for Ctrl-C.
pub(super) const INTERRUPT: i32 = 2;

/// What to do with the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// Read the file.
    Read,
    /// Leave the input unchanged.
    Leave,
    /// End the program, because of this signal.
    End(i32),
}

/// Asks whether to read the file.
pub(super) async fn ask(editor: &str, file: &Path, modes: &Modes, signals: &mut Signals) -> Answer {
    // Earlier keys and Ctrl-C were meant for the editor.
    if signals.forget_interrupts().is_err() {
        return Answer::Leave;
    }
    modes.discard_input();
    loop {
        modes.restore();
        say(&format!("`{editor}` exited at once without changes."));
        say("If it has opened a window, save there, then press Enter here.");
        say(&format!("To leave the input unchanged, type q and press Enter. The file: {}", file.display()));
        let Ok(mut keyboard) = Keyboard::open() else { return Answer::Leave };
        let event = tokio::select! {
            answer = read_answer(&mut keyboard) => Err(answer),
            action = signals.next_action() => Ok(action),
        };
        keyboard.pause().await;
        match event {
            Err(answer) => return answer,
            Ok(SignalAction::End(number)) => return Answer::End(number),
            Ok(SignalAction::Stop) => signals.suspend_process().await,
            // The shell may have changed the terminal's modes.
            Ok(SignalAction::Continue) => {}
        }
    }
}

/// Reads a line; an empty one means [`Answer::Read`].
async fn read_answer(keyboard: &mut Keyboard) -> Answer {
    let mut is_empty = true;
    // No further event: Ctrl-D, or the terminal is gone, which its next user notices.
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
