//! Live lines: redrawn in place below the output of a waiting command. They are on standard error, separate from results.

use std::fs::File;
use std::io;

use crossterm::cursor::MoveToPreviousLine;
use crossterm::queue;
use crossterm::terminal::{self, Clear, ClearType};

use crate::output::{self, Stream, Text, is_terminal};

/// The live lines on the terminal.
#[derive(Debug)]
pub(crate) struct LiveLines {
    drawn: u16,
}

impl LiveLines {
    /// Returns `None` unless standard error is a terminal that can move its cursor and standard output is not a pipe, whose
    /// reader may write to the terminal.
    pub(crate) fn open() -> Option<Self> {
        let can_move = std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        (is_terminal(Stream::Error) && can_move && !is_pipe()).then_some(Self { drawn: 0 })
    }

    /// Returns the columns and rows of the terminal.
    pub(crate) fn size() -> (u16, u16) {
        terminal::size().unwrap_or((80, 24))
    }

    /// Replaces the drawn lines. Each must fit into a row.
    pub(crate) fn draw(&mut self, lines: &[Text]) -> io::Result<()> {
        let mut out = Vec::new();
        if self.drawn > 0 {
            queue!(out, MoveToPreviousLine(self.drawn), Clear(ClearType::FromCursorDown))?;
        }
        self.drawn = u16::try_from(lines.len()).unwrap_or(0);
        output::draw(&out, lines)
    }

    /// Removes the lines.
    pub(crate) fn clear(&mut self) -> io::Result<()> {
        if self.drawn == 0 {
            return Ok(());
        }
        self.draw(&[])
    }
}

#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "it is only inspected")]
fn is_pipe() -> bool {
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::FileTypeExt as _;
    let duplicate = io::stdout().as_fd().try_clone_to_owned().map(File::from);
    let kind = duplicate.and_then(|file| file.metadata()).map(|metadata| metadata.file_type());
    kind.is_ok_and(|kind| kind.is_fifo() || kind.is_socket())
}

#[cfg(not(unix))]
fn is_pipe() -> bool {
    !is_terminal(Stream::Output)
}
