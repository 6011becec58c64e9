//! Escaping and measuring of external text: control characters are shown, never sent to the terminal; widths are in
//! terminal cells.

use std::borrow::Cow;
use std::fmt::Write as _;

use ratatui::buffer::CellWidth;
use unicode_segmentation::UnicodeSegmentation;

/// Limit for combining marks (accents, variation selectors) per character: no script needs more, and terminals differ in
/// how many they support.
const MOST_MARKS: usize = 4;

/// Makes everything visible that a terminal would interpret or hide: C0 as control pictures (`␛`), the rest (C1,
/// bidirectional controls, zero-width characters, line separators, marks without a base or too many of them) as
/// `<U+202E>`.
pub fn visible(text: &str) -> Cow<'_, str> {
    replaced(text, |c, shown| match u32::from(c) {
        code @ 0..=0x1f => shown.push(char::from_u32(0x2400 + code).unwrap_or('·')),
        0x7f => shown.push('␡'),
        // Writing to a string never fails.
        code => drop(write!(shown, "<U+{code:04X}>")),
    })
}

/// Replaces the same characters in JSON with escapes (`\u202e`). Valid JSON keeps its value, since they can only be in
/// strings.
pub fn visible_json(json: &str) -> Cow<'_, str> {
    replaced(json, |c, shown| {
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(shown, "\\u{unit:04x}");
        }
    })
}

/// Replaces each hidden character with the text that `show` writes for it.
pub(crate) fn replaced(text: &str, show: impl Fn(char, &mut String)) -> Cow<'_, str> {
    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let (mut shown, mut from, mut marks) = (String::new(), 0, Marks::default());
    for (at, c) in text.char_indices() {
        if is_hidden(c) || marks.is_one_too_many(c) || c == ZERO_WIDTH_JOINER && !is_joining(text, at) {
            shown.push_str(&text[from..at]);
            show(c, &mut shown);
            (from, marks) = (at + c.len_utf8(), Marks::default());
        }
    }
    if from == 0 {
        return Cow::Borrowed(text);
    }
    shown.push_str(&text[from..]);
    Cow::Owned(shown)
}

/// The number of marks on the last character; `None` without a base character.
#[derive(Default)]
struct Marks(Option<usize>);

impl Marks {
    fn is_one_too_many(&mut self, c: char) -> bool {
        if c.is_ascii() || c.encode_utf8(&mut [0; 4]).cell_width() > 0 {
            self.0 = Some(0);
            return false;
        }
        match &mut self.0 {
            Some(count) if *count < MOST_MARKS => {
                *count += 1;
                false
            }
            _ => true,
        }
    }
}

const ZERO_WIDTH_JOINER: char = '\u{200d}';

/// Returns whether a joiner is legitimate: between two emoji, or after a letter of an Indic script. Elsewhere it is
/// hidden.
fn is_joining(text: &str, at: usize) -> bool {
    let is_modifier = |c: &char| matches!(c, '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}');
    let is_emoji = |c: char| matches!(c, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}');
    let before = text[..at].chars().rev().take(MOST_MARKS).find(|c| !is_modifier(c));
    let behind = text[at..].chars().nth(1);
    before.is_some_and(|c| is_emoji(c) && behind.is_some_and(is_emoji) || ('\u{900}'..='\u{dff}').contains(&c))
}

/// Returns whether a character is a control or invisible (`Default_Ignorable_Code_Point`), except for variation selectors,
/// which are marks.
fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{0}'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e00ff}'
            | '\u{e01f0}'..='\u{e0fff}'
    )
}

/// Returns the width in cells as ratatui counts it; summed by grapheme, since its count of a whole text ends at 65,535.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.graphemes(true).map(|g| usize::from(g.cell_width())).sum() }
}

/// Cuts the text to this many cells, with `…` if something is missing.
pub fn fit(text: &str, cells: usize) -> Cow<'_, str> {
    if text.len() <= cells && text.is_ascii() {
        return Cow::Borrowed(text);
    }
    // Reads no further than fits: the text may be long.
    let (mut used, mut end) = (0, 0);
    for (at, grapheme) in text.grapheme_indices(true) {
        used += width(grapheme);
        if used > cells {
            let mark = if cells > 0 { "…" } else { "" };
            return Cow::Owned(format!("{}{mark}", &text[..end]));
        }
        if used < cells {
            end = at + grapheme.len();
        }
    }
    Cow::Borrowed(text)
}

/// Returns the end of the text, preceded by `…` if its beginning was cut off.
pub(crate) fn fit_end(text: &str, cells: usize) -> Cow<'_, str> {
    let (mut used, mut from) = (0, text.len());
    for (at, grapheme) in text.grapheme_indices(true).rev() {
        used += width(grapheme);
        if used > cells {
            let mark = if cells > 0 { "…" } else { "" };
            return Cow::Owned(format!("{mark}{}", &text[from..]));
        }
        if used < cells {
            from = at;
        }
    }
    Cow::Borrowed(text)
}

/// Shortens the text in the middle, where names differ least often.
pub(crate) fn fit_middle(text: &str, cells: usize) -> Cow<'_, str> {
    let whole = width(text);
    if whole <= cells || cells < 8 {
        return fit(text, cells);
    }
    let (start, rest) = split_at_width(text, cells / 2);
    let end = fit_end(rest, cells - width(start));
    Cow::Owned(format!("{start}{end}"))
}

/// Cuts the text or pads it with spaces to exactly this many cells.
pub fn column(text: &str, cells: usize) -> String {
    let fitted = fit(text, cells);
    let missing = cells.saturating_sub(width(&fitted));
    format!("{fitted}{}", " ".repeat(missing))
}

/// Cuts the text or pads it with spaces on the left to exactly this many cells.
pub(crate) fn column_right(text: &str, cells: usize) -> String {
    let fitted = fit(text, cells);
    let missing = cells.saturating_sub(width(&fitted));
    format!("{}{fitted}", " ".repeat(missing))
}

/// Splits off as much of the text as fits into this many cells: whole graphemes, or characters of a grapheme that is too
/// wide; at least one character, so that loops end.
pub fn split_at_width(text: &str, cells: usize) -> (&str, &str) {
    // Only what may fit is examined, and what directly follows it.
    let cells_of_ascii = cells.max(1).min(text.len());
    if text.as_bytes()[..text.len().min(cells_of_ascii + 1)].is_ascii() {
        return text.split_at(cells_of_ascii);
    }
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += width(grapheme);
        if used > cells && at == 0 {
            let fits = |(at, c): &(usize, char)| width(&grapheme[..at + c.len_utf8()]) <= cells;
            let end = grapheme.char_indices().take_while(fits).last().or(grapheme.char_indices().next());
            return text.split_at(end.map_or(text.len(), |(at, c)| at + c.len_utf8()));
        }
        if used > cells {
            return text.split_at(at);
        }
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::wrap::wrap;
    use proptest::prelude::*;

    #[test]
    fn the_middle_of_a_name_is_left_out() {
        assert_eq!(fit_middle("nightly-report-2026-11-26", 16), "nightly-…6-11-26");
        assert_eq!(fit_middle("注文の処理と発送の手配", 12), "注文の…手配");
        assert_eq!(fit_middle("order-4711", 10), "order-4711");
        assert_eq!(fit_middle("order-4711", 5), "orde…");
    }

    #[test]
    fn a_long_text_takes_no_longer_than_its_length() {
        for text in ["[0]".repeat(300_000), "注".repeat(300_000), "é[".repeat(300_000)] {
            let began = std::time::Instant::now();
            assert!(fit_end(&text, 40).starts_with('…') && fit(&text, 40).ends_with('…'));
            assert!(wrap(&text, 40).len() > 10_000);
            assert!(began.elapsed() < std::time::Duration::from_secs(10), "{:?}", began.elapsed());
        }
    }

    proptest! {
        #[test]
        fn the_end_of_a_text_fits_and_is_its_end(text in "(\\PC|注|[a-z]){0,30}", cells in 0_usize..20) {
            let end = fit_end(&text, cells);
            prop_assert!(width(&end) <= cells);
            prop_assert_eq!(end == text, width(&text) <= cells);
            prop_assert!(text.ends_with(end.trim_start_matches('…')));
        }
    }

    #[test]
    fn halfwidth_katakana_with_dakuten_takes_two_cells() {
        // Fails when unicode-width counts the mark once more than ratatui does: see Cargo.toml.
        assert_eq!(width("ｶﾞ"), 2);
        let mut buffer = ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, 4, 1));
        let (end, _) = buffer.set_stringn(0, 0, "ｶﾞ", 4, ratatui::style::Style::default());
        assert_eq!(end, 2);
    }

    #[test]
    fn hostile_characters_are_shown() {
        assert_eq!(visible("a\u{1b}[31mb\u{7f}"), "a␛[31mb␡");
        assert_eq!(visible("x\u{9b}\u{202e}y\u{200b}"), "x<U+009B><U+202E>y<U+200B>");
        assert_eq!(visible("注文\t1"), "注文␉1");
        assert!(matches!(visible("plain 👨‍👩‍👧"), Cow::Borrowed(_)));
        assert!(matches!(visible("e\u{301} ｶﾞ か\u{3099} ❤\u{fe0f}"), Cow::Borrowed(_)));
        assert_eq!(visible("a\u{200d}b \u{200d}👩\u{200d}"), "a<U+200D>b <U+200D>👩<U+200D>");
        assert!(matches!(visible("👩🏽\u{200d}🚒 ❤\u{fe0f}\u{200d}🔥 क्\u{200d}ष"), Cow::Borrowed(_)));
        assert_eq!(visible("\u{34f}x\u{3164}\u{e0100}"), "<U+034F>x<U+3164><U+E0100>");
        assert_eq!(visible("\u{301}x"), "<U+0301>x");
        assert_eq!(visible("e\u{301}\u{301}\u{301}\u{301}\u{301}"), "e\u{301}\u{301}\u{301}\u{301}<U+0301>");
    }

    #[test]
    fn text_is_cut_by_cells_not_by_characters() {
        assert_eq!(fit("注文番号", 5), "注文…");
        assert_eq!(fit("注文番号", 6), "注文…");
        assert_eq!(column("注文", 6), "注文  ");
        assert_eq!(fit("abc", 0), "");
    }

    proptest! {
        #[test]
        fn json_stays_the_same_json(
            text in prop_oneof![any::<String>(), "[\u{0}-\u{9f}\u{200b}-\u{202e}\u{e0001}-\u{e0041}\u{300}-\u{303}]{0,20}"],
        ) {
            let json = serde_json::json!({ text.as_str(): [text.as_str()] });
            let written = json.to_string();
            let shown = visible_json(&written);
            prop_assert!(!shown.chars().any(is_hidden), "{shown:?}");
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).expect("JSON"), json);
        }

        #[test]
        fn nothing_hidden_is_left_and_nothing_is_too_wide(text in any::<String>(), cells in 0_usize..40) {
            let shown = visible(&text);
            prop_assert!(!shown.chars().any(is_hidden));
            prop_assert_eq!(visible(&shown), &*shown);
            prop_assert!(width(&fit(&shown, cells)) <= cells);
            prop_assert_eq!(width(&column(&shown, cells)), cells);
            // A single character may take three cells: U+17D8.
            for line in wrap(&shown, cells.max(3)) {
                prop_assert!(width(&line) <= cells.max(3), "{line:?}");
            }
        }
    }
}
