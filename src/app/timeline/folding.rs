//! Which rows of a timeline are shown: folding and unfolding.

use crate::app::timeline::Timeline;
use crate::app::timeline::rows::Row;

impl Timeline {
    /// Whether what is in a row is not shown.
    pub fn is_folded(&self, row: Row) -> bool {
        self.steps().is_folded_at_first(row) != self.toggled.contains(&row)
    }

    /// How many rows are directly in this one.
    pub fn inside(&self, row: Row) -> usize {
        self.steps().inside_row(row).len()
    }

    /// Unfolds what a row is in.
    pub(in crate::app) fn show(&mut self, row: Row) {
        let around: Vec<Row> =
            std::iter::successors(self.steps().around(row), |row| self.steps().around(*row)).collect();
        for row in around {
            self.set_folded(row, false);
        }
        self.arrange();
    }

    fn set_folded(&mut self, row: Row, folds: bool) {
        if self.is_folded(row) != folds && !self.toggled.remove(&row) {
            self.toggled.insert(row);
        }
    }

    /// Hides what is in the chosen row, or shows it again.
    pub fn toggle_fold(&mut self) {
        let Some(row) = self.selected else { return };
        let has_rows = |row: &Row| self.inside(*row) > 0;
        if let Some(folding) = Some(row).filter(has_rows).or_else(|| self.steps().around(row)) {
            self.set_folded(folding, !self.is_folded(folding));
            self.choose(Some(folding));
        }
        self.arrange();
    }

    /// Hides what is in all rows, or shows everything.
    pub fn fold_all(&mut self, folds: bool) {
        let all = self.steps().rows(|_| false);
        for (row, _) in all {
            if self.inside(row) > 0 {
                self.set_folded(row, folds);
            }
        }
        let outermost = |row| std::iter::successors(Some(row), |row| self.steps().around(*row)).last();
        if let Some(row) = self.selected.filter(|_| folds) {
            self.choose(outermost(row));
        }
        self.arrange();
    }

    pub(in crate::app) fn arrange(&mut self) {
        self.rows = self.steps().rows(|row| self.is_folded(row));
        // What is chosen stays in sight: another attempt folds the one before.
        if let Some(row) = self.selected.filter(|row| !self.rows.iter().any(|(other, _)| other == row)) {
            let shown = |row: &Row| self.rows.iter().any(|(other, _)| other == row);
            self.selected = std::iter::successors(Some(row), |row| self.steps().around(*row)).find(shown);
        }
    }
}
