//! The shell around the core: the terminal, the keyboard, the clock, the signals, and the loop that
//! turns all of them into messages and performs the effects.

mod clipboard;
#[expect(clippy::disallowed_methods, reason = "the loop waits for the editor anyway")]
mod editor;
mod filter;
mod input;
mod keyboard;
#[expect(clippy::disallowed_methods, reason = "it runs on a thread for what blocks")]
pub mod lines;
mod live;
mod perform;
mod program;
pub mod retention;
#[expect(clippy::disallowed_methods, reason = "it runs on a thread for what blocks")]
mod save;
mod shared;
mod signals;
mod steering;
#[expect(clippy::disallowed_methods, reason = "it owns the screen")]
mod terminal;
mod turn;

use std::io;
use std::time::SystemTime;

use crate::app::{Msg, Setup};
use crate::domain::{Remembered, Timestamp};
use crate::gateway::Clients;
use crate::store::Store;
use crate::ui::{self, Theme};

use keyboard::Keyboard;
use terminal::Screen;

pub use clipboard::Clipboard;
pub use filter::JQ_CHILD;
pub use live::Live;
pub use perform::{Notification, Outside, Wish};
pub use program::Program;
pub use shared::Shared;
pub use signals::Signals;
pub use steering::{after_stop, redrive};
pub use terminal::{background_panics, columns_of_output, is_light_background};
pub use turn::{Events, turn};

/// What a session of the terminal UI needs.
pub struct Session {
    /// What the model begins with; its clock and size are set here.
    pub setup: Setup,
    /// The colours.
    pub theme: Theme,
    /// What to do when an execution ends that is not being looked at.
    pub notification: Notification,
    /// The ways to the clipboard.
    pub clipboard: Clipboard,
    /// A client for each endpoint.
    pub clients: Clients,
    /// The store and what it remembers; nothing is kept without.
    pub kept: Option<(Store, Remembered)>,
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
#[derive(Debug)]
pub struct Ended {
    /// Why; an error when the terminal could not be read or written.
    pub exit: io::Result<Exit>,
    /// What the user should know now that the screen is gone: starts in doubt, what still runs.
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
    let screen = Screen::enter(session.setup.mouse)?;
    let setup = Setup { now: now(), size: screen.size()?, ..session.setup };
    let program = std::env::current_exe()?;
    let outside = Outside { notification: session.notification, clipboard: session.clipboard, program };
    let program = Program::begin(setup, session.clients, session.kept, outside).await;
    let keyboard = Keyboard::open();
    let mut desk = Desk { screen, keyboard, program, theme: session.theme, panic_key: session.panic_key };
    let exit = desk.work(signals).await;
    // Keys that are typed from now on are for the shell, or for another session.
    desk.keyboard.put_away().await;
    desk.screen.leave();
    Ok(Ended { exit, last_words: desk.program.end().await })
}

/// A session at work: the program, and the terminal that it is seen on.
struct Desk {
    screen: Screen,
    keyboard: Keyboard,
    program: Program,
    theme: Theme,
    panic_key: bool,
}

impl Desk {
    /// The one loop: wait for a message, take all that are there, perform, draw.
    async fn work(&mut self, signals: &mut Signals) -> io::Result<Exit> {
        loop {
            self.screen.draw(|frame| ui::view(self.program.model(), &self.theme, frame))?;
            let messages = tokio::select! {
                messages = turn::turn(&mut self.keyboard, &mut self.program) => messages?,
                signal = signals.next() => return Ok(Exit::Signal(signal)),
            };
            let Some(messages) = messages else { return Ok(Exit::Quit) };
            assert!(!(self.panic_key && messages.iter().any(input::is_panic_key)), "the panic key was pressed");
            let wishes = self.program.take(now(), messages).await;
            for wish in wishes {
                if let Some(exit) = self.grant(wish, signals).await? {
                    return Ok(exit);
                }
            }
        }
    }

    async fn grant(&mut self, wish: Wish, signals: &mut Signals) -> io::Result<Option<Exit>> {
        match wish {
            Wish::Quit => return Ok(Some(Exit::Quit)),
            Wish::Reload => return Ok(Some(Exit::Reload)),
            Wish::Write(text) => self.screen.write(&text)?,
            Wish::Mouse(owner) => self.screen.set_mouse(owner)?,
            Wish::Suspend => {
                self.lend(async { signals::stop_this_process() }).await?;
                self.program.take(now(), [self.resized()?]).await;
            }
            Wish::Edit(text) => {
                let result = self.lend(editor::edit(&text)).await?;
                // Ctrl-C in an editor that leaves the terminal's own handling on was meant for it.
                signals.forget_interrupts()?;
                self.program.take(now(), [self.resized()?, Msg::Edited(result)]).await;
            }
        }
        Ok(None)
    }

    /// Gives screen and keyboard to somebody else for a while.
    async fn lend<T>(&mut self, other: impl Future<Output = T>) -> io::Result<T> {
        self.keyboard.put_away().await;
        self.screen.leave();
        let result = other.await;
        self.screen.take()?;
        self.keyboard = Keyboard::open();
        Ok(result)
    }

    /// The terminal may have another size when it comes back.
    fn resized(&self) -> io::Result<Msg> {
        self.screen.size().map(|size| Msg::Resized(size.width, size.height))
    }
}
