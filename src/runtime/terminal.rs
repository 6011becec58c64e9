//! The terminal: taken over on entering, given back on every way out.

use std::io::IsTerminal as _;
use std::io::{self, Write};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::thread::{self, ThreadId};

use crossterm::cursor::Show;
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste, EnableFocusChange,
    EnableMouseCapture,
};
use crossterm::execute;
use crossterm::terminal::{
    DisableLineWrap, EnableLineWrap, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::layout::{Rect, Size};
use ratatui::{Frame, Terminal};

use crate::app::MouseOwner;
use crate::runtime::keyboard::QUESTION;
use crate::runtime::steady::Steady;

/// Whether the terminal is taken over just now.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// What panicked beside the loop, told when the screen is gone.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The terminal, taken over.
pub(super) struct Screen {
    terminal: Terminal<Steady<io::Stdout>>,
    mouse: MouseOwner,
}

impl Screen {
    /// Takes the terminal over: raw mode, the alternate screen, pasted text in one piece.
    pub(super) fn enter(mouse: MouseOwner) -> io::Result<Self> {
        give_back_on_panic(thread::current().id());
        let mut screen = Self { terminal: Terminal::new(Steady::new(io::stdout()))?, mouse };
        screen.take()?;
        Ok(screen)
    }

    /// Takes it over again after [`Screen::leave`]; everything is drawn anew.
    pub(super) fn take(&mut self) -> io::Result<()> {
        // First, since it stops a program that is in the background.
        enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        // Without line wrap, so that what is wider than it should be stays in its row.
        execute!(io::stdout(), EnterAlternateScreen, DisableLineWrap, EnableBracketedPaste, EnableFocusChange)?;
        self.set_mouse(self.mouse)?;
        self.redraw()
    }

    /// Takes it over again when others may have changed it: the process was stopped, and goes on.
    pub(super) fn take_again(&mut self) -> io::Result<()> {
        // crossterm believes that the modes are as it has left them.
        disable_raw_mode()?;
        self.take()
    }

    /// Has everything drawn anew, with the next picture.
    pub(super) fn redraw(&mut self) -> io::Result<()> {
        // `Terminal::clear` would ask the terminal for its cursor, and wait for those that never answer.
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::new(0, 0, size.width, size.height))
    }

    /// Asks for the background; the answer comes by the keyboard, if there is one. Whether it was asked.
    pub(super) fn ask_background(&mut self) -> io::Result<bool> {
        let term = std::env::var("TERM").unwrap_or_default();
        // GNU screen passes on what it should answer, so that it answers in another order; Eterm answers nothing.
        let is_asked = cfg!(unix) && term != "screen" && !term.starts_with("screen.") && term != "Eterm";
        if is_asked {
            self.write(QUESTION)?;
        }
        Ok(is_asked)
    }

    pub(super) fn size(&self) -> io::Result<Size> {
        self.terminal.size()
    }

    pub(super) fn draw(&mut self, view: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(view).map(drop)
    }

    /// Has the terminal tell of the mouse, or not.
    pub(super) fn set_mouse(&mut self, mouse: MouseOwner) -> io::Result<()> {
        self.mouse = mouse;
        match mouse {
            MouseOwner::Program => execute!(io::stdout(), EnableMouseCapture),
            MouseOwner::Terminal => execute!(io::stdout(), DisableMouseCapture),
        }
    }

    /// Writes past the picture: a bell, a notification.
    pub(super) fn write(&mut self, text: &str) -> io::Result<()> {
        let backend = self.terminal.backend_mut();
        backend.write_all(text.as_bytes())?;
        Write::flush(backend)
    }

    /// Gives the terminal back, until [`Screen::take`].
    #[expect(clippy::unused_self, reason = "only whoever has the screen may leave it")]
    pub(super) fn leave(&mut self) {
        give_back();
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Undoes all that [`Screen::enter`] did, once. Errors are not told: there may be no terminal any more.
fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let _ = execute!(
            io::stdout(),
            DisableMouseCapture,
            DisableFocusChange,
            DisableBracketedPaste,
            EnableLineWrap,
            LeaveAlternateScreen,
            Show
        );
        let _ = disable_raw_mode();
    }
}

/// A panic of the loop gives the terminal back before it is told. One of another thread must not
/// write into the picture: the task that it ends is answered for, and it is told at the end.
fn give_back_on_panic(loop_thread: ThreadId) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if thread::current().id() == loop_thread || !TAKEN.load(Ordering::SeqCst) {
                give_back();
                before(info);
            } else {
                PANICS.lock().unwrap_or_else(PoisonError::into_inner).push(info.to_string());
            }
        }));
    });
}

/// Panics of background tasks that have not been told yet.
pub fn background_panics() -> Vec<String> {
    std::mem::take(&mut *PANICS.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Columns of the terminal that standard output is, if it is one.
pub fn columns_of_output() -> Option<usize> {
    let (columns, _) = std::io::stdout().is_terminal().then(crossterm::terminal::size)?.ok()?;
    Some(usize::from(columns)).filter(|columns| *columns > 0)
}

/// Why no picture can be drawn on the terminal that `TERM` names.
pub fn unfit_terminal() -> Option<String> {
    // On Windows the variable is rarely set.
    let term = std::env::var_os("TERM");
    match term.as_deref().map(|term| term.to_string_lossy()) {
        None if cfg!(windows) => None,
        None => Some("TERM is not set".into()),
        Some(term) if term.is_empty() => Some("TERM is empty".into()),
        Some(term) if term == "dumb" || term == "unknown" => Some(format!("TERM is `{term}`")),
        Some(_) => None,
    }
}
