//! The loop of the terminal UI, which turns the events of terminal, clock, signals and requests into messages, and runs
//! effects.

use std::io;
use std::time::Duration;

use tokio::time::Instant;

use crate::app::{Msg, Setup};
use crate::runtime::process::clock::now;
use crate::runtime::process::signals::{SignalAction, Signals};
use crate::runtime::session::Session;
use crate::runtime::session::effect_runner::{Environment, Notification, TerminalRequest};
use crate::runtime::session::event_batch::event_batch;
use crate::runtime::terminal::clipboard::Clipboard;
use crate::runtime::terminal::editor;
use crate::runtime::terminal::features::Features;
use crate::runtime::terminal::keyboard::{self, Background, Keyboard};
use crate::runtime::terminal::screen::Screen;
use crate::ui::{self, Theme};
use stepgate_core::child::Claim;
use stepgate_core::domain::Remembered;
use stepgate_core::gateway::Clients;
use stepgate_core::store::Store;

/// What a session of the terminal UI needs.
pub(crate) struct SessionSetup {
    /// The setup of the model; clock and size are set here.
    pub setup: Setup,
    /// The theme, for a dark background if it depends on it.
    pub theme: Theme,
    /// The theme for a light background, if it differs.
    pub light_theme: Option<Theme>,
    /// How to notify the user when an execution ends.
    pub notification: Notification,
    /// What the terminal can do.
    pub features: Features,
    /// The clipboards.
    pub clipboard: Clipboard,
    /// A client for each endpoint.
    pub clients: Clients,
    /// The store and what it remembers; without it, nothing is recorded.
    pub kept: Option<(Store, Remembered)>,
    /// Whether F12 panics, to test that the terminal is restored.
    pub panic_key: bool,
}

/// How long to wait for the terminal's background before the first frame. A later response changes the colours.
const BACKGROUND_TIMEOUT: Duration = Duration::from_millis(250);
/// How long to keep the terminal after a query: a later response would be typed into the shell.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(1);
/// SIGHUP: the terminal is gone.
const HANG_UP: i32 = 1;

/// Why a session ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The user quit.
    Quit,
    /// A signal, with its number.
    Signal(i32),
    /// The configuration must be read again.
    Reload,
}

/// The end of a session.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Why it ended; an error if the terminal failed.
    pub exit: io::Result<Exit>,
    /// Messages to print after the screen is closed: unresolved starts, running executions.
    pub final_messages: Vec<String>,
}

/// Runs the terminal UI until it ends, then restores the terminal.
///
/// # Panics
///
/// If the session has a panic key and it is pressed.
pub(crate) async fn run(session: SessionSetup, signals: &mut Signals) -> io::Result<Ended> {
    match Box::pin(run_session(session, signals)).await {
        // The terminal may be gone before everything is set up.
        Err(error) if is_gone(&error) => Ok(Ended { exit: Ok(Exit::Signal(HANG_UP)), final_messages: Vec::new() }),
        ended => ended,
    }
}

async fn run_session(session: SessionSetup, signals: &mut Signals) -> io::Result<Ended> {
    let _claim = Claim::new();
    let mut screen = Screen::enter(session.setup.mouse, session.features)?;
    let mut keyboard = Keyboard::open()?;
    let setup = Setup { now: now(), size: screen.size()?, ..session.setup };
    let program = std::env::current_exe()?;
    let environment = Environment { notification: session.notification, clipboard: session.clipboard, program };
    let queried = if session.light_theme.is_some() && screen.query_background()? { Some(Instant::now()) } else { None };
    let ui_session = Session::start(setup, session.clients, session.kept, environment).await;
    if let Some(queried) = queried {
        keyboard.wait_for_responses(queried + BACKGROUND_TIMEOUT).await;
    }
    let themes = Themes { dark: session.theme, light: session.light_theme, background: Background::Dark };
    let (panic_key, final_messages) = (session.panic_key, Vec::new());
    let mut terminal =
        TerminalSession { screen, keyboard, session: ui_session, themes, queried, panic_key, final_messages };
    let exit = match terminal.run(signals).await {
        // The terminal is gone; a signal may follow.
        Err(error) if is_gone(&error) => Ok(Exit::Signal(HANG_UP)),
        exit => exit,
    };
    // Later keys belong to the shell or to another session.
    terminal.pause_keyboard().await;
    terminal.screen.leave();
    let mut exit = exit;
    let hurry = async {
        if !matches!(exit, Ok(Exit::Signal(_))) {
            exit = Ok(Exit::Signal(signals.next().await));
        }
    };
    let mut final_messages = terminal.session.end_or_hurry(hurry).await;
    final_messages.extend(terminal.final_messages);
    Ok(Ended { exit, final_messages })
}

/// Whether the system says that the terminal is gone: `EIO` for one that is open, `ENXIO` for `/dev/tty`.
fn is_gone(error: &io::Error) -> bool {
    const INPUT_OUTPUT_ERROR: i32 = 5;
    const NO_SUCH_DEVICE: i32 = 6;
    matches!(error.raw_os_error(), Some(INPUT_OUTPUT_ERROR | NO_SUCH_DEVICE))
}

/// The themes for both backgrounds.
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

/// A session and its terminal.
struct TerminalSession {
    screen: Screen,
    keyboard: Keyboard,
    session: Session,
    themes: Themes,
    /// When the terminal's background was queried.
    queried: Option<Instant>,
    panic_key: bool,
    final_messages: Vec<String>,
}

impl TerminalSession {
    /// The main loop: draws, waits for messages, handles them.
    async fn run(&mut self, signals: &mut Signals) -> io::Result<Exit> {
        loop {
            if let Some(background) = self.keyboard.background() {
                self.themes.background = background;
            }
            let symbols = self.themes.current().symbols;
            self.screen.set_title(symbols.shown(&self.session.model().window_title()))?;
            self.screen.set_links(ui::links(self.session.model(), self.themes.current()));
            self.screen.draw(|frame| ui::view(self.session.model(), self.themes.current(), frame))?;
            let messages = tokio::select! {
                messages = event_batch(&mut self.keyboard, &mut self.session) => messages?,
                action = signals.next_action() => match action {
                    SignalAction::End(signal) => return Ok(Exit::Signal(signal)),
                    SignalAction::Stop => {
                        self.suspend(signals).await?;
                        continue;
                    }
                    SignalAction::Continue => {
                        self.screen.reacquire()?;
                        self.session.handle(now(), [self.resized()?]).await;
                        continue;
                    }
                },
            };
            // The terminal is gone, whether or not a signal says so.
            let Some(messages) = messages else { return Ok(Exit::Signal(HANG_UP)) };
            assert!(!(self.panic_key && messages.iter().any(keyboard::is_panic_key)), "the panic key was pressed");
            let requests = self.session.handle(now(), messages).await;
            for request in requests {
                if let Some(exit) = self.handle(request, signals).await? {
                    return Ok(exit);
                }
            }
        }
    }

    async fn handle(&mut self, request: TerminalRequest, signals: &mut Signals) -> io::Result<Option<Exit>> {
        match request {
            TerminalRequest::Quit => return Ok(Some(Exit::Quit)),
            TerminalRequest::Reload => return Ok(Some(Exit::Reload)),
            TerminalRequest::Write(text) => self.screen.write(&text)?,
            TerminalRequest::Mouse(owner) => self.screen.set_mouse(owner)?,
            TerminalRequest::Redraw => self.screen.redraw()?,
            TerminalRequest::Suspend => self.suspend(signals).await?,
            TerminalRequest::Edit(text) => {
                let edited = self.suspend_for(editor::edit(&text, signals)).await?;
                // Ctrl-C was meant for the editor if it left signals enabled.
                signals.forget_interrupts()?;
                if let Some(signal) = edited.ended_by {
                    self.final_messages.extend(edited.result.err());
                    return Ok(Some(Exit::Signal(signal)));
                }
                let requests = self.session.handle(now(), [self.resized()?, Msg::Edited(edited.result)]).await;
                // The end of an edit never causes a terminal request.
                debug_assert!(requests.is_empty());
            }
        }
        Ok(None)
    }

    /// Suspends the process, as with Ctrl-Z.
    async fn suspend(&mut self, signals: &mut Signals) -> io::Result<()> {
        self.session.announce_suspension(true);
        self.suspend_for(signals.suspend_process()).await?;
        self.session.announce_suspension(false);
        self.session.handle(now(), [self.resized()?]).await;
        Ok(())
    }

    /// Releases screen and keyboard while `other` runs.
    async fn suspend_for<T>(&mut self, other: impl Future<Output = T>) -> io::Result<T> {
        self.pause_keyboard().await;
        self.screen.leave();
        let result = other.await;
        self.screen.acquire()?;
        self.keyboard.resume()?;
        Ok(result)
    }

    async fn pause_keyboard(&mut self) {
        if let Some(queried) = self.queried {
            self.keyboard.wait_for_responses(queried + RESPONSE_TIMEOUT).await;
        }
        self.keyboard.pause().await;
    }

    /// The terminal may have been resized while it was released.
    fn resized(&self) -> io::Result<Msg> {
        self.screen.size().map(|size| Msg::Resized(size.width, size.height))
    }
}
