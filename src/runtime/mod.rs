//! The shell around the core: the terminal, the keyboard, the clock, the signals, and the loop that
//! turns all of them into messages and performs the effects.

mod clipboard;
mod clock;
mod control;
mod editor;
mod effect_runner;
mod event_batch;
mod filter;
#[cfg(unix)]
mod ignored;
mod keyboard;
pub mod lines;
mod live;
#[cfg_attr(unix, expect(clippy::disallowed_methods, reason = "it sets the terminal's modes, and reads nothing"))]
mod modes;
pub mod retention;
#[expect(clippy::disallowed_methods, reason = "it runs on a thread for what blocks")]
mod save;
mod session;
mod shared;
mod signals;
mod steady;
#[expect(clippy::disallowed_methods, reason = "it owns the screen")]
mod terminal;

use std::io;
use std::time::Duration;

use tokio::time::Instant;

use crate::app::{Msg, Setup};
use crate::ui::{self, Theme};
use stepgate_core::child::Claim;
use stepgate_core::domain::Remembered;
use stepgate_core::gateway::Clients;
use stepgate_core::store::Store;

use keyboard::{Background, Keyboard};
use signals::Asked;
use terminal::Screen;

pub use clipboard::Clipboard;
pub use clock::now;
pub use control::{after_stop, redrive};
pub use effect_runner::{Environment, Notification, TerminalRequest};
pub use event_batch::{Events, event_batch};
pub use filter::JQ_CHILD;
#[cfg(unix)]
pub use keyboard::decoded;
pub use live::Live;
pub use session::Session;
pub use shared::Shared;
pub use signals::Signals;
pub use terminal::{background_panics, columns_of_output, unfit_terminal};

/// What a session of the terminal UI needs.
pub struct SessionSetup {
    /// What the model begins with; its clock and size are set here.
    pub setup: Setup,
    /// The colours.
    pub theme: Theme,
    /// The colours on a light background, where they differ.
    pub light_theme: Option<Theme>,
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

/// How long the first picture waits for the terminal to tell its background. A later answer changes the colours then.
const BACKGROUND_PATIENCE: Duration = Duration::from_millis(250);
/// How long the terminal stays the program's after it was asked: a later answer would be typed into the shell.
const ANSWER_PATIENCE: Duration = Duration::from_secs(1);
/// The number of the signal that says that the terminal is gone.
const HANG_UP: i32 = 1;

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

/// Runs the terminal UI until somebody ends it. The terminal is as before when this returns.
///
/// # Panics
///
/// When the session has a panic key and it is pressed.
pub async fn run(session: SessionSetup, signals: &mut Signals) -> io::Result<Ended> {
    match Box::pin(work(session, signals)).await {
        // It may go before everything is set up.
        Err(error) if is_gone(&error) => Ok(Ended { exit: Ok(Exit::Signal(HANG_UP)), last_words: Vec::new() }),
        ended => ended,
    }
}

async fn work(session: SessionSetup, signals: &mut Signals) -> io::Result<Ended> {
    let _claim = Claim::new();
    let mut screen = Screen::enter(session.setup.mouse)?;
    let mut keyboard = Keyboard::open()?;
    let setup = Setup { now: now(), size: screen.size()?, ..session.setup };
    let program = std::env::current_exe()?;
    let outside = Environment { notification: session.notification, clipboard: session.clipboard, program };
    let asked = if session.light_theme.is_some() && screen.ask_background()? { Some(Instant::now()) } else { None };
    let program = Session::begin(setup, session.clients, session.kept, outside).await;
    if let Some(asked) = asked {
        keyboard.wait_for_answers(asked + BACKGROUND_PATIENCE).await;
    }
    let themes = Themes { dark: session.theme, light: session.light_theme, background: Background::Dark };
    let (panic_key, last_words) = (session.panic_key, Vec::new());
    let mut desk = TerminalSession { screen, keyboard, program, themes, asked, panic_key, last_words };
    let exit = match desk.work(signals).await {
        // A terminal that is gone cannot be written to either.
        Err(error) if is_gone(&error) => Ok(Exit::Signal(HANG_UP)),
        exit => exit,
    };
    // Keys that are typed from now on are for the shell, or for another session.
    desk.put_keyboard_away().await;
    desk.screen.leave();
    let mut exit = exit;
    let hurry = async {
        if !matches!(exit, Ok(Exit::Signal(_))) {
            exit = Ok(Exit::Signal(signals.next().await));
        }
    };
    let mut last_words = desk.program.end_before(hurry).await;
    last_words.extend(desk.last_words);
    Ok(Ended { exit, last_words })
}

/// Whether the system says that the terminal is gone: `EIO` for one that is open, `ENXIO` for `/dev/tty`.
fn is_gone(error: &io::Error) -> bool {
    const INPUT_OUTPUT_ERROR: i32 = 5;
    const NO_SUCH_DEVICE: i32 = 6;
    matches!(error.raw_os_error(), Some(INPUT_OUTPUT_ERROR | NO_SUCH_DEVICE))
}

/// The colours, by the terminal's background.
struct Themes {
    dark: Theme,
    light: Option<Theme>,
    background: Background,
}

impl Themes {
    fn current(&self) -> &Theme {
        match (&self.light, self.background) {
            (Some(light), Background::Light) => light,
            _ => &self.dark,
        }
    }
}

/// A session at work: the program, and the terminal that it is seen on.
struct TerminalSession {
    screen: Screen,
    keyboard: Keyboard,
    program: Session,
    themes: Themes,
    /// When the terminal was asked for its background.
    asked: Option<Instant>,
    panic_key: bool,
    last_words: Vec<String>,
}

impl TerminalSession {
    /// The one loop: wait for a message, take all that are there, perform, draw.
    async fn work(&mut self, signals: &mut Signals) -> io::Result<Exit> {
        loop {
            if let Some(background) = self.keyboard.background() {
                self.themes.background = background;
            }
            self.screen.draw(|frame| ui::view(self.program.model(), self.themes.current(), frame))?;
            let messages = tokio::select! {
                messages = event_batch(&mut self.keyboard, &mut self.program) => messages?,
                asked = signals.asked() => match asked {
                    Asked::End(signal) => return Ok(Exit::Signal(signal)),
                    Asked::Stop => {
                        self.suspend(signals).await?;
                        continue;
                    }
                    Asked::GoOn => {
                        self.screen.take_again()?;
                        self.program.take(now(), [self.resized()?]).await;
                        continue;
                    }
                },
            };
            // The terminal is gone, whether or not a signal says so.
            let Some(messages) = messages else { return Ok(Exit::Signal(HANG_UP)) };
            assert!(!(self.panic_key && messages.iter().any(keyboard::is_panic_key)), "the panic key was pressed");
            let wishes = self.program.take(now(), messages).await;
            for wish in wishes {
                if let Some(exit) = self.handle(wish, signals).await? {
                    return Ok(exit);
                }
            }
        }
    }

    async fn handle(&mut self, wish: TerminalRequest, signals: &mut Signals) -> io::Result<Option<Exit>> {
        match wish {
            TerminalRequest::Quit => return Ok(Some(Exit::Quit)),
            TerminalRequest::Reload => return Ok(Some(Exit::Reload)),
            TerminalRequest::Write(text) => self.screen.write(&text)?,
            TerminalRequest::Mouse(owner) => self.screen.set_mouse(owner)?,
            TerminalRequest::Redraw => self.screen.redraw()?,
            TerminalRequest::Suspend => self.suspend(signals).await?,
            TerminalRequest::Edit(text) => {
                let edited = self.suspend_for(editor::edit(&text, signals)).await?;
                // Ctrl-C in an editor that leaves the terminal's own handling on was meant for it.
                signals.forget_interrupts()?;
                if let Some(signal) = edited.ended_by {
                    self.last_words.extend(edited.result.err());
                    return Ok(Some(Exit::Signal(signal)));
                }
                let wishes = self.program.take(now(), [self.resized()?, Msg::Edited(edited.result)]).await;
                // What only the terminal's owner can do is never asked for by the end of an edit.
                debug_assert!(wishes.is_empty());
            }
        }
        Ok(None)
    }

    /// Goes to the background of the shell.
    async fn suspend(&mut self, signals: &mut Signals) -> io::Result<()> {
        self.suspend_for(signals.stop_this_process()).await?;
        self.program.take(now(), [self.resized()?]).await;
        Ok(())
    }

    /// Gives screen and keyboard to another program for a while.
    async fn suspend_for<T>(&mut self, other: impl Future<Output = T>) -> io::Result<T> {
        self.put_keyboard_away().await;
        self.screen.leave();
        let result = other.await;
        self.screen.take()?;
        self.keyboard.take_up()?;
        Ok(result)
    }

    async fn put_keyboard_away(&mut self) {
        if let Some(asked) = self.asked {
            self.keyboard.wait_for_answers(asked + ANSWER_PATIENCE).await;
        }
        self.keyboard.put_away().await;
    }

    /// The terminal may have another size when it comes back.
    fn resized(&self) -> io::Result<Msg> {
        self.screen.size().map(|size| Msg::Resized(size.width, size.height))
    }
}
