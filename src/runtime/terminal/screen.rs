//! The terminal: acquired at the start, restored on every exit.

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
use crossterm::style::Print;
use crossterm::terminal::{
    DisableLineWrap, EnableLineWrap, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::layout::{Rect, Size};
use ratatui::{Frame, Terminal};

use crate::app::MouseOwner;
use crate::runtime::terminal::aligned_backend::AlignedBackend;
use crate::runtime::terminal::features::Features;
use crate::runtime::terminal::keyboard::QUERY;
use crate::ui::Link;

/// Whether the terminal is acquired.
static ACQUIRED: AtomicBool = AtomicBool::new(false);
/// Whether the terminal has saved the title of its window.
static TITLE_SAVED: AtomicBool = AtomicBool::new(false);
/// Saves and restores the titles of window and icon (xterm, "Window manipulation").
const SAVE_TITLE: &str = "\u{1b}[22;0t";
const RESTORE_TITLE: &str = "\u{1b}[23;0t";
/// Panics of background tasks, to report after the screen is closed.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The acquired terminal.
pub(in crate::runtime) struct Screen {
    terminal: Terminal<AlignedBackend<io::Stdout>>,
    mouse: MouseOwner,
    features: Features,
    /// The title of the window, once it is written.
    title: Option<String>,
}

impl Screen {
    /// Acquires the terminal: raw mode, alternate screen, bracketed paste.
    pub(in crate::runtime) fn enter(mouse: MouseOwner, features: Features) -> io::Result<Self> {
        restore_on_panic(thread::current().id());
        let terminal = Terminal::new(AlignedBackend::new(io::stdout()))?;
        let mut screen = Self { terminal, mouse, features, title: None };
        screen.acquire()?;
        Ok(screen)
    }

    /// Acquires the terminal again after [`Screen::leave`], and redraws.
    pub(in crate::runtime) fn acquire(&mut self) -> io::Result<()> {
        // First, because it stops a background process.
        enable_raw_mode()?;
        ACQUIRED.store(true, Ordering::SeqCst);
        // After a stop it may still be saved.
        if self.features.has_title && !TITLE_SAVED.swap(true, Ordering::SeqCst) {
            execute!(io::stdout(), Print(SAVE_TITLE))?;
        }
        self.title = None;
        // Without line wrap, so that text that is too wide stays in its row.
        execute!(io::stdout(), EnterAlternateScreen, DisableLineWrap, EnableBracketedPaste, EnableFocusChange)?;
        self.set_mouse(self.mouse)?;
        self.redraw()
    }

    /// Sets the links of the next frame, if the terminal shows them.
    pub(in crate::runtime) fn set_links(&mut self, links: Vec<Link>) {
        if self.features.has_links {
            self.terminal.backend_mut().set_links(links);
        }
    }

    /// Sets the title of the window with the next frame, unless it has it already.
    pub(in crate::runtime) fn set_title(&mut self, title: String) -> io::Result<()> {
        if self.features.has_title && self.title.as_deref() != Some(&title) {
            write!(self.terminal.backend_mut(), "\u{1b}]2;{title}\u{1b}\\")?;
            self.title = Some(title);
        }
        Ok(())
    }

    /// Acquires the terminal again after the process was stopped, because others may have changed it.
    pub(in crate::runtime) fn reacquire(&mut self) -> io::Result<()> {
        // crossterm assumes that the modes are unchanged.
        disable_raw_mode()?;
        self.acquire()
    }

    /// Redraws everything in the next frame.
    pub(in crate::runtime) fn redraw(&mut self) -> io::Result<()> {
        // `Terminal::clear` would query the cursor position, and wait for terminals that never respond.
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::new(0, 0, size.width, size.height))
    }

    /// Queries the background, unless the terminal has problems with it; returns whether it did. The response arrives as
    /// keyboard input.
    pub(in crate::runtime) fn query_background(&mut self) -> io::Result<bool> {
        let term = std::env::var("TERM").unwrap_or_default();
        // GNU screen forwards one query but not the other, so the responses are out of order; Eterm never responds.
        let is_supported = cfg!(unix) && term != "screen" && !term.starts_with("screen.") && term != "Eterm";
        if is_supported {
            self.write(QUERY)?;
        }
        Ok(is_supported)
    }

    pub(in crate::runtime) fn size(&self) -> io::Result<Size> {
        self.terminal.size()
    }

    pub(in crate::runtime) fn draw(&mut self, view: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(view).map(drop)
    }

    /// Enables or disables mouse reports.
    pub(in crate::runtime) fn set_mouse(&mut self, mouse: MouseOwner) -> io::Result<()> {
        self.mouse = mouse;
        match mouse {
            MouseOwner::Program => execute!(io::stdout(), EnableMouseCapture),
            MouseOwner::Terminal => execute!(io::stdout(), DisableMouseCapture),
        }
    }

    /// Writes text outside the screen, such as a bell.
    pub(in crate::runtime) fn write(&mut self, text: &str) -> io::Result<()> {
        let backend = self.terminal.backend_mut();
        backend.write_all(text.as_bytes())?;
        Write::flush(backend)
    }

    /// Restores the terminal, until [`Screen::acquire`].
    #[expect(clippy::unused_self, reason = "requires the owner of the screen")]
    pub(in crate::runtime) fn leave(&mut self) {
        restore();
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// Undoes [`Screen::enter`], once. Ignores errors: the terminal may be gone.
fn restore() {
    if ACQUIRED.swap(false, Ordering::SeqCst) {
        let title = if TITLE_SAVED.swap(false, Ordering::SeqCst) { RESTORE_TITLE } else { "" };
        let _ = execute!(
            io::stdout(),
            DisableMouseCapture,
            DisableFocusChange,
            DisableBracketedPaste,
            EnableLineWrap,
            LeaveAlternateScreen,
            Show,
            Print(title)
        );
        let _ = disable_raw_mode();
    }
}

/// Restores the terminal before a panic of the loop is reported. Panics of other threads must not write to the screen, so
/// they are reported at the end.
fn restore_on_panic(loop_thread: ThreadId) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if thread::current().id() == loop_thread || !ACQUIRED.load(Ordering::SeqCst) {
                restore();
                before(info);
            } else {
                PANICS.lock().unwrap_or_else(PoisonError::into_inner).push(info.to_string());
            }
        }));
    });
}

/// Returns the panics of background tasks that were not reported yet.
pub(crate) fn background_panics() -> Vec<String> {
    std::mem::take(&mut *PANICS.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Returns the width of the terminal if standard output is one.
pub(crate) fn stdout_columns() -> Option<usize> {
    let (columns, _) = std::io::stdout().is_terminal().then(crossterm::terminal::size)?.ok()?;
    Some(usize::from(columns)).filter(|columns| *columns > 0)
}

/// Returns why the terminal UI cannot run on the terminal named by `TERM`.
pub(crate) fn unsupported_terminal() -> Option<String> {
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
