//! The layout of a table: aligned columns, at least two spaces apart. Pure.

use crate::format::text::width;
use crate::output::Text;

/// The space between columns. No cell but the last contains it, so that scripts can split lines.
pub(in crate::cli) const GAP: &str = "  ";
/// What an empty cell shows, so that each line has every column.
const EMPTY: &str = "-";
/// The width below which a column is not narrowed, in cells.
const NARROWEST: usize = 8;

/// How a column is aligned and narrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Kind {
    /// Names and the like: narrowed where the terminal is too narrow.
    Name,
    /// Short texts that are never narrowed.
    Short,
    /// Aligned right, never narrowed.
    Number,
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct Column {
    pub(in crate::cli) title: &'static str,
    pub(in crate::cli) kind: Kind,
    /// Whether it is left out if all rows have the same text there.
    is_optional: bool,
}

impl Column {
    pub(in crate::cli) const fn name(title: &'static str) -> Self {
        Self { title, kind: Kind::Name, is_optional: false }
    }

    pub(in crate::cli) const fn short(title: &'static str) -> Self {
        Self { title, kind: Kind::Short, is_optional: false }
    }

    pub(in crate::cli) const fn number(title: &'static str) -> Self {
        Self { title, kind: Kind::Number, is_optional: false }
    }

    /// Returns the column, left out if all rows have the same text there. It must not be the last one.
    pub(in crate::cli) const fn if_different(self) -> Self {
        Self { is_optional: true, ..self }
    }
}

/// Columns with the widths of their contents.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Layout {
    columns: &'static [Column],
    /// The widths of the contents, in cells.
    widths: Vec<usize>,
    /// The text of each column in the first row.
    first_row: Option<Vec<Text>>,
    /// Whether all rows have the same text in each column.
    are_equal: Vec<bool>,
    /// The width of the terminal. Without one, nothing is cut.
    room: Option<usize>,
}

impl Layout {
    pub(in crate::cli) fn new(columns: &'static [Column], room: Option<usize>) -> Self {
        let widths = columns.iter().map(|column| width(column.title)).collect();
        Self { columns, widths, first_row: None, are_equal: vec![true; columns.len()], room }
    }

    /// Widens the columns for a row.
    pub(in crate::cli) fn widen(&mut self, row: &[Text]) {
        for (wide, cell) in self.widths.iter_mut().zip(row) {
            *wide = (*wide).max(cell.width());
        }
        let first = self.first_row.get_or_insert_with(|| row.to_vec());
        let optional = self.columns.iter().zip(&mut self.are_equal).zip(row.iter().zip(first));
        for ((_, is_equal), (cell, first)) in
            optional.filter(|((column, is_equal), _)| column.is_optional && **is_equal)
        {
            *is_equal = cell == first;
        }
    }

    /// Returns, for each column, whether it is shown.
    fn shown(&self) -> impl Iterator<Item = bool> {
        self.columns.iter().zip(&self.are_equal).map(|(column, is_equal)| !(column.is_optional && *is_equal))
    }

    pub(in crate::cli) fn header(&self) -> Text {
        self.line(self.columns.iter().map(|column| column.title.into()).collect())
    }

    /// Formats a row. The last column is not padded, and may be empty.
    pub(in crate::cli) fn line(&self, row: Vec<Text>) -> Text {
        let columns: Vec<(&Column, usize)> = self.shown_columns().zip(self.fitted()).collect();
        let row: Vec<Text> =
            row.into_iter().zip(self.shown()).filter(|(_, is_shown)| *is_shown).map(|(cell, _)| cell).collect();
        let last = columns.len().saturating_sub(1);
        let has_last = row.last().is_some_and(|cell| cell.width() > 0);
        let end = if has_last { last } else { last.saturating_sub(1) };
        let cells = row.into_iter().zip(columns).take(end + 1).enumerate();
        let line = Text::joined(
            cells.map(|(index, (cell, (column, wide)))| match column.kind {
                Kind::Number => {
                    let mut padded = Text::from(" ".repeat(wide.saturating_sub(cell.width())));
                    padded.push(cell);
                    padded
                }
                _ if index == end => cell.fit(if self.room.is_some() { wide } else { usize::MAX }),
                _ => cell.column(wide),
            }),
            GAP,
        );
        match self.room {
            Some(room) => line.fit(room),
            None => line,
        }
    }

    fn shown_columns(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().zip(self.shown()).filter(|(_, is_shown)| *is_shown).map(|(column, _)| column)
    }

    /// Returns the widths of the shown columns, narrowed for the terminal: first the last column, then the widest ones.
    fn fitted(&self) -> Vec<usize> {
        let widths = self.widths.iter().zip(self.shown()).filter(|(_, is_shown)| *is_shown);
        let mut widths: Vec<usize> = widths.map(|(wide, _)| *wide).collect();
        let Some(room) = self.room else { return widths };
        let total: usize = widths.iter().sum::<usize>() + GAP.len() * widths.len().saturating_sub(1);
        let mut excess = total.saturating_sub(room);
        let narrowest: Vec<usize> = self
            .shown_columns()
            .map(|column| match column.kind {
                Kind::Name => NARROWEST.max(width(column.title)),
                Kind::Short | Kind::Number => usize::MAX,
            })
            .collect();
        if let (Some(wide), Some(least)) = (widths.last_mut(), narrowest.last()) {
            let less = excess.min(wide.saturating_sub(*least));
            (*wide, excess) = (*wide - less, excess - less);
        }
        while excess > 0 {
            let spare = |index: &usize| widths[*index].saturating_sub(narrowest[*index]);
            let widest = (0..widths.len()).filter(|index| spare(index) > 0).max_by_key(|index| widths[*index]);
            let Some(widest) = widest else { break };
            (widths[widest], excess) = (widths[widest] - 1, excess - 1);
        }
        widths
    }
}

/// Returns a cell with this text, without gaps; `-` if it has only blanks, whether of ASCII or others.
pub(in crate::cli) fn cell(text: &str) -> Text {
    let mut cell = String::new();
    // Controls are shown, as everywhere.
    let is_blank = |c: char| c.is_whitespace() && !c.is_control();
    for word in text.split(is_blank).filter(|word| !word.is_empty()) {
        if !cell.is_empty() {
            cell.push(' ');
        }
        cell.push_str(word);
    }
    if cell.is_empty() { EMPTY.into() } else { cell.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COLUMNS: [Column; 4] =
        [Column::short("STATUS"), Column::name("NAME"), Column::number("COUNT"), Column::name("ERROR")];

    fn row(name: &str, count: usize, error: &str) -> Vec<Text> {
        vec!["FAILED".into(), cell(name), count.to_string().into(), error.into()]
    }

    fn lines(rows: &[Vec<Text>], room: Option<usize>) -> Vec<String> {
        let mut layout = Layout::new(&COLUMNS, room);
        for row in rows {
            layout.widen(row);
        }
        let lines = rows.iter().map(|row| layout.line(row.clone()));
        std::iter::once(layout.header()).chain(lines).map(|line| line.plain()).collect()
    }

    #[test]
    fn columns_are_aligned_by_cells() {
        let rows = [row("注文 4711", 1, "Refused"), row("a  b", 12_345, ""), row("\u{2000}", 3, "x  y")];
        assert_eq!(
            lines(&rows, None),
            [
                "STATUS  NAME       COUNT  ERROR",
                "FAILED  注文 4711      1  Refused",
                "FAILED  a b        12345",
                "FAILED  -              3  x  y",
            ]
        );
    }

    #[test]
    fn a_narrow_terminal_cuts_the_last_column_first() {
        let rows = [row(&"n".repeat(20), 1, &"e".repeat(30))];
        assert_eq!(lines(&rows, Some(50))[1], format!("FAILED  {}      1  {}…", "n".repeat(20), "e".repeat(12)));
        assert_eq!(lines(&rows, Some(35))[1], format!("FAILED  {}…      1  {}…", "n".repeat(9), "e".repeat(7)));
        assert_eq!(lines(&rows, Some(10))[1], "FAILED  n…");
    }

    #[test]
    fn an_optional_column_is_left_out_while_all_rows_have_the_same_text() {
        const COLUMNS: [Column; 3] =
            [Column::name("NAME"), Column::name("ENDPOINT").if_different(), Column::name("ERROR")];
        let lines = |endpoints: &[&str]| {
            let mut layout = Layout::new(&COLUMNS, Some(40));
            let rows: Vec<Vec<Text>> =
                endpoints.iter().map(|endpoint| vec!["run".into(), cell(endpoint), "Refused".into()]).collect();
            for row in &rows {
                layout.widen(row);
            }
            let lines = rows.into_iter().map(|row| layout.line(row));
            std::iter::once(layout.header()).chain(lines).map(|line| line.plain()).collect::<Vec<_>>()
        };
        assert_eq!(lines(&["dev", "dev"]), ["NAME  ERROR", "run   Refused", "run   Refused"]);
        let expected = ["NAME  ENDPOINT  ERROR", "run   dev       Refused", "run   prod      Refused"];
        assert_eq!(lines(&["dev", "prod"]), expected);
        assert_eq!(lines(&["dev", "prod", "dev"])[..3], expected);
        assert_eq!(lines(&[]), ["NAME  ERROR"]);
    }

    proptest! {
        #[test]
        fn a_script_can_split_every_line_and_a_terminal_never_wraps_one(
            rows in prop::collection::vec((any::<String>(), any::<u16>(), any::<String>()), 1..5),
            room in 1_usize..120,
        ) {
            let all: Vec<Vec<Text>> =
                rows.iter().map(|(name, count, error)| row(name, usize::from(*count), error)).collect();
            for (line, (_, count, _)) in lines(&all, None).iter().skip(1).zip(&rows) {
                let parts: Vec<&str> = line.splitn(4, GAP).collect();
                // Padding belongs to the gap.
                let rest = parts[1..].join(GAP);
                let mut words = rest.trim_start().splitn(2, GAP);
                prop_assert_eq!(parts[0], "FAILED");
                prop_assert!(words.next().is_some_and(|name| !name.is_empty()));
                let number = words.next().map(str::trim_start).and_then(|rest| rest.split(' ').next());
                prop_assert_eq!(number, Some(&*count.to_string()));
            }
            for line in lines(&all, Some(room)) {
                prop_assert!(width(&line) <= room, "{}", line);
            }
        }
    }
}
