//! Colours in the configuration, and how a terminal with fewer colours shows them.

use ratatui::style::Color;

/// The names of the terminal's own colours.
pub(crate) const NAMES: [&str; 16] = [
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "gray",
    "dark-gray",
    "light-red",
    "light-green",
    "light-yellow",
    "light-blue",
    "light-magenta",
    "light-cyan",
    "white",
];

/// The usual values of these colours.
const VALUES: [[u8; 3]; 16] = [
    [0, 0, 0],
    [205, 0, 0],
    [0, 205, 0],
    [205, 205, 0],
    [0, 0, 238],
    [205, 0, 205],
    [0, 205, 205],
    [229, 229, 229],
    [127, 127, 127],
    [255, 0, 0],
    [0, 255, 0],
    [255, 255, 0],
    [92, 92, 255],
    [255, 0, 255],
    [0, 255, 255],
    [255, 255, 255],
];

/// The levels of red, green and blue in the cube of the colours 16 to 231.
const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// How many colours a terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Depth {
    /// The 16 colours with names.
    Named,
    /// 256.
    Indexed,
    /// All.
    Full,
}

impl Depth {
    /// Returns the depth by the variables `COLORTERM` and `TERM`.
    pub(crate) fn from_variables(colorterm: Option<&str>, term: Option<&str>) -> Self {
        let term = term.unwrap_or_default();
        if matches!(colorterm, Some("truecolor" | "24bit")) || term.ends_with("-direct") {
            return Self::Full;
        }
        let is_old = term.ends_with("-16color") || ["linux", "ansi", "vt100", "vt220", "cons25"].contains(&term);
        if is_old { Self::Named } else { Self::Indexed }
    }
}

/// Returns the colour for a name, `#rrggbb` or a number up to 255.
pub(crate) fn parse(text: &str) -> Option<Color> {
    text.parse().ok()
}

/// Returns the colour itself, or the nearest one that the terminal has.
pub(crate) fn shown(color: Color, depth: Depth) -> Color {
    match (color, depth) {
        (Color::Rgb(red, green, blue), Depth::Indexed) => Color::Indexed(nearest([red, green, blue], 16..=255)),
        (Color::Rgb(red, green, blue), Depth::Named) => Color::Indexed(nearest([red, green, blue], 0..=15)),
        (Color::Indexed(index @ 16..), Depth::Named) => Color::Indexed(nearest(value(index), 0..=15)),
        (color, _) => color,
    }
}

fn nearest(color: [u8; 3], indexes: std::ops::RangeInclusive<u8>) -> u8 {
    let distance = |index: &u8| -> u32 {
        value(*index).into_iter().zip(color).map(|(one, other)| u32::from(one.abs_diff(other)).pow(2)).sum()
    };
    indexes.min_by_key(distance).unwrap_or_default()
}

/// Returns red, green and blue of a colour of the 256.
fn value(index: u8) -> [u8; 3] {
    match index {
        0..=15 => VALUES[usize::from(index)],
        16..=231 => [36, 6, 1].map(|place| LEVELS[usize::from((index - 16) / place % 6)]),
        232.. => [8 + (index - 232) * 10; 3],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_color_and_others_are_not() {
        for name in NAMES {
            assert!(parse(name).is_some(), "{name}");
        }
        for (text, color) in [("#ff8700", Some(Color::Rgb(255, 135, 0))), ("86", Some(Color::Indexed(86)))] {
            assert_eq!(parse(text), color);
        }
        for text in ["", "rde", "#ff", "#gggggg", "256", "-1"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_terminal_with_fewer_colors_shows_the_nearest() {
        let orange = Color::Rgb(255, 135, 0);
        for (color, depth, expected) in [
            (orange, Depth::Full, orange),
            (orange, Depth::Indexed, Color::Indexed(208)),
            (Color::Rgb(250, 5, 5), Depth::Named, Color::Indexed(9)),
            (Color::Rgb(128, 128, 128), Depth::Indexed, Color::Indexed(244)),
            (Color::Indexed(208), Depth::Indexed, Color::Indexed(208)),
            (Color::Indexed(196), Depth::Named, Color::Indexed(9)),
            (Color::Indexed(3), Depth::Named, Color::Indexed(3)),
            (Color::Red, Depth::Named, Color::Red),
        ] {
            assert_eq!(shown(color, depth), expected, "{color} {depth:?}");
        }
        for (colorterm, term, depth) in [
            (Some("truecolor"), Some("xterm-256color"), Depth::Full),
            (None, Some("xterm-direct"), Depth::Full),
            (None, Some("xterm-256color"), Depth::Indexed),
            (Some(""), Some("screen"), Depth::Indexed),
            (None, Some("linux"), Depth::Named),
            (None, Some("xterm-16color"), Depth::Named),
            (None, None, Depth::Indexed),
        ] {
            assert_eq!(Depth::from_variables(colorterm, term), depth, "{colorterm:?} {term:?}");
        }
    }
}
