//! Stepping through a history of lines: the line typed so far is kept, and comes after the newest one.

/// Where in a history a field is.
#[derive(Debug, Clone, Default)]
pub(super) struct Recall {
    /// Counted from 1 for the newest line; 0 for the line typed so far.
    index: usize,
    typed: String,
}

impl Recall {
    /// Returns the previous or next line of a history whose newest line is the last; `None` if there is none.
    pub(super) fn step(&mut self, history: &[String], earlier: bool, current: &str) -> Option<String> {
        let index = if earlier { self.index + 1 } else { self.index.checked_sub(1)? };
        let line = match index {
            0 => self.typed.clone(),
            _ => history.get(history.len().checked_sub(index)?)?.clone(),
        };
        if self.index == 0 {
            current.clone_into(&mut self.typed);
        }
        self.index = index;
        Some(line)
    }
}
