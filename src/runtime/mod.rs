//! The shell around the core: the terminal, the keyboard, the clock, the signals, and the loop that
//! turns all of them into messages and performs the effects.

mod editor;
mod input;
mod keyboard;
mod perform;
mod program;
mod signals;
mod terminal;

use std::io;
use std::time::{Duration, SystemTime};

use crate::app::{Msg, Setup};
use crate::domain::Timestamp;
use crate::ui::{self, Theme};

use keyboard::Keyboard;
use terminal::Screen;

pub use perform::{Clients, Notification, Wish};
pub use program::Program;
pub use signals::Signals;
pub use terminal::{background_panics, is_light_background};

/// Messages that are taken before the screen is drawn again.
const MESSAGES_A_FRAME: usize = 1_024;

/// What a session of the terminal UI needs.
pub struct Session {
    /// What the model begins with; its clock and size are set here.
    pub setup: Setup,
    /// The colours.
    pub theme: Theme,
    /// What to do when an execution ends that is not being looked at.
    pub notification: Notification,
    /// A client for each endpoint.
    pub clients: Clients,
    /// Whether F12 panics: for the test that the terminal comes back.
    pub panic_key: bool,
}

/// Why a session ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// The user wanted it.
    Quit,
    /// A signal, by its number.
    Signal(i32),
    /// The configuration is to be read again.
    Reload,
}

/// How a session ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Why.
    pub exit: Exit,
    /// What the user should know now that the screen is gone, such as starts without an answer.
    pub last_words: Vec<String>,
}

/// The time now.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Runs the terminal UI until somebody ends it. The terminal is as before when this returns.
///
/// # Panics
///
/// When the session has a panic key and it is pressed.
pub async fn run(session: Session, signals: &mut Signals) -> io::Result<Ended> {
    let mut screen = Screen::enter()?;
    let setup = Setup { now: now(), size: screen.size()?, ..session.setup };
    let mut program = Program::begin(setup, session.clients, session.notification);
    let mut keyboard = Keyboard::open();
    let exit = loop {
        screen.draw(|frame| ui::view(program.model(), &session.theme, frame))?;
        let wake = program.model().next_wake().map(|wake| wake.since(now()));
        let mut messages = Vec::new();
        tokio::select! {
            event = keyboard.next() => match event {
                Some(event) => messages.extend(input::message(event?)),
                // The terminal is gone.
                None => break Exit::Quit,
            },
            message = program.next() => messages.push(message),
            signal = signals.next() => break Exit::Signal(signal),
            () = tokio::time::sleep(wake.unwrap_or(Duration::MAX)), if wake.is_some() => {}
        }
        // Everything that is there already goes into the same frame.
        while messages.len() < MESSAGES_A_FRAME {
            if let Some(event) = keyboard.next_waiting() {
                messages.extend(input::message(event?));
            } else if let Some(message) = program.next_waiting() {
                messages.push(message);
            } else {
                break;
            }
        }
        assert!(!(session.panic_key && messages.iter().any(input::is_panic_key)), "the panic key was pressed");
        let wishes = program.take(now(), messages).await;
        let mut ended = None;
        for wish in wishes {
            match wish {
                Wish::Quit => ended = ended.or(Some(Exit::Quit)),
                Wish::Reload => ended = ended.or(Some(Exit::Reload)),
                Wish::Write(text) => screen.write(&text)?,
                Wish::Suspend => {
                    ((), keyboard) = lend(&mut screen, keyboard, async { signals::stop_this_process() }).await?;
                    program.take(now(), [resized(&screen)?]).await;
                }
                Wish::Edit(text) => {
                    let result;
                    (result, keyboard) = lend(&mut screen, keyboard, editor::edit(&text)).await?;
                    program.take(now(), [resized(&screen)?, Msg::Edited(result)]).await;
                }
            }
        }
        if let Some(exit) = ended {
            break exit;
        }
    };
    screen.leave();
    Ok(Ended { exit, last_words: program.last_words() })
}

/// Gives screen and keyboard to somebody else for a while.
async fn lend<T>(screen: &mut Screen, keyboard: Keyboard, other: impl Future<Output = T>) -> io::Result<(T, Keyboard)> {
    keyboard.put_away().await;
    screen.leave();
    let result = other.await;
    screen.take()?;
    Ok((result, Keyboard::open()))
}

/// The terminal may have another size when it comes back.
fn resized(screen: &Screen) -> io::Result<Msg> {
    screen.size().map(|size| Msg::Resized(size.width, size.height))
}
