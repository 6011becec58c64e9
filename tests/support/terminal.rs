//! A pseudo-terminal with a shell, and the screen as a user sees it.

use std::io::{Read, Write};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long a condition may take to come true, on the slowest machine. Nothing waits for it to pass.
const DEADLINE: Duration = Duration::from_secs(30);

struct Shown {
    parser: vt100::Parser,
    bytes: Vec<u8>,
    closed: bool,
}

/// A shell in a pseudo-terminal.
pub struct Terminal {
    shown: Arc<(Mutex<Shown>, Condvar)>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    // The terminal lives as long as its master side.
    master: Box<dyn MasterPty + Send>,
    home: tempfile::TempDir,
}

impl Terminal {
    /// A shell with job control in an empty home, in a terminal of this size, with more variables.
    pub fn open(columns: u16, rows: u16, variables: &[(&str, &str)]) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new("sh");
        command.arg("-i");
        command.env_clear();
        for (name, value) in [("PATH", "/usr/local/bin:/usr/bin:/bin"), ("TERM", "xterm-256color"), ("PS1", "$ ")] {
            command.env(name, value);
        }
        command.env("HOME", home.path());
        for (name, value) in variables {
            command.env(name, value);
        }
        command.cwd(home.path());
        let child = pair.slave.spawn_command(command).expect("a shell");
        let mut reader = pair.master.try_clone_reader().expect("the terminal's output");
        let writer = pair.master.take_writer().expect("the terminal's input");
        let parser = vt100::Parser::new(nonzero(rows), nonzero(columns), 0);
        let shown = Arc::new((Mutex::new(Shown { parser, bytes: Vec::new(), closed: false }), Condvar::new()));
        let for_reader = Arc::clone(&shown);
        std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            loop {
                let read = reader.read(&mut buffer).unwrap_or(0);
                let mut shown = for_reader.0.lock().unwrap_or_else(PoisonError::into_inner);
                if read == 0 {
                    shown.closed = true;
                } else {
                    shown.parser.process(&buffer[..read]);
                    shown.bytes.extend_from_slice(&buffer[..read]);
                }
                for_reader.1.notify_all();
                if read == 0 {
                    return;
                }
            }
        });
        let mut terminal = Self { shown, writer, child, master: pair.master, home };
        terminal.wait_for("the prompt", |screen| screen.contents().contains('$'));
        terminal
    }

    /// The path of the program under test, quoted for the shell.
    pub fn program() -> String {
        format!("'{}'", env!("CARGO_BIN_EXE_stepgate"))
    }

    /// Types.
    pub fn send(&mut self, text: &str) {
        self.writer.write_all(text.as_bytes()).expect("the terminal takes keys");
        self.writer.flush().expect("the terminal takes keys");
    }

    /// Writes a file into the shell's folder.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.home.path().join(name), text).expect("a file in the shell's folder");
    }

    /// The shell's folder.
    pub fn folder(&self) -> &std::path::Path {
        self.home.path()
    }

    /// Waits until the screen is as wanted; panics with the screen when that does not come.
    pub fn wait_for(&mut self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        let end = Instant::now() + DEADLINE;
        let mut shown = self.shown.0.lock().expect("the screen");
        while !wanted(shown.parser.screen()) {
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero() && !shown.closed, "{what} did not come:\n{}", shown.parser.screen().contents());
            shown = self.shown.1.wait_timeout(shown, left).expect("the screen").0;
        }
    }

    /// Waits until a text is on the screen.
    pub fn wait_for_text(&mut self, text: &str) {
        self.wait_for(text, |screen| screen.contents().contains(text));
    }

    /// The screen as text.
    pub fn text(&self) -> String {
        self.shown.0.lock().expect("the screen").parser.screen().contents()
    }

    /// How many bytes have been written to the terminal so far.
    pub fn bytes(&self) -> usize {
        self.shown.0.lock().expect("the screen").bytes.len()
    }

    /// Everything that has been written to the terminal so far.
    pub fn written(&self) -> Vec<u8> {
        self.shown.0.lock().expect("the screen").bytes.clone()
    }

    /// Types into the program and waits until it has handled the keys: Ctrl-L, which it reads last, clears the screen.
    /// Something drawn proves nothing: the clock draws as well. Esc is sent as kitty does, since after a lone byte the
    /// next key may be read as one with Alt.
    pub fn press(&mut self, keys: &str) {
        const CLEAR: &[u8] = b"\x1b[2J";
        let clears = |shown: &Shown| memchr::memmem::find_iter(&shown.bytes, CLEAR).count();
        let before = clears(&self.shown.0.lock().expect("the screen"));
        self.send(if keys == "\x1b" { "\x1b[27u" } else { keys });
        self.send("\x0c");
        let end = Instant::now() + DEADLINE;
        let mut shown = self.shown.0.lock().expect("the screen");
        while clears(&shown) == before {
            let left = end.saturating_duration_since(Instant::now());
            let text = shown.parser.screen().contents();
            assert!(!left.is_zero() && !shown.closed, "{keys:?} was not handled:\n{text}");
            shown = self.shown.1.wait_timeout(shown, left).expect("the screen").0;
        }
    }

    /// Waits until these bytes have been written to the terminal.
    pub fn wait_for_bytes(&mut self, bytes: &[u8]) {
        let end = Instant::now() + DEADLINE;
        let mut shown = self.shown.0.lock().expect("the screen");
        while !shown.bytes.windows(bytes.len()).any(|window| window == bytes) {
            let left = end.saturating_duration_since(Instant::now());
            let text = String::from_utf8_lossy(bytes).into_owned();
            assert!(
                !left.is_zero() && !shown.closed,
                "{text:?} was not written:\n{}",
                shown.parser.screen().contents()
            );
            shown = self.shown.1.wait_timeout(shown, left).expect("the screen").0;
        }
    }

    /// What another program would do that writes to the same screen.
    pub fn scribble(&mut self, bytes: &[u8]) {
        self.shown.0.lock().expect("the screen").parser.process(bytes);
    }

    /// Makes the terminal another size, as dragging its window's corner does.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.shown.0.lock().expect("the screen").parser.screen_mut().set_size(nonzero(rows), nonzero(columns));
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.master.resize(size).expect("the terminal takes another size");
    }

    /// Looks at the screen's modes and cursor.
    pub fn look<T>(&self, at: impl FnOnce(&vt100::Screen) -> T) -> T {
        at(self.shown.0.lock().expect("the screen").parser.screen())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs the program from the shell with its terminal modes before and after, and its exit code.
pub fn launch(terminal: &mut Terminal) {
    let program = Terminal::program();
    terminal.send(&format!(
        "stty -g >before; {program}; echo code=$?; stty -g >after; cmp before after && echo same-modes\r"
    ));
    terminal.wait_for_text("PassStateMachine");
}

pub fn start_the_pass_machine(terminal: &mut Terminal) {
    terminal.send("\r");
    terminal.wait_for_text("Start PassStateMachine");
    terminal.send("\x13");
    terminal.wait_for("the end of the execution", |screen| screen.contents().contains("SUCCEEDED"));
}

pub fn expect_the_shell_as_before(terminal: &mut Terminal, code: &str) {
    terminal.wait_for_text(&format!("code={code}"));
    terminal.wait_for_text("same-modes");
    assert_eq!(titles(&terminal.written()).1, 0, "the title of the window is restored");
    terminal.look(|screen| {
        assert!(!screen.alternate_screen(), "the alternate screen is left");
        assert!(!screen.bracketed_paste(), "bracketed paste is off");
        assert!(!screen.hide_cursor(), "the cursor is shown");
    });
}

/// The titles that were written, and how many saved ones were not restored; a title without a saved one would stay.
pub fn titles(bytes: &[u8]) -> (Vec<String>, usize) {
    let text = String::from_utf8_lossy(bytes);
    let (mut titles, mut saved) = (Vec::new(), 0);
    for part in text.split('\u{1b}') {
        if let Some(title) = part.strip_prefix("]2;") {
            assert_eq!(saved, 1, "a title is saved once before it is replaced: {title}");
            titles.push(title.to_owned());
        } else if part.starts_with("[22;0t") {
            saved += 1;
        } else if part.starts_with("[23;0t") {
            saved -= 1;
        }
    }
    (titles, saved)
}

/// Whether the shell waits for a command: what is typed before that meets the program's raw terminal.
pub fn is_at_the_prompt(screen: &vt100::Screen) -> bool {
    let (row, column) = screen.cursor_position();
    let line = screen.rows(0, 2).nth(usize::from(row)).unwrap_or_default();
    !screen.alternate_screen() && column == 2 && line.starts_with('$')
}

fn nonzero(number: u16) -> std::num::NonZeroU16 {
    std::num::NonZeroU16::new(number).expect("a terminal has rows and columns")
}
