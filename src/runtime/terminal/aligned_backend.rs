//! A backend that keeps columns aligned in any terminal. Terminals disagree on the width of some characters: flags, families,
//! emoji with variations, and characters newer than the terminal. Each of these is drawn onto blanks, the cursor is
//! positioned after it, and the rest of the row is redrawn.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crossterm::cursor::MoveTo;
use crossterm::queue;
use crossterm::terminal::Clear;
use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

use crate::format::text::width;
use crate::runtime::terminal::frame_writer::FrameWriter;
use crate::runtime::terminal::links::draw_runs;
use crate::ui::Link;

/// Maximum size of the screen.
const MAX_COLUMNS: u16 = 1_000;
const MAX_ROWS: u16 = 500;

/// A backend that remembers what it has drawn.
pub(in crate::runtime) struct AlignedBackend<W: Write> {
    backend: CrosstermBackend<FrameWriter<W>>,
    /// Cells of each row drawn since the screen was cleared; the others are blank.
    rows: Vec<BTreeMap<u16, Cell>>,
    /// The links of the next frame.
    links: Vec<Link>,
    /// The terminal's width when last queried.
    columns: std::cell::Cell<u16>,
}

impl<W: Write> AlignedBackend<W> {
    pub(in crate::runtime) fn new(writer: W) -> Self {
        Self {
            backend: CrosstermBackend::new(FrameWriter::new(writer)),
            rows: Vec::new(),
            links: Vec::new(),
            columns: std::cell::Cell::new(u16::MAX),
        }
    }

    /// Sets the links of the next frame. Cells are drawn only when they change, so a text must always have the same link.
    pub(in crate::runtime) fn set_links(&mut self, links: Vec<Link>) {
        self.links = links;
    }

    /// Draws the changed cells of a row, from left to right.
    fn draw_row(&mut self, y: u16, changed: &[(u16, u16, &Cell)]) -> io::Result<()> {
        let index = usize::from(y);
        if self.rows.len() <= index {
            self.rows.resize_with(index + 1, BTreeMap::new);
        }
        let row = &mut self.rows[index];
        let is_ambiguous = |cell: &Cell| is_ambiguous(cell.symbol());
        // The terminal may show parts of an earlier one outside its cell.
        let was = changed.iter().map(|(x, ..)| *x).find(|x| row.get(x).is_some_and(is_ambiguous));
        let will_be = changed.iter().find(|(.., cell)| is_ambiguous(cell)).map(|(x, ..)| *x);
        let from = was.into_iter().chain(will_be).min();
        let (mut drawn, mut free) = (Vec::with_capacity(changed.len()), 0);
        for (x, y, cell) in changed.iter().copied() {
            // Cells covered by a wide character are not visible.
            if x < free {
                continue;
            }
            free = x.saturating_add(columns(cell));
            for covered in x + 1..free {
                row.remove(&covered);
            }
            row.insert(x, cell.clone());
            drawn.push((x, y, cell));
        }
        let Some(from) = from else {
            return draw_runs(&self.links, &drawn, &mut self.backend, |out, run| out.draw(run.iter().copied()));
        };
        self.backend.draw(drawn.into_iter().take_while(|(x, ..)| *x < from))?;
        // Also clears cells that ratatui takes for the right half of an earlier character, which may differ in the terminal.
        let clear = || Clear(crossterm::terminal::ClearType::UntilNewLine);
        queue!(self.backend, MoveTo(from, y), clear())?;
        let mut run: Vec<(u16, u16, &Cell)> = Vec::new();
        for (x, cell) in row.range(from..) {
            if !is_ambiguous(cell) {
                run.push((*x, y, cell));
                continue;
            }
            // Each call starts by positioning the cursor.
            self.backend.draw(run.drain(..))?;
            let mut blank = cell.clone();
            blank.set_symbol(" ");
            self.backend.draw((0..columns(cell)).map(|offset| (x.saturating_add(offset), y, &blank)))?;
            self.backend.draw(std::iter::once((*x, y, cell)))?;
            let after = x.saturating_add(columns(cell));
            if after < self.columns.get() {
                queue!(self.backend, MoveTo(after, y), clear())?;
            }
        }
        self.backend.draw(run.into_iter())
    }
}

/// Returns the width of the cell in columns.
fn columns(cell: &Cell) -> u16 {
    u16::try_from(width(cell.symbol())).unwrap_or(1).max(1)
}

/// Whether terminals may disagree on the width.
fn is_ambiguous(symbol: &str) -> bool {
    let mut characters = symbol.chars();
    match (characters.next(), characters.next()) {
        (Some(_), Some(_)) => true,
        // Emoji and symbols beyond the first plane; new ones are added every year.
        (Some(c), None) => matches!(c, '\u{1f000}'..='\u{1ffff}'),
        (None, _) => false,
    }
}

impl<W: Write> Write for AlignedBackend<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.backend.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Write::flush(&mut self.backend)
    }
}

impl<W: Write> Backend for AlignedBackend<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut cells: Vec<(u16, u16, &Cell)> = content.collect();
        // ratatui keeps this order already.
        cells.sort_by_key(|(x, y, _)| (*y, *x));
        cells.chunk_by(|one, other| one.1 == other.1).try_for_each(|row| self.draw_row(row[0].1, row))
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.backend.hide_cursor()
    }

    /// Never fails: when dropped, ratatui would print the error to standard error, and panic if that fails too. The next
    /// write reports that the terminal is gone.
    fn show_cursor(&mut self) -> io::Result<()> {
        let _ = self.backend.show_cursor();
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        self.backend.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let Position { x, y } = position.into();
        queue!(self.backend, MoveTo(x, y))?;
        Write::flush(&mut self.backend)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.rows.clear();
        self.backend.clear()
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        self.rows.clear();
        self.backend.clear_region(clear_type)
    }

    fn size(&self) -> io::Result<Size> {
        let size = self.backend.size()?;
        // A terminal may claim any size, and each cell takes memory.
        let size = Size::new(size.width.min(MAX_COLUMNS), size.height.min(MAX_ROWS));
        self.columns.set(size.width);
        Ok(size)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.backend.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.backend)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::num::NonZeroU16;
    use std::rc::Rc;

    use ratatui::layout::Rect;
    use ratatui::text::Line;
    use ratatui::{Terminal, TerminalOptions, Viewport};

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Rc<RefCell<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Returns the cells after each of these lines, in a terminal that draws each character separately, as old ones do.
    fn shown(lines: &[&str]) -> Vec<Vec<String>> {
        let written = Written::default();
        let viewport = Viewport::Fixed(Rect::new(0, 0, 20, 1));
        let mut terminal = Terminal::with_options(AlignedBackend::new(written.clone()), TerminalOptions { viewport })
            .expect("a terminal");
        let number = |number| NonZeroU16::new(number).expect("not zero");
        let mut parser = vt100::Parser::new(number(1), number(20), 0);
        let mut after = |line: &&str| {
            terminal.draw(|frame| frame.render_widget(Line::from(*line), frame.area())).expect("drawn");
            parser.process(&std::mem::take(&mut *written.0.borrow_mut()));
            let cell = |x| parser.screen().cell(0, x).map(|cell| cell.contents().to_owned()).unwrap_or_default();
            (0..20).map(cell).collect()
        };
        lines.iter().map(&mut after).collect()
    }

    #[test]
    fn text_after_an_emoji_stays_aligned() {
        for emoji in ["👨‍👩‍👧", "🇯🇵", "❤️", "👍🏽", "1️⃣", "🫩", "e\u{301}"] {
            let (row, other) = (format!("a{emoji}|b {emoji}c"), "a--|d");
            let place = width(&format!("a{emoji}"));
            let shown = shown(&[&row, other, &row, "xx"]);
            for cells in [&shown[0], &shown[2]] {
                assert_eq!(cells[place..place + 2], ["|", "b"], "{emoji}: {shown:?}");
                assert_eq!(cells[2 * place + 2], "c", "{emoji}: {shown:?}");
                assert!(cells[2 * place + 3..].iter().all(|cell| cell.trim().is_empty()), "{emoji}: {shown:?}");
            }
            for (cells, line) in [(&shown[1], other), (&shown[3], "xx")] {
                let text: String = cells.iter().map(|cell| if cell.is_empty() { " " } else { cell }).collect();
                assert_eq!(text.trim_end(), line, "{emoji}");
            }
        }
    }
}
