//! A drawn buffer as text, as a list of styles, and as a picture.

use std::fmt::Write as _;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use stepgate::app::Model;
use stepgate::format::text::width;
use stepgate::ui::{Theme, view};

/// The model drawn at its own size.
pub fn drawn(model: &Model, theme: &Theme) -> Buffer {
    let backend = TestBackend::new(model.shell().size().width, model.shell().size().height);
    let mut terminal = Terminal::new(backend).expect("a made-up terminal");
    terminal.draw(|frame| view(model, theme, frame)).expect("drawn");
    terminal.backend().buffer().clone()
}

/// The cells of a line that a person sees: what is behind a wide character is not one of them.
fn seen(buffer: &Buffer, y: u16) -> Vec<(u16, &Cell)> {
    let mut cells = Vec::new();
    let mut x = 0;
    while x < buffer.area.width {
        let cell = &buffer[(x, y)];
        cells.push((x, cell));
        x += u16::try_from(width(cell.symbol())).unwrap_or(1).max(1);
    }
    cells
}

/// The buffer as text, a line for each row.
pub fn text_of(buffer: &Buffer) -> String {
    let line = |y| seen(buffer, y).iter().map(|(_, cell)| cell.symbol()).collect::<String>();
    (0..buffer.area.height).map(|y| line(y).trim_end().to_owned() + "\n").collect()
}

/// The buffer's styles: a line for each row, with the cells that have one.
pub fn styles_of(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in 0..buffer.area.height {
        let _ = write!(text, "{y:2}:");
        for (from, until, cell) in runs(buffer, y) {
            if (cell.fg, cell.bg, cell.modifier) != (Color::Reset, Color::Reset, Modifier::empty()) {
                let _ = write!(text, " {from}-{until} {}/{} {:?};", cell.fg, cell.bg, cell.modifier);
            }
        }
        text.push('\n');
    }
    text
}

/// Neighbouring cells of one style: first column, the column behind the last, the first cell.
fn runs(buffer: &Buffer, y: u16) -> Vec<(u16, u16, &Cell)> {
    let mut runs: Vec<(u16, u16, &Cell)> = Vec::new();
    for (x, cell) in seen(buffer, y) {
        let end = x + u16::try_from(width(cell.symbol())).unwrap_or(1).max(1);
        match runs.last_mut() {
            Some((_, until, first)) if (first.fg, first.bg, first.modifier) == (cell.fg, cell.bg, cell.modifier) => {
                *until = end;
            }
            _ => runs.push((x, end, cell)),
        }
    }
    runs
}

/// The words between two columns of a line, each with its column: browsers do not keep spaces. Wide and narrow characters
/// are apart, since another font would stretch them by different amounts.
fn words(buffer: &Buffer, y: u16, from: u16, until: u16) -> Vec<(u16, String)> {
    let mut words: Vec<(u16, String)> = Vec::new();
    let mut after_space = true;
    let mut last = 0;
    for (x, cell) in seen(buffer, y).into_iter().filter(|(x, _)| (from..until).contains(x)) {
        let is_space = cell.symbol().trim().is_empty();
        let is_other = std::mem::replace(&mut last, width(cell.symbol())) != width(cell.symbol());
        match words.last_mut() {
            Some((_, word)) if !is_space && !after_space && !is_other => word.push_str(cell.symbol()),
            _ if !is_space => words.push((x, cell.symbol().to_owned())),
            _ => {}
        }
        after_space = is_space;
    }
    words
}

const CELL: (u16, u16) = (9, 18);

/// The default colours of a terminal: text and background.
pub type Defaults = [&'static str; 2];
pub const ON_DARK: Defaults = ["#d5d8de", "#16181d"];
pub const ON_LIGHT: Defaults = ["#24262b", "#ffffff"];

/// The buffer as an SVG picture.
pub fn picture_of(buffer: &Buffer, defaults: Defaults) -> String {
    let (whole, height) = (buffer.area.width * CELL.0 + 20, buffer.area.height * CELL.1 + 20);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{whole}\" height=\"{height}\" viewBox=\"0 0 {whole} {height}\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{}\"/>\n\
         <g font-family=\"ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"15\">\n",
        defaults[1]
    );
    for y in 0..buffer.area.height {
        for (from, until, cell) in runs(buffer, y) {
            let (left, top, length) = (10 + from * CELL.0, 10 + y * CELL.1, (until - from) * CELL.0);
            let (fg, bg) = colors(cell, defaults);
            if let Some(bg) = bg {
                let height = CELL.1;
                let _ = writeln!(
                    svg,
                    "<rect x=\"{left}\" y=\"{top}\" width=\"{length}\" height=\"{height}\" fill=\"{bg}\"/>"
                );
            }
            let styles = [
                (Modifier::BOLD, " font-weight=\"bold\""),
                (Modifier::UNDERLINED, " text-decoration=\"underline\""),
                (Modifier::DIM, " opacity=\"0.6\""),
            ];
            let style =
                styles.map(|(modifier, style)| if cell.modifier.contains(modifier) { style } else { "" }).concat();
            for (x, word) in words(buffer, y, from, until) {
                let escaped = word.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                let _ = writeln!(
                    svg,
                    "<text x=\"{}\" y=\"{}\" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{fg}\"{style}>{escaped}</text>",
                    10 + x * CELL.0,
                    top + 14,
                    u16::try_from(width(&word)).unwrap_or(0) * CELL.0
                );
            }
        }
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// The foreground and background of a cell; `None` for the terminal's own background.
fn colors(cell: &Cell, [text, background]: Defaults) -> (String, Option<String>) {
    let color = |color| (color != Color::Reset).then(|| hex(color));
    let (fg, bg) = (color(cell.fg).unwrap_or_else(|| text.to_owned()), color(cell.bg));
    if cell.modifier.contains(Modifier::REVERSED) {
        return (bg.unwrap_or_else(|| background.to_owned()), Some(fg));
    }
    (fg, bg)
}

/// A colour as a usual terminal shows it: its own for the names, and xterm's 256.
fn hex(color: Color) -> String {
    let named = match color {
        Color::Black => "#000000",
        Color::Red => "#e06c75",
        Color::Cyan => "#4fc1d9",
        Color::Green => "#7ec77b",
        Color::Yellow => "#e0c066",
        Color::Magenta => "#c792ea",
        Color::White => "#ffffff",
        Color::Indexed(index @ 16..=231) => {
            let level = |part: u8| if part > 0 { 55 + 40 * part } else { 0 };
            let (red, green, blue) = ((index - 16) / 36, (index - 16) / 6 % 6, (index - 16) % 6);
            return format!("#{:02x}{:02x}{:02x}", level(red), level(green), level(blue));
        }
        Color::Indexed(index @ 232..) => {
            let gray = 8 + 10 * (index - 232);
            return format!("#{gray:02x}{gray:02x}{gray:02x}");
        }
        color => panic!("no theme has this colour: {color:?}"),
    };
    named.to_owned()
}
