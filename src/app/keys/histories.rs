//! The lines entered in prompts, for Up and Down. Kept until the program ends.

/// Limit for lines of a kind.
const MOST: usize = 100;
/// Longer lines are not kept.
const MOST_BYTES: usize = 8_192;

/// The kinds of prompts with a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineKind {
    /// The filter of the list.
    Filter,
    /// A search in a text.
    Find,
    /// A path in a text.
    Path,
    /// A jq filter.
    Jq,
    /// A file to read.
    ReadFile,
    /// A file to write.
    WriteFile,
    /// The name of an execution.
    Name,
}

/// The lines of each kind, the newest last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Histories([Vec<String>; 7]);

impl Histories {
    /// Returns the lines of a kind, the newest last.
    pub(in crate::app) fn of(&self, kind: LineKind) -> &[String] {
        &self.0[kind as usize]
    }

    /// Adds a line as the newest one of its kind.
    pub(in crate::app) fn remember(&mut self, kind: LineKind, line: &str) {
        if line.trim().is_empty() || line.len() > MOST_BYTES {
            return;
        }
        let lines = &mut self.0[kind as usize];
        lines.retain(|known| known != line);
        lines.push(line.to_owned());
        let surplus = lines.len().saturating_sub(MOST);
        lines.drain(..surplus);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_keeps_its_newest_lines_once() {
        let mut histories = Histories::default();
        for line in ["a", "b", "a", " ", &"x".repeat(MOST_BYTES + 1)] {
            histories.remember(LineKind::Jq, line);
        }
        assert_eq!(histories.of(LineKind::Jq), ["b", "a"]);
        assert!(histories.of(LineKind::Name).is_empty());
        for number in 0..200 {
            histories.remember(LineKind::Name, &number.to_string());
        }
        assert_eq!((histories.of(LineKind::Name).len(), &*histories.of(LineKind::Name)[0]), (MOST, "100"));
    }
}
