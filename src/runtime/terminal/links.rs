//! Writes hyperlinks (OSC 8) around the cells that belong to them.

use std::io::{self, Write};

use ratatui::buffer::Cell;
use ratatui::layout::Position;

use crate::ui::Link;

/// The longest URL that VTE accepts.
const MAX_URL: usize = 2_083;

/// Draws cells of a row in runs, each with the link that it belongs to, if any.
pub(in crate::runtime) fn draw_runs<W: Write>(
    links: &[Link],
    cells: &[(u16, u16, &Cell)],
    out: &mut W,
    mut draw: impl FnMut(&mut W, &[(u16, u16, &Cell)]) -> io::Result<()>,
) -> io::Result<()> {
    let link_at =
        |cell: &(u16, u16, &Cell)| links.iter().position(|link| link.area.contains(Position::new(cell.0, cell.1)));
    for run in cells.chunk_by(|one, other| link_at(one) == link_at(other)) {
        match run.first().and_then(link_at).and_then(|index| links.get(index)).filter(|link| is_safe(&link.url)) {
            // The id joins the rows of a link that is wrapped.
            Some(link) => {
                write!(out, "\u{1b}]8;id=stepgate;{}\u{1b}\\", link.url)?;
                draw(out, run)?;
                out.write_all(b"\x1b]8;;\x1b\\")?;
            }
            None => draw(out, run)?,
        }
    }
    Ok(())
}

/// Whether a terminal takes the whole text for the URL.
fn is_safe(url: &str) -> bool {
    url.len() <= MAX_URL && url.starts_with("https://") && url.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;

    use super::*;

    /// What is written for five cells, of which two have this link.
    fn written(url: &str) -> String {
        let links = [Link { area: Rect::new(1, 0, 2, 1), url: url.to_owned() }];
        let cells: Vec<Cell> = ["a", "b", "c", "d", "e"].iter().map(|text| Cell::new(text)).collect();
        let cells: Vec<(u16, u16, &Cell)> = (0..).zip(&cells).map(|(x, cell)| (x, 0, cell)).collect();
        let mut out = Vec::new();
        let draw = |out: &mut Vec<u8>, run: &[(u16, u16, &Cell)]| {
            run.iter().try_for_each(|(.., cell)| out.write_all(cell.symbol().as_bytes()))
        };
        draw_runs(&links, &cells, &mut out, draw).expect("written");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn only_the_cells_of_a_link_have_it() {
        assert_eq!(written("https://x.y/z"), "a\u{1b}]8;id=stepgate;https://x.y/z\u{1b}\\bc\u{1b}]8;;\u{1b}\\de");
    }

    #[test]
    fn a_url_that_could_do_anything_else_is_not_written() {
        let long = format!("https://{}", "x".repeat(MAX_URL));
        for url in ["https://x\u{1b}\\\u{1b}]52;c;x\u{7}", "https://x y", "https://é", "javascript:x", "", &long] {
            assert_eq!(written(url), "abcde", "{url:?}");
        }
    }
}
