//! Folding and unfolding the rows of a timeline.

use crate::app::timeline::Timeline;
use crate::app::timeline::rows::Row;

impl Timeline {
    /// Returns whether a row is folded.
    pub(crate) fn is_folded(&self, row: Row) -> bool {
        self.steps().is_folded_by_default(row) != self.toggled.contains(&row)
    }

    /// Returns the number of direct children of a row.
    pub(crate) fn child_count(&self, row: Row) -> usize {
        self.steps().child_rows(row).len()
    }

    /// Unfolds the ancestors of a row.
    pub(in crate::app) fn show(&mut self, row: Row) {
        let ancestors: Vec<Row> =
            std::iter::successors(self.steps().parent_row(row), |row| self.steps().parent_row(*row)).collect();
        for row in ancestors {
            self.set_folded(row, false);
        }
        self.update_rows();
    }

    fn set_folded(&mut self, row: Row, folds: bool) {
        if self.is_folded(row) != folds && !self.toggled.remove(&row) {
            self.toggled.insert(row);
        }
    }

    /// Folds or unfolds the selected row, or its parent if it has no children.
    pub(in crate::app) fn toggle_fold(&mut self) {
        let Some(row) = self.selected else { return };
        let has_children = |row: &Row| self.child_count(*row) > 0;
        if let Some(folding) = Some(row).filter(has_children).or_else(|| self.steps().parent_row(row)) {
            self.set_folded(folding, !self.is_folded(folding));
            self.select(Some(folding));
        }
        self.update_rows();
    }

    /// Folds or unfolds all rows.
    pub(in crate::app) fn fold_all(&mut self, folds: bool) {
        let all = self.steps().rows(|_| false);
        for (row, _) in all {
            if self.child_count(row) > 0 {
                self.set_folded(row, folds);
            }
        }
        let outermost = |row| std::iter::successors(Some(row), |row| self.steps().parent_row(*row)).last();
        if let Some(row) = self.selected.filter(|_| folds) {
            self.select(outermost(row));
        }
        self.update_rows();
    }

    pub(in crate::app) fn update_rows(&mut self) {
        self.rows = self.steps().rows(|row| self.is_folded(row));
        // Keep the selected row visible: a new attempt folds the previous one.
        if let Some(row) = self.selected.filter(|row| !self.rows.iter().any(|(other, _)| other == row)) {
            let shown = |row: &Row| self.rows.iter().any(|(other, _)| other == row);
            self.selected = std::iter::successors(Some(row), |row| self.steps().parent_row(*row)).find(shown);
        }
    }
}
